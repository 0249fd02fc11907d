// The wasm engine in node: both modules, the second loaded by the first when it calls for it.
import { readFileSync } from 'node:fs';

const pkg = new URL('../../www/src/engine/pkg/', import.meta.url);
const { initSync, Playground, prepare } = await import(new URL('bottleship.js', pkg));
let loads = 0;

globalThis.loadRest = () => {
  loads += 1;
  new WebAssembly.Instance(new WebAssembly.Module(readFileSync(new URL('bottleship_rest.wasm', pkg))), { engine: exports });
  exports.rest.value = 1;
};

const exports = initSync({ module: readFileSync(new URL('bottleship_bg.wasm', pkg)) });

/** How often the second module was asked for. */
export const loaded = () => loads;
export { Playground, prepare };
