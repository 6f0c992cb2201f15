/**
 * The tutorial's training run must give PyTorch's numbers: same initial weights, same order of images, same losses. How close
 * they can be is known from PyTorch itself: weights perturbed by 1e-6 move its mean losses by 6e-3 in the end.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Log {
  readonly torch: string;
  readonly seed: number;
  readonly epochs: number;
  readonly initial_state: Readonly<Record<string, { shape: number[]; sum: number; first: number[] }>>;
  readonly first_20_losses: readonly number[];
  readonly first_20_labels: readonly number[][];
  readonly log: readonly { epoch: number; step: number; loss: number }[];
  readonly test_correct: number;
  readonly test_total: number;
  readonly per_class_correct: readonly number[];
  readonly per_class_total: readonly number[];
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const data = path('../../shared/data/cifar10');
const golden = path('../../shared/golden/blitz_seed0.json');
const isThere = existsSync(data) && existsSync(golden);
if (!isThere) console.warn('../shared is absent: the training run is not compared with PyTorch.');

const folder = mkdtempSync(join(tmpdir(), 'flambeau-golden-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Log;

/** The largest difference between two lists. */
function distance(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((x, i) => Math.abs(x - b[i])));
}

describe.skipIf(!isThere)('training with seed 0 agrees with PyTorch', () => {
  let ours: Log;
  let theirs: Log;

  beforeAll(() => {
    theirs = read(golden);
    const log = join(folder, 'log.json');
    const run = [
      '--chapter',
      'classifier',
      '--data',
      data,
      '--seed',
      '0',
      '--epochs',
      '2',
      '--batch-size',
      '4',
    ];
    execFileSync(
      process.execPath,
      [path('../dist/examples/blitz/main.js'), ...run, '--log', log, '--out', folder],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    ours = read(log);
  }, 600_000);

  it('writes the same fields', () => {
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    expect(ours).toMatchObject({ seed: 0, epochs: 2, test_total: 1017 });
    expect(ours.per_class_total).toEqual(theirs.per_class_total);
  });

  it('begins with the same weights', () => {
    expect(Object.keys(ours.initial_state)).toEqual(Object.keys(theirs.initial_state));
    for (const [name, { shape, sum, first }] of Object.entries(theirs.initial_state)) {
      expect(ours.initial_state[name].shape).toEqual(shape);
      expect(Math.abs(ours.initial_state[name].sum - sum)).toBeLessThan(1e-6);
      expect(distance(ours.initial_state[name].first, first)).toBeLessThan(1e-6);
    }
  });

  it('sees the images in the same order', () => {
    expect(ours.first_20_labels).toEqual(theirs.first_20_labels);
  });

  it('has the same losses', () => {
    expect(distance(ours.first_20_losses, theirs.first_20_losses)).toBeLessThan(5e-6);
    expect(ours.log.map(({ epoch, step }) => [epoch, step])).toEqual(
      theirs.log.map(({ epoch, step }) => [epoch, step]),
    );
    const means = (log: Log, from: number, to?: number) => log.log.slice(from, to).map(({ loss }) => loss);
    expect(distance(means(ours, 0, 5), means(theirs, 0, 5))).toBeLessThan(1e-3);
    expect(distance(means(ours, 5), means(theirs, 5))).toBeLessThan(1e-2);
  });

  it('is right as often on the test images', () => {
    const accuracy = ({ test_correct, test_total }: Log) => (100 * test_correct) / test_total;
    expect(Math.abs(accuracy(ours) - accuracy(theirs))).toBeLessThan(2);
  });
});

/** The network of the tutorial's fourth chapter. */
class Net extends torch.nn.Module {
  conv1 = new torch.nn.Conv2d(3, 6, 5);
  pool = new torch.nn.MaxPool2d(2, 2);
  conv2 = new torch.nn.Conv2d(6, 16, 5);
  fc1 = new torch.nn.Linear(16 * 5 * 5, 120);
  fc2 = new torch.nn.Linear(120, 84);
  fc3 = new torch.nn.Linear(84, 10);

  override forward(input: torch.Tensor): torch.Tensor {
    const x = this.pool.forward(
      this.conv2.forward(this.pool.forward(this.conv1.forward(input).relu())).relu(),
    );
    return this.fc3.forward(this.fc2.forward(this.fc1.forward(x.flatten(1)).relu()).relu());
  }
}

it.skipIf(!isThere)('weights that PyTorch trained are right as often as in PyTorch', async () => {
  const { ToTensor, Normalize, Compose } = torchvision.transforms;
  const transform = new Compose([new ToTensor(), new Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])]);
  const testset = new torchvision.datasets.CIFAR10(data, { train: false, transform });
  const net = new Net();
  const state = await torch.load(path('../../shared/golden/blitz_seed0.pt'));
  net.loadStateDict(state as torch.nn.StateDict);
  const correct = new Array<number>(10).fill(0);
  await torch.noGrad(async () => {
    for await (const [images, labels] of new torch.utils.data.DataLoader(testset, { batchSize: 100 })) {
      const right = net.forward(images).argmax(1).eq(labels);
      for (const label of labels.index(right).tolist() as number[]) correct[label]++;
    }
  });
  expect(correct).toEqual(read(golden).per_class_correct);
});
