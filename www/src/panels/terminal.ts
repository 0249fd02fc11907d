// The terminal: a prompt with history and completion over the engine's commands; builds are drawn in step with the clock.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import type { App } from '../app';
import type { BuildView } from '../engine/pkg/bottleship.js';
import type { Vault } from '../persistence';

const PROMPT = '\x1b[36m$\x1b[0m ';
const WORDS = ['docker build ', 'docker images', 'docker history ', 'docker image inspect ', 'docker image rm ', 'docker system df', 'docker builder prune', 'ls', 'cat ', 'cd ', 'pwd', 'clear', 'help', '--tag=', '--target=', '--build-arg=', '--no-cache', '--progress=plain', '--file='];

export async function attachTerminal(app: App, vault: Vault, host: HTMLElement): Promise<void> {
  const kept = await vault.load<readonly string[]>('terminal');
  const past: string[] = [...(kept ?? [])];
  const terminal = new Terminal({ fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace', fontSize: 13, cursorBlink: false, convertEol: true, scrollback: 5000, screenReaderMode: true });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(host);
  const resize = () => host.clientWidth > 40 && host.clientHeight > 20 && fit.fit();
  new ResizeObserver(resize).observe(host);
  app.store.watch((state) => [state.theme], (state) => {
    terminal.options.theme =
      state.theme === 'dark'
        ? { background: '#11161d', foreground: '#dde4ec', cursor: '#7cc4ff', blue: '#6cb6ff', red: '#ff8a80', green: '#7ee0a3', cyan: '#6fd3e0' }
        : { background: '#ffffff', foreground: '#1a2430', cursor: '#0b63b5', blue: '#0b5cad', red: '#b3261e', green: '#146c3c', cyan: '#006876', yellow: '#7a5200', brightBlack: '#56616e', white: '#4a5562' };
  });

  let line = '';
  let at = 0;
  let recalled = past.length;
  let busy = false;
  const queue: string[] = [];

  const redraw = () => terminal.write(`\r\x1b[K${PROMPT}${line}\x1b[${line.length - at > 0 ? `${line.length - at}D` : '0C'}`.replace('\x1b[0C', ''));
  const prompt = () => {
    line = '';
    at = 0;
    recalled = past.length;
    terminal.write(PROMPT);
    const next = queue.shift();
    if (next !== undefined) submit(next);
  };
  const put = (text: string) => {
    line = line.slice(0, at) + text + line.slice(at);
    at += text.length;
    redraw();
  };

  async function run(text: string): Promise<void> {
    busy = true;
    try {
      if (text.trim()) {
        past.push(text);
        void vault.save('terminal', past.slice(-200));
        const view = await app.command(text);
        if (view.clear) terminal.clear();
        terminal.write(view.stdout);
        const plain = /--progress[= ](plain|rawjson|quiet)|\s-q\b|--quiet/.test(text);
        if (view.build && !plain) await follow(view.build);
        else if (view.build) app.player.end();
        if (view.stderr) terminal.write(view.stderr);
      }
    } catch (error) {
      terminal.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
    busy = false;
    prompt();
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

  function submit(text: string): void {
    line = text;
    at = text.length;
    redraw();
    terminal.write('\r\n');
    void run(text);
  }

  function complete(): void {
    const head = line.slice(0, at);
    const word = head.slice(head.lastIndexOf(' ') + 1);
    const paths = app.store.get().paths;
    const whole = WORDS.filter((candidate) => candidate.startsWith(head) && head.length > 0).map((candidate) => candidate.slice(head.length));
    const part = [...WORDS.filter((candidate) => candidate.startsWith('-')), ...paths].filter((candidate) => word && candidate.startsWith(word)).map((candidate) => candidate.slice(word.length));
    const found = [...new Set([...whole, ...part])];
    const only = found[0];
    if (only !== undefined && found.length === 1) put(only);
    else if (found.length > 1) {
      terminal.write(`\r\n${found.map((rest) => word + rest).join('  ')}\r\n`);
      redraw();
    }
  }

  const KEYS: Readonly<Record<string, () => void>> = {
    '\r': () => submit(line),
    '\t': complete,
    '\x7f': () => {
      if (at === 0) return;
      line = line.slice(0, at - 1) + line.slice(at);
      at--;
      redraw();
    },
    '\x1b[A': () => recall(-1),
    '\x1b[B': () => recall(1),
    '\x1b[C': () => move(at + 1),
    '\x1b[D': () => move(at - 1),
    '\x1b[H': () => move(0),
    '\x1b[F': () => move(line.length),
    '\x01': () => move(0),
    '\x05': () => move(line.length),
    '\x15': () => {
      line = line.slice(at);
      move(0);
    },
    '\x03': () => {
      terminal.write('^C\r\n');
      prompt();
    },
    '\x0c': () => {
      terminal.clear();
      redraw();
    },
  };
  function recall(step: number): void {
    recalled = Math.max(0, Math.min(past.length, recalled + step));
    line = past[recalled] ?? '';
    at = line.length;
    redraw();
  }
  function move(to: number): void {
    at = Math.max(0, Math.min(line.length, to));
    redraw();
  }

  terminal.onData((data) => {
    if (busy) {
      if (data === '\x03') app.player.end();
      return;
    }
    const key = KEYS[data];
    if (key) key();
    else if (!data.startsWith('\x1b')) for (const [index, piece] of data.split(/\r\n?|\n/).entries()) {
      if (index > 0) submit(line);
      if (piece) put(piece.replace(/[\x00-\x1f]/g, ''));
    }
  });
  app.onType((text) => (busy ? (app.player.end(), queue.push(text)) : submit(text)));
  resize();
  prompt();
}

