// The terminal: a prompt over the engine's commands; builds are drawn in step with the clock.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal, type ITheme } from '@xterm/xterm';
import type { App } from '../app';
import type { BuildView, ShellView } from '../engine/pkg/bottleship.js';
import type { Vault } from '../persistence';
import { lineEditor, type Proposals } from './line-editor';

const PROMPT = '\x1b[36m$\x1b[0m ';
const KEPT = 200;

const DARK: ITheme = { background: '#11161d', foreground: '#dde4ec', cursor: '#7cc4ff', selectionBackground: '#2b4a6b', blue: '#6cb6ff', red: '#ff8a80', green: '#7ee0a3', cyan: '#6fd3e0' };
const LIGHT: ITheme = { background: '#ffffff', foreground: '#1a2430', cursor: '#0b63b5', selectionBackground: '#c4dcf7', blue: '#0b5cad', red: '#b3261e', green: '#146c3c', cyan: '#006876', yellow: '#7a5200', brightBlack: '#56616e', white: '#4a5562' };

export async function attachTerminal(app: App, vault: Vault, host: HTMLElement): Promise<void> {
  const past: string[] = [...((await vault.load<readonly string[]>('terminal')) ?? [])];
  const terminal = new Terminal({ fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace', fontSize: 12, convertEol: true, scrollback: 5000, screenReaderMode: true });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(host);
  const resize = () => host.clientWidth > 40 && host.clientHeight > 20 && fit.fit();
  new ResizeObserver(resize).observe(host);
  app.store.watch((state) => [state.theme], (state) => (terminal.options.theme = state.theme === 'dark' ? DARK : LIGHT));

  let busy = false;
  /** The prompt of the shell that `docker run -it` opened. */
  let shell: string | undefined;
  const queue: string[] = [];
  const editor = lineEditor({
    write: (text) => terminal.write(text),
    columns: () => terminal.cols,
    prompt: () => shell ?? PROMPT,
    history: () => past,
    complete: proposals,
    submit: (line) => void run(line),
    clear: () => terminal.clear(),
    interrupt: () => (shell === undefined ? editor.begin() : void signal('shellInterrupt')),
    end: () => {
      if (shell === undefined) return;
      terminal.write('\r\n');
      void signal('shellEnd');
    },
  });

  async function run(text: string): Promise<void> {
    busy = true;
    try {
      if (shell !== undefined) {
        if (text.trim() && past.at(-1) !== text) past.push(text);
        show(await app.engine.call('shellLine', text));
      } else if (text.trim()) {
        if (past.at(-1) !== text) past.push(text);
        void vault.save('terminal', past.slice(-KEPT));
        await answer(text);
      }
    } catch (error) {
      terminal.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
    ready();
  }

  function ready(): void {
    busy = false;
    editor.begin();
    const next = busy ? undefined : queue.shift();
    if (next !== undefined) editor.send(next);
  }

  async function answer(text: string): Promise<void> {
    const view = await app.command(text);
    if (view.clear) terminal.clear();
    terminal.write(view.stdout);
    if (view.build && view.live) await follow(view.build);
    else if (view.build) app.player.end();
    if (view.stderr) terminal.write(view.stderr);
    if (view.shell) show(view.shell);
  }

  /** What a shell in a container printed; once it is over, the terminal is the project's again. */
  function show(view: ShellView): void {
    terminal.write(view.output);
    shell = view.exitCode === undefined ? view.prompt : undefined;
  }

  async function proposals(head: string): Promise<Proposals> {
    const { from, words } = await app.engine.call('terminalWords', head);
    return { word: head.slice(from), found: words };
  }

  /** Ctrl-C and Ctrl-D go to the shell itself. */
  async function signal(method: 'shellInterrupt' | 'shellEnd'): Promise<void> {
    busy = true;
    show(await app.engine.call(method));
    ready();
  }

  /** Draws the build's live view at the clock's time until the clock is at its end, or somebody builds anew. */
  function follow(build: BuildView): Promise<void> {
    return new Promise((done) => {
      let height = 0;
      let drawing = false;
      let drawn = -1;
      const draw = async (): Promise<void> => {
        const { at: now, build: shown } = app.store.get();
        if (drawing || now === drawn) return;
        drawing = true;
        const over = shown !== build || now >= build.durationMs;
        const time = over ? build.durationMs : now;
        const frame = (await app.engine.call('ttyFrame', build.id, time, terminal.cols, Math.max(8, terminal.rows - 2))).replace(/\n$/, '');
        terminal.write(`${height > 0 ? `\x1b[${height}A` : ''}\r\x1b[J${frame}\n`);
        height = frame.split('\n').length;
        drawn = now;
        drawing = false;
        if (over) {
          stop();
          terminal.write(await app.engine.call('ttyEnd', build.id));
          done();
        } else if (app.store.get().at !== drawn) setTimeout(() => void draw(), 60);
      };
      const stop = app.store.watch((state) => [state.at, state.build], () => void draw());
    });
  }

  terminal.onData((data) => {
    if (!busy || data !== '\x03') return editor.keys(data);
    editor.forget();
    void app.interrupt();
  });
  app.onType((text) => {
    if (!busy && shell === undefined) return editor.send(text);
    // What the page's buttons type is for the project: a build's watching is skipped, a container's shell is left.
    queue.push(text);
    if (busy) app.player.end();
    else void signal('shellEnd');
  });
  resize();
  editor.begin();
}
