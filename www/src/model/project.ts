// The sample projects, as the page ships them.
import examples from 'virtual:examples';
import type { ProjectFile } from '../engine/pkg/bottleship.js';
import type { Lang } from '../i18n/texts';
import { lessonOf, type Lesson } from '../lessons/lesson';

/** A fixed moment, so that a sample gives the same image for everybody. */
const MTIME = Date.UTC(2026, 0, 1);

/** What a visitor sees who asks for nothing else. */
export const FIRST_EXAMPLE = Object.keys(examples)[0]!;

export interface Example {
  readonly name: string;
  readonly files: readonly ProjectFile[];
  readonly lesson: Lesson | undefined;
}

export function textFile(path: string, text: string): ProjectFile {
  return { path, bytes: new TextEncoder().encode(text), mode: 0o644, mtime: MTIME };
}

export function exampleNames(lang: Lang): readonly (readonly [name: string, title: string])[] {
  return Object.entries(examples).map(([name, { title }]) => [name, title[lang]]);
}

/** A sample project with its lesson, if it has one; the first one if there is none of that name. */
export async function example(name: string): Promise<Example> {
  const found = examples[name] ? name : FIRST_EXAMPLE;
  const files = (await examples[found]!.load()).default;
  const lesson = lessonOf(files);
  // The Dockerfiles of a lesson are no part of the project: it begins with the one of the first part.
  const steps = new Set(['lesson.json', ...(lesson?.sources ?? [])].filter((path) => path !== 'Dockerfile'));
  const own = Object.entries(files).filter(([path]) => !steps.has(path));
  const first = lesson?.parts[0]?.dockerfile;
  return { name: found, files: own.map(([path, text]) => textFile(path, path === 'Dockerfile' ? (first ?? text) : text)), lesson };
}
