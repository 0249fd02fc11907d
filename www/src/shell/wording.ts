// Texts that follow the language and the state.
import { TEXTS, type Texts } from '../i18n/texts';
import type { State } from '../model/state';
import type { Store } from '../model/store';
import { h } from '../ui/dom';

export type Pick = (texts: Texts, state: State) => string;

export interface Wording {
  say(pick: Pick): HTMLElement;
  button(pick: Pick, act: () => void, kind?: string): HTMLButtonElement;
  /** A button whose face is a symbol: the words are its label and tooltip. */
  symbol(face: string | Node, pick: Pick, act: () => void, kind?: string): HTMLButtonElement;
}

export function wording(store: Store<State>): Wording {
  const follow = (pick: Pick, then: (text: string) => void) => store.watch((state) => [pick(TEXTS[state.lang], state)], (state) => then(pick(TEXTS[state.lang], state)));
  const say = (pick: Pick) => {
    const text = h('span');
    follow(pick, (words) => (text.textContent = words));
    return text;
  };
  return {
    say,
    button: (pick, act, kind = '') => h('button', { type: 'button', class: kind, onclick: act }, say(pick)),
    symbol(face, pick, act, kind = '') {
      const button = h('button', { type: 'button', class: `symbol ${kind}`, onclick: act }, face);
      follow(pick, (words) => {
        button.title = words;
        button.setAttribute('aria-label', words);
      });
      return button;
    },
  };
}
