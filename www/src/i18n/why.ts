// Why a step ran, in words: the first cause, what it means for this step, and the record that it almost matched.
import type { CauseView, WhyView } from '../engine/pkg/bottleship.js';
import { instructionOf } from '../model/playback';
import type { Lang } from './texts';

/** The name of a step by its number. */
export type NameOf = (step: number) => string | undefined;

interface Words {
  cause(cause: CauseView): string;
  before(root: string, text: string): string;
  also(texts: readonly string[]): string;
  nearest(name: string, ago: number): string;
}

const code = (text: string | undefined) => `\`${text ?? ''}\``;
const filled = (text: string | undefined): text is string => text !== undefined && text !== '';

const en: Words = {
  cause(cause) {
    const { kind, from, to, path, sign, what } = cause;
    switch (kind) {
      case 'new':
        return 'nothing like it ran before';
      case 'no-cache':
        return 'the cache was switched off for it';
      case 'failed':
        return 'it failed the last time, which leaves nothing to use again';
      case 'gone':
        return 'its result was no longer in the cache';
      case 'base':
        return filled(from) ? `the base image was ${code(short(from))} and is ${code(short(to))}` : `the base image is now ${code(short(to))}`;
      case 'parent':
        return filled(from) && instructionOf(from) !== instructionOf(to ?? '') ? `it stands on ${code(instructionOf(to ?? ''))} and no longer on ${code(instructionOf(from))}` : `it stands on another ${code(instructionOf(to ?? ''))}`;
      case 'file': {
        const more = cause.more > 0 ? ` and ${cause.more} more file${cause.more === 1 ? '' : 's'}` : '';
        if (sign === '+') return `${code(path)} was added${more}`;
        if (sign === '-') return `${code(path)} was removed${more}`;
        return what === 'content' || what === '' ? `${code(path)} changed${more}` : `the ${what} of ${code(path)} was ${code(from)} and is ${code(to)}${more}`;
      }
      default: {
        const thing = what.startsWith('variable ') ? `variable ${code(what.slice(9))}` : `the ${what}`;
        if (!filled(from)) return filled(to) ? `${thing} is now ${code(to)}` : `${thing} is another one`;
        return filled(to) ? `${thing} was ${code(from)} and is ${code(to)}` : `${thing} is no longer ${code(from)}`;
      }
    }
  },
  before: (root, text) => `${code(root)} ran again before it: ${text}`,
  also: (texts) => ` (also: ${texts.join('; ')})`,
  nearest: (name, ago) => ` The nearest result is that of ${code(name)}, ${ago <= 1 ? 'one build ago' : `${ago} builds ago`}.`,
};

const NOUNS: Readonly<Record<string, string>> = {
  command: 'コマンド', arguments: '引数', user: 'ユーザー', mode: 'モード', owner: '所有者', content: '内容', link: 'リンク先', kind: '種類', destination: 'コピー先', copy: 'コピー元', exclude: '除外', include: '対象', directory: 'ディレクトリ', file: 'ファイル',
  network: 'ネットワーク', platform: 'プラットフォーム', time: '時刻', 'working directory': '作業ディレクトリ', unpack: '展開', parents: '親ディレクトリ', attributes: '属性', image: 'イメージ', url: 'URL', security: 'セキュリティ',
};
const noun = (what: string) => NOUNS[what.replace(/ \(\d+\)$/, '')] ?? what;

const ja: Words = {
  cause(cause) {
    const { kind, from, to, path, sign, what } = cause;
    switch (kind) {
      case 'new':
        return '似たステップはまだ実行されていません';
      case 'no-cache':
        return 'キャッシュを使わない指定です';
      case 'failed':
        return '前回は失敗したので、使える結果が残っていません';
      case 'gone':
        return '結果がキャッシュに残っていませんでした';
      case 'base':
        return filled(from) ? `ベースイメージが ${code(short(from))} から ${code(short(to))} に変わりました` : `ベースイメージが ${code(short(to))} になりました`;
      case 'parent':
        return filled(from) && instructionOf(from) !== instructionOf(to ?? '') ? `土台が ${code(instructionOf(from))} から ${code(instructionOf(to ?? ''))} に変わりました` : `土台の ${code(instructionOf(to ?? ''))} が別のものになりました`;
      case 'file': {
        const more = cause.more > 0 ? `（ほか ${cause.more} 件）` : '';
        if (sign === '+') return `${code(path)}${more} が追加されました`;
        if (sign === '-') return `${code(path)}${more} が削除されました`;
        return what === 'content' || what === '' ? `${code(path)}${more} が変わりました` : `${code(path)} の${noun(what)}が ${code(from)} から ${code(to)} に変わりました${more}`;
      }
      default: {
        const thing = what.startsWith('variable ') ? `変数 ${code(what.slice(9))} ` : noun(what);
        if (!filled(from)) return filled(to) ? `${thing}が ${code(to)} になりました` : `${thing}が別のものになりました`;
        return filled(to) ? `${thing}が ${code(from)} から ${code(to)} に変わりました` : `${thing}が ${code(from)} ではなくなりました`;
      }
    }
  },
  before: (root, text) => `その前に ${code(root)} が再び実行されたためです（${text}）`,
  also: (texts) => `（ほかにも: ${texts.join('、')}）`,
  nearest: (name, ago) => ` 最も近い結果は ${ago <= 1 ? '一つ前' : `${ago} 回前`}の構築の ${code(name)} です。`,
};

const WORDS: Readonly<Record<Lang, Words>> = { en, ja };

/** The first cause of the root. */
export function firstCause(why: WhyView, lang: Lang): string {
  const [first] = why.causes;
  return first ? WORDS[lang].cause(first) : '';
}

/** The causes of the root, without the step itself. */
function causes(why: WhyView, lang: Lang): string {
  const [first, ...rest] = why.causes.map((cause) => WORDS[lang].cause(cause));
  return (first ?? '') + (rest.length > 0 ? WORDS[lang].also(rest.slice(0, 3)) : '');
}

/** The whole answer for a step. */
export function whyText(why: WhyView, step: number, nameOf: NameOf, lang: Lang): string {
  const text = causes(why, lang);
  const told = why.root === step ? text : WORDS[lang].before(instructionOf(nameOf(why.root) ?? ''), text);
  const nearest = why.nearest !== undefined && why.root === step ? WORDS[lang].nearest(instructionOf(why.nearest), why.buildsAgo) : '';
  return nearest ? `${told}.${nearest}`.replace(/([。.])\./, '$1') : told;
}

/** Digests by their first characters. */
function short(text: string | undefined): string {
  return (text ?? '').replace(/sha256:([0-9a-f]{12})[0-9a-f]+/g, 'sha256:$1');
}
