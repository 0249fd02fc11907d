// The file system of a stage at the clock's time: after the chosen step, or after the last one that had ended. Beside each
// entry, what that step did to it.
import type { App } from '../app';
import type { BuildView, EntryView, StepView } from '../engine/pkg/bottleship.js';
import { instructionOf } from '../model/playback';
import { afterStep } from '../model/snapshot';
import type { State } from '../model/state';
import { bytes, mode } from '../model/units';
import { TEXTS, words, type Texts } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { rich } from '../ui/rich';
import { badge } from './badge';
import { contentView } from './content';
import { SIGN } from './differences';
import { environmentView } from './environment';

const SHOWN = 400;

export function treePanel(app: App): HTMLElement {
  const panel = h('div', { class: 'tree' });
  let folder = '/';
  let open: string | undefined;
  let unfolded = false;
  let drawing = 0;

  const go = (path: string) => {
    folder = path;
    open = undefined;
    void draw(app.store.get());
  };
  const show = (path: string) => {
    open = open === path ? undefined : path;
    void draw(app.store.get());
  };

  async function draw(state: State): Promise<void> {
    const { build } = state;
    const texts = TEXTS[state.lang];
    const step = build && stepAt(build, state);
    const mine = ++drawing;
    if (!build || !step) return fill(panel, h('p', { class: 'empty' }, h('span', null, rich(texts.noTree))));
    const at = afterStep(build.id, step.id);
    const entries = await app.engine.call('entries', at, step.below === undefined ? undefined : afterStep(build.id, step.below), folder);
    const environment = await app.engine.call('environment', build.id, step.id);
    const content = open === undefined ? undefined : await app.engine.call('content', at, open);
    if (mine !== drawing) return;
    const sorted = [...entries].sort((a, b) => Number(b.kind === 'directory') - Number(a.kind === 'directory') || (a.name < b.name ? -1 : 1));
    const up = folder === '/' ? undefined : folder.replace(/\/[^/]+\/?$/, '') || '/';
    fill(
      panel,
      h('p', { class: 'where' }, crumbs(folder, go), h('small', null, `${texts.atStep} `, h('code', null, instructionOf(step.name)))),
      environment && environmentView(environment, texts, unfolded, (now) => (unfolded = now)),
      up && h('button', { type: 'button', class: 'plain file-row', 'aria-label': texts.upwards, onclick: () => go(up) }, h('span'), '..'),
      entries.length === 0 && h('p', { class: 'note' }, texts.folderEmpty),
      h('ul', { class: 'plain-list' }, sorted.slice(0, SHOWN).map((entry) => row(entry, texts, step.below !== undefined, open, go, show)), sorted.length > SHOWN && h('li', null, words(texts.more, sorted.length - SHOWN))),
      content && contentView(content, texts),
    );
  }

  app.store.watch((state) => [state.panel === 'tree' && state.build, state.panel === 'tree' && state.build ? stepAt(state.build, state)?.id : undefined, state.lang], (state) => void (state.panel === 'tree' && draw(state)));
  return panel;
}

/** The chosen step if it has ended by now, else the last one that has. */
function stepAt(build: BuildView, state: State): StepView | undefined {
  const ended = build.steps.filter((step) => !step.internal && step.completedMs != null && step.completedMs <= state.at && step.outcome !== 'failed' && step.outcome !== 'canceled');
  return ended.find((step) => step.id === state.step) ?? ended.reduce<StepView | undefined>((last, step) => ((last?.completedMs ?? -1) <= (step.completedMs ?? 0) ? step : last), undefined);
}

function crumbs(folder: string, go: (path: string) => void): Element {
  const names = folder.split('/').filter(Boolean);
  return h('span', { class: 'crumbs' }, h('button', { type: 'button', class: 'plain', onclick: () => go('/') }, '/'), names.map((name, index) => h('button', { type: 'button', class: 'plain', onclick: () => go(`/${names.slice(0, index + 1).join('/')}`) }, `${name}/`)));
}

function row(entry: EntryView, texts: Texts, compared: boolean, open: string | undefined, go: (path: string) => void, show: (path: string) => void): Element {
  const directory = entry.kind === 'directory';
  const path = `/${entry.path}`;
  const mark = compared ? (entry.mark === 'same' && entry.added + entry.changed + entry.removed > 0 ? 'changed' : entry.mark) : 'same';
  const act = () => (directory ? go(path) : show(path));
  return h('li', { class: mark }, h('button', { type: 'button', class: 'plain file-row', disabled: mark === 'removed', 'aria-expanded': entry.kind === 'file' ? String(path === open) : null, onclick: act },
    h('abbr', { title: mark === 'same' ? '' : texts[mark] }, SIGN[mark]), h('span', { class: 'mode' }, mode(entry.kind, entry.mode)), h('span', { class: 'owner' }, `${entry.uid}:${entry.gid}`), h('span', { class: 'num' }, bytes(entry.size)), h('span', { class: `file-name ${entry.kind}` }, entry.name, directory && '/', entry.target != null && ` → ${entry.target}`), badge(entry.modelled, texts)));
}
