// The timeline: a lane a stage, a bar a step, the critical path underlined, the clock as a line.
import type { App } from '../app';
import type { BuildView, StepView } from '../engine/pkg/bottleship.js';
import { instructionOf, moment } from '../model/playback';
import { seconds } from '../model/units';
import { TEXTS, words } from '../i18n/texts';
import { fill, h } from '../ui/dom';

export function timelinePanel(app: App): HTMLElement {
  const panel = h('div', { class: 'timeline' });
  const cursor = h('div', { class: 'cursor' });
  app.store.watch(
    (state) => [state.build, state.lang, state.step, state.build && [...moment(state.build, state.at).steps.values()].join()],
    (state) => {
      const texts = TEXTS[state.lang];
      const { build } = state;
      if (!build || build.steps.length === 0) return fill(panel, h('p', { class: 'empty' }, texts.empty));
      const now = moment(build, state.at);
      const lanes = lanesOf(build).map(([stage, steps]) => {
        const view = build.stages.find((candidate) => candidate.index === stage);
        const name = stage === undefined ? texts.internal : view?.name || words(texts.stage, stage);
        const bars = steps.map((step) => bar(app, build, step, now.steps.get(step.id) ?? 'waiting', state.step === step.id, texts));
        return h('div', { class: `lane${view?.needed === false ? ' skipped' : ''}` }, h('span', { class: 'lane-name', title: name }, name), h('div', { class: 'track' }, view?.needed === false ? h('span', { class: 'note' }, texts.skipped) : bars));
      });
      const saved = build.serialMs - build.durationMs;
      fill(
        panel,
        h('div', { class: 'lanes' }, lanes, h('div', { class: 'overlay' }, cursor)),
        h('p', { class: 'say' }, words(texts.total, seconds(build.durationMs)), ' · ', h('span', { class: 'legend critical' }, texts.critical), ' ', h('span', { class: 'legend ran' }, texts.ran), ' ', h('span', { class: 'legend cached' }, texts.cached)),
        saved > 50 && h('p', { class: 'say', 'data-fact': 'saved' }, words(texts.saved, seconds(build.durationMs), seconds(build.serialMs), seconds(saved))),
      );
    },
  );
  app.store.watch((state) => [state.at, state.build], ({ at, build }) => (cursor.style.left = `${build?.durationMs ? (at / build.durationMs) * 100 : 0}%`));
  return panel;
}

function lanesOf(build: BuildView): readonly (readonly [number | undefined, readonly StepView[]])[] {
  const internal = build.steps.filter((step) => step.internal || step.stage == null);
  const stages = build.stages.map((stage) => [stage.index, build.steps.filter((step) => !step.internal && step.stage === stage.index)] as const);
  return [[undefined, internal], ...stages];
}

function bar(app: App, build: BuildView, step: StepView, state: string, chosen: boolean, texts: (typeof TEXTS)['en']): Element | undefined {
  if (step.startedMs == null) return undefined;
  const end = step.completedMs ?? build.durationMs;
  const left = (step.startedMs / (build.durationMs || 1)) * 100;
  const width = ((end - step.startedMs) / (build.durationMs || 1)) * 100;
  const critical = build.criticalPath.includes(step.id);
  const label = `${instructionOf(step.name)}: ${(texts as Readonly<Record<string, string>>)[state] ?? state}, ${seconds(end - step.startedMs)}${critical ? `, ${texts.critical}` : ''}`;
  return h('button', { type: 'button', class: `bar ${state}${critical ? ' critical' : ''}${chosen ? ' chosen' : ''}`, style: `left:${left}%;width:max(5px,${width}%)`, title: label, 'aria-label': label, onclick: () => app.selectStep(step.id) });
}
