// One playground: its state, its engine, and what can be done with them. The panels only show and call.
import type { Engine } from './engine/client';
import type { BuildView, CommandView, FileChanges, ProjectFile } from './engine/pkg/bottleship.js';
import { TEXTS, words } from './i18n/texts';
import { marks, moment, stepAtLine } from './model/playback';
import { example } from './model/project';
import type { PanelName, State } from './model/state';
import { createStore, type Store } from './model/store';
import type { Vault } from './persistence';
import { createPlayer, storySpeed, type Player } from './player';

export interface App {
  readonly store: Store<State>;
  readonly engine: Engine;
  readonly player: Player;
  /** Takes up what was kept, else these files or the sample of this name; they are also what Reset brings back. */
  start(origin: readonly ProjectFile[] | string): Promise<void>;
  /** Replaces the project by a sample and its lesson. */
  openExample(name: string): Promise<void>;
  /** Replaces the project; it can be undone. */
  open(files: readonly ProjectFile[], lesson?: Pick<State, 'example' | 'lesson' | 'part'>): Promise<void>;
  /** Adds files to the project, or replaces those of the same path. */
  add(files: readonly ProjectFile[]): Promise<void>;
  /** Deletes a file; it can be undone. */
  removeFile(path: string): Promise<void>;
  /** Changes files; the Dockerfile's is one edit that can be undone. */
  applyEdits(edits: readonly FileChanges[]): Promise<void>;
  /** Takes an image from an archive under a name. */
  load(archive: Uint8Array, name: string): Promise<void>;
  files(): Promise<readonly ProjectFile[]>;
  /** Says something at the top of the page until something else is said. */
  say(text: string): void;
  read(path: string): Promise<string>;
  write(path: string, text: string): void;
  command(line: string): Promise<CommandView>;
  /** Ctrl-C: cancels the build that is being watched at the clock's time, if it still can be. */
  interrupt(): Promise<void>;
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
  /** Turns to a panel of the result, where the page has it. */
  show(panel: PanelName, about?: Partial<State>): void;
  selectLine(line: number): void;
  /** Playing pauses where instructions on these lines begin. */
  breakAt(lines: readonly number[]): void;
  stride(direction: 1 | -1): void;
  reset(): Promise<void>;
}

/** What changed the engine: a command with the files that it saw, or an image that was brought. Replayed after a reload. */
type Past =
  | { readonly line: string; readonly now: number; readonly files: readonly ProjectFile[]; readonly stopped?: number }
  | { readonly archive: Uint8Array; readonly name: string; readonly now: number };

const KEPT = 16;
/** Bytes of the build cache that are kept over a reload. */
const KEPT_CACHE = 24_000_000;
/** Archives larger than this are not kept over a reload. */
const KEPT_ARCHIVE = 64_000_000;

