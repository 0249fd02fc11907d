// The layers of an image: where its bytes are, which instruction put them there, which files each layer touches.
import type { App } from '../app';
import type { FileView, ImageView, LayerView, StepView } from '../engine/pkg/bottleship.js';
import type { State } from '../model/state';
import { bytes } from '../model/units';
import { TEXTS, words, type Texts } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { badge } from './badge';

const SHOWN = 200;

export function layersPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'layers' });
  const opened = new Set<string>();
  app.store.watch((state) => [shownImage(state), state.lang, state.step, state.hover, state.build], (state) => {
    const texts = TEXTS[state.lang];
    const image = shownImage(state);
    if (!image) return fill(panel, h('p', { class: 'empty' }, texts.noLayers));
    const real = image.layers.filter((layer) => layer.diffId != null);
    const stepOf = (layer: LayerView): StepView | undefined => (layer.diffId != null && state.build?.image?.id === image.id ? state.build.steps.find((step) => step.layer === real.indexOf(layer)) : undefined);
    const most = Math.max(1, ...image.layers.map((layer) => layer.size));
    fill(
      panel,
      h('h3', null, h('code', null, image.tags.join(', ') || image.id.slice(7, 19)), ' ', h('span', { class: 'num' }, bytes(image.size)), badge(image.modelled, texts)),
      stack(app, image, stepOf, state),
      image.layers.map((layer) => row(app, image, layer, real.indexOf(layer), stepOf(layer), most, state, texts, opened)),
    );
  });
  return panel;
}

/** The image whose layers are shown: the chosen one, else the build's, else the newest. */
function shownImage(state: State): ImageView | undefined {
  const wanted = state.image?.id ?? state.build?.image?.id;
  return state.images.find((image) => image.id === wanted) ?? state.image ?? state.build?.image ?? state.images[0];
}

/** One bar of the whole image. */
function stack(app: App, image: ImageView, stepOf: (layer: LayerView) => StepView | undefined, state: State): Element {
  const parts = image.layers.filter((layer) => layer.size > 0);
  return h('div', { class: 'stack', 'aria-hidden': 'true' }, parts.map((layer) => {
    const step = stepOf(layer);
    return h('i', { class: `${layer.fromBase ? 'from-base' : 'own'}${step && (step.id === state.step || step.id === state.hover) ? ' chosen' : ''}`, style: `flex-grow:${layer.size}`, title: `${bytes(layer.size)} ${layer.instruction}`, onclick: () => step && app.selectStep(step.id) });
  }));
}

function row(app: App, image: ImageView, layer: LayerView, index: number, step: StepView | undefined, most: number, state: State, texts: Texts, opened: Set<string>): Element {
  const key = `${image.id} ${layer.index}`;
  const files = h('div', { class: 'files' });
  const open = async (event: Event) => {
    if ((event.target as HTMLDetailsElement).open) opened.add(key);
    else return void opened.delete(key);
    if (step && step.id !== app.store.get().step) return app.selectStep(step.id);
    if (layer.diffId != null && !files.firstChild) fill(files, fileList(await app.engine.call('layerFiles', image.id, index), texts));
  };
  const summary = [
    h('span', { class: 'num' }, bytes(layer.size)),
    h('span', { class: 'meter' }, layer.size > 0 && h('i', { style: `width:${(layer.size / most) * 100}%` })),
    h('code', { title: layer.instruction }, layer.instruction.replace(/^RUN \/bin\/sh -c /, 'RUN ').replace(/ # buildkit$/, '')),
    badge(layer.modelled, texts) ?? h('span'),
    h('small', null, layer.fromBase ? texts.base : texts.own),
  ];
  const kind = `layer${layer.fromBase ? ' from-base' : ''}${step && step.id === state.step ? ' chosen' : ''}${step && step.id === state.hover ? ' hovered' : ''}`;
  const hover = { onpointerenter: () => app.hover(step?.id), onpointerleave: () => app.hover(undefined) };
  return layer.diffId == null ? h('div', { class: `${kind} none` }, h('div', { class: 'summary' }, summary)) : h('details', { class: kind, ontoggle: open, open: opened.has(key), ...hover }, h('summary', { class: 'summary' }, summary), files);
}

export function fileList(files: readonly FileView[], texts: Texts): Element {
  const sign = (change: string | undefined) => (change === 'added' ? '+' : change === 'changed' ? '~' : '−');
  const shown = files.filter((file) => file.kind !== 'directory' || file.change !== 'changed');
  return h('ul', { class: 'plain-list' }, shown.slice(0, SHOWN).map((file) => h('li', { class: file.change ?? '' }, h('abbr', { title: (texts as Readonly<Record<string, string>>)[file.change ?? ''] ?? '' }, sign(file.change)), ' ', h('code', null, `/${file.path}${file.kind === 'directory' ? '/' : ''}`), file.target != null && h('code', null, ` → ${file.target}`), ' ', file.kind === 'file' && h('span', { class: 'num quiet' }, bytes(file.size)), badge(file.modelled, texts))), shown.length > SHOWN && h('li', null, words(texts.more, shown.length - SHOWN)));
}
