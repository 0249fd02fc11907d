// What the browser tests share: a page that must not complain, and the ways a visitor acts on it.
import { test as base, expect, type Locator, type Page } from '@playwright/test';

export { expect };

/** Every test opens the page and fails on any error that it reports. */
export const test = base.extend<{ address: string }>({
  address: ['./', { option: true }],
  page: async ({ page, address }, use) => {
    const trouble: string[] = [];
    page.on('pageerror', (error) => trouble.push(error.message));
    page.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
    await page.goto(address);
    await use(page);
    expect(trouble).toEqual([]);
  },
});

export async function ready(page: Page): Promise<void> {
  // The builds of the visit before are done again first.
  await expect(terminal(page)).toContainText('$', { timeout: 20_000 });
}

export const terminal = (page: Page): Locator => page.locator('.xterm-rows');

/** Types a line into the terminal. */
export async function type(page: Page, line: string): Promise<void> {
  await page.locator('.terminal-region .xterm-host').click();
  await page.keyboard.type(`${line}\n`);
}

export async function skip(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Skip to the end' }).click();
}

/** The number of the build that is looked at. */
const builds = (page: Page): Promise<number> => page.locator('.player .which option').count();

/** Builds, skips the watching, and gives the image's size in MB. */
export async function build(page: Page, line = 'docker build --tag=buildme .'): Promise<number> {
  const before = await builds(page);
  await type(page, line);
  await expect.poll(() => builds(page)).toBe(before + 1);
  await skip(page);
  return megabytes(await page.locator('.details [data-fact=size] strong').first().innerText());
}

export function megabytes(text: string): number {
  const found = /([\d.]+)\s*([kMG]?)B/.exec(text);
  const factor = { '': 1e-6, k: 1e-3, M: 1, G: 1e3 }[found?.[2] ?? ''] ?? 1;
  return Number(found?.[1]) * factor;
}

/** Within 2 %. */
export function near(actual: number, wanted: number): void {
  expect(Math.abs(actual - wanted) / wanted, `${actual} MB should be ${wanted} MB within 2 %`).toBeLessThanOrEqual(0.02);
}

/** Goes to a part of the lesson and applies its diff with a click. */
export async function part(page: Page, number: number): Promise<void> {
  while (!(await page.locator('.lesson h2').innerText()).startsWith(`${number}.`)) await page.locator('.lesson').getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Apply this diff' }).click();
  await expect(page.getByRole('button', { name: 'Applied' })).toBeDisabled();
}

export async function panel(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name, exact: true }).click();
}

/** Replaces the Dockerfile by typing it. */
export async function write(page: Page, text: string): Promise<void> {
  // Proposals may still lie over it.
  await page.locator('.cm-content').first().focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

export async function dockerfile(page: Page): Promise<string> {
  return (await page.locator('.cm-line').allInnerTexts()).join('\n');
}
