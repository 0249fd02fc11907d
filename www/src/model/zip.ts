// Zip archives (PKWARE APPNOTE): written with deflate, read with deflate or stored; no encryption, no zip64.
import { through } from './share';

export interface ZipEntry {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Limits of what is read: entries, and bytes of all of them. */
const MOST_ENTRIES = 20_000;
const MOST_BYTES = 256_000_000;

export async function writeZip(entries: readonly ZipEntry[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.path);
    const packed = await through(entry.bytes, new CompressionStream('deflate-raw'));
    // Version 2.0, UTF-8 names, deflate, 1980-01-01.
    const common = [half(20), half(0x0800), half(8), half(0), half(0x21), word(crc32(entry.bytes)), word(packed.length), word(entry.bytes.length), half(name.length), half(0)];
    const local = join([word(LOCAL), ...common, name]);
    central.push(join([word(CENTRAL), half(0x0314), ...common, half(0), half(0), half(0), word(((0o100000 | entry.mode) << 16) >>> 0), word(offset), name]));
    parts.push(local, packed);
    offset += local.length + packed.length;
  }
  const directory = join(central);
  return join([...parts, directory, word(END), half(0), half(0), half(entries.length), half(entries.length), word(directory.length), word(offset), half(0)]);
}

/** The files of an archive; throws if it is damaged, hostile or too large. */
export async function readZip(bytes: Uint8Array): Promise<readonly ZipEntry[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  if (count > MOST_ENTRIES) throw new Error('the archive has too many files');
  const entries: ZipEntry[] = [];
  let total = 0;
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index++) {
    if (view.getUint32(at, true) !== CENTRAL) throw new Error('the archive is damaged');
    const [method, packed, size] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [name, extra, comment] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)];
    const [attributes, local] = [view.getUint32(at + 38, true), view.getUint32(at + 42, true)];
    const path = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
    if (path.endsWith('/')) continue;
    if (path.startsWith('/') || path.split('/').includes('..')) throw new Error(`the archive has a path outside of it: ${path}`);
    total += size;
    if (total > MOST_BYTES) throw new Error('the archive is too large');
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const data = bytes.subarray(begin, begin + packed);
    if (method !== 0 && method !== 8) throw new Error(`${path} is compressed in a way that is not known here`);
    const content = method === 0 ? data.slice() : await through(data, new DecompressionStream('deflate-raw'), size);
    const mode = (attributes >>> 16) & 0o777;
    entries.push({ path, bytes: content, mode: mode || 0o644 });
  }
  return entries;
}

function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 66_000; at--) if (view.getUint32(at, true) === END) return at;
  throw new Error('not a zip archive');
}

function half(value: number): Uint8Array {
  return new Uint8Array([value & 255, (value >>> 8) & 255]);
}

function word(value: number): Uint8Array {
  return new Uint8Array([value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
