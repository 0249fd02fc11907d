// The terminal: a prompt over the engine's commands; builds are drawn in step with the clock.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal, type ITheme } from '@xterm/xterm';
import type { App } from '../app';
import type { BuildView } from '../engine/pkg/bottleship.js';
import type { Vault } from '../persistence';
import { completions } from './completions';
import { lineEditor } from './line-editor';

const PROMPT = '\x1b[36m$\x1b[0m ';
const KEPT = 200;

const DARK: ITheme = { background: '#11161d', foreground: '#dde4ec', cursor: '#7cc4ff', selectionBackground: '#2b4a6b', blue: '#6cb6ff', red: '#ff8a80', green: '#7ee0a3', cyan: '#6fd3e0' };
const LIGHT: ITheme = { background: '#ffffff', foreground: '#1a2430', cursor: '#0b63b5', selectionBackground: '#c4dcf7', blue: '#0b5cad', red: '#b3261e', green: '#146c3c', cyan: '#006876', yellow: '#7a5200', brightBlack: '#56616e', white: '#4a5562' };

export async function attachTerminal(app: App, vault: Vault, host: HTMLElement): Promise<void> {
  const past: string[] = [...((await vault.load<readonly string[]>('terminal')) ?? [])];
  const terminal = new Terminal({ fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace', fontSize: 13, convertEol: true, scrollback: 5000, screenReaderMode: true });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(host);
  const resize = () => host.clientWidth > 40 && host.clientHeight > 20 && fit.fit();
  new ResizeObserver(resize).observe(host);
  app.store.watch((state) => [state.theme], (state) => (terminal.options.theme = state.theme === 'dark' ? DARK : LIGHT));

  let busy = false;
  const queue: string[] = [];
  const editor = lineEditor({
    write: (text) => terminal.write(text),
    columns: () => terminal.cols,
    prompt: () => PROMPT,
    history: () => past,
    complete: (head) => completions(head, app.store.get()),
    submit: (line) => void run(line),
    clear: () => terminal.clear(),
  });

  async function run(text: string): Promise<void> {
    busy = true;
    try {
      if (text.trim()) {
        if (past.at(-1) !== text) past.push(text);
        void vault.save('terminal', past.slice(-KEPT));
        await answer(text);
      }
    } catch (error) {
      terminal.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
    busy = false;
    editor.begin();
    const next = queue.shift();
    if (next !== undefined) editor.send(next);
  }

  async function answer(text: string): Promise<void> {
    const view = await app.command(text);
    if (view.clear) terminal.clear();
    terminal.write(view.stdout);
    const plain = /--progress[= ](plain|rawjson|quiet)|\s-q\b|--quiet/.test(text);
    if (view.build && !plain) await follow(view.build);
    else if (view.build) app.player.end();
    if (view.stderr) terminal.write(view.stderr);
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
    if (!busy) editor.keys(data);
    else if (data === '\x03') app.player.end();
  });
  app.onType((text) => (busy ? (app.player.end(), queue.push(text)) : editor.send(text)));
  resize();
  editor.begin();
}
