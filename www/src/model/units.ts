// Sizes and times as Docker writes them.

/** go-units HumanSize: three significant digits, decimal units. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${units[unit]}`.replace(/e\+\d+/, '');
}

export function seconds(ms: number): string {
  const s = ms / 1000;
  if (s >= 60) return `${Math.floor(s / 60)}m ${(s % 60).toFixed(0)}s`;
  return `${s.toFixed(s < 0.095 && s > 0 ? 2 : 1)} s`;
}

export function clock(ms: number): string {
  const s = ms / 1000;
  return `${Math.floor(s / 60)}:${(s % 60).toFixed(1).padStart(4, '0')}`;
}

export function mode(kind: string, bits: number): string {
  const type = kind === 'directory' ? 'd' : kind === 'symlink' ? 'l' : '-';
  const rwx = [6, 3, 0].map((shift) => ['r', 'w', 'x'].map((letter, index) => ((bits >> shift) & (4 >> index) ? letter : '-')).join('')).join('');
  return type + rwx;
}

/** Round moments for an axis: at most `most` of them between 0 and `length`. */
export function ticks(length: number, most: number): readonly number[] {
  if (length <= 0) return [];
  const raw = length / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw;
  return Array.from({ length: Math.floor(length / step + 1e-9) + 1 }, (_, index) => index * step);
}
