// The quieter result panels: log, layers, files at a step, images, and the details of what is selected.
import type { App } from '../app';
import type { FileView, ImageView } from '../engine/pkg/bottleship.js';
import { instructionOf, log } from '../model/playback';
import type { State } from '../model/state';
import { bytes, mode, seconds } from '../model/units';
import { TEXTS, words } from '../i18n/texts';
import { fill, h } from '../ui/dom';

const SHOWN = 200;

export function logPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'log', tabindex: 0 });
  app.store.watch((state) => [state.build, state.step, state.lang, state.build && log(state.build, state.at).length], (state) => {
    const { build } = state;
    if (!build) return fill(panel, h('p', { class: 'empty' }, TEXTS[state.lang].empty));
    const lines = log(build, state.at);
    fill(panel, build.steps.map((step) => {
      const own = lines.filter((line) => line.step === step.id);
      if (own.length === 0) return null;
      return h('section', { class: step.id === state.step ? 'chosen' : '' }, h('button', { type: 'button', class: 'plain', onclick: () => app.selectStep(step.id) }, step.name), h('pre', null, own.slice(-SHOWN).map((line) => h('span', { class: line.kind }, `${line.text}\n`))));
    }), build.error && state.at >= build.durationMs && h('pre', { class: 'error' }, `${build.error.excerpt}\n${build.error.message}`));
  });
  return panel;
}

export function layersPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'layers' });
  const opened = new Set<string>();
  app.store.watch((state) => [state.build, state.image, state.images, state.lang, state.step], (state) => {
    const texts = TEXTS[state.lang];
    const image = state.image ?? state.build?.image ?? state.images[0];
    if (!image) return fill(panel, h('p', { class: 'empty' }, texts.noLayers));
    const most = Math.max(1, ...image.layers.map((layer) => layer.size));
    let real = -1;
    fill(panel, h('h3', null, image.tags.join(', ') || image.id.slice(7, 19), ' ', h('span', { class: 'num' }, bytes(image.size)), badge(image.modelled, texts.modelled)), image.layers.map((layer) => {
      if (layer.diffId) real++;
      const index = real;
      const step = state.build?.image === image ? state.build.steps.find((candidate) => candidate.layer === index && layer.diffId) : undefined;
      const files = h('div', { class: 'files' });
      const open = async (event: Event) => {
        const { open } = event.target as HTMLDetailsElement;
        const key = `${image.id} ${layer.index}`;
        if (open) opened.add(key);
        else opened.delete(key);
        if (open && step && step.id !== app.store.get().step) return app.selectStep(step.id);
        if (open && layer.diffId && !files.firstChild) fill(files, fileList(await app.engine.call('layerFiles', image.id, index), state));
      };
      return h('details', { class: `layer${layer.fromBase ? ' from-base' : ''}${step && step.id === state.step ? ' chosen' : ''}`, ontoggle: open, open: opened.has(`${image.id} ${layer.index}`) }, h('summary', null, h('span', { class: 'num' }, bytes(layer.size)), h('span', { class: 'meter' }, h('i', { style: `width:${(layer.size / most) * 100}%` })), h('code', null, layer.instruction), h('small', null, layer.fromBase ? texts.base : texts.own), badge(layer.modelled, texts.modelled)), files);
    }));
  });
  return panel;
}

export function imagesPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'images' });
  app.store.watch((state) => [state.images, state.lang], (state) => {
    const texts = TEXTS[state.lang];
    if (state.images.length === 0) return fill(panel, h('p', { class: 'empty' }, texts.emptyImages));
    fill(panel, h('table', null, h('thead', null, h('tr', null, [texts.tag, 'ID', texts.size].map((title) => h('th', { scope: 'col' }, title)))), h('tbody', null, state.images.map((image: ImageView) => h('tr', null, h('td', null, h('button', { type: 'button', class: 'plain', onclick: () => app.store.set({ image, panel: 'layers' }) }, image.tags.join(', ') || '<none>')), h('td', null, h('code', null, image.id.replace('sha256:', '').slice(0, 12))), h('td', { class: 'num' }, bytes(image.size)))))));
  });
  return panel;
}

