// Advice that the engine tried: asked for, told with what it gains, applied as an edit that can be undone.
import { build, expect, ready, test, write } from './visit';

test.beforeEach(async ({ page }) => ready(page));

test('copying the manifest first pays, is applied by a click, and gains what was said', async ({ page }) => {
  await write(page, 'FROM golang:1.21-alpine\nWORKDIR /src\nCOPY . .\nRUN go mod download\nRUN go build -o /bin/client ./cmd/client\n');
  await build(page);
  await page.getByRole('button', { name: 'What would make it better?' }).click();
  const first = page.locator('[data-advice=manifest-first]');
  await expect(first).toContainText('go.mod go.sum', { timeout: 20_000 });
  await expect(first.locator('.gain')).toContainText(/\d+\.\d s less for the next build/);
  await first.getByRole('button', { name: 'Apply' }).click();
  await expect(page.locator('.cm-content')).toContainText(/COPY go\.mod go\.sum.*RUN go mod download.*COPY \. \./);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+z');
  await expect(page.locator('.cm-content')).toContainText(/WORKDIR \/srcCOPY \. \.RUN go mod download/);
});
