// Every word of the interface, in the languages there are.

export type Lang = 'en' | 'ja';
export type Texts = Readonly<Record<keyof typeof en, string>>;

const en = {
  build: 'Build', reset: 'Reset', theme: 'Light or dark', lang: '日本語', help: 'Keys', files: 'Files', lesson: 'Lesson', editor: 'Dockerfile', terminal: 'Terminal', result: 'Result',
  graph: 'Graph', timeline: 'Timeline', log: 'Log', layers: 'Layers', tree: 'Files', context: 'Context', compare: 'Compare', images: 'Images',
  play: 'Play', pause: 'Pause', skip: 'Skip to the end', time: 'Time in the build', speed: 'Speed', which: 'Which build is looked at',
  empty: 'Nothing was built yet. Press Build, or type `docker build .` in the terminal.', emptyImages: 'No images yet: a build that succeeds leaves one here.', emptyLog: 'No step has printed anything yet.',
  plan: 'What would be built now. Press Build to build it.',
  ran: 'ran', cached: 'CACHED', failed: 'failed', skipped: 'skipped: not needed', skippedLong: 'skipped: this target does not need it', running: 'running', waiting: 'waiting', canceled: 'canceled',
  modelled: 'modelled', notSimulated: 'not simulated', real: 'ran for real', internal: 'internal', critical: 'critical path', slack: 'could end {0} later and delay nothing', base: 'from base', own: 'this build', target: 'target',
  modelledWhy: 'Bytes and time come from a model, not from running the real program', notSimulatedWhy: 'The program is not simulated: it is assumed to succeed',
  total: 'Total {0}', alone: 'One after the other they would take {0}.',
  apply: 'Apply this diff', run: 'Run this command', applied: 'Applied', next: 'Next', back: 'Back', measured: 'Measured here', resetAsk: 'Bring the sample project back? Your files, images and builds are forgotten.', cancel: 'Cancel', ok: 'OK',
  loading: 'Starting the engine…', replaying: 'Doing your last builds again…', trouble: 'The engine stopped', added: 'added', changed: 'changed', removed: 'removed', stage: 'stage {0}', of: 'step {0} of {1}', more: '… and {0} more',
  foot: 'Simulated in this tab: no Docker, no network. Engine {0}, matched to BuildKit {1}. Dashed badges mark what is modelled.', forecastCached: 'would be CACHED', forecastRuns: 'would run', forecastFails: 'would fail', outlook: 'Next build: {0} cached, {1} to run, about {2}.', outlookAll: 'Next build: all {0} steps would be CACHED.', newFile: 'New file', newFileName: 'Path of the new file', noTree: 'Build first; then the files of every step are here.', lastGood: 'The build failed before its first step; the picture above is the one before.',
  efficiency: 'efficiency {0} %, wasted {1}', wasted: 'Wasted space', differing: '{0} paths', inFiles: '{0} files', cut: 'The rest is left out.', noLayers: 'No image to take apart yet: a build that succeeds leaves one.', size: 'Size', tag: 'Tag', took: 'Time', built: 'Build',
  whyRan: 'Why it ran', advice: 'Advice that was tried', adviceAsk: 'What would make it better?', adviceTrying: 'Trying changes on a copy…', adviceNone: 'Nothing that was tried gains anything.', adviceApply: 'Apply', restore: 'Bring back this part’s Dockerfile', undoOpen: 'Bring back the project before', noLesson: 'This project has no lesson. Build it, change it, break it; the list above has samples with lessons.', ownFiles: 'Your own files', sent: 'sent', ignored: 'ignored', unneeded: 'not needed', sentToBuilder: 'are sent to the builder', file: 'File', share_: 'Share', decides: 'Taken by, or kept out by', ruleAt: '{0}, line {1}', emptyCompare: 'Build twice; then two builds stand side by side here.', compareWith: 'Compared with', stepByStep: 'Step by step', imageFiles: 'Files of the images', change: 'Change', share: 'Share', openWhole: 'Open in the playground ↗', shared: 'The link with the whole project was copied.', sharedLong: 'This project is too large for a link: save it as a zip instead.', project: 'Project', importIt: 'Open a folder’s files, a zip, or an image archive', exportIt: 'Save the project as a zip', download: 'Save {0} as an archive for docker load',
  dropHere: 'Drop a project folder, a zip, or an image archive', loaded: 'Image {0} was loaded.', imported: 'Files opened: {0}.', refusedDrop: 'This could not be opened: {0}', fromImage: 'image', fileRemove: 'Delete {0}', fileRemoved: '{0} was deleted.', undoRemove: 'Bring it back', atStep: 'after', upwards: 'Parent folder', folderEmpty: 'This folder is empty.', close: 'Close', modelledContent: 'The content of this file is modelled: {0} of made-up bytes.',
  editAsk: 'What would the same edit cost in both?', editTrying: 'Building both anew on a copy…', editOf: 'Both after an edit of `{0}`', editNone: 'Both from nothing', editFile: 'Compare the Dockerfile with `{0}`', editCold: 'from nothing', editRebuild: 'after the edit', editSent: 'sent', editCached: 'cached after the edit', editRuns: 'run after the edit', editSerial: 'one after the other',
  workersAlone: 'A second worker would gain nothing: each step waits for the one before it.', workersTold: 'With one worker {0}, {1}; one more would gain nothing.', workersMore: '{0} workers {1}', workersAnd: ', ',
  environment: 'Environment', directory: 'directory', user: 'user', shell: 'shell', arg: 'ARG', argWhy: 'of this build only: the image does not keep it', fresh: 'set since the step below',
  keyBuild: 'build', keyStop: 'stop watching', keyStep: 'previous, next event', keyPlay: 'play or pause', keyPanel: 'panels', keyBreak: 'pause playing at this instruction (or click its line number)', keyFix: 'apply the fix for this line', keyHelp: 'this list', keyLeave: 'leave the editor with the Tab key',
};

