// The terminal's line: history, completion, movement, paste, long lines, Ctrl-C.
import type { Page } from '@playwright/test';
import { expect, ready, terminal, test } from './visit';

/** Types; `⇥` is the Tab key. */
async function keys(page: Page, text: string): Promise<void> {
  for (const [index, piece] of text.split('⇥').entries()) {
    if (index > 0) await page.keyboard.press('Tab');
    if (piece) await page.keyboard.type(piece);
  }
}

test.beforeEach(async ({ page }) => {
  await ready(page);
  await page.locator('.terminal-region .xterm-host').click();
});

test('completion of commands, flags, stages and files', async ({ page }) => {
  await keys(page, 'doc⇥bui⇥⇥');
  await expect(terminal(page)).toContainText('builder  buildx');
  await keys(page, ' --tar⇥');
  await expect(terminal(page)).toContainText('docker build --target=');
  await keys(page, 'st⇥');
  await expect(terminal(page)).toContainText('--target=stage-0');
  await page.keyboard.press('Control+u');
  await keys(page, 'cat go.m⇥\n');
  await expect(terminal(page)).toContainText('module example.com/bottles');
});

test('history keeps the draft; words are deleted and lines cut; Ctrl-C leaves the line', async ({ page }) => {
  await page.keyboard.type('pwd\n');
  await expect(terminal(page)).toContainText('/project');
  await page.keyboard.type('half');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.type(' done');
  await expect(terminal(page)).toContainText('$ half done');
  await page.keyboard.press('Control+w');
  await page.keyboard.type('x');
  await expect(terminal(page)).toContainText('$ half x');
  await page.keyboard.press('Control+c');
  await expect(terminal(page)).toContainText('$ half x^C');
  await page.keyboard.type('echo one two');
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('echo three\n');
  await expect(terminal(page)).toContainText('three$');
});

test('a line longer than the screen wraps and is edited in place', async ({ page }) => {
  const word = 'abcdefghij'.repeat(14);
  await page.keyboard.type(`echo ${word}`);
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+ArrowRight');
  await page.keyboard.type(' Z');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await terminal(page).innerText()).replace(/\s/g, '')).toBe(`$echoZ${word}Z${word}$`);
});

test('several pasted lines run one after the other', async ({ page }) => {
  await page.evaluate(() => {
    const area = document.querySelector('bottleship-playground')?.shadowRoot?.querySelector('.xterm-helper-textarea');
    const data = new DataTransfer();
    data.setData('text/plain', 'echo first\necho second\n');
    area?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, composed: true }));
  });
  await expect(terminal(page)).toContainText(/\$ echo first\s*first\s*\$ echo second\s*second/);
});
