// What is done with the project as a whole: another sample, a new file, open, save.
import type { App } from '../app';
import { TEXTS, words } from '../i18n/texts';
import { writeZip } from '../model/zip';
import type { Layout } from '../playground';
import { exampleNames } from '../model/project';
import { fill, h } from '../ui/dom';
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
  const remove = symbol('−', (texts, { open }) => words(texts.fileRemove, open), () => void app.removeFile(app.store.get().open), 'small');
  app.store.watch((state) => [state.open, state.paths], ({ open, paths }) => (remove.disabled = open === 'Dockerfile' || !paths.includes(open)));
  const buttons = [symbol('+', (texts) => texts.newFile, create, 'small'), remove];
  if (layout.full) buttons.push(symbol('↥', (texts) => texts.importIt, () => input.click(), 'small'), symbol('↧', (texts) => texts.exportIt, () => void save(), 'small'));
  return [...buttons, input];
}

/** The samples to choose from. */
export function sampleChooser(app: App): HTMLSelectElement {
  const samples = h('select', { class: 'samples', onchange: () => void app.openExample(samples.value) });
  app.store.watch((state) => [state.example, state.lang], ({ example, lang }) => {
    const own = h('option', { value: '', disabled: true, selected: example === '' }, TEXTS[lang].ownFiles);
    fill(samples, example === '' && own, exampleNames(lang).map(([name, title]) => h('option', { value: name, selected: name === example }, title)));
    samples.setAttribute('aria-label', TEXTS[lang].project);
    samples.title = TEXTS[lang].project;
  });
  return samples;
}
