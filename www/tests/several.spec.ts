// What the engine works out of several builds, and of a moment: the same edit in both, further workers, the environment, Ctrl-C.
import { build, expect, panel, ready, skip, terminal, test, type, write } from './visit';

test.beforeEach(async ({ page }) => ready(page));

test('two builds under the same edit', async ({ page }) => {
  await write(page, 'FROM busybox\nCOPY . /src\nRUN sleep 8\n');
  await build(page);
  await write(page, 'FROM busybox\nRUN sleep 8\nCOPY . /src\n');
  await build(page);
  await panel(page, 'Compare');
  await page.getByRole('button', { name: 'What would the same edit cost in both?' }).click();
  const table = page.locator('.same-edit table');
  await expect(table).toContainText('Both after an edit of');
  const [before, after] = await table.getByRole('row', { name: /^after the edit/ }).getByRole('cell').allInnerTexts();
  expect(Number.parseFloat(before ?? '')).toBeGreaterThan(8);
  expect(Number.parseFloat(after ?? '')).toBeLessThan(2);
  await expect(table.getByRole('row', { name: /^run after the edit/ }).getByRole('cell')).toHaveText(['2', '1']);
});

test('the Dockerfile beside another of the project', async ({ page }) => {
  await page.locator('input[type=file]').setInputFiles([{ name: 'late.Dockerfile', mimeType: 'text/plain', buffer: Buffer.from('FROM busybox\nRUN sleep 8\nCOPY . /src\n') }]);
  await expect(page.locator('.filelist')).toContainText('late.Dockerfile');
  await write(page, 'FROM busybox\nCOPY . /src\nRUN sleep 8\n');
  await panel(page, 'Compare');
  await page.getByRole('button', { name: 'Compare the Dockerfile with late.Dockerfile' }).click();
  const table = page.locator('.same-edit table');
  const cells = async (row: RegExp) => (await table.getByRole('row', { name: row }).getByRole('cell').allInnerTexts()).map(Number.parseFloat);
  await expect(table).toContainText('Both after an edit of');
  const [here, late] = await cells(/^after the edit/);
  expect(here).toBeGreaterThan(8);
  expect(late).toBeLessThan(2);
  expect(await cells(/^run after the edit/)).toEqual([2, 1]);
});

test('what further workers would give', async ({ page }) => {
  await build(page);
  await panel(page, 'Timeline');
  await expect(page.locator('[data-fact=workers]')).toContainText(/^With one worker \d.*, 2 workers .*one more would gain nothing\.$/);
  await write(page, 'FROM busybox\nRUN sleep 1\nRUN sleep 2\n');
  await build(page);
  await expect(page.locator('[data-fact=workers]')).toContainText('A second worker would gain nothing');
  await page.getByRole('button', { name: '日本語' }).click();
  await expect(page.locator('[data-fact=workers]')).toContainText('ワーカーを増やしても変わりません');
});

test('the environment of the stage at each step', async ({ page }) => {
  await write(page, 'FROM busybox\nARG V=1\nENV A=one\nWORKDIR /work\nENV A=two\nUSER nobody\nRUN echo hi\n');
  await build(page);
  await panel(page, 'Files');
  const environment = page.locator('.environment');
  await expect(environment.locator('summary')).toHaveText('Environment: nobody /work');
  await environment.locator('summary').click();
  await expect(environment.locator('tr', { hasText: 'two' })).toHaveClass('added');
  await expect(environment.locator('tr', { hasText: 'V' }).last()).toContainText('ARG');
  await page.locator('.graph .row, .timeline .bar').first().waitFor({ state: 'attached' });
  await panel(page, 'Graph');
  await page.locator('.graph .row', { hasText: 'WORKDIR' }).click();
  await panel(page, 'Files');
  await expect(environment.locator('summary')).toHaveText('Environment: root /work');
  await expect(environment).toContainText('one');
});

test('Ctrl-C cancels the build that plays', async ({ page }) => {
  await write(page, 'FROM busybox\nRUN sleep 2\nRUN sleep 300\nRUN echo never\n');
  await type(page, 'docker build -t app .');
  await expect(terminal(page)).toContainText('RUN sleep 300');
  await page.keyboard.press('Control+c');
  await expect(terminal(page)).toContainText('CANCELED [3/4] RUN sleep 300');
  await expect(terminal(page)).toContainText('ERROR: failed to build: failed to solve: Canceled: context canceled');
  await type(page, 'docker buildx history inspect');
  await expect(terminal(page)).toContainText(/Status:\s+Canceled/);
  await panel(page, 'Images');
  await expect(page.locator('.images')).toContainText('No images yet');
  await page.reload();
  await ready(page);
  await expect(page.locator('.images')).toContainText('No images yet');
  await type(page, 'docker build -t app .');
  await skip(page);
  await expect(terminal(page)).toContainText('CACHED [2/4] RUN sleep 2');
});