const ja: Texts = {
  build: 'ビルド', reset: 'リセット', theme: '明るさの切り替え', lang: 'English', help: 'キー', files: 'ファイル', lesson: 'レッスン', editor: 'Dockerfile', terminal: '端末', result: '結果',
  graph: 'グラフ', timeline: '時間軸', log: 'ログ', layers: 'レイヤ', tree: 'ファイル', context: 'コンテキスト', compare: '比較', images: 'イメージ',
  play: '再生', pause: '一時停止', skip: '最後まで進む', time: '構築の時刻', speed: '速さ', which: '表示する構築',
  empty: 'まだ何も構築していません。「ビルド」を押すか、端末で `docker build .` と入力してください。', emptyImages: 'イメージはまだありません。構築に成功するとここに並びます。', emptyLog: 'まだ何も出力していません。',
  plan: '今の内容で構築されるものです。「ビルド」を押すと始まります。',
  ran: '実行', cached: 'CACHED', failed: '失敗', skipped: '省略: 不要', skippedLong: '省略: このターゲットには不要', running: '実行中', waiting: '待機', canceled: '中止',
  modelled: 'モデル', notSimulated: '未対応', real: '実際に実行', internal: '内部', critical: 'クリティカルパス', slack: 'あと {0} 遅くても全体は遅れない', base: 'ベース由来', own: 'この構築', target: 'ターゲット',
  modelledWhy: '大きさと時間はモデルによる値で、本物のプログラムは動いていません', notSimulatedWhy: 'このプログラムは未対応のため、成功したとみなしています',
  total: '合計 {0}', alone: '順番に実行すると {0} かかります。',
  apply: 'この差分を適用', run: 'このコマンドを実行', applied: '適用済み', next: '次へ', back: '戻る', measured: 'ここでの実測', resetAsk: 'サンプルに戻しますか。ファイル、イメージ、構築の記録は消えます。', cancel: 'やめる', ok: 'はい',
  loading: 'エンジンを準備しています…', replaying: '前回までの構築を再現しています…', trouble: 'エンジンが止まりました', added: '追加', changed: '変更', removed: '削除', stage: 'ステージ {0}', of: '{1} のうち {0}', more: 'ほか {0} 件',
  foot: 'このタブの中のシミュレーションです。Docker も通信も使いません。エンジン {0}、BuildKit {1} に準拠。破線の印はモデルによる値です。', forecastCached: 'CACHED の見込み', forecastRuns: '実行の見込み', forecastFails: '失敗の見込み', outlook: '次の構築: CACHED {0}、実行 {1}、約 {2}。', outlookAll: '次の構築: {0} ステップすべて CACHED の見込みです。', newFile: '新しいファイル', newFileName: '新しいファイルのパス', noTree: '構築すると、各ステップの時点のファイルをここで見られます。', lastGood: '最初のステップより前に失敗しました。上の図はその前の構築です。',
  efficiency: '効率 {0} %、無駄 {1}', wasted: '無駄な領域', differing: '{0} 件', inFiles: '{0} ファイル', cut: '残りは省略しました。', noLayers: 'まだ調べるイメージがありません。構築に成功すると一つ残ります。', size: 'サイズ', tag: 'タグ', took: '時間', built: '構築',
  whyRan: '実行された理由', advice: '試した結果の助言', adviceAsk: '改善できる点は？', adviceTrying: '写しの上で変更を試しています…', adviceNone: '試した変更に効果のあるものはありませんでした。', adviceApply: '適用', restore: 'この回の Dockerfile に戻す', undoOpen: '前のプロジェクトに戻す', noLesson: 'このプロジェクトにレッスンはありません。自由に構築して試してください。上の一覧からレッスンのあるサンプルを選べます。', ownFiles: '自分のファイル', sent: '送信', ignored: '除外', unneeded: '不要', sentToBuilder: 'がビルダーに送られます', file: 'ファイル', share_: '割合', decides: '使うステップ、または除外の規則', ruleAt: '{0} の {1} 行目', emptyCompare: '二回構築すると、ここで並べて比べられます。', compareWith: '比べる相手', stepByStep: 'ステップごと', imageFiles: 'イメージのファイル', change: '差', share: '共有', openWhole: 'プレイグラウンドで開く ↗', shared: 'プロジェクト全体を含むリンクをコピーしました。', sharedLong: 'リンクにするには大きすぎます。zip で保存してください。', project: 'プロジェクト', importIt: 'ファイル、zip、イメージのアーカイブを開く', exportIt: 'プロジェクトを zip で保存', download: '{0} を docker load 用のアーカイブとして保存',
  dropHere: 'プロジェクトのフォルダ、zip、イメージのアーカイブをここへ', loaded: 'イメージ {0} を読み込みました。', imported: '{0} ファイルを開きました。', refusedDrop: '開けませんでした: {0}', fromImage: 'イメージ', fileRemove: '{0} を削除', fileRemoved: '{0} を削除しました。', undoRemove: '元に戻す', atStep: 'この時点', upwards: '親フォルダ', folderEmpty: 'このフォルダは空です。', close: '閉じる', modelledContent: 'このファイルの中身はモデルです（{0} の作り物のバイト列）。',
  editAsk: '同じ編集をすると、それぞれどれだけかかる？', editTrying: '写しの上で両方を構築しています…', editOf: '`{0}` を編集した後', editNone: '最初から', editFile: 'Dockerfile を `{0}` と比べる', editCold: '最初から', editRebuild: '編集の後', editSent: '送信', editCached: '編集後に CACHED', editRuns: '編集後に実行', editSerial: '順番に実行',
  workersAlone: 'ワーカーを増やしても変わりません。どのステップも前のステップを待ちます。', workersTold: 'ワーカー 1 で {0}、{1}。もう一つ増やしても変わりません。', workersMore: '{0} で {1}', workersAnd: '、',
  environment: '環境', directory: 'ディレクトリ', user: 'ユーザー', shell: 'シェル', arg: 'ARG', argWhy: 'この構築だけのもので、イメージには残りません', fresh: '前のステップの後に設定',
  keyBuild: 'ビルド', keyStop: '再生を止める', keyStep: '前後の出来事へ', keyPlay: '再生・一時停止', keyPanel: 'パネル', keyBreak: 'この命令で再生を止める（行番号のクリックでも）', keyFix: 'この行の修正を適用', keyHelp: 'この一覧', keyLeave: 'Tab キーでエディタから出る',
};

export const TEXTS: Readonly<Record<Lang, Texts>> = { en, ja };

export function words(text: string, ...values: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)] ?? ''));
}
