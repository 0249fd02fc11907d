// The page's side of the engine: a worker shared by every playground of the page, and a typed session over it.
import type { Versions } from './pkg/bottleship.js';
import type { Answer, Args, Method, Reply, Request } from './protocol';

export interface Engine {
  call<M extends Method>(method: M, ...args: Args<M>): Promise<Answer<M>>;
  versions(): Promise<Versions>;
  /** Forgets everything: a new, empty playground. */
  restart(): Promise<void>;
  close(): void;
}

export interface EngineHost {
  open(session: string): Engine;
}

/** Starts no worker before the first session opens. */
export function engineHost(): EngineHost {
  let worker: Worker | undefined;
  let next = 0;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();

  const start = (): Worker => {
    const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'bottleship engine' });
    started.onmessage = (event: MessageEvent<Reply>) => {
      const reply = event.data;
      const waiter = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.ok) waiter?.resolve(reply.value);
      else waiter?.reject(new Error(reply.error));
    };
    started.onerror = (event) => {
      const error = new Error(event.message || 'the engine could not be loaded');
      for (const waiter of waiting.values()) waiter.reject(error);
      waiting.clear();
    };
    return started;
  };

  const send = (request: Omit<Request, 'id'>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      worker ??= start();
      const id = next++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ ...request, id });
    });

  return {
    open(session) {
      const restart = () => send({ session, method: 'open', args: [] }).then(() => undefined);
      void restart();
      return {
        call: <M extends Method>(method: M, ...args: Args<M>) => send({ session, method, args }) as Promise<Answer<M>>,
        versions: () => send({ session, method: 'versions', args: [] }) as Promise<Versions>,
        restart,
        close: () => void send({ session, method: 'close', args: [] }),
      };
    },
  };
}
