import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { afterAll, describe, expect, it } from 'vitest';
import { readArguments } from '../dist/examples/transfer/arguments.js';

const main = fileURLToPath(new URL('../dist/examples/transfer/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'flambeau-transfer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function transfer(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const small = ['--per-class', '4', '--size', '32', '--epochs', '1', '--batch-size', '10'];

describe('npm run transfer', { timeout: 120_000 }, () => {
  it('makes folders of images, trains, and leaves a checkpoint, a log and pictures', async () => {
    const { code, stdout, stderr } = await transfer(...small, '--out', 'first');
    expect(stderr).not.toContain('Error');
    expect(code).toBe(0);
    expect(stdout).toContain('40 images to train, 10 to validate: airplane, automobile, bird');
    expect(stdout).toMatch(/ResNet-18 from scratch: 11,181,642 parameters to train/);
    expect(stdout).toMatch(
      /validation: loss \d+\.\d{3}, accuracy \d+\.\d % \(averages\), \d+\.\d % \(network\)/,
    );
    expect(readdirSync(`${folder}/first/images/train/cat`)).toHaveLength(4);
    const best = (await torch.load(`${folder}/first/best.pt`)) as {
      classes: string[];
      model: torch.nn.StateDict;
    };
    expect(best.classes).toHaveLength(10);
    expect(torchvision.models.resnet18({ numClasses: 10 }).loadStateDict(best.model).missingKeys).toEqual([]);
    expect(readdirSync(`${folder}/first/log`).some((name) => name.startsWith('events.out.tfevents'))).toBe(
      true,
    );
    for (const picture of ['predictions', 'training_curve'])
      expect((await torchvision.Image.open(`${folder}/first/${picture}.png`)).size[0]).toBeGreaterThan(900);
  });

  it('goes on from weights, of other classes too, with all layers but the last as they were', async () => {
    const data = `${folder}/first/images`;
    for (const part of ['train', 'val']) {
      mkdirSync(`${folder}/pets/${part}`, { recursive: true });
      for (const name of ['cat', 'dog', 'frog']) {
        const images = readdirSync(`${data}/${part}/${name}`);
        for (const image of images) {
          mkdirSync(`${folder}/pets/${part}/${name}`, { recursive: true });
          await (await torchvision.Image.open(`${data}/${part}/${name}/${image}`)).save(
            `${folder}/pets/${part}/${name}/${image}`,
          );
        }
      }
    }
    const { code, stdout } = await transfer(
      ...['--data', 'pets', '--weights', 'first/best.pt', '--freeze', '--out', 'second'],
      ...['--size', '32', '--epochs', '1', '--batch-size', '4'],
    );
    expect(code).toBe(0);
    expect(stdout).toContain('ResNet-18 with first/best.pt: 1,539 parameters to train');
    const load = async (path: string) =>
      ((await torch.load(`${folder}/${path}/best.pt`)) as { model: torch.nn.StateDict }).model;
    const [first, second] = [await load('first'), await load('second')];
    expect(torch.equal(first['layer4.1.conv2.weight'], second['layer4.1.conv2.weight'])).toBe(true);
    expect(second['fc.weight'].shape).toEqual([3, 512]);
  });

  it('tells mistakes on the command line without a stack', async () => {
    expect(() => readArguments(['--freeze'])).toThrow(/--freeze needs --weights/);
    expect(() => readArguments(['--size', '16'])).toThrow(
      /--size must be a whole number of at least 32, not '16'/,
    );
    expect(() => readArguments(['--lr=-1'])).toThrow(/--lr must be a positive number, not '-1'/);
    const { code, stderr } = await transfer('--weights', 'nowhere.pth', '--out', 'third');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--weights nowhere\.pth: there is no such file\n\nFine-tunes/);
    expect(existsSync(`${folder}/third/images`)).toBe(false);
  });
});
