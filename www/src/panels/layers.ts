// The layers of an image as dive shows them: where its bytes are, which instruction put them there, what is wasted.
import type { App } from '../app';
import type { ImageView, LayerDetail, LayersView, LayerView } from '../engine/pkg/bottleship.js';
import { ofLayer } from '../model/snapshot';
import type { State } from '../model/state';
import { bytes } from '../model/units';
import { TEXTS, words, type Texts } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';
import { badge } from './badge';
import { differences } from './differences';

const WASTE_SHOWN = 40;

interface Lit {
  readonly element: Element;
  readonly kind: string;
  readonly step: number | undefined;
}

export function layersPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'layers' });
  let lit: readonly Lit[] = [];
  let drawing = 0;

  async function draw(state: State): Promise<void> {
    const mine = ++drawing;
    const texts = TEXTS[state.lang];
    const image = shownImage(state);
    lit = [];
    if (!image) return fill(panel, h('p', { class: 'empty' }, h('span', null, rich(texts.noLayers))));
    const view = await app.engine.call('layers', image.id);
    if (mine !== drawing || !view) return;
    const details = realLayers(image, view);
    const stepOf = (detail: LayerDetail | undefined) => (detail && detail.build === state.build?.id ? detail.step : undefined);
    const made: Lit[] = [];
    const most = Math.max(1, ...view.layers.map((layer) => layer.size));
    const parts = view.layers.filter((layer) => layer.size > 0).map((layer) => {
      const step = stepOf(layer);
      const kind = image.layers[[...details.values()].indexOf(layer)]?.fromBase ? 'from-base' : 'own';
      const element = h('i', { style: `flex-grow:${layer.size}`, title: `${bytes(layer.size)} ${instruction(layer.instruction)}`, onclick: () => step !== undefined && app.selectStep(step), onpointerenter: () => app.hover(step), onpointerleave: () => app.hover(undefined) });
      made.push({ element, kind, step });
      return element;
    });
    const rows = image.layers.map((layer) => {
      const detail = details.get(layer);
      const step = stepOf(detail);
      const element = row(app, image, layer, detail, step, most, texts);
      made.push({ element, kind: `layer${layer.fromBase ? ' from-base' : ''}${detail ? '' : ' none'}`, step });
      return element;
    });
    fill(panel, head(image, view, texts), h('div', { class: 'stack', 'aria-hidden': 'true' }, parts), rows, waste(view, texts));
    lit = made;
    light(app.store.get());
  }

  function light(state: State): void {
    for (const { element, kind, step } of lit) {
      const on = (name: string, wanted: number | undefined) => (step !== undefined && step === wanted ? ` ${name}` : '');
      element.className = `${kind}${on('chosen', state.step)}${on('hovered', state.hover)}`;
    }
  }

  app.store.watch((state) => [state.panel === 'layers' && shownImage(state), state.lang, state.build], (state) => void (state.panel === 'layers' && draw(state)));
  app.store.watch((state) => [state.step, state.hover], light);
  return panel;
}

/** The image whose layers are shown: the chosen one, else the build's, else the newest. */
export function shownImage(state: State): ImageView | undefined {
  const wanted = state.image?.id ?? state.build?.image?.id;
  return state.images.find((image) => image.id === wanted) ?? state.images[0];
}

/** The rows of the history that hold files, with what is known of them. */
function realLayers(image: ImageView, view: LayersView): ReadonlyMap<LayerView, LayerDetail> {
  const real = image.layers.filter((layer) => layer.diffId !== undefined);
  return new Map(image.layers.flatMap((layer) => {
    const detail = view.layers[real.indexOf(layer)];
    return detail ? [[layer, detail] as const] : [];
  }));
}

function head(image: ImageView, view: LayersView, texts: Texts): Element {
  return h('p', { class: 'headline' }, h('code', null, image.tags.join(', ') || image.id.slice(7, 19)), ' ', h('strong', { class: 'num' }, bytes(view.size)), h('span', { class: 'quiet' }, ` · ${words(texts.efficiency, (view.efficiency * 100).toFixed(1), bytes(view.wasted))}`), badge(view.modelled, texts));
}

function row(app: App, image: ImageView, layer: LayerView, detail: LayerDetail | undefined, step: number | undefined, most: number, texts: Texts): Element {
  const summary = [
    h('span', { class: 'num' }, bytes(layer.size)),
    h('span', { class: 'meter' }, layer.size > 0 && h('i', { style: `width:${(layer.size / most) * 100}%` })),
    h('code', { title: layer.instruction }, instruction(layer.instruction)),
    badge(layer.modelled, texts) ?? h('span'),
    h('small', null, layer.fromBase ? texts.base : texts.own),
  ];
  if (!detail) return h('div', null, h('div', { class: 'summary' }, summary));
  const files = h('div', { class: 'files' });
  const open = async (event: Event) => {
    if (!(event.target as HTMLDetailsElement).open || files.firstChild) return;
    const [before, after] = [ofLayer(image.id, detail.index - 1), ofLayer(image.id, detail.index)];
    fill(files, await differences(app, before, after, texts));
  };
  const hover = { onpointerenter: () => app.hover(step), onpointerleave: () => app.hover(undefined) };
  return h('details', { ontoggle: open, ...hover }, h('summary', { class: 'summary', onclick: () => step !== undefined && app.selectStep(step) }, summary), files);
}

function waste(view: LayersView, texts: Texts): Element | null {
  if (view.waste.length === 0) return null;
  return h('details', { class: 'waste' }, h('summary', null, `${texts.wasted}: ${bytes(view.wasted)}`), h('table', null, h('tbody', null, view.waste.slice(0, WASTE_SHOWN).map((path) => h('tr', null, h('td', { class: 'num' }, bytes(path.size)), h('td', { class: 'num' }, `${path.copies}×`), h('td', null, h('code', null, `/${path.path}`)))))));
}

/** `docker history`'s words, shortened to what was written. */
function instruction(text: string): string {
  return text.replace(/^RUN \/bin\/sh -c /, 'RUN ').replace(/ # buildkit$/, '');
}
