// How the parts stand together: bar, columns, tabs, player, keys.
import type { App } from './app';
import { editorPanel } from './panels/editor';
import { graphPanel } from './panels/graph';
import { lessonPanel } from './panels/lesson';
import { detailsPanel, imagesPanel, layersPanel, logPanel, treePanel } from './panels/results';
import { timelinePanel } from './panels/timeline';
import { TEXTS, words, type Texts } from './i18n/texts';
import { PANELS, type PanelName, type State } from './model/state';
import { clock } from './model/units';
import type { Vault } from './persistence';
import { fill, h } from './ui/dom';

export function shell(app: App, vault: Vault, root: ShadowRoot, element: HTMLElement, panels: readonly string[]): void {
  const { store } = app;
  const full = element.hasAttribute('full');
  const texts = () => TEXTS[store.get().lang];
  const build = () => {
    store.set({ view: 'result' });
    app.type(store.get().buildLine);
  };
  const say = (pick: (texts: Texts, state: State) => string) => {
    const text = h('span');
    store.watch((state) => [pick(TEXTS[state.lang], state)], (state) => (text.textContent = pick(TEXTS[state.lang], state)));
    return text;
  };
  const button = (pick: (texts: Texts) => string, act: () => void, kind = '') => h('button', { type: 'button', class: kind, onclick: act }, say(pick));

  const dialog = h('dialog');
  const ask = (text: string, act?: () => void) => {
    fill(dialog, h('p', null, text), h('div', { class: 'turn' }, act && h('button', { type: 'button', onclick: () => dialog.close() }, texts().cancel), h('button', { type: 'button', class: 'primary', onclick: () => (dialog.close(), act?.()) }, texts().ok)));
    dialog.showModal();
  };
  const reset = () => ask(texts().resetAsk, () => void app.reset());
  const help = () => ask(texts().keys);

  const bar = h('header', null, full && h('h1', null, 'bottleship'), button((t) => `▶ ${t.build}`, build, 'primary'), h('code', { class: 'what' }, say((_, state) => state.buildLine)), h('span', { class: 'grow' }), button((t) => t.reset, reset), full && [button((t) => t.help, help), button((t) => t.lang, () => store.set({ lang: store.get().lang === 'en' ? 'ja' : 'en' })), button((t) => `◑ ${t.theme}`, () => store.set({ theme: store.get().theme === 'dark' ? 'light' : 'dark' }))]);

  const files = h('nav', { class: 'filelist' });
  store.watch((state) => [state.paths, state.open, state.lang], (state) => fill(files, h('h2', null, TEXTS[state.lang].files), h('ul', { class: 'plain-list' }, state.paths.map((path) => h('li', null, h('button', { type: 'button', class: 'plain', 'aria-current': path === state.open ? 'true' : null, onclick: () => store.set({ open: path, view: 'editor' }) }, path))))));

  const terminal = h('div', { class: 'xterm-host' });
  if (panels.includes('terminal')) {
    let attached = false;
    store.watch((state) => [state.busy], (state) => {
      if (state.busy !== '' || attached) return;
      attached = true;
      void import('./panels/terminal').then(({ attachTerminal }) => attachTerminal(app, vault, terminal));
    });
  }

  const regions: Readonly<Record<string, () => HTMLElement>> = {
    lesson: () => h('aside', { class: 'region lesson-region' }, files, full && lessonPanel(app)),
    editor: () => h('section', { class: 'region editor-region', 'aria-label': 'Dockerfile' }, h('h2', { class: 'tab' }, say((_, state) => state.open)), editorPanel(app, root)),
    terminal: () => h('section', { class: 'region terminal-region', 'aria-label': 'terminal' }, terminal),
    result: () => h('section', { class: 'region result-region', 'aria-label': 'result' }, ...result(app, say)),
  };
  const shown = Object.keys(regions).filter((name) => panels.includes(name));
  const switcher = h('nav', { class: 'switcher' }, shown.map((name) => {
    const tab = button((t) => (t as Readonly<Record<string, string>>)[name] ?? name, () => store.set({ view: name as State['view'] }));
    store.watch((state) => [state.view], (state) => tab.setAttribute('aria-pressed', String(state.view === name)));
    return tab;
  }));
  const foot = h('footer', null);
  store.watch((state) => [state.lang], (state) => void app.engine.versions().then((versions) => fill(foot, words(TEXTS[state.lang].foot, versions.engine, versions.buildkit)), () => undefined));
  const notice = h('p', { class: 'notice', role: 'status' });
  store.watch((state) => [state.busy, state.trouble, state.lang], (state) => {
    notice.textContent = state.trouble ? `${TEXTS[state.lang].trouble}: ${state.trouble}` : state.busy ? TEXTS[state.lang].loading : '';
  });

  const frame = h('div', { class: `frame-all${full ? ' full' : ''}`, style: `--parts:${shown.length}` }, bar, notice, h('main', { class: 'columns', 'data-parts': shown.join(' ') }, shown.map((name) => regions[name]?.())), switcher, foot, dialog);
  store.watch((state) => [state.view], (state) => (frame.dataset['view'] = shown.includes(state.view) ? state.view : shown[0]));
  root.append(frame);
  keys(app, full ? document : frame, build, help);
}

