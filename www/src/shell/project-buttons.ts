// What is done with the project as a whole: another sample, a new file, open, save.
import type { App } from '../app';
import { TEXTS } from '../i18n/texts';
import { writeZip } from '../model/zip';
import type { Layout } from '../playground';
import { h } from '../ui/dom';
import { chosen, take } from './drop';
import { saveFile } from './share';
import { wording } from './wording';

export function projectButtons(app: App, layout: Layout): readonly Node[] {
  const { symbol } = wording(app.store);
  const input = h('input', { type: 'file', multiple: true, hidden: true, onchange: () => {
    void take(app, chosen(input.files)).then(() => (input.value = ''));
  } });
  const save = async () => saveFile(await writeZip(await app.files()), 'project.zip');
  const create = () => {
    const path = prompt(TEXTS[app.store.get().lang].newFileName)?.trim();
    if (path) void app.add([{ path, bytes: new Uint8Array(), mode: 0o644, mtime: Date.now() }]).then(() => app.store.set({ open: path, view: 'editor' }));
  };
  const buttons = [symbol('+', (texts) => texts.newFile, create, 'small')];
  if (layout.full) buttons.push(symbol('↥', (texts) => texts.importIt, () => input.click(), 'small'), symbol('↧', (texts) => texts.exportIt, () => void save(), 'small'));
  return [...buttons, input];
}
