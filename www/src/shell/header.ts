// The bar: name, Build and what it runs, and the page's own buttons.
import type { App } from '../app';
import { h, svg } from '../ui/dom';
import type { Layout } from '../playground';
import { sampleChooser } from './project-buttons';
import { openWhole, shareLink } from './share';
import { wording } from './wording';

export interface BarActions {
  build(): void;
  reset(): void;
  help(): void;
}

export function headerBar(app: App, layout: Layout, act: BarActions): HTMLElement {
  const { store } = app;
  const { full } = layout;
  const { say, button, symbol } = wording(store);
  const own = [
    button((texts) => texts.share, () => void shareLink(app, layout.home)),
    symbol('?', (texts) => texts.help, act.help, 'for-keys'),
    button((texts) => texts.lang, () => store.set({ lang: store.get().lang === 'en' ? 'ja' : 'en' })),
    symbol('◑', (texts) => texts.theme, () => store.set({ theme: store.get().theme === 'dark' ? 'light' : 'dark' })),
  ];
  return h('header', null, full && h('h1', null, logo(), h('span', null, 'bottleship')), full && sampleChooser(app), button((texts) => `▶ ${texts.build}`, act.build, 'primary'), h('code', { class: 'what' }, say((_, state) => state.buildLine)), h('span', { class: 'grow' }), button((texts) => texts.reset, act.reset), full ? own : button((texts) => texts.openWhole, () => void openWhole(app, layout.home)));
}

/** A ship in a bottle. */
function logo(): Element {
  return svg('svg', { class: 'logo', viewBox: '0 0 30 20', 'aria-hidden': 'true' },
    svg('path', { class: 'glass', d: 'M2 8.5h3.5C8 8.5 8 3 12 3h12a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4H12c-4 0-4-5.500-6.500-5.500H2z' }),
    svg('path', { class: 'hull', d: 'M12 12.500h12l-2 2.800h-8z' }),
    svg('path', { class: 'sail', d: 'M17.600 5.200v6.200h-4.300zM18.800 6.400v5h3.500z' }));
}
