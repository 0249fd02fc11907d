// The file system of a stage at the clock's time: after the chosen step, or after the last one that had ended.
import type { App } from '../app';
import type { BuildView, FileView, StepView } from '../engine/pkg/bottleship.js';
import { instructionOf } from '../model/playback';
import type { State } from '../model/state';
import { bytes, mode } from '../model/units';
import { TEXTS, words, type Texts } from '../i18n/texts';
import { fill, h } from '../ui/dom';
import { badge } from './badge';
import { contentView } from './content';

const SHOWN = 400;

export function treePanel(app: App): HTMLElement {
  const panel = h('div', { class: 'tree' });
  let folder = '/';
  let open: string | undefined;
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
    if (!build || !step) return fill(panel, h('p', { class: 'empty' }, texts.noTree));
    const mine = ++drawing;
    const files = await app.engine.call('treeFiles', build.id, step.id, folder);
    const file = files.find((candidate) => `/${candidate.path}` === open);
    const content = open ? await app.engine.call('fileContent', build.id, step.id, open) : undefined;
    if (mine !== drawing) return;
    const sorted = [...files].sort((a, b) => Number(b.kind === 'directory') - Number(a.kind === 'directory') || (a.path < b.path ? -1 : 1));
    const up = folder === '/' ? undefined : folder.replace(/\/[^/]+\/?$/, '') || '/';
    fill(
      panel,
      h('p', { class: 'where' }, crumbs(folder, go), ' ', h('small', null, `${texts.atStep} `, h('code', null, instructionOf(step.name)))),
      up && h('button', { type: 'button', class: 'plain file-row', 'aria-label': texts.upwards, onclick: () => go(up) }, '..'),
      files.length === 0 && h('p', { class: 'note' }, texts.folderEmpty),
      h('ul', { class: 'plain-list' }, sorted.slice(0, SHOWN).map((entry) => row(entry, texts, () => (entry.kind === 'directory' ? go(`/${entry.path}`) : show(`/${entry.path}`)), `/${entry.path}` === open)), files.length > SHOWN && h('li', null, words(texts.more, files.length - SHOWN))),
      file && contentView(`/${file.path}`, content, file.size, texts),
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

function row(file: FileView, texts: Texts, act: () => void, open: boolean): Element {
  const name = file.path.split('/').at(-1) ?? '';
  return h('li', null, h('button', { type: 'button', class: 'plain file-row', 'aria-expanded': file.kind === 'file' ? String(open) : null, onclick: act },
    h('span', { class: 'mode' }, mode(file.kind, file.mode)), h('span', { class: 'owner' }, `${file.uid}:${file.gid}`), h('span', { class: 'num' }, file.kind === 'file' ? bytes(file.size) : ''), h('span', { class: `file-name ${file.kind}` }, name, file.kind === 'directory' && '/', file.target != null && ` → ${file.target}`), badge(file.modelled, texts)));
}
