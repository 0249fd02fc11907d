// How fast the engine is as the browser runs it: reading a megabyte of Dockerfile, and what a keystroke in a file of 200 lines costs.
// `node benches/wasm.mjs` after `./build.sh wasm`: the best and the median of some runs.
import { Playground } from '../tests/wasm/engine.mjs';

const LINE = (i) => `RUN apk add --no-cache package-${i} && echo "done with ${i}" > /tmp/log\n`;
const text = (lines) => `FROM alpine:3.20 AS base\n${Array.from({ length: lines - 1 }, (_, i) => LINE(i)).join('')}`;

function measure(lines, rounds) {
  const playground = new Playground();
  const bytes = new TextEncoder().encode(text(lines));
  playground.setProject([{ path: 'Dockerfile', bytes, mode: 0o644, mtime: 0 }]);
  const times = Array.from({ length: rounds }, () => {
    playground.writeFile('Dockerfile', bytes, 0);
    const start = performance.now();
    playground.analyze('Dockerfile', 'docker build .');
    return performance.now() - start;
  }).sort((a, b) => a - b);
  playground.free();
  return { bytes: bytes.length, best: times[0], median: times[rounds >> 1] };
}

const small = measure(200, 200);
console.log(`keystroke in 200 lines: ${small.best.toFixed(2)} ms best, ${small.median.toFixed(2)} ms median (limit 4 ms)`);
const large = measure(14_000, 5);
const speed = large.bytes / 1000 / large.best;
console.log(`analysis of ${(large.bytes / 1e6).toFixed(1)} MB: ${large.best.toFixed(0)} ms, ${speed.toFixed(1)} MB/s with planning, checks and what the editor gets`);

// Builds of many and of large files, and what hashing alone costs a page: WebCrypto over the same bytes.
function build(files, dockerfile) {
  const playground = new Playground();
  const bytes = new TextEncoder().encode(dockerfile);
  playground.setProject([{ path: 'Dockerfile', bytes, mode: 0o644, mtime: 0 }, ...files]);
  const start = performance.now();
  const { exitCode, stderr } = playground.command('docker build -t bench .', 0);
  const time = performance.now() - start;
  if (exitCode !== 0) throw new Error(stderr);
  const saved = playground.saveImage('bench');
  playground.free();
  return { time, saved };
}

const file = (path, size) => ({ path, bytes: Uint8Array.from({ length: size }, (_, i) => (i * 7 + path.length) & 255), mode: 0o644, mtime: 0 });
const context = (count, size) => Array.from({ length: count }, (_, i) => file(`src/${i % 100}/file-${i}.txt`, size));

async function layers(what, files, limit) {
  const runs = Array.from({ length: 5 }, () => build(files, 'FROM scratch\nCOPY src /src\n'));
  const best = Math.min(...runs.map((run) => run.time));
  const bytes = runs[0].saved;
  const hashes = [];
  for (let i = 0; i < 5; i += 1) {
    const start = performance.now();
    await crypto.subtle.digest('SHA-256', bytes);
    hashes.push(performance.now() - start);
  }
  const alone = Math.min(...hashes);
  console.log(
    `${what}: build ${best.toFixed(0)} ms${limit ? ` (limit ${limit} ms)` : ''}, WebCrypto over the ${(bytes.length / 1e6).toFixed(1)} MB alone ${alone.toFixed(0)} ms`,
  );
}

