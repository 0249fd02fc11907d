// A line being typed into a terminal: movement, history, completion; lines longer than the screen wrap.

export interface LineEditor {
  /** Shows the prompt and begins an empty line: with what was typed ahead, if anything was. */
  begin(): void;
  /** What the terminal's keys or a paste sent; while a line is answered or completed, it waits. */
  keys(data: string): void;
  /** Types a line and sends it. */
  send(text: string): void;
  /** Forgets what was typed ahead. */
  forget(): void;
  /** The screen has another width, or was cleared: draws the line anew. */
  redraw(): void;
}

export interface Proposals {
  readonly word: string;
  readonly found: readonly string[];
}

export interface LineWants {
  write(text: string): void;
  columns(): number;
  prompt(): string;
  /** The lines typed before, oldest first. */
  history(): readonly string[];
  /** What could stand for the word before the cursor: whole words, and the word that they replace. */
  complete(head: string): Promise<Proposals>;
  submit(line: string): void;
  clear(): void;
  /** Ctrl-C, after `^C` was shown; without it, a new line begins. */
  interrupt?(): void;
  /** Ctrl-D on an empty line. */
  end?(): void;
}

export function lineEditor(wants: LineWants): LineEditor {
  let line = '';
  let at = 0;
  let recalled = 0;
  /** The line that history was left for. */
  let draft = '';
  let row = 0;
  /** An answer is awaited: what comes meanwhile waits in `ahead`. */
  let held = false;
  let ahead: readonly string[] = [];

  const visible = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, '');
  const place = (characters: number) => {
    const cells = visible(wants.prompt()).length + characters;
    return { row: Math.floor(cells / wants.columns()), column: cells % wants.columns() };
  };
  const redraw = () => {
    const [end, cursor] = [place(line.length), place(at)];
    // A line that fills its row exactly leaves the cursor on it: a space makes the terminal wrap.
    const wrap = end.column === 0 && line.length > 0 ? ' \b' : '';
    wants.write(`${row > 0 ? `\x1b[${row}A` : ''}\r\x1b[J${wants.prompt()}${line}${wrap}${end.row > cursor.row ? `\x1b[${end.row - cursor.row}A` : ''}\r${cursor.column > 0 ? `\x1b[${cursor.column}C` : ''}`);
    row = cursor.row;
  };
  const set = (text: string, cursor = text.length) => {
    line = text;
    at = Math.max(0, Math.min(text.length, cursor));
    redraw();
  };
  const begin = () => {
    line = '';
    at = 0;
    row = 0;
    recalled = wants.history().length;
    wants.write(wants.prompt());
    release();
  };
  const submit = () => {
    held = true;
    set(line);
    wants.write('\r\n');
    wants.submit(line);
  };
  const recall = (step: number) => {
    const past = wants.history();
    if (recalled === past.length) draft = line;
    recalled = Math.max(0, Math.min(past.length, recalled + step));
    set(recalled === past.length ? draft : (past[recalled] ?? ''));
  };
  const wordLeft = () => line.slice(0, at).replace(/\S+\s*$/, '').length;
  const wordRight = () => at + (/^\s*\S*/.exec(line.slice(at))?.[0].length ?? 0);
  const complete = () => {
    held = true;
    void wants.complete(line.slice(0, at)).then(propose, () => undefined).then(release);
  };
  const propose = ({ word, found }: Proposals) => {
    if (found.length === 0) return;
    const common = found.reduce((shared, next) => shared.slice(0, [...shared].findIndex((letter, index) => next[index] !== letter) >>> 0));
    const rest = common.slice(word.length) + (found.length === 1 && !/[/= ]$/.test(common) ? ' ' : '');
    if (rest) return set(line.slice(0, at) + rest + line.slice(at), at + rest.length);
    set(line);
    wants.write(`\r\n${found.join('  ')}\r\n`);
    row = 0;
    redraw();
  };

  const KEYS: Readonly<Record<string, () => void>> = {
    '\r': submit,
    '\t': complete,
    '\x7f': () => at > 0 && set(line.slice(0, at - 1) + line.slice(at), at - 1),
    '\x1b[3~': () => set(line.slice(0, at) + line.slice(at + 1), at),
    '\x04': () => (line === '' && wants.end ? wants.end() : set(line.slice(0, at) + line.slice(at + 1), at)),
    '\x1b[A': () => recall(-1),
    '\x10': () => recall(-1),
    '\x1b[B': () => recall(1),
    '\x0e': () => recall(1),
    '\x1b[C': () => set(line, at + 1),
    '\x06': () => set(line, at + 1),
    '\x1b[D': () => set(line, at - 1),
    '\x02': () => set(line, at - 1),
    '\x1b[1;5C': () => set(line, wordRight()),
    '\x1b[1;5D': () => set(line, wordLeft()),
    '\x1bf': () => set(line, wordRight()),
    '\x1bb': () => set(line, wordLeft()),
    '\x1b[H': () => set(line, 0),
    '\x01': () => set(line, 0),
    '\x1b[F': () => set(line),
    '\x05': () => set(line),
    '\x15': () => set(line.slice(at), 0),
    '\x0b': () => set(line.slice(0, at)),
    '\x17': () => {
      const from = wordLeft();
      set(line.slice(0, from) + line.slice(at), from);
    },
    '\x03': () => {
      set(line);
      wants.write('^C\r\n');
      if (wants.interrupt) wants.interrupt();
      else begin();
    },
    '\x0c': () => {
      wants.clear();
      row = 0;
      redraw();
    },
  };

  const press = (data: string) => {
    const key = KEYS[data.replace(/^(\r\n|\n)$/, '\r')];
    if (key) return key();
    const text = data.startsWith('\x1b') ? '' : data.replace(/[\x00-\x1f\x7f]/g, '');
    if (text) set(line.slice(0, at) + text + line.slice(at), at + text.length);
  };
  const release = () => {
    held = false;
    while (!held && ahead.length > 0) {
      const [next = '', ...later] = ahead;
      ahead = later;
      press(next);
    }
  };

  return {
    begin,
    redraw,
    keys(data) {
      // A paste may hold several lines: each is a text and a return.
      ahead = [...ahead, ...(KEYS[data] ? [data] : data.replace(/\x1b\[20[01]~/g, '').split(/(\r\n?|\n)/))];
      if (!held) release();
    },
    forget: () => void (ahead = []),
    send(text) {
      set(text);
      submit();
    },
  };
}
