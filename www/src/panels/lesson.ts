// The lesson beside the editor: text, the diff to apply, the commands to run, and what the engine measured.
import type { App } from '../app';
import type { BuildView } from '../engine/pkg/bottleship.js';
import { diff, hunks, type DiffLine } from '../lessons/diff';
import { MULTI_STAGE } from '../lessons/multi-stage';
import { guideSteps } from '../model/project';
import { bytes, seconds } from '../model/units';
import { TEXTS, type Texts } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';

export function lessonHead(app: App): HTMLElement {
  const head = h('div', { class: 'head' });
  app.store.watch((state) => [state.part, state.lang], (state) => {
    const texts = TEXTS[state.lang];
    const dot = (title: string, index: number) => h('button', { type: 'button', class: 'dot', 'aria-label': title, title, 'aria-current': index === state.part ? 'step' : null, onclick: () => app.store.set({ part: index }) });
    fill(head, h('h2', null, `${texts.lesson} ${state.part + 1}/${MULTI_STAGE.length}`), h('span', { class: 'dots' }, MULTI_STAGE.map((part, index) => dot(part.title[state.lang], index))));
  });
  return head;
}

export function lessonPanel(app: App): HTMLElement {
  const panel = h('section', { class: 'lesson' });
  const steps = guideSteps();
  const go = (part: number) => app.store.set({ part });
  app.store.watch((state) => [state.part], () => (panel.scrollTop = 0));
  app.store.watch((state) => [state.part, state.lang, state.builds, state.dockerfile], (state) => {
    const texts = TEXTS[state.lang];
    const part = MULTI_STAGE[state.part] ?? MULTI_STAGE[0]!;
    const goal = steps[state.part];
    const before = steps[state.part - 1];
    fill(
      panel,
      h('h2', null, part.title[state.lang]),
      part.body[state.lang].map((text) => h('p', null, rich(text))),
      goal !== undefined && before !== undefined && patch(app, diff(before, goal), goal, state.dockerfile.trim() === goal.trim(), texts),
      h('div', { class: 'commands' }, part.commands.map((command) => run(app, command, texts))),
      state.builds.length > 0 && measured(state.builds, texts),
      h('div', { class: 'turn' }, h('button', { type: 'button', disabled: state.part === 0, onclick: () => go(state.part - 1) }, `‹ ${texts.back}`), h('button', { type: 'button', class: state.part < MULTI_STAGE.length - 1 ? 'strong' : '', disabled: state.part >= MULTI_STAGE.length - 1, onclick: () => go(state.part + 1) }, `${texts.next} ›`)),
    );
  });
  return panel;
}

function patch(app: App, lines: readonly DiffLine[], goal: string, done: boolean, texts: Texts): Element {
  const line = ({ sign, text }: DiffLine) => h('span', { class: sign === '+' ? 'added' : sign === '-' ? 'removed' : '' }, `${sign} ${text}\n`);
  return h('div', { class: 'diff' }, hunks(lines).map((hunk) => h('pre', { tabindex: 0 }, hunk.map(line))), h('button', { type: 'button', class: 'action', disabled: done, onclick: () => app.replaceDockerfile(goal) }, done ? `✓ ${texts.applied}` : texts.apply));
}

function run(app: App, command: string, texts: Texts): Element {
  const act = () => {
    app.store.set({ view: /\bbuild\b/.test(command) ? 'result' : 'terminal' });
    app.type(command);
  };
  return h('button', { type: 'button', class: 'command', title: texts.run, 'aria-label': `${texts.run}: ${command}`, onclick: act }, h('code', null, command), h('span', { class: 'go', 'aria-hidden': 'true' }, '▶'));
}

function measured(builds: readonly BuildView[], texts: Texts): Element {
  const name = (build: BuildView) => build.image?.tags.map((tag) => tag.replace(/:latest$/, '')).join(', ') || build.target || build.command.replace(/^.*\bbuild\s*/, '');
  const row = (build: BuildView) => h('tr', null, h('td', null, h('code', { title: build.command }, name(build))), h('td', { class: 'num' }, seconds(build.durationMs)), h('td', { class: 'num' }, build.image ? bytes(build.image.size) : texts.failed));
  return h('table', { class: 'measured' }, h('caption', null, texts.measured), h('thead', null, h('tr', null, [texts.built, texts.took, texts.size].map((title) => h('th', { scope: 'col' }, title)))), h('tbody', null, builds.slice(-5).map(row)));
}
