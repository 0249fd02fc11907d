// Two builds side by side: what each took, on one scale of time, step by step, and what differs in the images.
import type { App } from '../app';
import type { BuildView, PairView, StepView } from '../engine/pkg/bottleship.js';
import { instructionOf, lengthOf, nameOf } from '../model/playback';
import { ofImage } from '../model/snapshot';
import type { State } from '../model/state';
import { bytes, seconds } from '../model/units';
import { TEXTS, words, type Texts } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';
import { differences, SIGN } from './differences';
import { otherDockerfiles, sameEdit } from './same-edit';

export function comparePanel(app: App): HTMLElement {
  const panel = h('div', { class: 'compare' });
  let other: number | undefined;
  let drawing = 0;

  async function draw(state: State): Promise<void> {
    const texts = TEXTS[state.lang];
    const after = state.build;
    const before = state.builds.find((build) => build.id === other && build !== after) ?? state.builds.findLast((build) => after && build.id < after.id) ?? state.builds.find((build) => build !== after);
    const mine = ++drawing;
    if (!after || !before) return fill(panel, h('p', { class: 'empty' }, h('span', null, rich(texts.emptyCompare))), otherDockerfiles(app, texts));
    const files = before.image && after.image && before.image.id !== after.image.id ? await differences(app, ofImage(before.image.id), ofImage(after.image.id), texts) : undefined;
    const pairs = await app.engine.call('stepPairs', before.id, after.id);
    if (mine !== drawing) return;
    const choose = h('select', { 'aria-label': texts.compareWith, onchange: () => {
      other = Number(choose.value);
      void draw(app.store.get());
    } }, state.builds.filter((build) => build !== after).map((build) => h('option', { value: build.id, selected: build === before }, nameOf(build))));
    fill(
      panel,
      h('p', { class: 'where' }, choose, ' → ', h('strong', null, nameOf(after))),
      figures(before, after, texts),
      sameEdit([nameOf(before), nameOf(after)], texts.editAsk, () => app.engine.call('sameEdit', before.id, after.id), texts),
      otherDockerfiles(app, texts),
      h('h3', null, texts.timeline),
      h('div', { class: 'scales' }, [before, after].map((build) => scale(build, Math.max(before.durationMs, after.durationMs)))),
      h('h3', null, texts.stepByStep),
      steps(app, before, after, pairs, texts),
      files !== undefined && [h('h3', null, texts.imageFiles), files],
    );
  }

  app.store.watch((state) => [state.panel === 'compare', state.build, state.builds, state.lang], (state) => void (state.panel === 'compare' && draw(state)));
  return panel;
}

function figures(before: BuildView, after: BuildView, texts: Texts): Element {
  const count = (build: BuildView, outcome: StepView['outcome']) => build.steps.filter((step) => !step.internal && step.outcome === outcome).length;
  const size = (build: BuildView) => (build.image ? bytes(build.image.size) : '–');
  const change = (a: number, b: number, unit: (value: number) => string) => (a === b ? '=' : `${b > a ? '+' : '−'}${unit(Math.abs(b - a))}`);
  const whole = (value: number) => String(value);
  const rows: readonly (readonly [string, string, string, string])[] = [
    [texts.took, seconds(before.durationMs), seconds(after.durationMs), change(before.durationMs, after.durationMs, seconds)],
    [texts.critical, seconds(before.criticalMs), seconds(after.criticalMs), change(before.criticalMs, after.criticalMs, seconds)],
    [texts.size, size(before), size(after), change(before.image?.size ?? 0, after.image?.size ?? 0, bytes)],
    [texts.ran, whole(count(before, 'ran')), whole(count(after, 'ran')), change(count(before, 'ran'), count(after, 'ran'), whole)],
    [texts.cached, whole(count(before, 'cached')), whole(count(after, 'cached')), change(count(before, 'cached'), count(after, 'cached'), whole)],
  ];
  return h('table', { class: 'wide figures-of' }, h('thead', null, h('tr', null, h('td'), [nameOf(before), nameOf(after), texts.change].map((title) => h('th', { scope: 'col' }, title)))), h('tbody', null, rows.map(([name, ...values]) => h('tr', null, h('th', { scope: 'row' }, name), values.map((value) => h('td', { class: 'num' }, value))))));
}

/** All steps of a build on one line of time. */
function scale(build: BuildView, longest: number): Element {
  const lanes = build.stages.filter((stage) => stage.needed).map((stage) => build.steps.filter((step) => !step.internal && step.stage === stage.index && step.startedMs != null));
  const bar = (step: StepView) => h('i', { class: `bar ${step.outcome}`, title: `${instructionOf(step.name)} · ${seconds(lengthOf(step) ?? 0)}`, style: `left:${((step.startedMs ?? 0) / longest) * 100}%;width:max(3px,${((lengthOf(step) ?? 0) / longest) * 100}%)` });
  return h('div', { class: 'scale' }, h('small', null, nameOf(build)), h('div', null, lanes.map((lane) => h('div', { class: 'track thin' }, lane.map(bar)))));
}

function steps(app: App, before: BuildView, after: BuildView, pairs: readonly PairView[], texts: Texts): Element {
  const find = (build: BuildView, index: number | undefined) => (index === undefined ? undefined : build.steps[index]);
  const cell = (step: StepView | undefined) => h('td', { class: 'num' }, !step ? '–' : step.outcome === 'cached' ? texts.cached : `${seconds(lengthOf(step) ?? 0)}${step.size ? ` · +${bytes(step.size)}` : ''}`);
  const row = ({ name, first, second }: PairView) => {
    const [a, b] = [find(before, first), find(after, second)];
    const mark = !a ? 'added' : !b ? 'removed' : a.outcome === b.outcome ? 'same' : 'changed';
    const text = h('code', null, instructionOf(name));
    return h('tr', { class: mark }, h('td', null, h('abbr', { title: mark === 'same' ? '' : texts[mark] }, SIGN[mark])), h('td', null, b ? h('button', { type: 'button', class: 'plain', onclick: () => app.selectStep(b.id) }, text) : text), cell(a), cell(b));
  };
  return h('table', { class: 'wide steps' }, h('caption', { class: 'sr' }, words(texts.stepByStep)), h('tbody', null, pairs.map(row)));
}
