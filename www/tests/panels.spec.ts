// The panels that take things apart: reasons, files at a moment, the context, two builds, images in and out.
import { readFileSync } from 'node:fs';
import { build, expect, panel, part, ready, test, type, write } from './visit';

test.beforeEach(async ({ page }) => ready(page));

test('why it ran: the file that changed, in both languages', async ({ page }) => {
  await build(page);
  await page.locator('.filelist').getByRole('button', { name: 'server/main.go' }).click();
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('// changed\n');
  await build(page);
  const again = page.locator('[data-finding=ran-again]', { hasText: 'COPY . .' });
  await expect(again).toContainText('COPY . . ran again: cmd/server/main.go changed; 2 steps followed.');
  await again.getByRole('button').click();
  await expect(page.locator('.graph .row.chosen')).toContainText('COPY . .');
  await page.locator('.graph .row', { hasText: 'go build -o /bin/s' }).click();
  await expect(page.locator('.why')).toContainText('COPY . . ran again before it: cmd/server/main.go changed');
  await page.getByRole('button', { name: '日本語' }).click();
  await expect(page.locator('.why')).toContainText('cmd/server/main.go が変わりました');
});

test('files at a moment: the tree of a step, what it changed, text and hex', async ({ page }) => {
  await build(page);
  await panel(page, 'Files');
  const tree = page.locator('.tree');
  await expect(tree).toContainText('after RUN go build -o /bin/server');
  await tree.getByRole('button', { name: 'bin/' }).first().click();
  await expect(tree.locator('li.added')).toContainText('server');
  await tree.locator('li.added button').click();
  await expect(tree.locator('.content')).toContainText('modelled');
  await tree.getByRole('button', { name: '/', exact: true }).click();
  await tree.getByRole('button', { name: 'etc/' }).first().click();
  await tree.getByRole('button', { name: / passwd/ }).first().click();
  await expect(tree.locator('.content pre')).toContainText('root:x:0:0');
  await page.getByLabel('Time in the build').fill('700');
  await expect(tree).toContainText('after COPY . .');
  await expect(tree).not.toContainText('after RUN go build');
});

test('the context: what is sent, what decides, who takes it', async ({ page }) => {
  await panel(page, 'Context');
  const row = (path: string) => page.locator('.context tr', { has: page.getByText(path, { exact: true }) });
  await expect(row('go.mod')).toContainText('COPY go.mod go.sum .');
  await expect(row('Dockerfile').first()).toContainText('.dockerignore, line');
  await expect(page.locator('.context tr.ignored')).toHaveCount(2);
  await row('go.mod').getByRole('button', { name: 'COPY go.mod go.sum .' }).click();
  await expect(page.locator('.cm-line.line-chosen')).toHaveText('COPY go.mod go.sum .');
});

test('two builds side by side', async ({ page }) => {
  await panel(page, 'Compare');
  await expect(page.locator('.compare')).toContainText('Build twice');
  await build(page);
  await part(page, 2);
  await build(page);
  const compare = page.locator('.compare');
  await expect(compare.locator('tr', { has: page.getByRole('rowheader', { name: 'Size' }) })).toContainText(/1\d\dMB.*8\.\d+MB.*−1\d\dMB/);
  await expect(compare.locator('.scale')).toHaveCount(2);
  await expect(compare.locator('tr.added')).toContainText('COPY --from=0');
  await expect(compare).toContainText('/usr/');
});

test('an image goes out as an archive and comes in again', async ({ page }) => {
  await build(page);
  await part(page, 2);
  await build(page, 'docker build --tag=small .');
  await panel(page, 'Images');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save small:latest as an archive' }).click();
  const path = await (await saving).path();
  expect((await saving).suggestedFilename()).toBe('small.tar');
  await type(page, 'docker rmi small');
  await expect(page.locator('.images')).not.toContainText('small');
  await page.locator('input[type=file]').setInputFiles({ name: 'back.tar', mimeType: 'application/x-tar', buffer: readFileSync(path) });
  await expect(page.locator('.notice')).toContainText('Image back was loaded');
  await expect(page.locator('.images')).toContainText('back:latest');
  await write(page, 'FROM back\nCOPY go.mod /\n');
  expect(await build(page, 'docker build --tag=upon .')).toBeGreaterThan(8);
  await page.waitForTimeout(400);
  await page.reload();
  await ready(page);
  await panel(page, 'Images');
  await expect(page.locator('.images')).toContainText('back:latest');
});

test('the project goes out as a zip and comes in again; a link carries it', async ({ page }) => {
  await write(page, 'FROM alpine:3.20\nRUN echo mine > /mine\n');
  await expect(page.locator('.graph .row').first()).toContainText('FROM alpine:3.20');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the project as a zip' }).click();
  const path = await (await saving).path();
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('button', { name: 'OK' }).click();
  await expect(page.locator('.cm-content')).toContainText('FROM golang');
  await page.locator('input[type=file]').setInputFiles({ name: 'project.zip', mimeType: 'application/zip', buffer: readFileSync(path) });
  await expect(page.locator('.cm-content')).toContainText('echo mine > /mine');
  await page.getByRole('button', { name: 'Share' }).click();
  await expect(page.locator('.notice')).toContainText('link with the whole project');
  const address = page.url();
  expect(address).toContain('#s=');
  const other = await page.context().newPage();
  await other.goto(address);
  await expect(other.locator('.cm-content')).toContainText('echo mine > /mine');
});

test('the cache is kept over a reload, also of builds that are no longer kept; prune empties it', async ({ page }) => {
  await build(page);
  await page.waitForTimeout(3500);
  await page.evaluate(
    () =>
      new Promise<void>((done, failed) => {
        const opening = indexedDB.open('bottleship-main');
        opening.onsuccess = () => {
          const writing = opening.result.transaction('values', 'readwrite');
          writing.objectStore('values').put([], 'past');
          writing.oncomplete = () => (opening.result.close(), done());
          writing.onerror = () => failed(writing.error);
        };
      }),
  );
  await page.reload();
  await ready(page);
  await page.locator('.cm-content').click();
  await expect(page.locator('.outlook')).toHaveText('Next build: all 7 steps would be CACHED.');
  await type(page, 'docker builder prune -af');
  await expect(page.locator('.outlook')).toContainText('7 to run');
});
