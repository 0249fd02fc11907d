// What Tab proposes in the terminal: commands, flags, images, stages, files.
import type { State } from '../model/state';

const PROGRAMS = ['docker', 'cat', 'cd', 'clear', 'echo', 'export', 'help', 'ls', 'pwd'];
const TREE: Readonly<Record<string, readonly string[]>> = {
  docker: ['build', 'builder', 'buildx', 'history', 'image', 'images', 'inspect', 'rmi', 'run', 'system', 'tag', 'version'],
  'docker image': ['build', 'history', 'inspect', 'ls', 'rm', 'tag'],
  'docker builder': ['prune'],
  'docker buildx': ['build', 'du', 'history', 'prune'],
  'docker buildx history': ['inspect', 'logs', 'ls'],
  'docker system': ['df'],
};
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  build: ['--add-host=', '--build-arg=', '--build-context=', '--call=', '--check', '--file=', '--label=', '--no-cache', '--no-cache-filter=', '--platform=', '--progress=plain', '--quiet', '--secret=', '--tag=', '--target='],
  images: ['--all', '--digests', '--no-trunc', '--quiet'],
  history: ['--no-trunc', '--quiet'],
  run: ['--entrypoint=', '--env=', '--rm', '--user=', '--workdir=', '-it'],
  prune: ['--all', '--force'],
};
const WITH_IMAGES = new Set(['history', 'inspect', 'rm', 'rmi', 'run', 'tag']);

export function completions(head: string, state: State): { readonly word: string; readonly found: readonly string[] } {
  const words = head.split(/\s+/);
  const word = words.pop() ?? '';
  const before = words.filter(Boolean);
  const proposals = propose(word, before, state);
  return { word, found: [...new Set(proposals)].filter((proposal) => proposal.startsWith(word) && proposal !== word).sort() };
}

function propose(word: string, before: readonly string[], state: State): readonly string[] {
  if (before.length === 0) return PROGRAMS;
  const path = before.filter((each) => !each.startsWith('-')).join(' ');
  const verb = before.findLast((each) => each in FLAGS || WITH_IMAGES.has(each)) ?? '';
  const target = /^--target=/.exec(word) ?? undefined;
  if (target) return (state.analysis?.targets ?? []).map((name) => `--target=${name}`);
  if (word.startsWith('-')) return FLAGS[verb] ?? [];
  if (TREE[path] && before.length === path.split(' ').length) return TREE[path] ?? [];
  const images = WITH_IMAGES.has(verb) ? state.images.flatMap((image) => image.tags.map((tag) => tag.replace(/:latest$/, ''))) : [];
  return [...images, ...(verb && verb !== 'build' ? [] : [...state.paths, ...folders(state.paths)])];
}

function folders(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => path.split('/').slice(0, -1).map((_, index, names) => `${names.slice(0, index + 1).join('/')}/`));
}