export function createApp(engine: Engine, vault: Vault, initial: State): App {
  const store = createStore(initial);
  const player = createPlayer((clock) => {
    const { build } = store.get();
    store.set({ ...clock, now: build && moment(build, clock.at), edited: store.get().edited && !clock.playing });
  });
  let given: readonly ProjectFile[] | string = [];
  let past: readonly Past[] = [];
  let typed: ((line: string) => void) | undefined;
  let replaced: ((text: string) => void) | undefined;
  let saving: ReturnType<typeof setTimeout> | undefined;

  const trouble = (error: unknown) => store.set({ trouble: error instanceof Error ? error.message : String(error) });
  const decode = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

  let analysing: Promise<void> | undefined;
  let stale = false;

  // What foretells and builds is a download of its own: it waits for the first touch of the page.
  let touched = false;
  const touch = (): void => {
    if (touched) return;
    touched = true;
    void analyze();
  };
  for (const event of ['pointerdown', 'keydown', 'wheel']) addEventListener(event, touch, { capture: true, once: true, passive: true });

  /** Asks the engine what it says of the files; while it answers, any number of changes become one further question. */
  function analyze(): Promise<void> {
    stale = true;
    analysing ??= (async () => {
      try {
        while (stale) {
          stale = false;
          const line = store.get().buildLine;
          store.set({ analysis: await engine.call('analyze', 'Dockerfile', line) });
          if (touched) store.set({ forecast: await engine.call('forecast', line) });
        }
      } catch (error) {
        trouble(error);
      } finally {
        analysing = undefined;
      }
    })();
    return analysing;
  }

  async function refresh(): Promise<void> {
    const [files, images] = await Promise.all([engine.call('files'), engine.call('images')]);
    store.set({ paths: files.map((file) => file.path), images });
  }

  function save(): void {
    clearTimeout(saving);
    saving = setTimeout(() => void engine.call('files').then((files) => vault.save('project', files)), 200);
  }

  /** After files came or went. */
  async function changedFiles(): Promise<void> {
    store.set({ edited: true });
    await Promise.all([analyze(), refresh()]);
    save();
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
    for (const event of past) {
      if ('archive' in event) await engine.call('loadImage', event.archive, event.name, event.now);
      else {
        await engine.call('setProject', [...event.files]);
        const { build } = await engine.call('command', event.line, event.now);
        if (build && event.stopped !== undefined) await engine.call('interrupt', build.id, event.stopped);
      }
    }
    const builds = past.length > 0 ? await engine.call('builds') : [];
    const build = builds.at(-1);
    store.set({ builds });
    if (!build) return;
    look(build);
    player.end();
  }

  let caching: ReturnType<typeof setTimeout> | undefined;

  /** Keeps the build cache once the engine has been quiet for a while. */
  function saveCache(): void {
    clearTimeout(caching);
    caching = setTimeout(() => void engine.call('saveCache', KEPT_CACHE).then((bytes) => vault.save('cache', bytes)), 2000);
  }

  function remember(event: Past): void {
    past = [...past, event].slice(-KEPT);
    void vault.save('past', past);
  }

  const app: App = {
    store,
    engine,
    player,
    async start(origin) {
      given = origin;
      try {
        const { link } = store.get();
        const same = ((await vault.load<string>('link')) ?? '') === link;
        if (!same) await Promise.all([vault.save('link', link), vault.save('past', [])]);
        const kept = same ? await vault.load<readonly ProjectFile[]>('project') : undefined;
        past = (await vault.load<readonly Past[]>('past')) ?? [];
        if (past.length > 0) store.set({ busy: 'replaying' });
        await replay();
        // What older builds than those left in the cache.
        const cache = same ? await vault.load<Uint8Array>('cache') : undefined;
        if (cache) await engine.call('loadCache', cache);
        const name = (same ? await vault.load<string>('example') : undefined) ?? (typeof given === 'string' ? given : '');
        const sample = name ? await example(name) : undefined;
        store.set({ example: sample?.name ?? '', lesson: sample?.lesson, part: (same && (await vault.load<number>('part'))) || 0 });
        await loadProject(kept ?? (typeof given === 'string' ? (sample?.files ?? []) : given));
        store.set({ busy: '' });
      } catch (error) {
        trouble(error);
      }
    },
    read: async (path) => decode(await engine.call('readFile', path)),
    write(path, text) {
      store.set(path === 'Dockerfile' ? { dockerfile: text, edited: true } : { edited: true });
      void engine.call('writeFile', path, new TextEncoder().encode(text), Date.now()).then(analyze).catch(trouble);
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
      if (view.changed) {
        remember({ line, now, files });
        saveCache();
      }
      if (view.wrote) save();
      await Promise.all([refresh(), analyze()]);
      return view;
    },
    async interrupt() {
      player.pause();
      const { build, at, builds } = store.get();
      const canceled = build && (await engine.call('interrupt', build.id, at))?.build;
      if (!canceled) return player.end();
      const last = past.at(-1);
      if (last && 'line' in last) {
        past = [...past.slice(0, -1), { ...last, stopped: at }];
        void vault.save('past', past);
      }
      store.set({ builds: builds.map((other) => (other.id === canceled.id ? canceled : other)) });
      look(canceled);
      player.end();
      saveCache();
      await Promise.all([refresh(), analyze()]);
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
    show(panel, about = {}) {
      if (store.get().panels.includes(panel)) store.set({ ...about, panel, view: 'result' });
    },
    breakAt: (lines) => store.set({ breakpoints: lines }),
    stride(direction) {
      const { build, at } = store.get();
      if (!build) return;
      const times = marks(build);
      store.set({ edited: false });
      player.pause();
      player.seek((direction > 0 ? times.find((time) => time > at) : times.findLast((time) => time < at)) ?? at);
    },
    async openExample(name) {
      const sample = await example(name);
      await app.open(sample.files, { example: sample.name, lesson: sample.lesson, part: 0 });
    },
    async open(files, lesson = { example: '', lesson: undefined, part: 0 }) {
      const { example: name, lesson: left, part } = store.get();
      const before = await engine.call('files');
      const undo = () => void app.open(before, { example: name, lesson: left, part });
      store.set({ ...lesson, said: '', undo: before.length > 0 ? { kind: 'undoOpen', act: undo } : undefined, build: undefined, now: undefined, step: undefined, hover: undefined, edited: false, line: 0, open: 'Dockerfile' });
      player.load(0, 1);
      await loadProject(files);
      replaced?.(store.get().dockerfile);
      save();
    },
    async add(files) {
      for (const file of files) await engine.call('writeFile', file.path, file.bytes, Date.now());
      const dockerfile = files.find((file) => file.path === 'Dockerfile');
      if (dockerfile) app.replaceDockerfile(decode(dockerfile.bytes));
      await changedFiles();
    },
    async applyEdits(edits) {
      for (const { path, changes } of edits) {
        const text = path === 'Dockerfile' ? store.get().dockerfile : await app.read(path);
        const later = [...changes].sort((a, b) => b.from - a.from);
        const edited = later.reduce((whole, change) => whole.slice(0, change.from) + change.insert + whole.slice(change.to), text);
        if (path === 'Dockerfile') app.replaceDockerfile(edited);
        else await app.add([{ path, bytes: new TextEncoder().encode(edited), mode: 0o644, mtime: Date.now() }]);
      }
    },
    async removeFile(path) {
      const file = (await engine.call('files')).find((each) => each.path === path);
      if (!file) return;
      await engine.call('removeFile', path);
      await changedFiles();
      const act = () => void app.add([file]).then(() => store.set({ open: path, said: '', undo: undefined }), trouble);
      store.set({ open: 'Dockerfile', said: words(TEXTS[store.get().lang].fileRemoved, path), undo: { kind: 'undoRemove', act } });
    },
    async load(archive, name) {
      const now = Date.now();
      await engine.call('loadImage', archive, name, now);
      if (archive.length <= KEPT_ARCHIVE) remember({ archive, name, now });
      await Promise.all([refresh(), analyze()]);
    },
    files: () => engine.call('files'),
    say: (text) => store.set({ said: text }),
    async reset() {
      past = [];
      clearTimeout(caching);
      await Promise.all([vault.save('past', []), vault.save('terminal', []), vault.save('cache', undefined), engine.restart()]);
      store.set({ builds: [], image: undefined, part: 0 });
      await (typeof given === 'string' ? app.openExample(given) : app.open(given));
      store.set({ undo: undefined });
    },
  };
  store.watch((state) => [state.build, state.breakpoints], ({ build, breakpoints }) => {
    const held = (build?.steps ?? []).filter((step) => !step.internal && step.startedMs != null && breakpoints.some((line) => step.firstLine <= line && line <= step.lastLine));
    player.setStops(held.map((step) => step.startedMs ?? 0), (at) => app.selectStep(held.find((step) => step.startedMs === at)?.id));
  });
  store.watch((state) => [state.example, state.part, state.busy], (state) => {
    if (state.busy !== '') return;
    void vault.save('example', state.example);
    void vault.save('part', state.part);
  });
  return app;
}
