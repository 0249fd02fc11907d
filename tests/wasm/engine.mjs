// The wasm engine in node: its modules, each loaded by the one before when that calls for it.
import { readFileSync } from 'node:fs';

const pkg = new URL('../../www/src/engine/pkg/', import.meta.url);
const { initSync, Playground, prepare } = await import(new URL('bottleship.js', pkg));
let loads = 0;

globalThis.loadRest = () => {
  const file = ['bottleship_rest.wasm', 'bottleship_tools.wasm'][loads++];
  const imports = Object.fromEntries(parts.map((part, at) => [`part${at}`, part]));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(new URL(file, pkg))), imports);
  parts.at(-1).next.value = 1;
  parts.push(exports);
};

const parts = [initSync({ module: readFileSync(new URL('bottleship_bg.wasm', pkg)) })];

/** How many modules came after the first. */
export const loaded = () => loads;
export { Playground, prepare };
