// The editor: one grammar, remarks with fixes, hovers that trace variables, completion, the forecast as one types.
import { build, dockerfile, expect, ready, test, write } from './visit';
import type { Page } from '@playwright/test';

test.beforeEach(async ({ page }) => ready(page));

const line = (page: Page, text: string) => page.locator('.cm-line', { hasText: text }).first();

test('colours come from the engine’s tokens', async ({ page }) => {
  await write(page, '# syntax=docker/dockerfile:1\nARG TAG=3.20\nFROM alpine:$TAG AS base\nCOPY --chmod=755 . /x\n');
  await expect(page.locator('.tok-keyword')).toHaveText(['ARG', 'FROM', 'AS', 'COPY']);
  await expect(page.locator('.tok-variable')).toContainText(['TAG']);
  await expect(page.locator('.tok-flag').first()).toContainText('--chmod');
  await expect(page.locator('.tok-stage')).toHaveText('base');
});

test('a remark says its rule, and its fix is a click or a key', async ({ page }) => {
  await write(page, 'FROM alpine as base\nENV NAME value\n');
  await expect(page.locator('.cm-lintRange-warning').first()).toBeVisible();
  await page.locator('.cm-lintRange-warning').first().hover();
  await expect(page.locator('.cm-tooltip .remark').first()).toContainText('FromAsCasing');
  await page.locator('.cm-tooltip .cm-diagnosticAction').first().click();
  await expect(line(page, 'FROM alpine')).toHaveText('FROM alpine AS base');
  await line(page, 'ENV NAME').click();
  await page.keyboard.press('Control+.');
  await expect(line(page, 'ENV NAME')).toHaveText(/ENV NAME="?value"?$/);
  await page.keyboard.press('Control+z');
  await expect(line(page, 'ENV NAME')).toHaveText('ENV NAME value');
});

test('hovering a variable tells its value, where it came from, or why it is empty', async ({ page }) => {
  await write(page, 'ARG OUTSIDE=1\nFROM alpine\nARG VERSION=1.2\nENV GREETING=hello\nRUN echo $VERSION $GREETING $OUTSIDE\nWORKDIR /srv/$VERSION\n');
  const hover = async (text: string, nth: number) => {
    await page.mouse.move(5, 5);
    await page.locator('.tok-variable', { hasText: text }).nth(nth).hover();
  };
  const tip = page.locator('.cm-tooltip .hover');
  await hover('VERSION', await page.locator('.tok-variable', { hasText: 'VERSION' }).count() - 1);
  await expect(tip).toContainText('VERSION = 1.2');
  await expect(tip).toContainText('line 3');
  await hover('OUTSIDE', await page.locator('.tok-variable', { hasText: 'OUTSIDE' }).count() - 1);
  await expect(tip).toContainText('OUTSIDE has no value here');
  await expect(tip).toContainText('before the first FROM');
});

test('completion: instructions, flags, stages, context paths, variables', async ({ page }) => {
  await write(page, 'FROM golang:1.21-alpine AS builder\nARG VERSION=1\nFROM alpine\n');
  const propose = async (text: string) => {
    await page.keyboard.press('Control+End');
    await page.keyboard.type(text);
    await page.keyboard.press('Control+ ');
    await expect(page.locator('.cm-tooltip-autocomplete')).toBeVisible();
    const found = await page.locator('.cm-tooltip-autocomplete li').allInnerTexts();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\n');
    return found.join('\n');
  };
  expect(await propose('WOR')).toContain('WORKDIR');
  expect(await propose('COPY --fr')).toContain('--from');
  expect(await propose('COPY --from=bu')).toContain('builder');
  expect(await propose('COPY go.m')).toContain('go.mod');
});

test('the forecast follows every key: cached and to run, with seconds and bytes, and then it happens', async ({ page }) => {
  await build(page);
  await expect(page.locator('.outlook')).toHaveText('Next build: all 7 steps would be CACHED.');
  const text = await dockerfile(page);
  await write(page, text.replace('./cmd/server', '-v ./cmd/server'));
  await expect(page.locator('.outlook')).toContainText('6 cached, 1 to run');
  await expect(page.locator('.forecast .mark.cached')).toHaveCount(6);
  await expect(page.locator('.forecast .mark.runs')).toHaveCount(1);
  await expect(page.locator('.figures .figure.runs')).toContainText(/~\d+\.\d s · \+\d/);
  await expect(page.locator('.forecast .mark.runs')).toHaveAttribute('title', /would run: .*command/);
  await build(page);
  await expect(page.locator('.graph .row.cached')).toHaveCount(6);
  await expect(page.locator('.graph .row.ran')).toHaveCount(1);
});
