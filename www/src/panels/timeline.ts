// The timeline: a lane a stage, a bar a step that grows with the clock, the critical path underlined, seconds above.
import type { App } from '../app';
import type { BuildView, StepView } from '../engine/pkg/bottleship.js';
import { instructionOf, lengthOf, slackOf } from '../model/playback';
import type { State } from '../model/state';
import { seconds, ticks } from '../model/units';
import { TEXTS, words, type Texts } from '../i18n/texts';
import { sentence } from '../i18n/findings';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';
import { workersText } from './workers';

interface Bar {
  readonly element: HTMLElement;
  light(state: State): void;
}

export function timelinePanel(app: App): HTMLElement {
  const panel = h('div', { class: 'timeline' });
  const cursor = h('div', { class: 'cursor' });
  let bars: readonly Bar[] = [];
  app.store.watch((state) => [state.build, state.lang], (state) => {
    const texts = TEXTS[state.lang];
    const { build } = state;
    bars = [];
    if (!build || build.steps.length === 0) return fill(panel, h('p', { class: 'empty' }, h('span', null, rich(texts.empty))));
    const made: Bar[] = [];
    const lanes = lanesOf(build).map(([stage, steps]) => {
      const view = build.stages.find((candidate) => candidate.index === stage);
      const name = stage === undefined ? texts.internal : view?.name || words(texts.stage, stage);
      const own = steps.flatMap((step) => bar(app, build, step, texts) ?? []);
      made.push(...own);
      const skipped = view?.needed === false;
      return h('div', { class: `lane${skipped ? ' skipped' : ''}${stage === undefined ? ' internal' : ''}` }, h('span', { class: 'lane-name', title: name }, name), h('div', { class: 'track' }, skipped ? h('span', { class: 'note' }, texts.skippedLong) : own.map((one) => one.element)));
    });
    bars = made;
    const length = build.durationMs || 1;
    const workers = workersText(build, texts);
    const saved = build.findings.find((finding) => finding.kind === 'parallel');
    fill(
      panel,
      h('div', { class: 'lanes' }, h('div', { class: 'axis', 'aria-hidden': 'true' }, ticks(length, 6).map((at) => h('span', { style: `left:${(at / length) * 100}%` }, seconds(at).replace('.0', '')))), lanes, h('div', { class: 'overlay' }, cursor)),
      h('p', { class: 'say legends' }, h('strong', { class: 'num' }, words(texts.total, seconds(build.durationMs))), h('span', { class: 'legend critical' }, texts.critical), h('span', { class: 'legend ran' }, texts.ran), h('span', { class: 'legend cached' }, texts.cached), h('span', { class: 'legend failed' }, texts.failed)),
      saved && h('p', { class: 'say answer', 'data-fact': 'saved' }, rich(sentence(saved, build, state.lang) ?? ''), ` ${words(texts.alone, seconds(build.serialMs))}`),
      workers && h('p', { class: 'say note', 'data-fact': 'workers' }, workers),
    );
    for (const one of bars) one.light(state);
  });
  app.store.watch((state) => [state.at, state.build, state.step, state.hover], (state) => {
    cursor.style.left = `${state.build?.durationMs ? (state.at / state.build.durationMs) * 100 : 0}%`;
    for (const one of bars) one.light(state);
  });
  return panel;
}

function lanesOf(build: BuildView): readonly (readonly [number | undefined, readonly StepView[]])[] {
  const internal = build.steps.filter((step) => step.internal || step.stage == null);
  const stages = build.stages.map((stage) => [stage.index, build.steps.filter((step) => !step.internal && step.stage === stage.index)] as const);
  return [[undefined, internal], ...stages];
}

function bar(app: App, build: BuildView, step: StepView, texts: Texts): Bar | undefined {
  const begin = step.startedMs;
  if (begin == null) return undefined;
  const length = build.durationMs || 1;
  const end = step.completedMs ?? length;
  const name = instructionOf(step.name);
  const critical = build.criticalPath.includes(step.id) ? ' critical' : '';
  const slack = slackOf(build, step);
  const wide = (end - begin) / length > 0.12;
  const element = h(
    'button',
    { type: 'button', style: `left:${(begin / length) * 100}%`, onclick: () => app.selectStep(step.id), onpointerenter: () => app.hover(step.id), onpointerleave: () => app.hover(undefined), onfocus: () => app.hover(step.id), onblur: () => app.hover(undefined) },
    wide && h('span', null, name),
  );
  return {
    element,
    light(state) {
      const now = state.now?.steps.get(step.id) ?? 'waiting';
      const label = [name, texts[now], seconds(lengthOf(step) ?? 0), critical && texts.critical, slack !== undefined && words(texts.slack, seconds(slack))].filter(Boolean).join(', ');
      const width = `max(4px, ${(Math.max(0, Math.min(end, state.at) - begin) / length) * 100}%)`;
      const kind = `bar ${now}${critical}${state.step === step.id ? ' chosen' : ''}${state.hover === step.id ? ' hovered' : ''}`;
      if (element.style.width !== width) element.style.width = width;
      if (element.className !== kind) element.className = kind;
      if (element.title !== label) {
        element.title = label;
        element.setAttribute('aria-label', label);
      }
    },
  };
}
