// The content of a file as the engine gives it: text, or a hex dump where it is none.
import type { ContentView } from '../engine/pkg/bottleship.js';
import { bytes, mode } from '../model/units';
import { words, type Texts } from '../i18n/texts';
import { h } from '../ui/dom';

export function contentView(view: ContentView, texts: Texts): Element {
  const head = h('h3', null, h('code', null, `/${view.path}`), ' ', h('small', null, `${bytes(view.size)} · ${mode('file', view.mode)} · ${view.uid}:${view.gid}`));
  const body = view.text !== undefined ? view.text : view.hex;
  return h('section', { class: 'content' }, head, view.modelled && h('p', { class: 'note' }, words(texts.modelledContent, bytes(view.size))), h('pre', { tabindex: 0 }, body), view.more && h('p', { class: 'note' }, texts.cut));
}
