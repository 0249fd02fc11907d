// The project's files as a tree; folders with one entry are one row with it.
import type { App } from '../app';
import { TEXTS } from '../i18n/texts';
import { fill, h, type Child } from '../ui/dom';

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: string[];
}

export function filesPanel(app: App): HTMLElement {
  const panel = h('nav', { class: 'filelist' });
  const closed = new Set<string>();
  app.store.watch((state) => [state.paths, state.open, state.lang], (state) => {
    const texts = TEXTS[state.lang];
    panel.setAttribute('aria-label', texts.files);
    const leaf = (path: string, label: string) => h('li', null, h('button', { type: 'button', class: 'plain', title: path, 'aria-current': path === state.open ? 'true' : null, onclick: () => app.store.set({ open: path, view: 'editor' }) }, label));
    const list = (folder: Folder, path: string): Child => [
      ...[...folder.folders].map(([name, inner]) => {
        const only = inner.files[0];
        if (inner.folders.size === 0 && inner.files.length === 1 && only !== undefined) return leaf(`${path}${name}/${only}`, `${name}/${only}`);
        const key = `${path}${name}`;
        return h('li', null, h('details', { open: !closed.has(key), ontoggle: (event: Event) => ((event.target as HTMLDetailsElement).open ? closed.delete(key) : closed.add(key)) }, h('summary', null, `${name}/`), h('ul', { class: 'plain-list' }, list(inner, `${key}/`))));
      }),
      ...folder.files.map((name) => leaf(`${path}${name}`, name)),
    ];
    fill(panel, h('ul', { class: 'plain-list' }, list(tree(state.paths), '')));
  });
  return panel;
}

function tree(paths: readonly string[]): Folder {
  const root: Folder = { folders: new Map(), files: [] };
  for (const path of paths) {
    const names = path.split('/');
    const file = names.pop() ?? '';
    let at = root;
    for (const name of names) {
      const next = at.folders.get(name) ?? { folders: new Map(), files: [] };
      at.folders.set(name, next);
      at = next;
    }
    at.files.push(file);
  }
  return compact(root);
}

/** Joins a folder with the only folder in it. */
function compact(folder: Folder): Folder {
  const folders = new Map<string, Folder>();
  for (const [name, inner] of folder.folders) {
    const small = compact(inner);
    const [only] = small.folders;
    if (small.files.length === 0 && small.folders.size === 1 && only) folders.set(`${name}/${only[0]}`, only[1]);
    else folders.set(name, small);
  }
  return { folders, files: folder.files };
}
