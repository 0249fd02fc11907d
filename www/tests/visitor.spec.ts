// What a visitor does with the guide, top to bottom, against the real engine: the eight points.
import { build, dockerfile, expect, megabytes, near, panel, part, ready, skip, terminal, test, type, write } from './visit';
import type { Page } from '@playwright/test';

test.beforeEach(async ({ page }) => ready(page));

test('1. the project in a tree and an editor, the terminal, an empty stage, and the lesson in two languages', async ({ page }) => {
  // Nothing was touched: what is written is drawn before anything is foretold.
  await expect(page.locator('.graph .row')).toHaveCount(7);
  const files = page.locator('.filelist');
  for (const file of ['client/main.go', 'server/main.go', 'go.mod', 'go.sum', 'Dockerfile']) await expect(files.getByRole('button', { name: file, exact: true })).toBeVisible();
  await expect(page.locator('.cm-content')).toContainText('FROM golang');
  await files.getByRole('button', { name: 'client/main.go' }).click();
  await expect(page.locator('.cm-content')).toContainText('package main');
  await expect(page.locator('.graph')).toContainText('Nothing was built yet. Press Build');
  await expect(page.locator('.graph .stage.ran, .graph .stage.running')).toHaveCount(0);
  await expect(page.locator('.lesson h2')).toHaveText('1. Everything in one stage');
  await page.getByRole('button', { name: '日本語' }).click();
  await expect(page.locator('.lesson h2')).toHaveText('1. すべてを一つのステージで');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
});

test('2. a build plays: progress in the terminal, the graph lights up, the timeline grows, the clock obeys', async ({ page }) => {
  await type(page, 'docker build --tag=buildme .');
  await expect(terminal(page)).toContainText('[+] Building');
  await expect(page.locator('.graph .stage.running')).toHaveCount(1);
  await page.getByRole('button', { name: 'Pause' }).click();
  const time = page.locator('.player output');
  const paused = await time.innerText();
  await page.waitForTimeout(300);
  await expect(time).toHaveText(paused);
  await page.getByLabel('Speed').selectOption('50');
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(page.locator('.graph .stage.ran')).toHaveCount(1, { timeout: 3000 });
  await expect(terminal(page)).toContainText('[7/7] RUN go build -o /bin/server');
  await panel(page, 'Timeline');
  await expect(page.locator('.bar.ran')).not.toHaveCount(0);
  const whole = await page.locator('.bar.ran').count();
  await page.getByLabel('Time in the build').fill('500');
  expect(await page.locator('.bar.ran').count()).toBeLessThan(whole);
  await expect(page.locator('.bar.running')).toHaveCount(1);
  await page.getByLabel('Time in the build').fill('0');
  await expect(page.locator('.bar.ran')).toHaveCount(0);
  await skip(page);
  await expect(page.locator('.bar.ran')).toHaveCount(whole);
});

test('3. docker images prints the table, about 150 MB', async ({ page }) => {
  near(await build(page), 150);
  await type(page, 'docker images buildme');
  await expect(terminal(page)).toContainText(/REPOSITORY\s+TAG\s+IMAGE ID\s+CREATED\s+SIZE/);
  await expect(terminal(page)).toContainText(/buildme\s+latest\s+[0-9a-f]{12}\s+.*ago\s+1[45]\d(\.\d)?MB/);
});

