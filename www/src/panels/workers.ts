// What the build would take with fewer workers, up to when one more gains nothing.
import type { BuildView } from '../engine/pkg/bottleship.js';
import { words, type Texts } from '../i18n/texts';
import { seconds } from '../model/units';

const SHOWN = 6;

export function workersText(build: BuildView, texts: Texts): string | undefined {
  const times = build.byWorkersMs.map(seconds);
  const [first] = times;
  if (first === undefined || build.byWorkersMs[0] === 0) return undefined;
  // What looks the same is no gain.
  const gains = times.flatMap((time, index) => (index > 0 && time !== times[index - 1] ? [words(texts.workersMore, index + 1, time)] : []));
  return gains.length === 0 ? texts.workersAlone : words(texts.workersTold, first, gains.slice(0, SHOWN).join(texts.workersAnd));
}