export function treePanel(app: App): HTMLElement {
  const panel = h('div', { class: 'tree' });
  let folder = '/';
  const draw = async (state: State): Promise<void> => {
    const { build, step } = state;
    const texts = TEXTS[state.lang];
    const last = build?.steps.filter((view) => !view.internal && view.completedMs != null && view.completedMs <= state.at).at(-1);
    const chosen = step ?? last?.id;
    if (!build || chosen === undefined) return fill(panel, h('p', { class: 'empty' }, texts.noTree));
    const files = await app.engine.call('treeFiles', build.id, chosen, folder);
    const go = (path: string) => {
      folder = path;
      void draw(app.store.get());
    };
    const view = h('pre', { class: 'content', hidden: true });
    const show = async (path: string) => {
      const content = await app.engine.call('fileContent', build.id, chosen, path);
      view.hidden = false;
      view.textContent = content ? new TextDecoder().decode(content.subarray(0, 20000)) : texts.modelled;
    };
    fill(panel, h('h3', null, h('code', null, folder), ' ', h('small', null, instructionOf(build.steps.find((candidate) => candidate.id === chosen)?.name ?? ''))), folder !== '/' && h('button', { type: 'button', class: 'plain', onclick: () => go(folder.replace(/\/[^/]+\/?$/, '') || '/') }, '..'), files.length === 0 && h('p', { class: 'empty' }, '∅'), h('ul', { class: 'plain-list' }, files.slice(0, SHOWN).map((file) => h('li', null, h('code', null, mode(file.kind, file.mode)), ' ', h('span', { class: 'num' }, bytes(file.size)), ' ', h('button', { type: 'button', class: 'plain', onclick: () => (file.kind === 'directory' ? go(`/${file.path}`) : void show(`/${file.path}`)) }, file.path.split('/').at(-1), file.kind === 'directory' && '/'), file.target && ` → ${file.target}`, badge(file.modelled, texts.modelled)))), view);
  };
  app.store.watch((state) => [state.panel === 'tree' && state.build, state.step, state.playing, state.lang, state.panel === 'tree' ? Math.floor(state.at / 200) : 0], (state) => void (state.panel === 'tree' && draw(state)));
  return panel;
}

export function detailsPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'details', 'aria-live': 'polite' });
  app.store.watch((state) => [state.build, state.step, state.lang, state.playing, state.build && state.at >= state.build.durationMs], (state) => {
    const texts = TEXTS[state.lang];
    const { build, builds } = state;
    if (!build) return fill(panel, null);
    const step = build.steps.find((candidate) => candidate.id === state.step);
    const over = state.at >= build.durationMs;
    const before = builds.slice(0, builds.indexOf(build)).findLast((earlier) => earlier.image && earlier.tags.join() === build.tags.join());
    const change = over && build.image && before?.image ? before.image.size - build.image.size : 0;
    fill(
      panel,
      over && build.error && h('div', { class: 'failure', role: 'alert' }, build.stages.length === 0 && builds.length > 1 && h('p', null, texts.lastGood), h('pre', { class: 'error' }, `${build.error.excerpt}${build.error.excerpt ? '\n' : ''}ERROR: ${build.error.message}`)),
      step && h('div', { class: 'chosen-step' }, h('strong', null, step.name), h('p', null, texts[({ ran: 'ran', cached: 'cached', failed: 'failed', canceled: 'canceled', skipped: 'waiting' } as const)[step.outcome]], step.startedMs != null && step.completedMs != null && ` · ${seconds(step.completedMs - step.startedMs)}`, step.size != null && ` · ${bytes(step.size)}`, ' · ', step.fidelity === 'real' ? texts.real : h('span', { class: 'badge' }, step.fidelity === 'modelled' ? texts.modelled : texts.notSimulated)), step.cause && h('p', null, step.cause)),
      over && build.image && h('p', { 'data-fact': 'size' }, h('strong', { class: 'num' }, bytes(build.image.size)), ' ', h('code', null, build.image.tags.join(', ')), Math.abs(change) > 1000 && ` · ${words(change > 0 ? texts.smaller : texts.larger, bytes(Math.abs(change)))}`),
      over && build.serialMs - build.durationMs > 50 && h('p', null, words(texts.saved, seconds(build.durationMs), seconds(build.serialMs), seconds(build.serialMs - build.durationMs))),
    );
  });
  return panel;
}

function fileList(files: readonly FileView[], state: State): Element {
  const texts = TEXTS[state.lang];
  const sign = (change: string | undefined) => (change === 'added' ? '+' : change === 'changed' ? '~' : '−');
  return h('ul', { class: 'plain-list' }, files.slice(0, SHOWN).map((file) => h('li', { class: file.change ?? '' }, h('abbr', { title: (texts as Readonly<Record<string, string>>)[file.change ?? ''] ?? '' }, sign(file.change)), ' ', h('code', null, `/${file.path}`), ' ', file.kind !== 'directory' && h('span', { class: 'num' }, bytes(file.size)), badge(file.modelled, texts.modelled))), files.length > SHOWN && h('li', null, words(texts.more, files.length - SHOWN)));
}

function badge(shown: boolean, text: string): Element | null {
  return shown ? h('span', { class: 'badge' }, text) : null;
}
