// Playgrounds in somebody's documentation: parts, one engine, lazy, no shift, the link that carries everything.
import { expect, test, write } from './visit';

test.use({ address: 'embed.html' });

test('parts by attributes, each with its own project; a log and layers that build by themselves', async ({ page }) => {
  const [first, second, third, fourth] = [0, 1, 2, 3].map((index) => page.locator('bottleship-playground').nth(index));
  await first!.getByRole('button', { name: 'Build' }).click();
  await expect(first!.locator('.graph .stage .name')).toHaveText(['build', 'stage-1', 'buildme:latest']);
  await expect(first!.getByRole('tab')).toHaveCount(0);
  await second!.scrollIntoViewIfNeeded();
  await expect(second!.locator('.cm-content')).toContainText('FROM busybox');
  await expect(second!).toHaveAttribute('data-theme', 'dark');
  await second!.getByRole('button', { name: 'Build' }).click();
  await expect(second!.locator('.xterm-rows')).toContainText('docker build -t tiny .');
  await expect(second!.locator('.xterm-rows')).toContainText('[+] Building');
  await third!.scrollIntoViewIfNeeded();
  await expect(third!.locator('.log')).toContainText('line 3', { timeout: 15_000 });
  await expect(third!.locator('.cm-content')).toHaveCount(0);
  await fourth!.scrollIntoViewIfNeeded();
  await expect(fourth!.locator('.layer')).toContainText(['rm /large'], { timeout: 15_000 });
  await expect(fourth!.locator('.waste')).toContainText('Wasted space: 2MB');
});

test('what leads to a panel that is not there leaves the one that is', async ({ page }) => {
  const first = page.locator('bottleship-playground').first();
  await first.getByRole('button', { name: 'Build' }).click();
  await first.getByRole('button', { name: 'Skip to the end' }).click();
  await first.locator('.graph .stage.image.there').click();
  await first.locator('.cm-content').press('Alt+4');
  await expect(first.locator('.graph')).toBeVisible();
});

test('nothing loads before it is seen, all share one worker, nothing shifts', async ({ page }) => {
  const far = page.locator('bottleship-playground').nth(3);
  await expect(page.locator('.cm-content').first()).toBeVisible();
  expect(await far.evaluate((element) => element.shadowRoot?.querySelector('.frame-all'))).toBeNull();
  const boxes = () => page.locator('bottleship-playground').evaluateAll((all) => all.map((element) => [element.getBoundingClientRect().top + scrollY, element.clientHeight]));
  const before = await boxes();
  for (const element of await page.locator('bottleship-playground').all()) {
    await element.scrollIntoViewIfNeeded();
    await expect(element.locator('.frame-all')).toBeVisible();
  }
  expect(await boxes()).toEqual(before);
  expect(page.workers()).toHaveLength(1);
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('the link carries files and command to the whole page', async ({ page, context }) => {
  const first = page.locator('bottleship-playground').first();
  await expect(first.locator('.cm-content')).toContainText('FROM alpine');
  await write(page, 'FROM alpine:3.20 AS mine\nRUN echo shared > /x\n');
  const opening = context.waitForEvent('page');
  await first.getByRole('button', { name: 'Open in the playground' }).click();
  const whole = await opening;
  await expect(whole.locator('.cm-content')).toContainText('FROM alpine:3.20 AS mine');
  await expect(whole.locator('.graph .stage .name').first()).toHaveText('mine');
  expect(whole.url()).toMatch(/index\.html#s=[\w-]+$/);
});
