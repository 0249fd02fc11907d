// The engine's worker: loads the wasm once, keeps a `Playground` a session, answers requests in order. The wasm comes in two modules:
// what edits and plans at once, what builds with the first request that needs it.
import init, { Playground } from './pkg/bottleship.js';
import first from './pkg/bottleship_bg.wasm?url';
import second from './pkg/bottleship_rest.wasm?url';
import early from './pkg/first.json';
import type { Reply, Request } from './protocol';

/** What the first module answers alone. */
const EARLY: ReadonlySet<string> = new Set([...early, 'open', 'close']);

const engine = init({ module_or_path: first }).then((exports) => exports as unknown as WebAssembly.Exports & { readonly rest: WebAssembly.Global });
const sessions = new Map<string, Playground>();
let queue: Promise<void> = Promise.resolve();
let rest: Promise<void> | undefined;

// The engine calls this if it needs the second module at once.
Object.assign(self, {
  loadRest() {
    const request = new XMLHttpRequest();
    request.open('GET', second, false);
    request.responseType = 'arraybuffer';
    request.send();
    attach(new WebAssembly.Module(request.response as ArrayBuffer));
  },
});

let exported: WebAssembly.Exports & { readonly rest: WebAssembly.Global };

function attach(module: WebAssembly.Module): void {
  if (exported.rest.value === 1) return;
  new WebAssembly.Instance(module, { engine: exported });
  exported.rest.value = 1;
}

const load = async (): Promise<void> => attach(await WebAssembly.compile(await (await fetch(second)).arrayBuffer()));

self.onmessage = (event: MessageEvent<Request>) => {
  queue = queue.then(() => handle(event.data));
};

async function handle(request: Request): Promise<void> {
  const { id } = request;
  try {
    exported = await engine;
    if (!EARLY.has(request.method)) await (rest ??= load());
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
