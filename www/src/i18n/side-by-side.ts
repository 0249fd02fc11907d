// Words of what the engine works out of several builds: the same edit in both, further workers, what holds in a stage.
import type { Lang } from './texts';

const en = {
  ask: 'What would the same edit cost in both?', trying: 'Building both anew on a copy…', file: 'Both after an edit of `{0}`', noFile: 'Both from nothing', askFile: 'Compare the Dockerfile with `{0}`',
  cold: 'from nothing', rebuild: 'after the edit', image: 'image', sent: 'sent', cached: 'cached after the edit', runs: 'run after the edit', serial: 'one after the other',
  workers: 'With one worker {0}', more: '{0} workers {1}', enough: 'one more would gain nothing', alone: 'A second worker would gain nothing: each step waits for the one before it',
  setting: 'Environment', dir: 'directory', user: 'user', shell: 'shell', arg: 'ARG', argWhy: 'of this build only: the image does not keep it', fresh: 'set since the step below',
};

const ja: Readonly<Record<keyof typeof en, string>> = {
  ask: '同じ編集をすると、それぞれどれだけかかる？', trying: '写しの上で両方を構築しています…', file: '`{0}` を編集した後', noFile: '最初から', askFile: 'Dockerfile を `{0}` と比べる',
  cold: '最初から', rebuild: '編集の後', image: 'イメージ', sent: '送信', cached: '編集後に CACHED', runs: '編集後に実行', serial: '順番に実行',
  workers: 'ワーカー 1 で {0}', more: '{0} で {1}', enough: 'もう一つ増やしても変わりません', alone: 'ワーカーを増やしても変わりません。どのステップも前のステップを待ちます',
  setting: '環境', dir: 'ディレクトリ', user: 'ユーザー', shell: 'シェル', arg: 'ARG', argWhy: 'この構築だけのもので、イメージには残りません', fresh: '前のステップの後に設定',
};

export const COMPARED = { en, ja } as const satisfies Record<Lang, Readonly<Record<keyof typeof en, string>>>;
