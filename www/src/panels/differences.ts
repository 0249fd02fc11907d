// What differs between two file systems: a list of paths, each with its content or its changed lines on demand.
import type { App } from '../app';
import type { DifferenceView, EntryView, LineView, Snapshot } from '../engine/pkg/bottleship.js';
import { bytes } from '../model/units';
import { words, type Texts } from '../i18n/texts';
import { fill, h, type Child } from '../ui/dom';
import { badge } from './badge';
import { contentView } from './content';

const SHOWN = 200;
/** What stands before a path that differs. */
export const SIGN = { added: '+', changed: '~', removed: '−', same: '' } as const;

export async function differences(app: App, before: Snapshot, after: Snapshot, texts: Texts): Promise<Child> {
  const found = await app.engine.call('comparison', before, after);
  if (!found) return null;
  const shown = found.differences.filter((difference) => !(difference.kind === 'directory' && difference.mark === 'changed'));
  const sum = [`+${found.added}`, `~${found.changed}`, `−${found.removed}`].join(' ');
  return [
    h('p', { class: 'note' }, words(texts.differing, sum)),
    h('ul', { class: 'plain-list' }, shown.slice(0, SHOWN).map((difference) => row(app, before, after, difference, texts))),
    shown.length > SHOWN && h('p', { class: 'note' }, words(texts.more, shown.length - SHOWN + found.more)),
  ];
}

function row(app: App, before: Snapshot, after: Snapshot, difference: DifferenceView, texts: Texts): Element {
  const { mark, path, kind } = difference;
  const directory = kind === 'directory';
  const title = (texts as Readonly<Record<string, string>>)[mark] ?? mark;
  const facts = [mark === 'changed' ? `${bytes(difference.sizeBefore)} → ${bytes(difference.size)}` : bytes(mark === 'removed' ? difference.sizeBefore : difference.size), directory && words(texts.inFiles, difference.files), mark === 'changed' && difference.differs.join(', ')];
  const line = [h('abbr', { title }, SIGN[mark]), ' ', h('code', null, `/${path}${directory ? '/' : ''}`), ' ', h('small', { class: 'num' }, facts.filter(Boolean).join(' · '))];
  if (!directory && kind !== 'file') return h('li', { class: mark }, line);
  const there = mark === 'removed' ? before : after;
  return h('li', { class: mark }, unfold(line, async () => {
    if (directory) return folder(app, there, path, texts);
    const lines = mark === 'changed' ? await app.engine.call('lineComparison', before, after, path) : [];
    return lines.length > 0 ? changedLines(lines) : content(app, there, path, texts);
  }));
}

/** What is in a folder that is new or gone as a whole. */
async function folder(app: App, at: Snapshot, path: string, texts: Texts): Promise<Child> {
  const entries = await app.engine.call('entries', at, undefined, path);
  const entry = (each: EntryView) => {
    const directory = each.kind === 'directory';
    const line = [h('code', null, `/${each.path}${directory ? '/' : ''}`), ' ', h('small', { class: 'num' }, bytes(each.size)), badge(each.modelled, texts)];
    return h('li', null, directory || each.kind === 'file' ? unfold(line, () => (directory ? folder(app, at, each.path, texts) : content(app, at, each.path, texts))) : line);
  };
  return h('ul', { class: 'plain-list' }, entries.slice(0, SHOWN).map(entry), entries.length > SHOWN && h('li', null, words(texts.more, entries.length - SHOWN)));
}

async function content(app: App, at: Snapshot, path: string, texts: Texts): Promise<Child> {
  const view = await app.engine.call('content', at, path);
  return view && contentView(view, texts);
}

/** Something that is asked for when it is opened first. */
function unfold(line: Child, ask: () => Promise<Child>): Element {
  const inner = h('div', { class: 'inner' });
  const open = async (event: Event) => {
    event.stopPropagation();
    if ((event.target as HTMLDetailsElement).open && !inner.firstChild) fill(inner, await ask());
  };
  return h('details', { ontoggle: open }, h('summary', null, line), inner);
}

/** The lines of two texts with their numbers; unchanged stretches are left out. */
function changedLines(lines: readonly LineView[]): Element {
  const near = (index: number) => lines.slice(Math.max(0, index - 2), index + 3).some((line) => line.before === undefined || line.after === undefined);
  const row = (line: LineView) => h('span', { class: line.before === undefined ? 'added' : line.after === undefined ? 'removed' : '' }, `${String(line.before ?? '').padStart(4)} ${String(line.after ?? '').padStart(4)} ${line.before === undefined ? '+' : line.after === undefined ? '-' : ' '} ${line.text}\n`);
  return h('div', { class: 'diff' }, h('pre', { tabindex: 0 }, lines.filter((_, index) => near(index)).map(row)));
}
