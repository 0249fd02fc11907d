// What a visitor does with the guide, top to bottom, against the real engine.
import { expect, test, type Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';

const TROUBLE = new WeakMap<Page, string[]>();

test.beforeEach(async ({ page }) => {
  const trouble: string[] = [];
  TROUBLE.set(page, trouble);
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
  await page.goto('./');
  await expect(page.locator('.xterm-rows')).toContainText('$');
});

test.afterEach(({ page }) => expect(TROUBLE.get(page)).toEqual([]));

async function type(page: Page, line: string): Promise<void> {
  await page.locator('.terminal-region').click();
  await page.keyboard.type(`${line}\n`);
}

/** Builds, skips the watching, and gives the image's size in MB. */
async function build(page: Page, line = 'docker build --tag=buildme .'): Promise<number> {
  await type(page, line);
  await expect(page.locator('.player')).toBeVisible();
  await page.getByRole('button', { name: 'Skip to the end' }).click();
  const text = await page.locator('.details [data-fact=size] strong').innerText();
  return Number.parseFloat(text) * (text.includes('kB') ? 0.001 : 1);
}

async function part(page: Page, number: number): Promise<void> {
  while (!(await page.locator('.lesson h2').innerText()).startsWith(`${number}.`)) await page.locator('.lesson').getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Apply this diff' }).click();
}

test('1. the project, the editor, the terminal, an empty stage and the lesson in two languages', async ({ page }) => {
  await expect(page.locator('.filelist')).toContainText('cmd/client/main.go');
  await expect(page.locator('.cm-content')).toContainText('FROM golang');
  await expect(page.locator('.graph')).toContainText('waiting');
  await page.getByRole('button', { name: '日本語' }).click();
  await expect(page.locator('.lesson')).toContainText('ステージ');
});

test('2. a build plays: terminal, graph, timeline, and the clock obeys', async ({ page }) => {
  await type(page, 'docker build --tag=buildme .');
  await expect(page.locator('.xterm-rows')).toContainText('[+] Building');
  await page.getByRole('button', { name: 'Skip to the end' }).click();
  await expect(page.locator('.graph .stage.ran')).not.toHaveCount(0);
  await expect(page.locator('.xterm-rows')).toContainText('[7/7] RUN go build');
  await page.getByLabel('Time in the build').fill('0');
  await expect(page.locator('.graph .stage.ran')).toHaveCount(0);
  await page.getByRole('tab', { name: 'Timeline' }).click();
  await expect(page.locator('.bar')).not.toHaveCount(0);
});

test('3. docker images prints the table, about 150 MB', async ({ page }) => {
  const size = await build(page);
  expect(Math.abs(size - 150)).toBeLessThan(150 * 0.02);
  await type(page, 'docker images buildme');
  await expect(page.locator('.xterm-rows')).toContainText(/REPOSITORY\s+TAG\s+IMAGE ID\s+CREATED\s+SIZE/);
});

test('4. the first diff: about 8.45 MB, and the layers say where the bytes went', async ({ page }) => {
  await part(page, 2);
  expect(Math.abs((await build(page)) - 8.45)).toBeLessThan(8.45 * 0.02);
  await type(page, 'docker history buildme');
  await page.getByRole('tab', { name: 'Layers' }).click();
  await expect(page.locator('.layer')).not.toHaveCount(0);
});

test('5. the second diff: two stages at once, and the page says what it saved', async ({ page }) => {
  await part(page, 3);
  await build(page);
  await page.getByRole('tab', { name: 'Timeline' }).click();
  await expect(page.locator('[data-fact=saved]')).toContainText('Parallelism saves');
});

test('6. the third diff: targets, skipped stages, cached steps', async ({ page }) => {
  await part(page, 4);
  expect(Math.abs((await build(page, 'docker build --tag=buildme-client --target=client .')) - 4.25)).toBeLessThan(0.09);
  await expect(page.locator('.graph .stage.skipped')).toHaveCount(2);
  expect(Math.abs((await build(page, 'docker build --tag=buildme-server --target=server .')) - 4.2)).toBeLessThan(0.09);
  await expect(page.locator('.graph .row.cached')).not.toHaveCount(0);
});

test('7. a broken Dockerfile: the error, the line, nothing lost', async ({ page }) => {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('COPY missing.txt /\n');
  await type(page, 'docker build .');
  await page.getByRole('button', { name: 'Skip to the end' }).click();
  await expect(page.locator('.details .error')).toContainText('missing.txt');
  await expect(page.locator('.cm-line.line-failed')).toContainText('missing.txt');
  await type(page, 'docker build --target=nope .');
  await expect(page.locator('.details .error')).toContainText('nope');
});

test('8. a reload keeps the project and the history; Reset asks and brings the sample back', async ({ page }) => {
  await build(page);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('# kept\n');
  await page.waitForTimeout(600);
  await page.reload();
  await expect(page.locator('.cm-content')).toContainText('# kept');
  await expect(page.locator('.xterm-rows')).toContainText('$');
  await page.locator('.terminal-region').click();
  await page.keyboard.press('ArrowUp');
  await expect(page.locator('.xterm-rows')).toContainText('docker build --tag=buildme .');
  await page.getByRole('tab', { name: 'Images' }).click();
  await expect(page.locator('.images')).toContainText('buildme');
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('button', { name: 'OK' }).click();
  await expect(page.locator('.cm-content')).not.toContainText('# kept');
});

for (const [name, width, height] of [['desktop', 1280, 800], ['phone', 390, 844]] as const)
  for (const colorScheme of ['light', 'dark'] as const)
    test(`${name}, ${colorScheme}: accessible, and a picture of it`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).exclude('.xterm-host').analyze();
      expect(found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
      await page.screenshot({ path: `test-results/screenshots/${name}-${colorScheme}.png` });
    });
