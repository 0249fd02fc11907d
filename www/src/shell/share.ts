// Links that carry the whole project, and files for the reader to keep.
import type { App } from '../app';
import { TEXTS } from '../i18n/texts';
import { LONGEST, pack } from '../model/share';

async function link(app: App, home: URL): Promise<string> {
  const files = await app.files();
  const packed = await pack({ files, command: app.store.get().buildLine });
  return `${new URL('index.html', home).href}#s=${packed}`;
}

export async function shareLink(app: App, home: URL): Promise<void> {
  const texts = TEXTS[app.store.get().lang];
  const address = await link(app, home);
  if (address.length > LONGEST) return app.say(texts.sharedLong);
  // The address bar has it too, where the clipboard is refused.
  history.replaceState(null, '', `#${address.split('#')[1] ?? ''}`);
  await navigator.clipboard?.writeText(address).catch(() => undefined);
  app.say(texts.shared);
}

export async function openWhole(app: App, home: URL): Promise<void> {
  const address = await link(app, home);
  if (address.length > LONGEST) return app.say(TEXTS[app.store.get().lang].sharedLong);
  window.open(address, '_blank', 'noopener');
}

export function saveFile(bytes: Uint8Array, name: string): void {
  const anchor = document.createElement('a');
  anchor.href = URL.createObjectURL(new Blob([bytes as BlobPart], { type: 'application/octet-stream' }));
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}
