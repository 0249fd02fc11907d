// Every word of the interface, in the languages there are.

export type Lang = 'en' | 'ja';
export type Texts = Readonly<Record<keyof typeof en, string>>;

const en = {
  build: 'Build', reset: 'Reset', theme: 'Light or dark', lang: '日本語', help: 'Keys', files: 'Files', lesson: 'Lesson', editor: 'Dockerfile', terminal: 'Terminal', result: 'Result',
  graph: 'Graph', timeline: 'Timeline', log: 'Log', layers: 'Layers', tree: 'Files at step', images: 'Images',
  play: 'Play', pause: 'Pause', skip: 'Skip to the end', time: 'Time in the build', speed: 'Speed',
  empty: 'Nothing was built yet. Press Build, or type `docker build .` in the terminal.', emptyImages: 'No images yet: a build that succeeds leaves one here.',
  ran: 'ran', cached: 'CACHED', failed: 'failed', skipped: 'skipped: this target does not need it', running: 'running', waiting: 'waiting', canceled: 'canceled',
  modelled: 'modelled', notSimulated: 'not simulated', real: 'ran for real', internal: 'internal', critical: 'critical path', base: 'from base', own: 'this build',
  saved: 'Side by side, the steps took {0}; one after the other they take {1}. Parallelism saves {2}.', total: 'Total {0}', smaller: 'The image is {0} smaller than the one before.', larger: 'The image is {0} larger than the one before.',
  apply: 'Apply this diff', run: 'Run this command', applied: 'Applied', next: 'Next', back: 'Back', measured: 'Measured here', resetAsk: 'Bring the sample project back? Your files, images and builds are forgotten.', cancel: 'Cancel', ok: 'OK',
  loading: 'Starting the engine…', trouble: 'The engine stopped', added: 'added', changed: 'changed', removed: 'removed', stage: 'stage {0}', of: 'step {0} of {1}', more: '… and {0} more',
  foot: 'Simulated in this tab: no Docker, no network. Engine {0}, matched to BuildKit {1}.', forecastCached: 'would be CACHED', forecastRuns: 'would run', newFile: 'New file', noTree: 'Choose a step to see its files.', lastGood: 'The build failed; the picture before it stays below.',
  keys: 'Ctrl/⌘-Enter builds · Esc pauses · [ and ] step · Space plays · Alt-1…6 panels · ? this list', noLayers: 'No image to take apart yet.', size: 'Size', instruction: 'Instruction', tag: 'Tag',
};

const ja: Texts = {
  build: 'ビルド', reset: 'リセット', theme: '明るさの切り替え', lang: 'English', help: 'キー', files: 'ファイル', lesson: 'レッスン', editor: 'Dockerfile', terminal: '端末', result: '結果',
  graph: 'グラフ', timeline: '時間軸', log: 'ログ', layers: 'レイヤ', tree: '途中のファイル', images: 'イメージ',
  play: '再生', pause: '一時停止', skip: '最後まで進む', time: '構築の時刻', speed: '速さ',
  empty: 'まだ何も構築していません。「ビルド」を押すか、端末で `docker build .` と入力してください。', emptyImages: 'イメージはまだありません。構築に成功するとここに並びます。',
  ran: '実行', cached: 'CACHED', failed: '失敗', skipped: '省略: このターゲットには不要', running: '実行中', waiting: '待機', canceled: '中止',
  modelled: 'モデル', notSimulated: '未対応', real: '実際に実行', internal: '内部', critical: 'クリティカルパス', base: 'ベース由来', own: 'この構築',
  saved: '並行実行では {0}、順番に実行すると {1}。並列化で {2} 短くなりました。', total: '合計 {0}', smaller: '前のイメージより {0} 小さくなりました。', larger: '前のイメージより {0} 大きくなりました。',
  apply: 'この差分を適用', run: 'このコマンドを実行', applied: '適用済み', next: '次へ', back: '戻る', measured: 'ここでの実測', resetAsk: 'サンプルに戻しますか。ファイル、イメージ、構築の記録は消えます。', cancel: 'やめる', ok: 'はい',
  loading: 'エンジンを準備しています…', trouble: 'エンジンが止まりました', added: '追加', changed: '変更', removed: '削除', stage: 'ステージ {0}', of: '{1} のうち {0}', more: 'ほか {0} 件',
  foot: 'このタブの中のシミュレーションです。Docker も通信も使いません。エンジン {0}、BuildKit {1} に準拠。', forecastCached: 'CACHED の見込み', forecastRuns: '実行の見込み', newFile: '新しいファイル', noTree: 'ステップを選ぶと、その時点のファイルを表示します。', lastGood: '構築に失敗しました。直前の図を残しています。',
  keys: 'Ctrl/⌘-Enter ビルド · Esc 一時停止 · [ と ] 前後のステップ · Space 再生 · Alt-1…6 パネル · ? この一覧', noLayers: 'まだ調べるイメージがありません。', size: 'サイズ', instruction: '命令', tag: 'タグ',
};

export const TEXTS: Readonly<Record<Lang, Texts>> = { en, ja };

export function words(text: string, ...values: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)] ?? ''));
}
