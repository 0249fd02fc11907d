// On demand: two builds, or two Dockerfiles, made anew on a copy, and again after one and the same edit.
import type { App } from '../app';
import type { SideBySideView } from '../engine/pkg/bottleship.js';
import { COMPARED } from '../i18n/side-by-side';
import { words, type Lang } from '../i18n/texts';
import { bytes, seconds } from '../model/units';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';

/** A button that asks, and in its place the answer. `names`: of the two sides. */
export function sameEdit(names: readonly [string, string], label: string, ask: () => Promise<SideBySideView>, lang: Lang): HTMLElement {
  const texts = COMPARED[lang];
  const place = h('section', { class: 'same-edit' });
  const answer = async () => {
    fill(place, h('p', { class: 'note', role: 'status' }, texts.trying));
    const found = await ask();
    fill(place, found.error == null ? figures(names, found, lang) : h('p', { class: 'note', role: 'alert' }, found.error));
  };
  fill(place, h('button', { type: 'button', onclick: () => void answer() }, rich(label)));
  return place;
}

/** A question for each other Dockerfile of the project. */
export function otherDockerfiles(app: App, lang: Lang): readonly HTMLElement[] {
  const { paths, buildLine } = app.store.get();
  const others = paths.filter((path) => path !== 'Dockerfile' && /(^|\/)(Dockerfile\.[\w.-]+|[\w.-]+\.Dockerfile|Dockerfile)$/.test(path) && !path.endsWith('.dockerignore'));
  return others.map((path) => sameEdit(['Dockerfile', path], words(COMPARED[lang].askFile, path), () => app.engine.call('sideBySide', buildLine, `docker build -f ${path} .`), lang));
}

function figures(names: readonly [string, string], found: SideBySideView, lang: Lang): Element {
  const texts = COMPARED[lang];
  const sides = found.sides;
  const rows: readonly (readonly [string, (index: number) => string])[] = [
    [texts.cold, (index) => seconds(sides[index]!.measure.coldMs)],
    [texts.serial, (index) => seconds(sides[index]!.serialMs)],
    [texts.rebuild, (index) => seconds(sides[index]!.measure.rebuildMs)],
    [texts.cached, (index) => String(sides[index]!.cachedAfterEdit)],
    [texts.runs, (index) => String(sides[index]!.runAfterEdit)],
    [texts.image, (index) => bytes(sides[index]!.measure.image)],
    [texts.sent, (index) => bytes(sides[index]!.measure.sent)],
  ];
  const shown = found.edited === '' ? rows.filter(([name]) => name !== texts.rebuild && name !== texts.cached && name !== texts.runs) : rows;
  const title = found.edited === '' ? texts.noFile : words(texts.file, found.edited);
  return h('table', { class: 'wide figures-of' }, h('caption', null, rich(title)), h('thead', null, h('tr', null, h('td'), names.map((name) => h('th', { scope: 'col' }, name)))), h('tbody', null, shown.map(([name, value]) => h('tr', null, h('th', { scope: 'row' }, name), [0, 1].map((index) => h('td', { class: 'num' }, value(index)))))));
}
