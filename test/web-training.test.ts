import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fewImages, fill, Pages, pagesAreTested, status } from './support/pages.js';

describe.runIf(pagesAreTested)('the live training', { timeout: 180_000 }, () => {
  let pages: Pages;
  const visit: Pages['visit'] = (...args) => pages.visit(...args);
  beforeAll(async () => {
    pages = await Pages.open('web-training-test');
  }, 180_000);
  afterAll(() => pages?.close());

  describe.each(['isolated', 'ordinary'] as const)('%s', (site) => {
    it.for([
      ['WebAssembly', 4],
      // Barriers are slow where a CPU plays the GPU.
      ['WebGPU', 3],
    ] as const)('the loss falls on %s', async ([device, epochs], context) => {
      if (device === 'WebGPU') {
        if (site === 'ordinary') context.skip('What is shared makes no difference to a GPU.');
        pages.needGpu(context);
      }
      const { losses, shown, weights } = await visit(
        'training',
        async (page) => {
          await page.getByLabel('The chapter’s').check();
          await fill(page, { Epochs: epochs, 'Batch size': 5, 'Learning rate': 0.2 });
          await page.getByLabel(device).check();
          await page.getByLabel('Images').setInputFiles(fewImages());
          await page.getByRole('button', { name: 'Start' }).click();
          await page.getByText(/^Finished\./).waitFor();
          const download = page.waitForEvent('download');
          await page.getByRole('button', { name: 'Save the weights' }).click();
          await page.getByRole('link', { name: /^Download cifar_net\.pt/ }).waitFor();
          return {
            losses: await page.locator('figcaption').textContent(),
            shown: await page
              .locator('.predictions li')
              .evaluateAll((items) => items.map((one) => one.textContent)),
            weights: await torch.load(await (await download).path()),
          };
        },
        { site },
      );
      const [, last, first] = /loss (\d+\.\d+) .* began with (\d+\.\d+)/.exec(losses!)!.map(Number);
      const expected = await trainHere(epochs);
      expect(first).toBeCloseTo(expected[0], 3);
      expect(last).toBeCloseTo(expected.at(-1)!, 2);
      expect(last).toBeLessThan(first - 0.2);
      expect(shown).toHaveLength(4);
      for (const text of shown) expect(text).toMatch(/^✓ \w+\d+ % sure$|^✗ \w+\d+ % sureis: \w+$/);
      expect(Object.keys(weights as object)[0]).toBe('conv1.weight');
    });
  });

  it('a training is stopped, and its weights are there', async () => {
    await visit('training', async (page) => {
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByText(/^Epoch 1 of 30/).waitFor();
      // Settings hold for a whole training.
      expect(await page.getByLabel('Epochs').isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText(/^Stopped\. The network is right about \d+\.\d % of 500 test images\.$/).waitFor();
      await page.getByRole('button', { name: 'Save the weights' }).click();
      await page.getByRole('link', { name: /^Download/ }).waitFor();
      expect(await page.getByRole('row').count()).toBe(11);
      expect(await page.getByLabel('Epochs').isDisabled()).toBe(false);
      // A number that is none is refused by the browser.
      await page.getByLabel('Epochs').fill('0');
      await page.getByRole('button', { name: 'Start' }).click();
      expect(await status(page)).toMatch(/^Stopped/);
    });
  });

  it('where there is no WebGPU the choice says why', async () => {
    await visit('index', async (page) => {
      await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
      await page.getByRole('link', { name: 'Live training' }).first().click();
      await page.getByText('this browser does not offer it').waitFor();
      expect(await page.getByLabel('WebGPU').isDisabled()).toBe(true);
    });
  });

  it.each([
    [
      'SwiftShader',
      { vendor: 'google', architecture: 'swiftshader', description: 'SwiftShader Device (Subzero)' },
      true,
    ],
    [
      'what the browser says is none',
      { vendor: 'other', description: 'Some GPU', isFallbackAdapter: true },
      true,
    ],
    ['a GPU', { vendor: 'nvidia', architecture: 'ampere', isFallbackAdapter: false }, false],
  ])('says whether a GPU is there in software: %s', async (_, info, isSoftware) => {
    const note = await visit(
      'training',
      async (page) => {
        await expect.poll(() => page.getByLabel('WebGPU').isDisabled()).toBe(false);
        return page.locator('.choice', { hasText: 'WebGPU' }).locator('.note').textContent();
      },
      {
        before: (page) =>
          page.addInitScript((info) => {
            const gpu = { requestAdapter: async () => ({ info }) };
            Object.defineProperty(navigator, 'gpu', { value: gpu });
          }, info),
      },
    );
    const name = 'description' in info ? info.description : 'nvidia ampere';
    expect(note).toBe(isSoftware ? `${name}: a GPU in software, much slower than WebAssembly` : name);
  });

  it('settings are there after a reload and a visit to another page', async () => {
    await visit('training', async (page) => {
      await fill(page, { Epochs: 3, 'Batch size': 100, 'Learning rate': 0.01, Seed: 7 });
      const settings = () =>
        Promise.all(
          ['Epochs', 'Batch size', 'Learning rate', 'Seed'].map((label) =>
            page.getByLabel(label).inputValue(),
          ),
        );
      await page.reload();
      expect(await settings()).toEqual(['3', '100', '0.01', '7']);
      expect(new URL(page.url()).search).toBe('?epochs=3&batch=100&rate=0.01&seed=7');
      await page.getByRole('link', { name: 'Tensors' }).click();
      await page.getByRole('link', { name: 'Live training' }).click();
      await page.getByRole('button', { name: 'Start' }).waitFor();
      expect(await settings()).toEqual(['3', '100', '0.01', '7']);
      expect(await page.getByLabel('WebAssembly').isChecked()).toBe(true);
    });
  });

  it('are what the address says, and another network has other usual ones', async () => {
    await visit('training', async (page) => {
      const values = () =>
        Promise.all(['Epochs', 'Batch size', 'Seed'].map((label) => page.getByLabel(label).inputValue()));
      await page.goto(`${page.url()}?network=chapter&epochs=7&seed=many`);
      expect(await page.getByLabel('The chapter’s').isChecked()).toBe(true);
      expect(await values()).toEqual(['7', '4', '0']);
      await page.getByLabel('A deeper one').check();
      expect(await values()).toEqual(['30', '50', '0']);
      expect(new URL(page.url()).search).toBe('');
    });
  });

  // The usual 30 epochs take a minute and a half on a busy machine; with FLAMBEAU_SLOW they are tried.
  const [epochs, least] = process.env.FLAMBEAU_SLOW === undefined ? [8, 48] : [30, 60];
  it(`in ${epochs} epochs of the usual settings it is right about ${least} % of the sample, with a pause on the way`, async () => {
    await visit('training', async (page) => {
      page.setDefaultTimeout(170_000);
      if (epochs !== 30) await fill(page, { Epochs: epochs });
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByText(/^Epoch 1 of /).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      // What was on its way is there by then.
      await page.waitForTimeout(500);
      const caption = () => page.locator('figcaption').textContent();
      const before = await caption();
      await page.waitForTimeout(500);
      expect(await caption()).toBe(before);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText(/^Finished\./).waitFor();
      expect(Number(/about (\d+\.\d) %/.exec((await status(page))!)![1])).toBeGreaterThanOrEqual(least);
    });
  });

  it('runs are compared, named by what differs, and are there after a reload', async () => {
    await visit('training', async (page) => {
      const train = async (settings: Readonly<Record<string, number>>) => {
        await fill(page, { Epochs: 2, 'Batch size': 5, ...settings });
        await page.getByRole('button', { name: 'Start' }).click();
        await page.getByText(/^Finished\./).waitFor();
      };
      await page.getByLabel('Images').setInputFiles(fewImages());
      await train({ 'Learning rate': 0.1 });
      expect(await page.locator('.runs').count()).toBe(0);
      await train({ 'Learning rate': 0.02 });
      const legend = () => page.locator('figure .legend .swatch').allTextContents();
      expect(await legend()).toEqual(['learning rate 0.1', 'learning rate 0.02']);
      expect(await page.locator('figure path.line:not(.steps)').count()).toBe(2);
      await train({ 'Learning rate': 0.02, Seed: 1 });
      await page.reload();
      expect(await legend()).toEqual([
        ...['learning rate 0.1, seed 0', 'learning rate 0.02, seed 0', 'learning rate 0.02, seed 1'],
      ]);
      expect(await page.locator('.runs tbody td:nth-child(2)').allTextContents()).toEqual(
        Array(3).fill(expect.stringMatching(/^\d+\.\d %$/)),
      );
      await page.getByRole('button', { name: 'Remove learning rate 0.1, seed 0' }).click();
      expect(await legend()).toEqual(['seed 0', 'seed 1']);
      await page.getByLabel('Smoothing').fill('0');
      await page.getByText('none', { exact: true }).waitFor();
    });
  });

  it('the device that was chosen is there after a reload', async (context) => {
    pages.needGpu(context);
    await visit('training', async (page) => {
      await page.getByLabel('WebGPU').check();
      await page.reload();
      await expect.poll(() => page.getByLabel('WebGPU').isChecked()).toBe(true);
    });
  });

  it('is not left by mistake: while it goes on, and until its weights are saved', async () => {
    await visit('training', async (page) => {
      const leave = async () => {
        let hasAsked = false;
        page.once('dialog', async (dialog) => {
          hasAsked = dialog.type() === 'beforeunload';
          await dialog.dismiss();
        });
        await page.evaluate(() => location.assign('./tensors.html'));
        await expect.poll(() => hasAsked || page.url().endsWith('/tensors.html')).toBe(true);
        return hasAsked ? 'asks' : 'leaves';
      };
      await fill(page, { 'Batch size': 100 });
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByText(/^Epoch 1 of 30/).waitFor();
      expect(await leave()).toBe('asks');
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText(/^Stopped\. The network/).waitFor();
      expect(await leave()).toBe('asks');
      await page.getByRole('button', { name: 'Save the weights' }).click();
      await page.getByRole('link', { name: /^Download/ }).waitFor();
      page.removeAllListeners('dialog');
      expect(await leave()).toBe('leaves');
    });
  });

  it.each([
    [360, 740],
    [320, 568],
    [740, 360],
    [1280, 720],
  ])('shows how it goes on a screen of %d by %d', async (width, height) => {
    await visit(
      'training',
      async (page) => {
        await page.getByRole('button', { name: 'Start' }).click();
        await page.getByText(/^Epoch 1 of 30/).waitFor();
        for (const part of [page.locator('figure svg'), page.getByRole('button', { name: 'Stop' })]) {
          const box = (await part.boundingBox())!;
          // To the pixel.
          expect(box.y).toBeGreaterThan(-1);
          expect(box.y + box.height).toBeLessThan(height + 1);
        }
      },
      { viewport: { width, height } },
    );
  });

  it('without JavaScript the pages say what they need', async () => {
    await visit('training', (page) => page.locator('noscript').waitFor({ state: 'visible' }), {
      javaScriptEnabled: false,
    });
  });
});

/** The losses of the same training in Node. */
async function trainHere(epochs: number): Promise<number[]> {
  const { nn } = torch;
  const { transforms } = torchvision;
  const files = fewImages().map(({ name, buffer }) => new File([new Uint8Array(buffer)], name));
  const half = [0.5, 0.5, 0.5];
  const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize(half, half)]);
  const trainset = await torchvision.datasets.CIFAR10.open(files, { transform });
  const loader = new torch.utils.data.DataLoader(trainset, { batchSize: 5, shuffle: true });
  torch.manualSeed(0);
  const net = new nn.Sequential(
    new nn.Conv2d(3, 6, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2, 2),
    new nn.Conv2d(6, 16, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2, 2),
    new nn.Flatten(),
    new nn.Linear(400, 120),
    new nn.ReLU(),
    new nn.Linear(120, 84),
    new nn.ReLU(),
    new nn.Linear(84, 10),
  );
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.2, momentum: 0.9 });
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++)
    for await (const [inputs, labels] of loader) {
      optimizer.zeroGrad();
      const loss = new nn.CrossEntropyLoss().forward(
        net.forward(inputs as torch.Tensor),
        labels as torch.Tensor,
      );
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
    }
  return losses;
}
