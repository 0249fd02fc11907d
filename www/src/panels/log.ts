// What the steps printed up to the clock's time.
import type { App } from '../app';
import { log } from '../model/playback';
import { seconds } from '../model/units';
import { TEXTS } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';

const SHOWN = 300;

export function logPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'log' });
  app.store.watch((state) => [state.panel === 'log' && state.build, state.step, state.hover, state.lang, state.panel === 'log' && state.build ? log(state.build, state.at).length : 0, state.at >= (state.build?.durationMs ?? 0)], (state) => {
    if (state.panel !== 'log') return;
    const texts = TEXTS[state.lang];
    const { build } = state;
    if (!build) return fill(panel, h('p', { class: 'empty' }, h('span', null, rich(texts.empty))));
    const lines = log(build, state.at);
    const failed = build.error && state.at >= build.durationMs;
    const sections = build.steps.map((step) => {
      const own = lines.filter((line) => line.step === step.id);
      if (own.length === 0) return null;
      const kind = `${step.id === state.step ? 'chosen' : ''} ${step.id === state.hover ? 'hovered' : ''}`.trim();
      return h('section', { class: kind, onpointerenter: () => app.hover(step.id), onpointerleave: () => app.hover(undefined) }, h('button', { type: 'button', class: 'plain', onclick: () => app.selectStep(step.id) }, step.name), h('pre', null, own.slice(-SHOWN).map((line) => h('span', { class: line.kind }, h('span', { class: 'when' }, seconds(line.at).padStart(7)), ` ${line.text}\n`))));
    });
    fill(panel, lines.length === 0 && !failed && h('p', { class: 'empty' }, h('span', null, rich(texts.emptyLog))), sections, failed && build.error && h('pre', { class: 'error' }, `${build.error.excerpt}\n${build.error.message}`));
  });
  return panel;
}
