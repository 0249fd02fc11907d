// A project as a piece of a link: files and the build command, deflated, in base64url. Nothing leaves the browser.
import type { ProjectFile } from '../engine/pkg/bottleship.js';

export interface Shared {
  readonly files: readonly ProjectFile[];
  readonly command: string;
}

/** A link of more characters than this is refused by many programs. */
export const LONGEST = 60_000;
const MOST_BYTES = 4_000_000;

interface Packed {
  readonly v: 1;
  readonly c: string;
  readonly f: readonly { readonly p: string; readonly t?: string; readonly b?: string; readonly m?: number }[];
}

export async function pack(shared: Shared): Promise<string> {
  const packed: Packed = { v: 1, c: shared.command, f: shared.files.map((file) => ({ p: file.path, ...content(file.bytes), ...(file.mode === 0o644 ? {} : { m: file.mode }) })) };
  return base64url(await through(new TextEncoder().encode(JSON.stringify(packed)), new CompressionStream('deflate-raw')));
}

/** The project of a link; throws if it is none. */
export async function unpack(text: string): Promise<Shared> {
  const bytes = await through(fromBase64(text.replaceAll('-', '+').replaceAll('_', '/')), new DecompressionStream('deflate-raw'), MOST_BYTES);
  const packed = JSON.parse(new TextDecoder().decode(bytes)) as Packed;
  if (packed.v !== 1 || !Array.isArray(packed.f) || typeof packed.c !== 'string') throw new Error('not a project');
  const files = packed.f.map(({ p, t, b, m }) => ({ path: String(p), bytes: b === undefined ? new TextEncoder().encode(String(t ?? '')) : fromBase64(b), mode: Number(m ?? 0o644), mtime: 0 }));
  return { files, command: packed.c };
}

function content(bytes: Uint8Array): { readonly t: string } | { readonly b: string } {
  try {
    return { t: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { b: base64(bytes) };
  }
}

/** Bytes through a (de)compressor, at most `most` of them. */
export async function through(bytes: Uint8Array, stream: GenericTransformStream, most = Infinity): Promise<Uint8Array> {
  const reader = (new Blob([bytes as BlobPart]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>)).getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    size += piece.value.length;
    if (size > most) throw new Error('too large');
    pieces.push(piece.value);
  }
  const whole = new Uint8Array(size);
  pieces.reduce((at, piece) => (whole.set(piece, at), at + piece.length), 0);
  return whole;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
