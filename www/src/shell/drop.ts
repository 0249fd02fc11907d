// What is dropped on the page or chosen from the disk: a project, a zip of one, an image archive.
import type { App } from '../app';
import type { ProjectFile } from '../engine/pkg/bottleship.js';
import { TEXTS, words } from '../i18n/texts';
import { readZip } from '../model/zip';
import { h } from '../ui/dom';

const MOST_FILES = 20_000;
const MOST_BYTES = 512_000_000;

interface Found {
  readonly path: string;
  readonly file: File;
}

export function acceptDrops(app: App, frame: HTMLElement): void {
  const veil = h('div', { class: 'veil', hidden: true }, h('p'));
  frame.append(veil);
  frame.addEventListener('dragover', (event) => {
    event.preventDefault();
    veil.firstElementChild!.textContent = TEXTS[app.store.get().lang].dropHere;
    veil.hidden = false;
  });
  veil.addEventListener('dragleave', () => (veil.hidden = true));
  frame.addEventListener('drop', (event) => {
    event.preventDefault();
    veil.hidden = true;
    if (event.dataTransfer) void take(app, dropped(event.dataTransfer));
  });
}

/** Opens what was found, and says what came of it. */
export async function take(app: App, finding: Promise<readonly Found[]>): Promise<void> {
  const texts = TEXTS[app.store.get().lang];
  try {
    const found = await finding;
    const [only] = found;
    if (only && found.length === 1 && /\.(tar|tgz|tar\.gz|tar\.zst|oci)$/i.test(only.file.name)) {
      const name = only.file.name.toLowerCase().replace(/\.(tar|tgz|tar\.gz|tar\.zst|oci)$/, '').replace(/[^a-z0-9._-]+/g, '-');
      await app.load(await bytesOf(only.file), name);
      app.show('images');
      return app.say(words(texts.loaded, name));
    }
    const files = only && found.length === 1 && /\.zip$/i.test(only.file.name) ? await unzipped(only.file) : await Promise.all(found.map(projectFile));
    const project = rooted(files);
    // A Dockerfile among others is a project; one alone joins the project that is there.
    if (project.length > 1 && project.some((file) => file.path === 'Dockerfile')) await app.open(project);
    else await app.add(project);
    app.say(words(texts.imported, project.length));
  } catch (error) {
    app.say(words(texts.refusedDrop, error instanceof Error ? error.message : String(error)));
  }
}

/** Files that were chosen with the browser's own dialog. */
export async function chosen(list: FileList | null): Promise<readonly Found[]> {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function dropped(transfer: DataTransfer): Promise<readonly Found[]> {
  // Entries are only there during the event: all are taken before anything is awaited.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ path: file.name, file }));
  const found: Found[] = [];
  for (const entry of entries) await walk(entry, '', found);
  return found;
}

async function walk(entry: FileSystemEntry, folder: string, found: Found[]): Promise<void> {
  const path = `${folder}${entry.name}`;
  if (found.length > MOST_FILES) throw new Error(`more than ${MOST_FILES} files`);
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const inner of some) await walk(inner, `${path}/`, found);
  }
}

async function bytesOf(file: File): Promise<Uint8Array> {
  if (file.size > MOST_BYTES) throw new Error(`${file.name} is larger than ${MOST_BYTES / 1e6} MB`);
  return new Uint8Array(await file.arrayBuffer());
}

async function projectFile({ path, file }: Found): Promise<ProjectFile> {
  return { path, bytes: await bytesOf(file), mode: 0o644, mtime: file.lastModified };
}

async function unzipped(file: File): Promise<readonly ProjectFile[]> {
  const entries = await readZip(await bytesOf(file));
  return entries.map(({ path, bytes, mode }) => ({ path, bytes, mode, mtime: 0 }));
}

/** The files without the one folder that they are all in, if a Dockerfile is right in it. */
function rooted(files: readonly ProjectFile[]): readonly ProjectFile[] {
  const [first] = files[0]?.path.split('/') ?? [];
  const root = `${first}/`;
  if (!files.some((file) => file.path === `${root}Dockerfile`) || !files.every((file) => file.path.startsWith(root))) return files;
  return files.map((file) => ({ ...file, path: file.path.slice(root.length) }));
}