// What hashing by the host costs a page, part by part: the execution alone (which a forecast does), the tars alone (digests left out), tars with
// digests, the digests alone over the same bytes, and all at once as a page does it that had no forecast.
const LINE_OF_BUILD = 'docker build -t bench .';
const digest = SubtleCrypto.prototype.digest;

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function hashed(what, files, limit) {
  const playground = new Playground();
  const bytes = new TextEncoder().encode('FROM scratch\nCOPY src /src\n');
  const fresh = () => {
    playground.reset();
    playground.setProject([{ path: 'Dockerfile', bytes, mode: 0o644, mtime: 0 }, ...files]);
  };
  const rounds = [];
  for (let round = 0; round < 9; round += 1) {
    fresh();
    const execution = await timed(() => playground.forecast(LINE_OF_BUILD));
    const layers = [];
    SubtleCrypto.prototype.digest = (_, tar) => Promise.resolve(layers.push(tar.length));
    const tar = await timed(() => Promise.all(playground.unhashed(LINE_OF_BUILD)));
    SubtleCrypto.prototype.digest = digest;
    const both = await timed(() => Promise.all(playground.unhashed(LINE_OF_BUILD)));
    const copies = layers.map((length) => new Uint8Array(length).fill(7));
    const alone = await timed(() => Promise.all(copies.map((copy) => crypto.subtle.digest('SHA-256', copy))));
    fresh();
    let digests;
    const whole = await timed(async () => (digests = await Promise.all(playground.unhashed(LINE_OF_BUILD))));
    playground.hashed(new Uint8Array(digests[0]));
    const rest = await timed(() => playground.command(LINE_OF_BUILD, 0));
    rounds.push({ execution, tar, both, alone, whole, rest });
  }
  playground.free();
  const median = (of) => rounds.map(of).sort((a, b) => a - b)[rounds.length >> 1];
  const ms = (part) => `${median((round) => round[part]).toFixed(0)} ms`;
  const ratio = (of) => median(of).toFixed(2);
  console.log(`${what}, hashed by the host: execution ${ms('execution')}, tar ${ms('tar')}, tar and digest ${ms('both')}, WebCrypto alone ${ms('alone')}: ratio ${ratio(({ both, alone }) => both / alone)}${limit}`);
  console.log(`  without a forecast before, execution included: ${ms('whole')}, ratio ${ratio(({ whole, alone }) => whole / alone)}; the build behind it ${ms('rest')}; finding and writing the tar costs ${ratio(({ tar, alone }) => tar / alone)} of WebCrypto's hashing`);
}

await layers('10,000 files of 1 KiB', context(10_000, 1024), 300);
await layers('16 files of 4 MiB', context(16, 4 << 20));
await hashed('16 files of 4 MiB', context(16, 4 << 20), ' (limit 1.2)');
await hashed('10,000 files of 1 KiB', context(10_000, 1024), '');

// What the next build would do: 100 steps, 10,000 files, one edit at a time.
const dockerfile = (edit) => {
  const runs = (name) => Array.from({ length: 48 }, (_, i) => `RUN echo ${i} > /${name}-${i}\n`).join('');
  return `FROM debian AS base\nWORKDIR /app\nCOPY src/dir-1 /first/\n${runs('step')}COPY . .\n${runs('later')}RUN echo last ${edit}\n`;
};
const encode = (text) => new TextEncoder().encode(text);
const wide = new Playground();
const files = Array.from({ length: 10_000 }, (_, i) => ({ path: `src/dir-${Math.floor(i / 100)}/file-${i % 100}.txt`, bytes: encode(`file ${i}\n`.repeat(50)), mode: 0o644, mtime: 0 }));
wide.setProject([...files, { path: 'Dockerfile', bytes: encode(dockerfile(0)), mode: 0o644, mtime: 0 }, { path: '.dockerignore', bytes: encode('Dockerfile\n'), mode: 0o644, mtime: 0 }]);
const line = 'docker build -t app .';

function forecast(what, rounds, edit) {
  const times = Array.from({ length: rounds }, (_, round) => {
    edit(round);
    const start = performance.now();
    wide.forecast(line);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  console.log(`forecast of 100 steps over 10,000 files, ${what}: ${times[0].toFixed(1)} ms best, ${times[rounds >> 1].toFixed(1)} ms median (limit 50 ms)`);
}

wide.command(line, 0);
forecast('nothing changed', 9, () => {});
forecast('another last step', 9, (round) => wide.writeFile('Dockerfile', encode(dockerfile(round + 1)), 1));
forecast('another file', 9, (round) => wide.writeFile('src/dir-7/file-7.txt', encode(`edit ${round}`), 1));
