// `docker run`: containers of images, and a shell in one.
import { expect, ready, terminal, test, type } from './visit';

test.beforeEach(async ({ page }) => ready(page));

test('docker run -it opens a shell in the image', async ({ page }) => {
  await type(page, 'docker run --rm -it alpine sh');
  await expect(terminal(page)).toContainText('/ #');
  await type(page, 'cd /etc; echo here-$((40+2))');
  await expect(terminal(page)).toContainText('here-42');
  await expect(terminal(page)).toContainText('/etc #');
  await page.keyboard.type('cat pass');
  await page.keyboard.press('Tab');
  await expect(terminal(page)).toContainText('cat passwd');
  await page.keyboard.press('Control+c');
  await type(page, 'false || exit 3');
  // The shell in the image knows no docker, the project's terminal does; what it prints is not what was typed.
  await type(page, 'docker run --rm alpine expr 9000 + 1');
  await expect(terminal(page)).toContainText('9001');
});

test('Ctrl-D leaves the shell; a button of the page does, too', async ({ page }) => {
  await type(page, 'docker run --rm -it alpine sh');
  await expect(terminal(page)).toContainText('/ #');
  await page.keyboard.press('Control+d');
  await type(page, 'pwd');
  await expect(terminal(page)).toContainText('/project');
  await type(page, 'docker run --rm -it alpine');
  await expect.poll(async () => (await terminal(page).innerText()).split('/ #').length).toBeGreaterThan(2);
  await page.getByRole('button', { name: '▶ Build' }).click();
  await expect(page.locator('.player')).toBeVisible();
  await expect(terminal(page)).toContainText('[+] Building');
});
