import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Pages, pagesAreTested, status } from './support/pages.js';

/** Discs of all sizes and places, light on dark or dark on light, with noise. */
async function writeDiscs(folder: string, count: number, isLight: boolean): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const [side, rest] = [48, torch.arange(48, { dtype: torch.float32 })];
  for (let i = 0; i < count; i++) {
    const [x, y, radius] = [18 + ((5 * i) % 12), 18 + ((7 * i) % 12), 9 + (i % 5)];
    const distance = rest.sub(x).square().unsqueeze(0).add(rest.sub(y).square().unsqueeze(1));
    const disc = distance.lt(radius ** 2).to(torch.float32);
    const shade = isLight ? disc.mul(180).add(40) : disc.mul(-180).add(220);
    const pixels = shade
      .add(torch.randn(3, side, side).mul(10))
      .clamp(0, 255)
      .to(torch.uint8);
    await torchvision.transforms.functional.toPilImage(pixels).save(`${folder}/${i}.png`);
  }
}

describe.runIf(pagesAreTested)('the page that is taught', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-teach-'));
  let pages: Pages;
  beforeAll(async () => {
    torch.manualSeed(0);
    await writeDiscs(`${folder}/things/light`, 15, true);
    await writeDiscs(`${folder}/things/dark`, 15, false);
    await writeDiscs(`${folder}/others/light`, 1, true);
    await writeDiscs(`${folder}/others/dark`, 1, false);
    pages = await Pages.open('web-teach-test');
  }, 180_000);
  afterAll(async () => {
    await pages?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('learns from a folder of folders, recognizes other pictures, and gives the network away', async () => {
    const { said, found, saved } = await pages.visit('teach', async (page) => {
      await page.getByLabel('A folder of folders').setInputFiles(`${folder}/things`);
      await page.getByText('30 pictures of 2 classes.').waitFor();
      await page.getByText('How it learns').click();
      await page.getByLabel('Epochs').fill('8');
      await page.getByRole('button', { name: 'Teach', exact: true }).click();
      await page.getByText(/^Finished:/).waitFor({ timeout: 200_000 });
      const found: string[] = [];
      for (const name of ['light', 'dark']) {
        await page.getByLabel('A picture').setInputFiles(`${folder}/others/${name}/0.png`);
        await page.getByText(new RegExp(`^It is: ${name}, `)).waitFor();
        found.push(name);
      }
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save the network' }).click();
      const saved = await torch.load(await (await download).path());
      return { said: await status(page), found, saved };
    });
    expect(said).toBe(
      'Finished: at best 100 % of the validation’s pictures were recognized, and that network is kept.',
    );
    expect(found).toEqual(['light', 'dark']);
    const { classes, model } = saved as { classes: string[]; model: torch.nn.StateDict };
    expect(classes).toEqual(['dark', 'light']);
    expect(torchvision.models.resnet18({ numClasses: 2 }).loadStateDict(model).missingKeys).toEqual([]);
  });

  it('takes pictures from the camera while a button is held', async () => {
    await pages.visit(
      'teach',
      async (page) => {
        const record = page.getByRole('button', { name: 'Hold to record' }).first();
        expect(await record.getAttribute('aria-disabled')).toBe('true');
        await page.getByRole('button', { name: 'Use the camera' }).click();
        await page.waitForFunction(() => document.querySelector('video')!.videoWidth > 0);
        await record.hover();
        await page.mouse.down();
        await page.getByText(/^[3-9] pictures$/).waitFor();
        await page.mouse.up();
        expect(await page.getByRole('img', { name: 'Picture 1' }).count()).toBe(1);
        await page.getByRole('button', { name: 'Switch the camera off' }).click();
        expect(await record.getAttribute('aria-disabled')).toBe('true');
      },
      { permissions: ['camera'] },
    );
  });

  it('says what hinders it from learning', async () => {
    await pages.visit('teach', async (page) => {
      const teach = () => page.getByRole('button', { name: 'Teach', exact: true }).click();
      await teach();
      expect(await status(page)).toBe('“class 1” needs 2 pictures at least.');
      await page.getByLabel('Name').first().fill('class 2');
      await teach();
      expect(await status(page)).toBe('Two classes have the same name.');
      await page.getByRole('button', { name: 'Remove the class' }).first().click();
      await teach();
      expect(await status(page)).toBe('Two classes are needed at least.');
      await page.getByRole('button', { name: 'Use the camera' }).click();
      await page.getByText('The camera was not allowed.').waitFor();
    });
  });
});
