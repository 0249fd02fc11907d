// Every sample opens; every part of its lesson applies with a click, and each of its commands is run with one and answers.
import { expect, ready, skip, test, terminal } from './visit';
import type { Page } from '@playwright/test';
import { readFileSync, readdirSync } from 'node:fs';

const EXAMPLES = new URL('../examples/', import.meta.url);

interface Part {
  readonly title: { readonly en: string };
  readonly commands?: readonly string[];
}

/** What begins the answer to a command of a lesson. */
const ANSWERS: readonly (readonly [RegExp, string])[] = [[/^docker images/, 'REPOSITORY'], [/^docker history/, '<missing>']];

test.beforeEach(async ({ page }) => ready(page));

for (const name of readdirSync(EXAMPLES).sort())
  test(`sample ${name}: opens, and its lesson leads through`, async ({ page }) => {
    test.setTimeout(120_000);
    const { parts } = JSON.parse(readFileSync(new URL(`${name}/lesson.json`, EXAMPLES), 'utf8')) as { readonly parts: readonly Part[] };
    await page.getByLabel('Project', { exact: true }).selectOption(name);
    for (const [index, part] of parts.entries()) {
      if (index > 0) await page.locator('.lesson').getByRole('button', { name: 'Next' }).click();
      await expect(page.locator('.lesson h2')).toHaveText(part.title.en);
      const apply = page.getByRole('button', { name: 'Apply this diff' });
      if ((await apply.count()) > 0) await apply.click();
      for (const command of part.commands ?? []) await run(page, command);
    }
  });

async function run(page: Page, command: string): Promise<void> {
  const builds = page.locator('.player .which option');
  const before = await builds.count();
  await page.locator('.lesson').getByRole('button', { name: `Run this command: ${command}`, exact: true }).click();
  if (/^docker build /.test(command)) {
    await expect(builds).toHaveCount(before + 1, { timeout: 20_000 });
    await skip(page);
    await expect(page.locator('.details .error')).toHaveCount(0);
    await expect(page.locator('.details [data-fact=size]')).toBeVisible();
    return;
  }
  const [, answer] = ANSWERS.find(([pattern]) => pattern.test(command)) ?? [];
  if (answer === undefined) throw new Error(`no answer is known to \`${command}\``);
  // The answer stands below the command, if that did not scroll away.
  await expect.poll(async () => (await terminal(page).innerText()).replaceAll('\u00a0', ' ').split(`$ ${command}`).at(-1)).toContain(answer);
}

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

test('a file is deleted, and brought back', async ({ page }) => {
  await page.locator('.filelist').getByRole('button', { name: 'go.mod' }).click();
  await page.getByRole('button', { name: 'Delete go.mod' }).click();
  await expect(page.locator('.filelist').getByRole('button', { name: 'go.mod' })).toHaveCount(0);
  await expect(page.locator('.editor-region h2')).toHaveText('Dockerfile');
  await page.getByRole('button', { name: 'Bring it back' }).click();
  await expect(page.locator('.filelist').getByRole('button', { name: 'go.mod' })).toHaveCount(1);
  await expect(page.locator('.editor-region h2')).toHaveText('go.mod');
});
