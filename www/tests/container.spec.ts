// `docker run`: containers of images, and a shell in one.
import { expect, ready, terminal, test, type } from './visit';

test.beforeEach(async ({ page }) => ready(page));

test('docker run -it opens a shell in the image', async ({ page }) => {
  await type(page, 'docker run --rm -it alpine sh');
  await expect(terminal(page)).toContainText('/ #');
  await type(page, 'cd /etc; echo here-$((40+2))');
  await expect(terminal(page)).toContainText('here-42');
  await expect(terminal(page)).toContainText('/etc #');
  await page.keyboard.type('cat pass\t');
  await expect(terminal(page)).toContainText('cat passwd');
  await page.keyboard.press('Control+c');
  await type(page, 'exit');
  await type(page, 'docker run --rm alpine echo back-outside');
  await expect(terminal(page)).toContainText('back-outside');
});
