// The result column: tabs, the panel that is looked at, the player, what is to be said.
import type { App } from '../app';
import { comparePanel } from '../panels/compare';
import { contextPanel } from '../panels/context';
import { detailsPanel } from '../panels/details';
import { graphPanel } from '../panels/graph';
import { imagesPanel } from '../panels/images';
import { layersPanel } from '../panels/layers';
import { logPanel } from '../panels/log';
import { playerBar } from '../panels/player-bar';
import { timelinePanel } from '../panels/timeline';
import { treePanel } from '../panels/tree';
import type { PanelName } from '../model/state';
import { h } from '../ui/dom';
import { wording } from './wording';

const MADE: Readonly<Record<PanelName, (app: App) => HTMLElement>> = { graph: graphPanel, timeline: timelinePanel, log: logPanel, layers: layersPanel, tree: treePanel, context: contextPanel, compare: comparePanel, images: imagesPanel };

export function resultParts(app: App, names: readonly PanelName[]): readonly Node[] {
  const { store } = app;
  const { say } = wording(store);
  const made = names.map((name) => [name, MADE[name](app)] as const);
  const tabs = names.map((name) => h('button', { type: 'button', role: 'tab', 'data-panel': name, onclick: () => store.set({ panel: name }) }, say((texts) => texts[name])));
  const list = h('div', { class: 'head tabs', role: 'tablist', onkeydown: (event: KeyboardEvent) => turn(event, tabs) }, tabs);
  const body = h('div', { class: 'panel', role: 'tabpanel', tabindex: 0 }, made.map(([, element]) => element));
  store.watch((state) => [state.panel, state.lang], (state) => {
    for (const [index, [name, element]] of made.entries()) {
      const chosen = name === state.panel;
      element.hidden = !chosen;
      tabs[index]?.setAttribute('aria-selected', String(chosen));
      tabs[index]?.setAttribute('tabindex', chosen ? '0' : '-1');
      if (chosen) body.setAttribute('aria-label', tabs[index]?.textContent ?? name);
    }
    body.scrollTop = 0;
  });
  return [names.length > 1 ? list : h('span', { hidden: true }), body, playerBar(app), detailsPanel(app)];
}

/** Arrow keys go from tab to tab. */
function turn(event: KeyboardEvent, tabs: readonly HTMLButtonElement[]): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  const at = tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true');
  const next = tabs[(at + step + tabs.length) % tabs.length];
  if (step === 0 || !next) return;
  event.preventDefault();
  next.click();
  next.focus();
}
