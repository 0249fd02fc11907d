// Advice in words: what to change, and what it was measured to gain.
import type { AdviceView } from '../engine/pkg/bottleship.js';
import { bytes, seconds } from '../model/units';
import type { Lang } from './texts';

type Sentence = (values: readonly string[]) => string;

const code = (text: string | undefined) => `\`${text ?? ''}\``;

const CHANGES: Readonly<Record<Lang, Readonly<Record<string, Sentence>>>> = {
  en: {
    'manifest-first': ([paths, fetch]) => `Copy ${code(paths)} before the sources: ${code(fetch)} is cached then when only sources change.`,
    'move-run': ([run, first]) => `Move ${code(run)} above ${code(first)}, which it does not need.`,
    'cache-mount': ([paths, run]) => `Give ${code(run)} a cache mount at ${code(paths)}: what it fetched is there in the next build.`,
    'join-runs': ([run]) => `Join ${code(run)} with the RUN above it: what it deletes is never stored then.`,
    ignore: ([patterns]) => `Add ${code(patterns)} to .dockerignore: nothing needs it.`,
    'narrow-copy': ([kept, dropped]) => `Copy only ${code(kept)}: a change of ${code(dropped)} is no reason to run again.`,
    'slim-base': ([base, smaller]) => `Build on ${code(smaller)} instead of ${code(base)}.`,
    'split-stage': ([path]) => `Build in a stage of its own and copy only ${code(path)} into the image.`,
  },
  ja: {
    'manifest-first': ([paths, fetch]) => `ソースより先に ${code(paths)} をコピーすると、ソースだけの変更では ${code(fetch)} がキャッシュされます。`,
    'move-run': ([run, first]) => `${code(run)} は ${code(first)} を必要としないので、その上に移せます。`,
    'cache-mount': ([paths, run]) => `${code(run)} に ${code(paths)} のキャッシュマウントを付けると、取得したものが次の構築にも残ります。`,
    'join-runs': ([run]) => `${code(run)} を上の RUN とまとめると、削除するものがレイヤに残りません。`,
    ignore: ([patterns]) => `${code(patterns)} を .dockerignore に加えます。どのステップも使っていません。`,
    'narrow-copy': ([kept, dropped]) => `${code(kept)} だけをコピーすれば、${code(dropped)} の変更で再実行されません。`,
    'slim-base': ([base, smaller]) => `${code(base)} の代わりに ${code(smaller)} を土台にします。`,
    'split-stage': ([path]) => `構築を別のステージに分け、${code(path)} だけをイメージに写します。`,
  },
};

/** What to change; absent for kinds that the page has no words for. */
export function adviceText(advice: AdviceView, lang: Lang): string | undefined {
  return CHANGES[lang][advice.kind]?.(advice.values);
}

/** What it gains, the greatest figures only. */
export function gainText({ before, after, edited }: AdviceView, lang: Lang): string {
  const [rebuild, cold, image, sent] = [before.rebuildMs - after.rebuildMs, before.coldMs - after.coldMs, before.image - after.image, before.sent - after.sent];
  const en = lang === 'en';
  const after_ = edited ? (en ? ` after a change of ${code(edited)}` : `（${code(edited)} を変えた後）`) : '';
  return [
    rebuild >= 200 && (en ? `*${seconds(rebuild)}* less for the next build${after_}` : `次の構築が *${seconds(rebuild)}* 短縮${after_}`),
    image >= 100_000 && (en ? `*${bytes(image)}* less in the image` : `イメージが *${bytes(image)}* 減少`),
    sent >= 100_000 && (en ? `*${bytes(sent)}* less to send` : `送信が *${bytes(sent)}* 減少`),
    cold >= 200 && (en ? `*${seconds(cold)}* less for the first build` : `最初の構築が *${seconds(cold)}* 短縮`),
  ].filter(Boolean).join(en ? ', ' : '、');
}