function result(app: App, say: (pick: (texts: Texts, state: State) => string) => Node): readonly Node[] {
  const { store } = app;
  const made: Readonly<Record<PanelName, HTMLElement>> = { graph: graphPanel(app), timeline: timelinePanel(app), log: logPanel(app), layers: layersPanel(app), tree: treePanel(app), images: imagesPanel(app) };
  const tabs = h('div', { class: 'tabs', role: 'tablist' }, PANELS.map((name) => {
    const tab = h('button', { type: 'button', role: 'tab', onclick: () => store.set({ panel: name }) }, say((texts) => texts[name]));
    store.watch((state) => [state.panel], (state) => tab.setAttribute('aria-selected', String(state.panel === name)));
    return tab;
  }));
  const body = h('div', { class: 'panel', role: 'tabpanel', tabindex: 0 }, PANELS.map((name) => made[name]));
  store.watch((state) => [state.panel], (state) => {
    for (const name of PANELS) made[name].hidden = name !== state.panel;
  });
  return [tabs, body, playerBar(app, say), detailsPanel(app)];
}

function playerBar(app: App, say: (pick: (texts: Texts, state: State) => string) => Node): HTMLElement {
  const { store, player } = app;
  const range = h('input', { type: 'range', min: 0, max: 1000, value: 0, oninput: () => {
    player.pause();
    player.seek((Number(range.value) / 1000) * (store.get().build?.durationMs ?? 0));
  } });
  const speed = h('select', { onchange: () => player.setSpeed(Number(speed.value)) }, [1, 2, 5, 10, 20, 50].map((value) => h('option', { value }, `${value}×`)));
  const skip = h('button', { type: 'button', onclick: () => player.end() }, '»');
  const bar = h('div', { class: 'player' }, h('button', { type: 'button', onclick: () => (store.get().playing ? player.pause() : player.play()) }, say((texts, state) => (state.playing ? `❚❚ ${texts.pause}` : `▶ ${texts.play}`))), h('output', { class: 'num' }, say((_, state) => `${clock(state.at)} / ${clock(state.build?.durationMs ?? 0)}`)), range, speed, skip);
  store.watch((state) => [state.at, state.build, state.speed, state.lang], (state) => {
    bar.hidden = !state.build;
    range.value = String(state.build?.durationMs ? Math.round((state.at / state.build.durationMs) * 1000) : 0);
    range.setAttribute('aria-label', TEXTS[state.lang].time);
    skip.setAttribute('aria-label', TEXTS[state.lang].skip);
    skip.title = TEXTS[state.lang].skip;
    speed.setAttribute('aria-label', TEXTS[state.lang].speed);
    speed.value = String(state.speed);
  });
  return bar;
}

function keys(app: App, target: Document | HTMLElement, build: () => void, help: () => void): void {
  target.addEventListener('keydown', (event) => {
    const key = event as KeyboardEvent;
    const inside = key.composedPath()[0];
    const writing = inside instanceof HTMLElement && (inside.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(inside.tagName));
    const { playing } = app.store.get();
    const panel = key.altKey ? PANELS[Number(key.code.replace('Digit', '')) - 1] : undefined;
    if ((key.ctrlKey || key.metaKey) && key.key === 'Enter') build();
    else if (panel) app.store.set({ panel });
    else if (writing) return;
    else if (key.key === 'Escape' && playing) app.player.pause();
    else if (key.key === '[') app.stride(-1);
    else if (key.key === ']') app.stride(1);
    else if (key.key === ' ' && !(inside instanceof HTMLButtonElement)) playing ? app.player.pause() : app.player.play();
    else if (key.key === '?') help();
    else return;
    key.preventDefault();
  });
}
