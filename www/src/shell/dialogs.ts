// What asks before it acts, and the list of keys.
import type { App } from '../app';
import { TEXTS } from '../i18n/texts';
import { fill, h, type Child } from '../ui/dom';

export interface Dialogs {
  readonly dialog: HTMLDialogElement;
  askReset(): void;
  showKeys(): void;
}

export function dialogs(app: App): Dialogs {
  const dialog = h('dialog', { onclick: (event: Event) => event.target === dialog && dialog.close() });
  const texts = () => TEXTS[app.store.get().lang];
  const open = (content: Child, confirm?: () => void) => {
    const close = h('button', { type: 'button', class: confirm ? '' : 'primary', onclick: () => dialog.close() }, confirm ? texts().cancel : texts().ok);
    const act = confirm && h('button', { type: 'button', class: 'primary', onclick: () => (dialog.close(), confirm()) }, texts().ok);
    fill(dialog, h('div', { class: 'dialog-body' }, content, h('div', { class: 'turn' }, close, act)));
    dialog.showModal();
  };
  const keyRow = (names: readonly string[], what: string) => h('tr', null, h('td', null, names.map((name) => h('kbd', null, name))), h('td', null, what));
  return {
    dialog,
    askReset: () => open(h('p', null, texts().resetAsk), () => void app.reset()),
    showKeys: () => {
      const t = texts();
      const rows: readonly (readonly [readonly string[], string])[] = [[['Ctrl/⌘', 'Enter'], t.keyBuild], [['Esc'], t.keyStop], [['Space'], t.keyPlay], [['['], t.keyStep], [['F9'], t.keyBreak], [['Ctrl/⌘', '.'], t.keyFix], [['Alt', '1…8'], t.keyPanel], [['Esc', 'Tab'], t.keyLeave], [['?'], t.keyHelp]];
      open([h('h2', null, t.help), h('table', { class: 'keys' }, h('tbody', null, rows.map(([names, what]) => keyRow(names[0] === '[' ? ['[', ']'] : names, what))))]);
    },
  };
}
