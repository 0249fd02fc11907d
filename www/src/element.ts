// `<bottleship-playground>`: the whole page, or the parts that a documentation page asks for. Starts when it is first seen.
import xtermCss from '@xterm/xterm/css/xterm.css?inline';
import { createApp, type App } from './app';
import { engineHost, type EngineHost } from './engine/client';
import type { ProjectFile } from './engine/pkg/bottleship.js';
import type { Lang } from './i18n/texts';
import { sample, textFile } from './model/project';
import type { State } from './model/state';
import { noVault, openVault, type Vault } from './persistence';
import { shell } from './shell/shell';
import styles from './styles/index.css?inline';

/** One engine for every playground of the page. */
export function definePlayground(name = 'bottleship-playground'): void {
  if (customElements.get(name)) return;
  const host = engineHost();
  let sessions = 0;
  customElements.define(
    name,
    class extends HTMLElement {
      #app: App | undefined;

      connectedCallback(): void {
        if (this.shadowRoot) return;
        const height = this.getAttribute('height');
        this.style.display = 'block';
        if (height) this.style.height = /^\d+$/.test(height) ? `${height}px` : height;
        const root = this.attachShadow({ mode: 'open' });
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(xtermCss + styles);
        root.adoptedStyleSheets = [sheet];
        const seen = new IntersectionObserver((entries) => {
          if (!entries.some((entry) => entry.isIntersecting)) return;
          seen.disconnect();
          this.#app = open(this, root, host, `session-${sessions++}`);
        });
        seen.observe(this);
      }

      disconnectedCallback(): void {
        this.#app?.engine.close();
      }
    },
  );
}

function open(element: HTMLElement, root: ShadowRoot, host: EngineHost, session: string): App {
  const key = element.getAttribute('persist');
  const vault: Vault = key ? openVault(`bottleship-${key}`) : noVault();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const wanted = element.getAttribute('theme');
  const asked = element.getAttribute('lang') ?? document.documentElement.lang ?? '';
  const lang: Lang = (element.hasAttribute('full') ? navigator.language : asked).startsWith('ja') ? 'ja' : 'en';
  const given = inline(element);
  const initial: State = {
    lang, theme: wanted === 'dark' || wanted === 'light' ? wanted : dark.matches ? 'dark' : 'light', paths: [], open: 'Dockerfile', dockerfile: '', analysis: undefined, forecast: undefined, builds: [], build: undefined, images: [], image: undefined,
    at: 0, now: undefined, playing: false, speed: 1, step: undefined, hover: undefined, edited: false, line: 0, panel: 'graph', view: 'editor', part: 0, buildLine: element.getAttribute('command') ?? 'docker build --tag=buildme .', busy: 'loading', trouble: '',
  };
  const app = createApp(host.open(session), vault, initial, given.length > 0 ? given : sample());
  const panels = (element.getAttribute('panels') ?? 'lesson editor terminal result').split(/[\s,]+/);
  shell(app, vault, root, element, panels);
  if (!wanted) dark.addEventListener('change', () => app.store.set({ theme: dark.matches ? 'dark' : 'light' }));
  app.store.watch((state) => [state.theme, state.lang], (state) => {
    element.dataset['theme'] = state.theme;
    if (element.hasAttribute('full')) {
      document.documentElement.lang = state.lang;
      document.documentElement.style.colorScheme = state.theme;
    }
  });
  void app.start();
  return app;
}

/** Files written in the page: `<script type="text/plain" data-file="Dockerfile">`. */
function inline(element: HTMLElement): readonly ProjectFile[] {
  return [...element.querySelectorAll<HTMLScriptElement>('script[data-file]')].map((script) => textFile(script.dataset['file'] ?? 'Dockerfile', `${(script.textContent ?? '').trim()}\n`));
}
