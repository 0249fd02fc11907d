// What crosses between the page and the engine's worker. A session is one `Playground` of the engine; the methods are the engine's own.
import type { Playground } from './pkg/bottleship.js';

export type Method = Exclude<keyof Playground & string, 'free'>;
export type Args<M extends Method> = Playground[M] extends (...args: infer A) => unknown ? A : never;
export type Answer<M extends Method> = Playground[M] extends (...args: never[]) => infer R ? R : never;

export type Request =
  | { readonly id: number; readonly session: string; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly id: number; readonly session: string; readonly method: 'versions' | 'open' | 'close'; readonly args: readonly [] };

export type Reply = { readonly id: number; readonly ok: true; readonly value: unknown } | { readonly id: number; readonly ok: false; readonly error: string };
