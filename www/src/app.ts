// One playground: its state, its engine, and what can be done with them. The panels only show and call.
import type { Engine } from './engine/client';
import type { BuildView, CommandView, ProjectFile } from './engine/pkg/bottleship.js';
import { marks, moment, stepAtLine } from './model/playback';
import { sample, textFile } from './model/project';
import type { State } from './model/state';
import { createStore, type Store } from './model/store';
import type { Vault } from './persistence';
import { createPlayer, storySpeed, type Player } from './player';

export interface App {
  readonly store: Store<State>;
  readonly engine: Engine;
  readonly player: Player;
  start(): Promise<void>;
  read(path: string): Promise<string>;
  write(path: string, text: string): void;
  command(line: string): Promise<CommandView>;
  /** Types the line into the terminal, or runs it where there is none. */
  type(line: string): void;
  /** The terminal, once there is one, takes the typing over. */
  onType(handler: (line: string) => void): void;
  /** Replaces the Dockerfile as one undoable edit, once an editor has registered. */
  replaceDockerfile(text: string): void;
  onReplace(handler: (text: string) => void): void;
  /** Shows an earlier build, at its end. */
  lookAt(build: BuildView): void;
  hover(step: number | undefined): void;
  selectStep(step: number | undefined): void;
  selectLine(line: number): void;
  stride(direction: 1 | -1): void;
  reset(): Promise<void>;
  addFile(path: string): Promise<void>;
}

/** A command that changed the engine, with the files that it saw: replayed after a reload. */
interface Past {
  readonly line: string;
  readonly now: number;
  readonly files: readonly ProjectFile[];
}

const KEPT = 16;

export function createApp(engine: Engine, vault: Vault, initial: State, given: readonly ProjectFile[]): App {
  const store = createStore(initial);
  const player = createPlayer((clock) => {
    const { build } = store.get();
    store.set({ ...clock, now: build && moment(build, clock.at), edited: store.get().edited && !clock.playing });
  });
  let past: readonly Past[] = [];
  let typed: ((line: string) => void) | undefined;
  let replaced: ((text: string) => void) | undefined;
  let saving: ReturnType<typeof setTimeout> | undefined;

  const trouble = (error: unknown) => store.set({ trouble: error instanceof Error ? error.message : String(error) });
  const decode = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

  async function analyze(): Promise<void> {
    const line = store.get().buildLine;
    const [analysis, forecast] = await Promise.all([engine.call('analyze', 'Dockerfile', line), engine.call('forecast', line)]);
    store.set({ analysis, forecast });
  }

  async function refresh(): Promise<void> {
    const [files, images] = await Promise.all([engine.call('files'), engine.call('images')]);
    store.set({ paths: files.map((file) => file.path), images });
  }

  function save(): void {
    clearTimeout(saving);
    saving = setTimeout(() => void engine.call('files').then((files) => vault.save('project', files)), 200);
  }

  function show(build: BuildView): void {
    store.set({ builds: [...store.get().builds, build].slice(-KEPT) });
    look(build);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) player.end();
    else player.play();
  }

  /** Puts a build on the screen, at its beginning. */
  function look(build: BuildView): void {
    store.set({ build, at: 0, now: moment(build, 0), image: undefined, step: undefined, hover: undefined, edited: false });
    player.load(build.durationMs, storySpeed(build.durationMs));
  }

  async function loadProject(files: readonly ProjectFile[]): Promise<void> {
    await engine.call('setProject', [...files]);
    const dockerfile = files.find((file) => file.path === 'Dockerfile');
    store.set({ dockerfile: decode(dockerfile?.bytes) });
    await Promise.all([analyze(), refresh()]);
  }

  async function replay(): Promise<void> {
    for (const { line, now, files } of past) {
      await engine.call('setProject', [...files]);
      await engine.call('command', line, now);
    }
    const builds = past.length > 0 ? await engine.call('builds') : [];
    const build = builds.at(-1);
    store.set({ builds });
    if (!build) return;
    look(build);
    player.end();
  }

  const app: App = {
    store,
    engine,
    player,
    async start() {
      try {
        const kept = await vault.load<readonly ProjectFile[]>('project');
        past = (await vault.load<readonly Past[]>('past')) ?? [];
        await replay();
        await loadProject(kept ?? given);
        store.set({ busy: '' });
      } catch (error) {
        trouble(error);
      }
    },
    read: async (path) => decode(await engine.call('readFile', path)),
    write(path, text) {
      store.set(path === 'Dockerfile' ? { dockerfile: text, edited: true } : { edited: true });
      void engine.call('writeFile', path, new TextEncoder().encode(text), Date.now()).then(analyze, trouble);
      save();
    },
    async command(line) {
      const now = Date.now();
      const files = await engine.call('files');
      const view = await engine.call('command', line, now);
      if (view.build) {
        store.set({ buildLine: line });
        show(view.build);
      }
      if (/^\s*docker\b/.test(line) && (view.build || /\b(rm|rmi|tag|prune)\b/.test(line))) {
        past = [...past, { line, now, files }].slice(-KEPT);
        void vault.save('past', past);
      }
      await Promise.all([refresh(), analyze()]);
      return view;
    },
    type: (line) => (typed ? typed(line) : void app.command(line).catch(trouble)),
    onType: (handler) => void (typed = handler),
    replaceDockerfile(text) {
      store.set({ open: 'Dockerfile' });
      if (replaced) replaced(text);
      else app.write('Dockerfile', text);
    },
    onReplace: (handler) => void (replaced = handler),
    lookAt(build) {
      look(build);
      player.end();
    },
    selectStep(step) {
      const view = store.get().build?.steps.find((candidate) => candidate.id === step);
      store.set({ step, line: view?.firstLine ?? 0 });
    },
    hover(step) {
      if (step !== store.get().hover) store.set({ hover: step });
    },
    selectLine(line) {
      const { build } = store.get();
      store.set({ line, step: build && stepAtLine(build.steps, line)?.id });
    },
    stride(direction) {
      const { build, at } = store.get();
      if (!build) return;
      const times = marks(build);
      store.set({ edited: false });
      player.pause();
      player.seek((direction > 0 ? times.find((time) => time > at) : times.findLast((time) => time < at)) ?? at);
    },
    async reset() {
      past = [];
      await Promise.all([vault.save('past', []), vault.save('terminal', []), engine.restart()]);
      store.set({ builds: [], build: undefined, now: undefined, edited: false, image: undefined, step: undefined, hover: undefined, line: 0, part: 0, open: 'Dockerfile' });
      player.load(0, 1);
      const files = given.length > 0 ? given : sample();
      await loadProject(files);
      replaced?.(store.get().dockerfile);
      save();
    },
    async addFile(path) {
      const file = textFile(path, '');
      await engine.call('writeFile', file.path, file.bytes, Date.now());
      await refresh();
      store.set({ open: path });
      save();
    },
  };
  return app;
}
