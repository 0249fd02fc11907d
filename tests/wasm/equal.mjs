// Wasm equals native: every case and example that has a Dockerfile, through both builds of the engine. `./build.sh test` runs it.
// Compared: what is said of the file (outline, targets, checks), the events with the plan's digests and inputs, the progress with the image's.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Playground, loaded } from './engine.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const native = process.env.BOTTLESHIP ?? join(root, 'target/release/bottleship');
const MTIME = 1_700_000_000;
const FORMS = ['--call=outline,format=json', '--call=targets,format=json', '--check', '--progress=rawjson', '--progress=plain'];
const EARLY_FORM = 'docker build .';

const cases = ['tests/cases', 'www/examples'].flatMap((folder) => dockerfiles(join(root, folder)));
if (cases.length < 20) throw new Error(`only ${cases.length} cases found in tests/cases and www/examples`);
const failures = [];

// First what the page does before any build: the first module must do it alone.
for (const folder of cases) {
  const playground = open(folder);
  playground.analyze('Dockerfile', EARLY_FORM);
  playground.complete('Dockerfile', 0);
  playground.hover('Dockerfile', 0);
  playground.contexts(EARLY_FORM);
  playground.images();
  playground.free();
}
if (loaded() > 0) failures.push(`analysing made the first module load the second: see LATER in build.sh`);

for (const folder of cases) {
  for (const form of FORMS) {
    const [wanted, found] = [natively(folder, form), inWasm(folder, form)];
    if (wanted !== found) failures.push(`${relative(root, folder)} ${form}: ${difference(wanted, found)}`);
  }
}
console.log(`wasm equals native: ${cases.length} cases, ${FORMS.length} forms each, ${failures.length} differences`);
failures.forEach((failure) => console.error(failure));
process.exitCode = failures.length > 0 ? 1 : 0;

/** Folders with a Dockerfile. */
function dockerfiles(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.name === 'Dockerfile')) return [folder];
  return entries.filter((entry) => entry.isDirectory()).flatMap((entry) => dockerfiles(join(folder, entry.name)));
}

function natively(folder, form) {
  const copy = mkdtempSync(join(tmpdir(), 'bottleship-'));
  try {
    cpSync(folder, copy, { recursive: true });
    for (const path of [copy, ...readdirSync(copy, { recursive: true }).map((name) => join(copy, name))]) {
      chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644);
      utimesSync(path, MTIME, MTIME);
    }
    return said(run(['build', form, '.'], copy));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function run(args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(native, args, { cwd, env: {}, maxBuffer: 1 << 28, encoding: 'utf8' });
  if (error) throw error;
  return { exitCode: status, stdout, stderr };
}

function inWasm(folder, form) {
  const playground = open(folder);
  try {
    const answer = said(playground.command(`docker build ${form} .`, 0));
    playground.free();
    return answer;
  } catch (trap) {
    // A trapped playground stays borrowed: it cannot be freed.
    return `${trap.stack}`;
  }
}

function open(folder) {
  const playground = new Playground();
  const names = readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, name)).isFile());
  playground.setProject(names.map((path) => ({ path, bytes: new Uint8Array(readFileSync(join(folder, path))), mode: 0o644, mtime: MTIME * 1000 })));
  return playground;
}

function said({ exitCode, stdout, stderr }) {
  return `exit ${exitCode}\n${stdout}\n${stderr}`.trimEnd();
}

function difference(wanted, found) {
  const [a, b] = [wanted.split('\n'), found.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  const line = at < 0 ? a.length : at;
  return `line ${line + 1}\n  native: ${a[line]}\n  wasm:   ${b[line]}`;
}
