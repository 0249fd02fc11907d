// The multi-stage lesson: four parts, each a Dockerfile to arrive at and commands to run. The figures beside it come from the engine.
import type { Lang } from '../i18n/texts';

export interface Part {
  readonly title: Readonly<Record<Lang, string>>;
  readonly body: Readonly<Record<Lang, readonly string[]>>;
  readonly commands: readonly string[];
}

export const MULTI_STAGE: readonly Part[] = [
  {
    title: { en: '1. Everything in one stage', ja: '1. すべてを一つのステージで' },
    body: {
      en: ['This Dockerfile compiles two Go programs on top of the Go image. Whatever was needed to compile them is shipped along with them.', 'Build it, then ask how large the image is.'],
      ja: ['この Dockerfile は Go のイメージの上で二つのプログラムをコンパイルします。コンパイルに使った道具も、すべてイメージに残ります。', '構築して、イメージの大きさを調べましょう。'],
    },
    commands: ['docker build --tag=buildme .', 'docker images buildme'],
  },
  {
    title: { en: '2. Ship only the result', ja: '2. 成果物だけを入れる' },
    body: {
      en: ['A second FROM begins a new stage with its own file system. Starting from `scratch`, which is empty, we copy the two binaries over and leave the compiler behind.', '`COPY --from=0` reads from the first stage.'],
      ja: ['二つめの FROM から、別のファイルシステムを持つ新しいステージが始まります。空の `scratch` に二つのバイナリだけを写し、コンパイラは置いていきます。', '`COPY --from=0` は最初のステージから読み取ります。'],
    },
    commands: ['docker build --tag=buildme .', 'docker images buildme', 'docker history buildme'],
  },
  {
    title: { en: '3. Side by side', ja: '3. 同時に進める' },
    body: {
      en: ['Neither program waits for the other. With a stage each, both on a shared `base`, the builder runs them at once.', 'The client was compiled before and would come from the cache. `--no-cache` shows the whole build: in the timeline, two lanes overlap.'],
      ja: ['二つのプログラムは互いを待つ必要がありません。共通の `base` から一つずつステージを作れば、同時に構築されます。', 'クライアントは前に構築済みで、ふつうはキャッシュから得られます。`--no-cache` なら全体を見られます。時間軸では二つの帯が重なります。'],
    },
    commands: ['docker build --no-cache --tag=buildme .', 'docker build --tag=buildme .'],
  },
  {
    title: { en: '4. One file, two images', ja: '4. 一つのファイルから二つのイメージ' },
    body: {
      en: ['Naming the final stages gives each program its own image. `--target` picks one; stages that it does not need cost nothing.', 'Steps that were built before are answered from the cache.'],
      ja: ['最後のステージに名前を付ければ、プログラムごとにイメージを作れます。`--target` で一つを選び、不要なステージは実行されません。', '構築済みのステップはキャッシュから得られます。'],
    },
    commands: ['docker build --tag=buildme-client --target=client .', 'docker build --tag=buildme-server --target=server .', 'docker images'],
  },
];
