// The lesson beside the editor: text, the diff to apply, the commands to run, and what the engine measured.
import type { App } from '../app';
import type { BuildView } from '../engine/pkg/bottleship.js';
import { diff, hunks, type DiffLine } from '../lessons/diff';
import { shortTag } from '../model/playback';
import { bytes, seconds } from '../model/units';
import { TEXTS, type Texts } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';

export function lessonHead(app: App): HTMLElement {
  const head = h('div', { class: 'head' });
  app.store.watch((state) => [state.part, state.lesson, state.lang], ({ part, lesson, lang }) => {
    const texts = TEXTS[lang];
    const dot = (title: string, index: number) => h('button', { type: 'button', class: 'dot', 'aria-label': title, title, 'aria-current': index === part ? 'step' : null, onclick: () => app.store.set({ part: index }) });
    head.hidden = !lesson;
    if (lesson) fill(head, h('h2', null, `${texts.lesson} ${part + 1}/${lesson.parts.length}`), h('span', { class: 'dots' }, lesson.parts.map((each, index) => dot(each.title[lang], index))));
  });
  return head;
}

export function lessonPanel(app: App): HTMLElement {
  const panel = h('section', { class: 'lesson' });
  const go = (part: number) => app.store.set({ part });
  app.store.watch((state) => [state.part, state.lesson], () => (panel.scrollTop = 0));
  app.store.watch((state) => [state.part, state.lesson, state.lang, state.builds, state.dockerfile], (state) => {
    const { lesson, lang } = state;
    const texts = TEXTS[lang];
    const part = lesson?.parts[state.part];
    const table = state.builds.length > 0 && measured(state.builds, texts);
    if (!lesson || !part) return fill(panel, h('p', { class: 'quiet' }, texts.noLesson), table);
    const last = state.part >= lesson.parts.length - 1;
    const goal = part.dockerfile;
    const done = goal !== undefined && state.dockerfile.trim() === goal.trim();
    const before = lesson.parts.slice(0, state.part).findLast((earlier) => earlier.dockerfile !== undefined)?.dockerfile;
    fill(
      panel,
      h('h2', null, part.title[lang]),
      part.text[lang].map((text) => h('p', null, rich(text))),
      goal !== undefined && before !== undefined && patch(app, diff(before, goal), goal, done, texts),
      goal !== undefined && before === undefined && !done && h('button', { type: 'button', onclick: () => app.replaceDockerfile(goal) }, texts.restore),
      h('div', { class: 'commands' }, part.commands.map((command) => run(app, command, texts))),
      table,
      h('div', { class: 'turn' }, h('button', { type: 'button', disabled: state.part === 0, onclick: () => go(state.part - 1) }, `‹ ${texts.back}`), h('button', { type: 'button', class: last ? '' : 'strong', disabled: last, onclick: () => go(state.part + 1) }, `${texts.next} ›`)),
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
  const name = (build: BuildView) => build.image?.tags.map(shortTag).join(', ') || build.target || build.command.replace(/^.*\bbuild\s*/, '');
  const row = (build: BuildView) => h('tr', null, h('td', null, h('code', { title: build.command }, name(build))), h('td', { class: 'num' }, seconds(build.durationMs)), h('td', { class: 'num' }, build.image ? bytes(build.image.size) : texts.failed));
  return h('table', { class: 'measured' }, h('caption', null, texts.measured), h('thead', null, h('tr', null, [texts.built, texts.took, texts.size].map((title) => h('th', { scope: 'col' }, title)))), h('tbody', null, builds.slice(-5).map(row)));
}
