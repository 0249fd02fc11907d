// The sample projects of examples/ as modules: `virtual:examples` names them, each is a chunk of its own.
import { readFileSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'vite';

const LIST = 'virtual:examples';
/** How the module of an example begins. */
export const EXAMPLE = 'virtual:example/';
/** The guide's project: it is what a visitor sees. */
export const FIRST = 'multi-stage';

export function examples(root: string): Plugin {
  const names = () => readdirSync(root).filter((name: string) => statSync(join(root, name)).isDirectory()).sort((a: string, b: string) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return {
    name: 'bottleship-examples',
    resolveId: (id) => (id === LIST || id.startsWith(EXAMPLE) ? `\0${id}` : undefined),
    load(id) {
      if (id === `\0${LIST}`) {
        const entries = names().map((name: string) => `${JSON.stringify(name)}: { title: ${JSON.stringify(titleOf(join(root, name), name))}, load: () => import(${JSON.stringify(EXAMPLE + name)}) }`);
        return `export default { ${entries.join(', ')} };`;
      }
      if (!id.startsWith(`\0${EXAMPLE}`)) return undefined;
      const folder = join(root, id.slice(EXAMPLE.length + 1));
      const paths = walk(folder);
      paths.forEach((path) => this.addWatchFile(path));
      const files = Object.fromEntries(paths.map((path) => [relative(folder, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')]));
      return `export default ${JSON.stringify(files)};`;
    },
  };
}

function rank(name: string): number {
  return name === FIRST ? 0 : 1;
}

function titleOf(folder: string, name: string): { readonly en: string; readonly ja: string } {
  try {
    return (JSON.parse(readFileSync(join(folder, 'lesson.json'), 'utf8')) as { readonly title: { readonly en: string; readonly ja: string } }).title;
  } catch {
    return { en: name, ja: name };
  }
}

function walk(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a: Dirent, b: Dirent) => (a.name < b.name ? -1 : 1))
    .flatMap((entry: Dirent) => (entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]));
}
