// The page as such: one selection, one clock, keys, two themes, two sizes, and what assistive technology sees.
import AxeBuilder from '@axe-core/playwright';
import { build, expect, panel, part, ready, test, type } from './visit';
import type { Page } from '@playwright/test';

test.beforeEach(async ({ page }) => ready(page));

test('one selection: line, step, bar, log and layer are marked together', async ({ page }) => {
  await build(page);
  await page.locator('.cm-line', { hasText: 'RUN go mod download' }).click();
  await expect(page.locator('.graph .row.chosen')).toContainText('RUN go mod download');
  await expect(page.locator('.chosen-step')).toContainText('RUN go mod download');
  await panel(page, 'Timeline');
  await expect(page.locator('.bar.chosen')).toHaveAttribute('aria-label', /RUN go mod download/);
  await panel(page, 'Layers');
  await expect(page.locator('.layer.chosen')).toContainText('go mod download');
  await page.locator('.layer', { hasText: 'go build -o /bin/client' }).click();
  await expect(page.locator('.cm-line.line-chosen')).toContainText('go build -o /bin/client');
  await panel(page, 'Graph');
  await page.locator('.graph .row', { hasText: 'WORKDIR' }).click();
  await expect(page.locator('.cm-line.line-chosen')).toHaveText('WORKDIR /src');
});

test('what is under the pointer is marked everywhere', async ({ page }) => {
  await build(page);
  await page.locator('.graph .row', { hasText: 'go mod download' }).hover();
  await expect(page.locator('.cm-line.line-hovered')).toHaveText('RUN go mod download');
  await page.locator('.cm-line', { hasText: 'WORKDIR' }).hover();
  await expect(page.locator('.graph .row.hovered')).toContainText('WORKDIR');
});

test('one clock: gutter, graph and files show the same moment', async ({ page }) => {
  await build(page);
  await expect(page.locator('.forecast .mark.ran')).toHaveCount(7);
  await expect(page.locator('.figures .figure:not(.none)', { hasText: 'MB' })).toHaveCount(3);
  await page.getByLabel('Time in the build').fill('600');
  await expect(page.locator('.forecast .mark.running')).toHaveCount(1);
  await expect(page.locator('.graph .row.running')).toHaveCount(1);
  await panel(page, 'Files');
  await expect(page.locator('.tree')).toContainText('after COPY . .');
});

test('after an edit the graph shows what would be built, and the clock brings the build back', async ({ page }) => {
  await build(page);
  await part(page, 3);
  await expect(page.locator('.graph .stage .name')).toHaveText(['base', 'build-client', 'build-server', 'stage-3']);
  await expect(page.locator('.graph')).toContainText('What would be built now');
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(page.locator('.graph .stage .name').first()).toHaveText('stage-0');
});

test('keys: build, step, play, panels, help', async ({ page }) => {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Enter');
  await expect(page.locator('.player')).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.panel').focus();
  await page.getByLabel('Time in the build').fill('0');
  await page.locator('.panel').focus();
  const time = page.locator('.player output');
  const before = await time.innerText();
  for (let i = 0; i < 12; i++) await page.keyboard.press(']');
  expect(await time.innerText()).not.toBe(before);
  await page.keyboard.press(' ');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await page.keyboard.press('Alt+2');
  await expect(page.getByRole('tab', { name: 'Timeline' })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('previous, next event');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a breakpoint pauses the build at its instruction; the files of that moment are there; playing goes on', async ({ page }) => {
  await page.locator('.cm-lineNumbers .cm-gutterElement', { hasText: /^6$/ }).click();
  await expect(page.locator('.cm-lineNumbers .breakpoint')).toHaveText('6');
  await type(page, 'docker build --tag=buildme .');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible({ timeout: 10_000 });
  await expect(page.locator('.chosen-step')).toContainText('COPY . .');
  await expect(page.locator('.graph .row.ran')).toHaveCount(4);
  await panel(page, 'Files');
  await expect(page.locator('.tree')).toContainText('after RUN go mod download');
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByRole('button', { name: 'Skip to the end' }).click();
  await expect(page.locator('.details [data-fact=size]')).toBeVisible();
});

test('arrow keys turn the tabs; the graph is a list for screen readers', async ({ page }) => {
  await part(page, 4);
  await build(page, 'docker build --target=client .');
  await page.getByRole('tab', { name: 'Graph' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Timeline' })).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  const list = page.getByRole('list', { name: 'Graph' });
  await expect(list).toContainText('base: ran');
  await expect(list).toContainText('server: skipped');
  await expect(list).toContainText('RUN go build -o /bin/client ./cmd/client: ran');
});

test('less motion: a build is shown at its end', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await type(page, 'docker build --tag=buildme .');
  // Played, it would take several seconds; the second module of the engine comes with the first touch, before that.
  await expect(page.locator('.player')).toBeVisible({ timeout: 20_000 });
  await expect(page.locator('.details [data-fact=size]')).toBeVisible({ timeout: 1500 });
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
});

async function accessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).exclude('.xterm-host').analyze();
  // A bar of the timeline is as wide as its time; a row of the log's steps is the same control, large enough.
  const faults = found.violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} ${node.any[0]?.message ?? ''}`));
  expect(faults.filter((fault) => !(fault.startsWith('target-size') && fault.includes('.bar')))).toEqual([]);
}

for (const [name, width, height] of [['desktop', 1280, 800], ['phone', 390, 844]] as const)
  for (const colorScheme of ['light', 'dark'] as const)
    test(`${name}, ${colorScheme}: accessible, nothing sticks out, and pictures of it`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      const picture = (what: string) => page.screenshot({ path: `test-results/screenshots/${name}-${colorScheme}-${what}.png` });
      const look = async (view: string) => {
        if (name === 'phone') await page.locator('.switcher').getByRole('button', { name: view }).click();
      };
      await accessible(page);
      await picture('empty');
      await look('Lesson');
      await page.locator('.lesson').getByRole('button', { name: 'Next' }).click();
      await page.getByRole('button', { name: 'Apply this diff' }).click();
      await accessible(page);
      await page.getByRole('button', { name: 'Build', exact: false }).first().click();
      await expect(page.locator('.details [data-fact=size]')).toBeVisible();
      for (const tab of await page.getByRole('tab').all()) {
        await tab.click();
        await page.waitForTimeout(100);
        await accessible(page);
        await picture((await tab.getAttribute('data-panel')) ?? 'tab');
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });
