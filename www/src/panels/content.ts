// The content of a file: text, or a hex dump where it is none.
import { bytes } from '../model/units';
import { words, type Texts } from '../i18n/texts';
import { h } from '../ui/dom';

const SHOWN = 64 * 1024;
const DUMPED = 2048;

export function contentView(path: string, content: Uint8Array | undefined, size: number, texts: Texts): Element {
  const head = h('h3', null, h('code', null, path), ' ', h('small', null, bytes(size)));
  if (!content) return h('section', { class: 'content' }, head, h('p', { class: 'note' }, words(texts.modelledContent, bytes(size))));
  return h('section', { class: 'content' }, head, h('pre', { tabindex: 0 }, isText(content) ? new TextDecoder().decode(content.subarray(0, SHOWN)) : hex(content.subarray(0, DUMPED))));
}

function isText(content: Uint8Array): boolean {
  const head = content.subarray(0, 4096);
  if (head.includes(0)) return false;
  try {
    // A cut may fall inside a character: only the stream's beginning counts.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** As `hexdump -C` prints it. */
export function hex(content: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < content.length; at += 16) {
    const row = [...content.subarray(at, at + 16)];
    const codes = row.map((byte) => byte.toString(16).padStart(2, '0'));
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${codes.slice(0, 8).join(' ').padEnd(24)} ${codes.slice(8).join(' ').padEnd(24)} |${text}|`);
  }
  return lines.join('\n');
}
