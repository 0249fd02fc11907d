// The sentences that answer: what a build gained, why steps ran. The engine gives the facts; the words are here.
// Between backticks: code; between asterisks: the figure that matters.
import type { BuildView, Finding } from '../engine/pkg/bottleship.js';
import { bytes, seconds } from '../model/units';
import type { Lang } from './texts';
import { firstCause } from './why';

type Sentence = (finding: Finding) => string;

const size = (finding: Finding) => `*${bytes(finding.bytes ?? 0)}*`;
const time = (finding: Finding) => `*${seconds(finding.ms ?? 0)}*`;
const value = (finding: Finding, index: number) => finding.values[index] ?? '';
const list = (finding: Finding, and: string) => finding.values.map((name) => `\`${name}\``).join(and);
const count = (text: string) => Number(text) || 0;

const en: Readonly<Record<string, Sentence>> = {
  smaller: (f) => `The image is ${size(f)} smaller than the one before${f.values.length > 0 ? `: the tools stay in ${list(f, ', ')}, only what is copied is shipped` : ''}.`,
  larger: (f) => `The image is ${size(f)} larger than the one before.`,
  faster: (f) => `The build took ${time(f)} less than the one before.`,
  slower: (f) => `The build took ${time(f)} more than the one before.`,
  'left-behind': (f) => `${size(f)} stay in ${list(f, ', ')}: only what is copied is shipped.`,
  'skipped-stage': (f) => (f.values.length > 1 ? `Stages ${list(f, ' and ')} were skipped: this target does not need them.` : `Stage ${list(f, '')} was skipped: this target does not need it.`),
  parallel: (f) => `Parallelism saves ${time(f)}: steps that do not need each other ran at the same time.`,
  cached: (f) => `${count(value(f, 0))} step${count(value(f, 0)) === 1 ? ' was' : 's were'} CACHED${(f.ms ?? 0) > 50 ? `: ${time(f)} of work not done again` : ''}.`,
  'no-cache': (f) => `${count(value(f, 0))} step${count(value(f, 0)) === 1 ? '' : 's'} ran again: the cache was switched off.`,
  'ran-again': (f) => `\`${value(f, 0)}\` ran again: ${value(f, 1)}${count(value(f, 2)) > 0 ? `; ${count(value(f, 2)) === 1 ? 'one step followed' : `${value(f, 2)} steps followed`}` : ''}.`,
  'not-simulated': (f) => `\`${value(f, 0)}\` is not simulated: it is assumed to succeed and to change nothing.`,
};

const ja: Readonly<Record<string, Sentence>> = {
  smaller: (f) => `イメージは前より ${size(f)} 小さくなりました${f.values.length > 0 ? `。道具は ${list(f, '、')} に残り、写したものだけが入ります` : ''}。`,
  larger: (f) => `イメージは前より ${size(f)} 大きくなりました。`,
  faster: (f) => `前の構築より ${time(f)} 短く終わりました。`,
  slower: (f) => `前の構築より ${time(f)} 長くかかりました。`,
  'left-behind': (f) => `${size(f)} は ${list(f, '、')} に残り、イメージには写したものだけが入ります。`,
  'skipped-stage': (f) => `ステージ ${list(f, '、')} はこのターゲットに不要なので省略しました。`,
  parallel: (f) => `互いを待たないステップが同時に進み、並列化で ${time(f)} 短くなりました。`,
  cached: (f) => `${value(f, 0)} ステップは CACHED でした${(f.ms ?? 0) > 50 ? `（${time(f)} 分の作業を省略）` : ''}。`,
  'no-cache': (f) => `キャッシュを使わない指定のため、${value(f, 0)} ステップを再び実行しました。`,
  'ran-again': (f) => `\`${value(f, 0)}\` は再び実行されました: ${value(f, 1)}${count(value(f, 2)) > 0 ? `。続く ${value(f, 2)} ステップも実行` : ''}。`,
  'not-simulated': (f) => `\`${value(f, 0)}\` は未対応です。成功し、何も変えなかったとみなします。`,
};

const SENTENCES: Readonly<Record<Lang, Readonly<Record<string, Sentence>>>> = { en, ja };

/** The sentence of a finding; absent for kinds that the page has no words for. */
export function sentence(finding: Finding, build: BuildView, lang: Lang): string | undefined {
  // The engine's own words for a cause are English: the step has it as data.
  const why = finding.kind === 'ran-again' ? build.steps.find((step) => step.id === finding.step)?.why : undefined;
  const told = why ? { ...finding, values: [value(finding, 0), firstCause(why, lang), value(finding, 2)] } : finding;
  return SENTENCES[lang][finding.kind]?.(told);
}