test('4. the first diff: about 8.45 MB; history and layers say where the bytes went', async ({ page }) => {
  await build(page);
  await part(page, 2);
  near(await build(page), 8.45);
  await expect(page.locator('[data-finding=smaller]')).toContainText(/is 1\d\dMB smaller than the one before: the tools stay in stage-0/);
  await type(page, 'docker history buildme');
  await expect(terminal(page)).toContainText(/COPY \/bin\/client \/bin\/server \/bin\//);
  await panel(page, 'Layers');
  const layer = page.locator('.layer', { hasText: 'COPY /bin/client /bin/server /bin/' });
  near(megabytes(await layer.locator('.num').first().innerText()), 8.45);
  await layer.click();
  await layer.getByText('/bin/', { exact: true }).click();
  await expect(layer.locator('.files li li')).toContainText(['/bin/client', '/bin/server']);
});

test('5. the second diff: both build stages run at the same time, and the page says what that saves', async ({ page }) => {
  await build(page);
  const before = await seconds(page);
  await part(page, 3);
  await build(page, 'docker build --no-cache --tag=buildme .');
  await panel(page, 'Timeline');
  const [client, server] = [await longest(page, 'build-client'), await longest(page, 'build-server')];
  const together = Math.min(client.right, server.right) - Math.max(client.left, server.left);
  expect(together).toBeGreaterThan(0.8 * Math.min(client.right - client.left, server.right - server.left));
  await expect(page.locator('[data-fact=saved]')).toContainText(/Parallelism saves \d+\.\d s/);
  await expect(page.locator('[data-finding=parallel]')).toContainText(/saves \d+\.\d s/);
  expect(await seconds(page)).toBeLessThan(before);
  await expect(page.locator('.bar[title^="RUN go build -o /bin/client"]')).toHaveAttribute('title', /critical path$/);
  await expect(page.locator('.bar[title^="RUN go build -o /bin/server"]')).toHaveAttribute('title', /could end \d\.\d+ s later and delay nothing$/);
  await page.getByLabel('Time in the build').fill('700');
  await expect(page.locator('.bar.running')).toHaveCount(2);
});

test('6. the third diff: two images, skipped stages that cost nothing, CACHED steps', async ({ page }) => {
  await part(page, 4);
  near(await build(page, 'docker build --tag=buildme-client --target=client .'), 4.25);
  await expect(page.locator('.graph .stage.skipped .name')).toHaveText(['build-server', 'server']);
  await expect(page.locator('[data-finding=skipped-stage]')).toContainText('build-server and server');
  await panel(page, 'Timeline');
  await expect(page.locator('.lane.skipped')).toHaveCount(2);
  await expect(page.locator('.lane.skipped .bar')).toHaveCount(0);
  near(await build(page, 'docker build --tag=buildme-server --target=server .'), 4.2);
  await panel(page, 'Graph');
  await expect(page.locator('.graph .stage.cached .name')).toHaveText(['base']);
  await expect(page.locator('.graph .row.cached .figure').first()).toHaveText('CACHED');
  await expect(terminal(page)).toContainText('CACHED [base 2/5] WORKDIR /src');
});

test('7. three ways to break it: the error, the line marked, nothing lost', async ({ page }) => {
  await build(page);
  const text = await dockerfile(page);
  await write(page, `${text.trimEnd()}\nFRM scratch\n`);
  await expect(page.locator('.cm-lintRange-error')).toContainText('FRM');
  await expect(page.locator('.outlook')).toContainText('unknown instruction: FRM (did you mean FROM?)');
  await type(page, 'docker build .');
  await expect(terminal(page)).toContainText('dockerfile parse error on line 10: unknown instruction: FRM (did you mean FROM?)');
  await expect(page.locator('.details .error')).toContainText('unknown instruction: FRM (did you mean FROM?)');
  await expect(page.locator('.cm-line.line-failed')).toHaveText('FRM scratch');
  await expect(page.locator('.graph .stage .name').first()).toHaveText('stage-0');

  await write(page, `${text.trimEnd()}\nCOPY missing.txt /\n`);
  await type(page, 'docker build .');
  await expect(page.locator('.player .which option')).toHaveCount(3);
  await skip(page);
  await expect(terminal(page)).toContainText('ERROR: failed to build: failed to solve: failed to compute cache key');
  await expect(page.locator('.details .error')).toContainText('"/missing.txt": not found');
  await expect(page.locator('.cm-line.line-failed')).toHaveText('COPY missing.txt /');

  await type(page, 'docker build --target=nope .');
  await expect(page.locator('.details .error')).toContainText('target stage "nope" could not be found');
  await expect(page.locator('.cm-content')).toContainText('COPY missing.txt /');
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+z');
  await expect(page.locator('.cm-content')).toContainText('FRM scratch');
  await type(page, 'docker images -q');
  await panel(page, 'Images');
  await expect(page.locator('.images')).toContainText('buildme');
});

test('8. a reload keeps project, images and terminal history; Reset asks and brings the sample back', async ({ page }) => {
  const size = await build(page);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('# kept\n');
  await page.waitForTimeout(600);
  await page.reload();
  await ready(page);
  await expect(page.locator('.cm-content')).toContainText('# kept');
  await page.locator('.terminal-region .xterm-host').click();
  await page.keyboard.press('ArrowUp');
  await expect(terminal(page)).toContainText('docker build --tag=buildme .');
  await panel(page, 'Images');
  await expect(page.locator('.images tbody tr')).toContainText(['buildme']);
  expect(megabytes(await page.locator('.images td.num').innerText())).toBe(size);
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('.cm-content')).toContainText('# kept');
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('button', { name: 'OK' }).click();
  await expect(page.locator('.cm-content')).not.toContainText('# kept');
  await expect(page.locator('.images')).toContainText('No images yet');
});

/** What the build that is looked at took, in seconds. */
async function seconds(page: Page): Promise<number> {
  const [, minutes, rest] = /\/ (\d+):([\d.]+)/.exec(await page.locator('.player output').innerText()) ?? [];
  return Number(minutes) * 60 + Number(rest);
}

/** Where the longest bar of a lane begins and ends, in pixels. */
async function longest(page: Page, lane: string): Promise<{ readonly left: number; readonly right: number }> {
  const bars = await page.locator('.lane', { has: page.getByText(lane, { exact: true }) }).locator('.bar').all();
  const boxes = await Promise.all(bars.map(async (bar) => (await bar.boundingBox()) ?? { x: 0, width: 0 }));
  const box = boxes.reduce((most, next) => (next.width > most.width ? next : most));
  return { left: box.x, right: box.x + box.width };
}
