// What the build would take with fewer workers, up to when one more gains nothing.
import type { BuildView } from '../engine/pkg/bottleship.js';
import { COMPARED } from '../i18n/side-by-side';
import { words, type Lang } from '../i18n/texts';
import { seconds } from '../model/units';

const SHOWN = 6;

export function workersText(build: BuildView, lang: Lang): string | undefined {
  const texts = COMPARED[lang];
  const times = build.byWorkersMs.map(seconds);
  const [first] = times;
  if (first === undefined || build.byWorkersMs[0] === 0) return undefined;
  const stop = lang === 'ja' ? '。' : '.';
  // What looks the same is no gain.
  const gains = times.flatMap((time, index) => (index > 0 && time !== times[index - 1] ? [words(texts.more, index + 1, time)] : []));
  if (gains.length === 0) return texts.alone + stop;
  const list = [words(texts.workers, first), ...gains.slice(0, SHOWN)].join(lang === 'ja' ? '、' : ', ');
  return `${list}${lang === 'ja' ? '。' : '; '}${texts.enough}${stop}`;
}
