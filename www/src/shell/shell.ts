// How the parts stand together: bar, columns, switcher, foot.
import type { App } from '../app';
import { editorPanel } from '../panels/editor';
import { filesPanel } from '../panels/files';
import { lessonHead, lessonPanel } from '../panels/lesson';
import { TEXTS, words } from '../i18n/texts';
import type { State } from '../model/state';
import { seconds } from '../model/units';
import type { Vault } from '../persistence';
import { fill, h } from '../ui/dom';
import type { Layout } from '../playground';
import { dialogs } from './dialogs';
import { acceptDrops } from './drop';
import { headerBar } from './header';
import { keys } from './keys';
import { projectButtons } from './project-buttons';
import { resultParts } from './result';
import { wording, type Pick } from './wording';

export function shell(app: App, vault: Vault, root: ShadowRoot, layout: Layout): void {
  const { store } = app;
  const { full, parts } = layout;
  const { say, button } = wording(store);
  const { dialog, askReset, showKeys } = dialogs(app);
  const build = () => {
    store.set({ view: 'result' });
    app.type(store.get().buildLine);
  };
  const head = (child: Node, ...more: readonly (Node | false)[]) => h('div', { class: 'head' }, h('h2', null, child), more);
  const files = () => [head(text('files'), ...projectButtons(app, layout)), filesPanel(app)];
  const text = (name: 'files' | 'terminal') => say((texts) => texts[name]);

  const terminal = h('div', { class: 'xterm-inner' });
  const regions: Readonly<Record<string, () => HTMLElement>> = {
    lesson: () => h('aside', { class: 'region lesson-region' }, full && files(), lessonHead(app), lessonPanel(app)),
    files: () => h('aside', { class: 'region files-region' }, files()),
    editor: () => h('section', { class: 'region editor-region', 'aria-label': 'Dockerfile' }, head(say((_, state) => state.open), outlook(say)), editorPanel(app, root)),
    terminal: () => h('section', { class: 'region terminal-region', 'aria-label': 'terminal' }, head(text('terminal')), h('div', { class: 'xterm-host' }, terminal)),
    result: () => h('section', { class: 'region result-region', 'aria-label': 'result' }, ...resultParts(app, layout.tabs)),
  };
  // On the whole page, the files stand above the lesson.
  const shown = Object.keys(regions).filter((name) => parts.includes(name) && !(full && name === 'files'));
  const switcher = h('nav', { class: 'switcher' }, shown.map((name) => {
    const tab = button((texts) => (texts as Readonly<Record<string, string>>)[name] ?? name, () => store.set({ view: name as State['view'] }));
    store.watch((state) => [state.view], (state) => tab.setAttribute('aria-pressed', String(state.view === name)));
    return tab;
  }));

  const foot = h('footer', null);
  store.watch((state) => [state.lang], (state) => void app.engine.versions().then((versions) => fill(foot, words(TEXTS[state.lang].foot, versions.engine, versions.buildkit)), () => undefined));
  const notice = h('p', { class: 'notice', role: 'status' });
  store.watch((state) => [state.busy, state.trouble, state.said, state.undo, state.lang], ({ busy, trouble, said, undo, lang }) => {
    const texts = TEXTS[lang];
    const text = trouble ? `${texts.trouble}: ${trouble}` : busy === 'replaying' ? texts.replaying : busy ? texts.loading : said;
    const close = h('button', { type: 'button', class: 'symbol small', 'aria-label': texts.close, onclick: () => store.set({ said: '', undo: undefined }) }, '×');
    const back = undo && h('button', { type: 'button', class: 'plain link', onclick: undo.act }, texts[undo.kind]);
    fill(notice, ...(text || undo ? [text, ' ', back, !trouble && !busy && close] : []));
  });

  const bar = headerBar(app, layout, { build, reset: askReset, help: showKeys });
  const frame = h('div', { class: `frame-all${full ? ' full' : ''}` }, bar, notice, h('main', { class: 'columns', 'data-parts': shown.join(' ') }, shown.map((name) => regions[name]?.())), switcher, foot, dialog);
  store.watch((state) => [state.view], (state) => (frame.dataset['view'] = shown.includes(state.view) ? state.view : shown[0]));
  root.append(frame);
  acceptDrops(app, frame);
  keys(app, full ? document : frame, { build, help: showKeys });
  if (shown.includes('terminal')) lateTerminal(app, vault, terminal);
}

/** What the next build would cost, or why it would fail, beside the file's name. */
function outlook(say: (pick: Pick) => HTMLElement): HTMLElement {
  return h('span', { class: 'outlook num' }, say((texts, { forecast, open }) => {
    if (!forecast || open !== 'Dockerfile') return '';
    if (forecast.error) return forecast.error.message.replace(/^dockerfile parse error on /, '');
    if (forecast.refused !== undefined) return forecast.refused;
    const { cached, runs, durationMs } = forecast;
    return runs === 0 ? words(texts.outlookAll, cached) : words(texts.outlook, cached, runs, seconds(durationMs));
  }));
}

/** The terminal comes when the engine is ready: after the first picture of the page. */
function lateTerminal(app: App, vault: Vault, host: HTMLElement): void {
  let asked = false;
  app.store.watch((state) => [state.busy], (state) => {
    if (state.busy !== '' || asked) return;
    asked = true;
    void import('../panels/terminal').then(({ attachTerminal }) => attachTerminal(app, vault, host));
  });
}
