// The engine's worker: loads the wasm once, keeps a `Playground` a session, answers requests in order.
import init, { Playground } from './pkg/bottleship.js';
import wasm from './pkg/bottleship_bg.wasm?url';
import type { Reply, Request } from './protocol';

const ready = init({ module_or_path: wasm });
const sessions = new Map<string, Playground>();

self.onmessage = async (event: MessageEvent<Request>) => {
  const { id } = event.data;
  try {
    await ready;
    answer({ id, ok: true, value: perform(event.data) });
  } catch (error) {
    answer({ id, ok: false, error: error instanceof Error ? error.message : String(error) });
  }
};

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
