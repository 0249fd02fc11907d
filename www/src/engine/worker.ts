// The engine's worker: loads the wasm once, keeps a `Playground` a session, answers requests in order. The wasm comes in three modules:
// what edits and plans at once, what builds and the programs of an image with the first request that needs more.
import init, { Playground } from './pkg/bottleship.js';
import first from './pkg/bottleship_bg.wasm?url';
import second from './pkg/bottleship_rest.wasm?url';
import third from './pkg/bottleship_tools.wasm?url';
import early from './pkg/first.json';
import type { Reply, Request } from './protocol';

/** What the first module answers alone. */
const EARLY: ReadonlySet<string> = new Set([...early, 'open', 'close']);

/** What a module gives to those after it; the global tells that the next one is there. */
type Part = WebAssembly.Exports & { readonly next?: WebAssembly.Global };

const parts: Part[] = [];
const files = [second, third];
const engine = init({ module_or_path: first }).then((exports) => void parts.push(exports as unknown as Part));
const sessions = new Map<string, Playground>();
let queue: Promise<void> = Promise.resolve();
let rest: Promise<void> | undefined;

// The engine calls this if it needs its next module at once. None of the requests below comes to that: one that failed here, in the midst
// of a call, would leave its session in use for ever.
Object.assign(self, {
  loadRest() {
    const number = parts.length;
    const request = new XMLHttpRequest();
    request.open('GET', files[number - 1]!, false);
    request.responseType = 'arraybuffer';
    request.send();
    if (request.status >= 400) throw new Error(`a module of the engine could not be loaded: ${request.status}`);
    attach(number, new WebAssembly.Module(request.response as ArrayBuffer));
  },
});

function attach(number: number, module: WebAssembly.Module): void {
  if (number !== parts.length) return;
  const imports = Object.fromEntries(parts.map((part, at) => [`part${at}`, part]));
  const { exports } = new WebAssembly.Instance(module, imports);
  parts[number - 1]!.next!.value = 1;
  parts.push(exports as Part);
}

const compile = async (file: string): Promise<WebAssembly.Module> => {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`a module of the engine could not be loaded: ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
};

/** The modules that are not there yet. */
const load = async (): Promise<void> => {
  const from = parts.length;
  const modules = await Promise.all(files.slice(from - 1).map(compile));
  modules.forEach((module, at) => attach(from + at, module));
};

/** The whole engine. If it does not come, the next request tries again. */
const whole = (): Promise<void> =>
  (rest ??= load().catch((error: unknown) => {
    rest = undefined;
    throw error;
  }));

self.onmessage = (event: MessageEvent<Request>) => {
  queue = queue.then(() => handle(event.data));
};

async function handle(request: Request): Promise<void> {
  const { id } = request;
  try {
    await engine;
    if (!EARLY.has(request.method)) await whole();
    await hash(request);
    answer({ id, ok: true, value: perform(request) });
  } catch (error) {
    answer({ id, ok: false, error: error instanceof Error ? error.message : String(error) });
  }
}

/** What a build will have to hash is hashed by the browser, which is faster. A page that is not served securely has no means to. */
async function hash({ session, method, args }: Request): Promise<void> {
  const playground = sessions.get(session);
  if (!playground || method !== 'command' || !isSecureContext) return;
  const digests = await Promise.all(playground.unhashed(args[0] as string) as Promise<ArrayBuffer>[]);
  if (digests.length === 0) return;
  const bytes = new Uint8Array(32 * digests.length);
  digests.forEach((digest, at) => bytes.set(new Uint8Array(digest), 32 * at));
  playground.hashed(bytes);
}

function perform(request: Request): unknown {
  const { session, method, args } = request;
  if (method === 'versions') return Playground.versions();
  if (method === 'open') {
    sessions.get(session)?.free();
    sessions.set(session, new Playground());
    return undefined;
  }
  if (method === 'close') {
    sessions.get(session)?.free();
    sessions.delete(session);
    return undefined;
  }
  const playground = sessions.get(session);
  if (!playground) throw new Error(`no session \`${session}\``);
  const call = playground[method] as (...args: unknown[]) => unknown;
  return call.apply(playground, [...args]);
}

function answer(reply: Reply): void {
  self.postMessage(reply);
}
