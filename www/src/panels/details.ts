// Below the picture: the image that came out, what is worth saying of the build, the step that is selected, or the error.
import type { App } from '../app';
import type { BuildView, Finding, StepView } from '../engine/pkg/bottleship.js';
import { lengthOf, slackOf } from '../model/playback';
import type { PanelName, State } from '../model/state';
import { bytes, seconds } from '../model/units';
import { sentence } from '../i18n/findings';
import { whyText } from '../i18n/why';
import { TEXTS, words, type Texts } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';
import { adviceList } from './advice';
import { badge } from './badge';

export function detailsPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'details', 'aria-live': 'polite', tabindex: 0, role: 'region' });
  const advice = adviceList(app);
  app.store.watch((state) => [state.build, state.step, state.lang, state.build && state.at >= state.build.durationMs, state.edited], (state) => {
    const texts = TEXTS[state.lang];
    panel.setAttribute('aria-label', texts.result);
    const { build } = state;
    if (!build) return fill(panel, null);
    const over = state.at >= build.durationMs;
    const step = build.steps.find((candidate) => candidate.id === state.step);
    fill(panel, over && failure(build, state, texts), step && !state.edited && chosen(build, step, state, texts), over && outcome(app, build, state, texts), over && advice);
  });
  return panel;
}

function failure(build: BuildView, state: State, texts: Texts): Element | undefined {
  const { error } = build;
  if (!error) return undefined;
  const earlier = build.stages.length === 0 && state.builds.some((other) => other.stages.length > 0);
  return h('div', { class: 'failure', role: 'alert' }, h('pre', { class: 'error' }, `ERROR: ${error.message}`), earlier && h('p', { class: 'note' }, texts.lastGood));
}

function chosen(build: BuildView, step: StepView, state: State, texts: Texts): Element {
  const names = { ran: texts.ran, cached: texts.cached, failed: texts.failed, canceled: texts.canceled, skipped: texts.waiting } as const;
  const length = lengthOf(step);
  const slack = slackOf(build, step);
  const facts = [names[step.outcome], length !== undefined && seconds(length), step.size != null && `+${bytes(step.size)}`, slack !== undefined && words(texts.slack, seconds(slack))].filter(Boolean).join(' · ');
  return h('div', { class: 'chosen-step' }, h('h3', null, h('code', null, step.name)), h('p', null, facts, step.fidelity === 'real' && step.outcome === 'ran' && ` · ${texts.real}`, badge(step.fidelity, texts)), step.why && h('p', { class: 'why' }, h('strong', null, `${texts.whyRan}: `), rich(whyText(step.why, step.id, (id) => build.steps.find((other) => other.id === id)?.name, state.lang))));
}

function outcome(app: App, build: BuildView, state: State, texts: Texts): Element {
  return h(
    'div',
    { class: 'outcome' },
    build.image && h('p', { class: 'headline', 'data-fact': 'size' }, h('strong', { class: 'num' }, bytes(build.image.size)), ' ', h('code', null, build.image.tags.join(', ')), h('span', { class: 'quiet' }, ` · ${seconds(build.durationMs)}`), badge(build.image.modelled, texts)),
    h('ul', { class: 'plain-list answers' }, worth(build).map((finding) => answer(app, build, finding, state))),
  );
}

const ORDER: readonly string[] = ['smaller', 'larger', 'left-behind', 'parallel', 'faster', 'slower', 'cached', 'no-cache', 'ran-again', 'skipped-stage', 'not-simulated'];

/** What is said, the most telling first. */
function worth(build: BuildView): readonly Finding[] {
  const rank = (finding: Finding) => (ORDER.indexOf(finding.kind) + ORDER.length + 1) % (ORDER.length + 1);
  return [...build.findings].sort((a, b) => rank(a) - rank(b));
}

const PANEL_OF = { smaller: 'layers', larger: 'layers', 'left-behind': 'layers', parallel: 'timeline', faster: 'timeline', slower: 'timeline', cached: 'timeline' } as const;

function answer(app: App, build: BuildView, finding: Finding, state: State): Element | undefined {
  const text = sentence(finding, build, state.lang);
  if (text === undefined) return undefined;
  const panel = (PANEL_OF as Readonly<Record<string, PanelName>>)[finding.kind];
  const follow = () => {
    if (finding.step != null) app.selectStep(finding.step);
    else app.show(panel ?? 'graph');
  };
  return h('li', { 'data-finding': finding.kind }, h('button', { type: 'button', class: 'plain answer', onclick: follow }, rich(text)));
}
