// Every sample opens and builds; every part of a lesson applies with a click and builds by its own commands.
import { expect, ready, skip, test, terminal } from './visit';
import { readdirSync } from 'node:fs';

const NAMES = readdirSync(new URL('../examples', import.meta.url)).sort();

test.beforeEach(async ({ page }) => ready(page));

for (const name of NAMES)
  test(`sample ${name}: opens, builds, and its lesson leads through`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.getByLabel('Project', { exact: true }).selectOption(name);
    await expect(page.locator('.filelist')).toContainText('Dockerfile');
    await page.getByRole('button', { name: '▶ Build' }).click();
    await skip(page);
    await expect(page.locator('.details [data-fact=size]')).toBeVisible();
    const next = page.locator('.lesson').getByRole('button', { name: 'Next' });
    for (let part = 1; (await next.count()) > 0 && (await next.isEnabled()); part++) {
      await next.click();
      const apply = page.getByRole('button', { name: 'Apply this diff' });
      if ((await apply.count()) > 0) await apply.click();
      for (const command of await page.locator('.lesson .command').all()) {
        await command.click();
        await expect(terminal(page)).toContainText('$');
        const text = (await command.innerText()).replace('▶', '').trim();
        if (!/docker (buildx )?build /.test(text)) continue;
        await expect(page.locator('header .what')).toHaveText(text);
        await skip(page);
        await expect(page.locator('.details .error')).toHaveCount(0);
        await expect(page.locator('.details [data-fact=size]')).toBeVisible();
      }
    }
  });

test('a lesson is kept over a reload; one’s own files have none', async ({ page }) => {
  await page.locator('.lesson').getByRole('button', { name: 'Next' }).click();
  await page.waitForTimeout(400);
  await page.reload();
  await ready(page);
  await expect(page.locator('.lesson h2')).toHaveText('2. Ship only the result');
  await page.locator('input[type=file]').setInputFiles(['Dockerfile', 'a.txt'].map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('FROM scratch\n') })));
  await expect(page.locator('.lesson')).toContainText('This project has no lesson');
  await expect(page.locator('.cm-content')).toHaveText('FROM scratch');
  await page.getByRole('button', { name: 'Bring back the project before' }).click();
  await expect(page.locator('.lesson h2')).toHaveText('2. Ship only the result');
  await expect(page.locator('.cm-content')).toContainText('FROM golang');
});
