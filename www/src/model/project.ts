// The sample project and the lesson's Dockerfiles, as the page ships them.
import type { ProjectFile } from '../engine/pkg/bottleship.js';

const EXAMPLES = import.meta.glob<string>('../../examples/**', { query: '?raw', import: 'default', eager: true, exhaustive: true });
const ROOT = '../../examples/multi-stage/';

/** A fixed moment, so that the sample gives the same image for everybody. */
const MTIME = Date.UTC(2026, 0, 1);

export function textFile(path: string, text: string): ProjectFile {
  return { path, bytes: new TextEncoder().encode(text), mode: 0o644, mtime: MTIME };
}

export function sample(): readonly ProjectFile[] {
  const ours = Object.entries(EXAMPLES).filter(([path]) => path.startsWith(ROOT) && !path.startsWith(`${ROOT}steps/`));
  return ours.map(([path, text]) => textFile(path.slice(ROOT.length), text));
}

/** The Dockerfiles of the guide, first to last. */
export function guideSteps(): readonly string[] {
  return Object.keys(EXAMPLES).filter((path) => path.startsWith(`${ROOT}steps/`)).sort().map((path) => EXAMPLES[path] ?? '');
}
