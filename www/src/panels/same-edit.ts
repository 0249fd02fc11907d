// On demand: two builds, or two Dockerfiles, made anew on a copy, and again after one and the same edit.
import type { App } from '../app';
import type { SideBySideView } from '../engine/pkg/bottleship.js';
import { words, type Texts } from '../i18n/texts';
import { bytes, seconds } from '../model/units';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';

/** A button that asks, and in its place the answer. `names`: of the two sides. */
export function sameEdit(names: readonly [string, string], label: string, ask: () => Promise<SideBySideView>, texts: Texts): HTMLElement {
  const place = h('section', { class: 'same-edit' });
  const answer = async () => {
    fill(place, h('p', { class: 'note', role: 'status' }, texts.editTrying));
    const found = await ask();
    fill(place, found.error == null ? figures(names, found, texts) : h('p', { class: 'note', role: 'alert' }, found.error));
  };
  fill(place, h('button', { type: 'button', onclick: () => void answer() }, rich(label)));
  return place;
}

/** A question for each other Dockerfile of the project. */
export function otherDockerfiles(app: App, texts: Texts): readonly HTMLElement[] {
  const { paths, buildLine } = app.store.get();
  const others = paths.filter((path) => path !== 'Dockerfile' && /(^|\/)(Dockerfile\.[\w.-]+|[\w.-]+\.Dockerfile|Dockerfile)$/.test(path) && !path.endsWith('.dockerignore'));
  return others.map((path) => sameEdit(['Dockerfile', path], words(texts.editFile, path), () => app.engine.call('sideBySide', buildLine, `docker build -f ${path} .`), texts));
}

function figures(names: readonly [string, string], found: SideBySideView, texts: Texts): Element {
  const sides = found.sides;
  const rows: readonly (readonly [string, (index: number) => string])[] = [
    [texts.editCold, (index) => seconds(sides[index]!.measure.coldMs)],
    [texts.editSerial, (index) => seconds(sides[index]!.serialMs)],
    [texts.editRebuild, (index) => seconds(sides[index]!.measure.rebuildMs)],
    [texts.editCached, (index) => String(sides[index]!.cachedAfterEdit)],
    [texts.editRuns, (index) => String(sides[index]!.runAfterEdit)],
    [texts.fromImage, (index) => bytes(sides[index]!.measure.image)],
    [texts.editSent, (index) => bytes(sides[index]!.measure.sent)],
  ];
  const shown = found.edited === '' ? rows.filter(([name]) => name !== texts.editRebuild && name !== texts.editCached && name !== texts.editRuns) : rows;
  const title = found.edited === '' ? texts.editNone : words(texts.editOf, found.edited);
  return h('table', { class: 'wide figures-of' }, h('caption', null, rich(title)), h('thead', null, h('tr', null, h('td'), names.map((name) => h('th', { scope: 'col' }, name)))), h('tbody', null, shown.map(([name, value]) => h('tr', null, h('th', { scope: 'row' }, name), [0, 1].map((index) => h('td', { class: 'num' }, value(index)))))));
}
