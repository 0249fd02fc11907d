// What an element's attributes and files ask for, put together.
import xtermCss from '@xterm/xterm/css/xterm.css?inline';
import { createApp, type App } from './app';
import type { Engine } from './engine/client';
import type { ProjectFile } from './engine/pkg/bottleship.js';
import type { Lang } from './i18n/texts';
import { FIRST_EXAMPLE, textFile } from './model/project';
import { unpack, type Shared } from './model/share';
import { PANELS, type PanelName, type State } from './model/state';
import { noVault, openVault, type Vault } from './persistence';
import { shell } from './shell/shell';
import styles from './styles/index.css?inline';

export const PARTS = ['lesson', 'files', 'editor', 'terminal', 'result'] as const;

/** What of the whole page an element shows. */
export interface Layout {
  readonly full: boolean;
  readonly parts: readonly string[];
  /** The tabs of the result. */
  readonly tabs: readonly PanelName[];
  /** The whole page, for the link that carries the state there. */
  readonly home: URL;
}

const DEFAULT_COMMAND = 'docker build --tag=buildme .';

export function openPlayground(element: HTMLElement, root: ShadowRoot, engine: Engine, home: URL): App {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(xtermCss + styles);
  root.adoptedStyleSheets = [sheet];
  const layout = layoutOf(element, home);
  const link = layout.full && location.hash.startsWith('#s=') ? location.hash.slice(3) : undefined;
  const key = element.getAttribute('persist');
  // A project that came by a link is kept beside the visitor's own, not over it.
  const vault: Vault = key ? openVault(`bottleship-${key}${link ? '-link' : ''}`) : noVault();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const wanted = element.getAttribute('theme');
  const app = createApp(engine, vault, initial(element, layout, wanted === 'dark' || wanted === 'light' ? wanted : dark.matches ? 'dark' : 'light'));
  shell(app, vault, root, layout);
  if (!wanted) dark.addEventListener('change', () => app.store.set({ theme: dark.matches ? 'dark' : 'light' }));
  app.store.watch((state) => [state.theme, state.lang], (state) => {
    element.dataset['theme'] = state.theme;
    if (!layout.full) return;
    document.documentElement.lang = state.lang;
    document.documentElement.style.colorScheme = state.theme;
  });
  void start(app, element, link);
  return app;
}

async function start(app: App, element: HTMLElement, link: string | undefined): Promise<void> {
  const own = inline(element);
  let shared: Shared | undefined;
  if (link) shared = await unpack(link).catch(() => undefined);
  if (shared) app.store.set({ buildLine: shared.command, link: link ?? '' });
  await app.start(shared?.files ?? (own.length > 0 ? own : (element.getAttribute('example') ?? FIRST_EXAMPLE)));
  if (element.hasAttribute('autobuild') && !app.store.get().build) app.type(app.store.get().buildLine);
}

function layoutOf(element: HTMLElement, home: URL): Layout {
  const asked = element.getAttribute('panels')?.split(/[\s,]+/).filter(Boolean) ?? [...PARTS];
  const tabs = PANELS.filter((name) => asked.includes('result') || asked.includes(name));
  const parts = PARTS.filter((name) => asked.includes(name) || (name === 'result' && tabs.length > 0));
  return { full: element.hasAttribute('full'), parts, tabs: tabs.length > 0 ? tabs : PANELS, home };
}

function initial(element: HTMLElement, layout: Layout, theme: State['theme']): State {
  const around = layout.full ? navigator.language : document.documentElement.lang || navigator.language;
  const lang: Lang = (element.getAttribute('lang') ?? around).startsWith('ja') ? 'ja' : 'en';
  return {
    lang, theme, paths: [], open: 'Dockerfile', dockerfile: '', analysis: undefined, forecast: undefined, builds: [], build: undefined, images: [], image: undefined,
    at: 0, now: undefined, playing: false, speed: 1, step: undefined, hover: undefined, edited: false, breakpoints: [], line: 0, panel: layout.tabs[0] ?? 'graph', panels: layout.tabs, view: 'editor', example: '', lesson: undefined, part: 0,
    buildLine: element.getAttribute('command') ?? DEFAULT_COMMAND, busy: 'loading', trouble: '', said: '', undo: undefined, link: '',
  };
}

/** Files written in the page: `<script type="text/plain" data-file="Dockerfile">`. */
function inline(element: HTMLElement): readonly ProjectFile[] {
  return [...element.querySelectorAll<HTMLScriptElement>('script[data-file]')].map((script) => textFile(script.dataset['file'] ?? 'Dockerfile', `${(script.textContent ?? '').trim()}\n`));
}
