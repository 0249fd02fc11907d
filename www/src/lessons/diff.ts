// The difference of two texts by lines: longest common subsequence, for files of a lesson's size.

export interface DiffLine {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

export function diff(before: string, after: string): readonly DiffLine[] {
  const a = before.trimEnd().split('\n');
  const b = after.trimEnd().split('\n');
  const length = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) length[i]![j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: DiffLine[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i]! });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) lines.push({ sign: '-', text: a[i++]! });
    else lines.push({ sign: '+', text: b[j++]! });
  }
  return lines;
}

/** The changed lines with `context` lines around them, in groups. */
export function hunks(lines: readonly DiffLine[], context = 1): readonly (readonly DiffLine[])[] {
  const near = (index: number) => lines.slice(Math.max(0, index - context), index + context + 1).some((line) => line.sign !== ' ');
  const groups: DiffLine[][] = [];
  let open: DiffLine[] | undefined;
  for (const [index, line] of lines.entries()) {
    if (!near(index)) open = undefined;
    else if (open) open.push(line);
    else groups.push((open = [line]));
  }
  return groups;
}
