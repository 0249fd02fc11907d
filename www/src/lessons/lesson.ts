// A lesson: parts, each with a text, a Dockerfile to arrive at and commands to run. docs/LESSONS.md says how to write one.
import type { Lang } from '../i18n/texts';

type In<T> = Readonly<Record<Lang, T>>;

export interface Part {
  readonly title: In<string>;
  /** Paragraphs; `code` between backticks. */
  readonly text: In<readonly string[]>;
  /** The Dockerfile that this part arrives at; absent if it changes nothing. */
  readonly dockerfile: string | undefined;
  readonly commands: readonly string[];
}

export interface Lesson {
  readonly title: In<string>;
  readonly parts: readonly Part[];
  /** Paths of the Dockerfiles that the parts name. */
  readonly sources: readonly string[];
}

/** What `lesson.json` holds: Dockerfiles are named by their paths in the example. */
interface Written {
  readonly title: In<string>;
  readonly parts: readonly { readonly title: In<string>; readonly text: In<readonly string[]>; readonly dockerfile?: string; readonly commands?: readonly string[] }[];
}

export function lessonOf(files: Readonly<Record<string, string>>): Lesson | undefined {
  const text = files['lesson.json'];
  if (text === undefined) return undefined;
  const written = JSON.parse(text) as Written;
  return { title: written.title, parts: written.parts.map((part) => ({ title: part.title, text: part.text, dockerfile: part.dockerfile === undefined ? undefined : files[part.dockerfile], commands: part.commands ?? [] })), sources: written.parts.flatMap((part) => part.dockerfile ?? []) };
}
