// The lesson beside the editor: text, the diff to apply, the commands to run, and what the engine measured.
import type { App } from '../app';
import { diff } from '../lessons/diff';
import { MULTI_STAGE } from '../lessons/multi-stage';
import { guideSteps } from '../model/project';
import { bytes, seconds } from '../model/units';
import { TEXTS } from '../i18n/texts';
import { fill, h } from '../ui/dom';

export function lessonPanel(app: App): HTMLElement {
  const panel = h('section', { class: 'lesson' });
  const steps = guideSteps();
  app.store.watch((state) => [state.part, state.lang, state.builds, state.dockerfile], (state) => {
    const texts = TEXTS[state.lang];
    const part = MULTI_STAGE[state.part] ?? MULTI_STAGE[0]!;
    const goal = steps[state.part];
    const before = steps[state.part - 1];
    const done = goal !== undefined && state.dockerfile.trim() === goal.trim();
    fill(
      panel,
      h('p', { class: 'quiet' }, words(texts.of, state.part + 1, MULTI_STAGE.length)),
      h('h2', null, part.title[state.lang]),
      part.body[state.lang].map((text) => h('p', null, rich(text))),
      goal !== undefined && before !== undefined && h('div', { class: 'diff' }, h('pre', null, diff(before, goal).map((line) => h('span', { class: line.sign === '+' ? 'added' : line.sign === '-' ? 'removed' : '' }, `${line.sign} ${line.text}\n`))), h('button', { type: 'button', class: 'action', disabled: done, onclick: () => app.replaceDockerfile(goal) }, done ? `✓ ${texts.applied}` : texts.apply)),
      part.commands.map((command) => h('div', { class: 'command' }, h('code', null, `$ ${command}`), h('button', { type: 'button', class: 'action', 'aria-label': `${texts.run}: ${command}`, onclick: () => (app.store.set({ view: 'terminal' }), app.type(command)) }, texts.run))),
      state.builds.length > 0 && h('div', { class: 'measured' }, h('h3', null, texts.measured), h('ul', null, state.builds.slice(-4).map((build) => h('li', null, h('code', null, build.target || build.tags.join(', ') || build.command), ` ${seconds(build.durationMs)}`, build.image && ` · ${bytes(build.image.size)}`, !build.succeeded && ` · ${texts.failed}`)))),
      h('div', { class: 'turn' }, h('button', { type: 'button', disabled: state.part === 0, onclick: () => app.store.set({ part: state.part - 1 }) }, texts.back), h('button', { type: 'button', disabled: state.part >= MULTI_STAGE.length - 1, onclick: () => app.store.set({ part: state.part + 1 }) }, texts.next)),
    );
  });
  return panel;
}

function words(text: string, ...values: readonly number[]): string {
  return text.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)]));
}

/** `code` between backticks. */
function rich(text: string): readonly (string | Node)[] {
  return text.split('`').map((piece, index) => (index % 2 ? h('code', null, piece) : piece));
}
