// Advice on demand: the engine tries changes on a copy; each that pays is an edit that a click makes.
import type { App } from '../app';
import type { AdviceView } from '../engine/pkg/bottleship.js';
import { adviceText, gainText } from '../i18n/advice';
import { TEXTS } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';

type Answer = 'none' | 'trying' | readonly AdviceView[];

export function adviceList(app: App): HTMLElement {
  const panel = h('section', { class: 'advice' });
  let answer: Answer = 'none';
  let asked = 0;

  const ask = async () => {
    const mine = ++asked;
    answer = 'trying';
    draw();
    const found = await app.engine.call('advise', app.store.get().buildLine);
    if (mine !== asked) return;
    answer = found;
    draw();
  };

  function draw(): void {
    const { lang, build } = app.store.get();
    const texts = TEXTS[lang];
    panel.hidden = !build?.succeeded;
    if (answer === 'none') return fill(panel, h('button', { type: 'button', onclick: () => void ask() }, texts.adviceAsk));
    if (answer === 'trying') return fill(panel, h('p', { class: 'note' }, texts.adviceTrying));
    const row = (advice: AdviceView) => {
      const text = adviceText(advice, lang);
      if (text === undefined) return null;
      return h('li', { 'data-advice': advice.kind }, h('div', null, h('p', null, rich(text)), h('p', { class: 'gain' }, rich(gainText(advice, lang)))), h('button', { type: 'button', class: 'strong', onclick: () => void app.applyEdits(advice.edits) }, texts.adviceApply));
    };
    fill(panel, h('h3', null, texts.advice), answer.length === 0 ? h('p', { class: 'note' }, texts.adviceNone) : h('ul', { class: 'plain-list' }, answer.map(row)));
  }

  // What was tried is of the files as they were.
  app.store.watch((state) => [state.analysis, state.buildLine], () => {
    asked++;
    answer = 'none';
    draw();
  });
  app.store.watch((state) => [state.lang, state.build], draw);
  return panel;
}
