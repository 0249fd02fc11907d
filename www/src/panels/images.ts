// The images of this page, as `docker images` lists them.
import type { App } from '../app';
import type { ImageView } from '../engine/pkg/bottleship.js';
import { shortTag } from '../model/playback';
import { bytes } from '../model/units';
import { TEXTS, words } from '../i18n/texts';
import { saveFile } from '../shell/share';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';
import { badge } from './badge';

export function imagesPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'images' });
  const save = async (name: string) => {
    const archive = await app.engine.call('saveImage', name);
    if (archive) saveFile(archive, `${shortTag(name).replace(/[^\w.-]+/g, '-')}.tar`);
  };
  app.store.watch((state) => [state.images, state.lang], (state) => {
    const texts = TEXTS[state.lang];
    if (state.images.length === 0) return fill(panel, h('p', { class: 'empty' }, h('span', null, rich(texts.emptyImages))));
    const act = (face: string, label: string, then: () => void) => h('button', { type: 'button', class: 'symbol small', title: label, 'aria-label': label, onclick: then }, face);
    const row = (image: ImageView) => {
      const name = image.tags[0] ?? image.id.slice(7, 19);
      return h('tr', null,
        h('td', null, h('button', { type: 'button', class: 'plain link', onclick: () => app.show('layers', { image }) }, image.tags.join(', ') || '<none>'), badge(image.modelled, texts)),
        h('td', null, h('code', null, image.id.replace('sha256:', '').slice(0, 12))),
        h('td', { class: 'num' }, bytes(image.size)),
        h('td', { class: 'acts' }, act('↧', words(texts.download, name), () => void save(name)), act('×', `docker rmi ${name}`, () => app.type(`docker rmi ${name}`))));
    };
    fill(panel, h('table', null, h('thead', null, h('tr', null, [texts.tag, 'ID', texts.size].map((title) => h('th', { scope: 'col' }, title)), h('td'))), h('tbody', null, state.images.map(row))));
  });
  return panel;
}
