// The build context: what becomes of every file, and why: the ignore line that decided, the steps that take it, its share.
import type { App } from '../app';
import type { AmountView, ContextFileView, ContextView } from '../engine/pkg/bottleship.js';
import { instructionOf } from '../model/playback';
import type { State } from '../model/state';
import { bytes } from '../model/units';
import { TEXTS, words, type Texts } from '../i18n/texts';
import { fill, h } from '../ui/dom';

const SHOWN = 500;
const GLYPH = { sent: '↑', ignored: '⊘', unneeded: '○' } as const;

export function contextPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'context' });
  let drawing = 0;
  const draw = async (state: State): Promise<void> => {
    const mine = ++drawing;
    const texts = TEXTS[state.lang];
    const view = await app.engine.call('contexts', state.buildLine);
    if (mine !== drawing) return;
    fill(panel, view.error !== undefined && h('pre', { class: 'error' }, view.error), view.contexts.map((context) => one(app, context, texts)));
  };
  app.store.watch((state) => [state.panel === 'context', state.panel === 'context' && state.analysis, state.busy, state.lang], (state) => void (state.panel === 'context' && state.busy === '' && draw(state)));
  return panel;
}

function one(app: App, context: ContextView, texts: Texts): Element {
  const sum = (name: string, amount: AmountView) => `${name}: ${words(texts.inFiles, amount.files)}, ${bytes(amount.bytes)}`;
  const fates = { sent: texts.sent, ignored: texts.ignored, unneeded: texts.unneeded } as const;
  const order = { sent: 0, unneeded: 1, ignored: 2 } as const;
  const files = [...context.files].sort((a, b) => order[a.fate] - order[b.fate] || b.bytes - a.bytes);
  return h(
    'section',
    null,
    context.name !== 'context' && h('h3', null, h('code', null, context.name)),
    h('p', { class: 'headline' }, h('strong', { class: 'num' }, bytes(context.sent.bytes)), ' ', texts.sentToBuilder, ' ', h('span', { class: 'quiet' }, `· ${sum(texts.unneeded, context.unneeded)} · ${sum(texts.ignored, context.ignored)}`)),
    h('table', { class: 'wide' },
      h('thead', null, h('tr', null, h('td'), [texts.file, texts.size, texts.share_, texts.decides].map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', null, files.slice(0, SHOWN).map((file) => row(app, context, file, fates[file.fate], texts)))),
    files.length > SHOWN && h('p', { class: 'note' }, words(texts.more, files.length - SHOWN)),
  );
}

function row(app: App, context: ContextView, file: ContextFileView, fate: string, texts: Texts): Element {
  const steps = file.steps.flatMap((index) => context.steps[index] ?? []);
  const rule = file.rule === undefined ? null : h('span', { class: 'rule' }, h('code', null, file.rule), ' ', h('small', null, words(texts.ruleAt, context.ignoreFile ?? '.dockerignore', file.ruleLine ?? 0)));
  return h('tr', { class: file.fate },
    h('td', null, h('abbr', { title: fate }, GLYPH[file.fate])),
    h('td', null, h('code', null, file.path)),
    h('td', { class: 'num' }, bytes(file.bytes)),
    h('td', null, file.fate === 'sent' ? h('span', { class: 'meter', title: `${(file.share * 100).toFixed(1)} %` }, h('i', { style: `width:${file.share * 100}%` })) : h('small', null, fate)),
    h('td', null, rule, steps.map((step) => h('button', { type: 'button', class: 'plain link', onclick: () => app.selectLine(step.line) }, h('code', null, instructionOf(step.name))))));
}
