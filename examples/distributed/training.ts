/** Trains on all processes that were started: the tutorial's classifier, or a small GPT. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';
import * as torchvision from 'flambeau/vision';
import { Net, SmallGpt } from './networks.js';
import { type Strategy, type Together, together } from './strategies.js';

const { transforms } = torchvision;
const { DataLoader, DistributedSampler, TensorDataset } = torch.utils.data;
const criterion = new torch.nn.CrossEntropyLoss();

export interface TrainingSettings {
  /** The folder with CIFAR-10's files; null for the sample in this repository. */
  readonly data: string | null;
  readonly epochs: number;
  /** Of all processes together. */
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
  readonly compress: boolean;
  readonly strategy: Strategy;
  readonly out: string;
}

/** Shows text once, whatever the number of processes. */
function print(text: string): void {
  if (dist.getRank() === 0) console.log(text);
}

/** Sums of numbers over all processes. */
async function sums(values: readonly number[]): Promise<number[]> {
  const all = torch.tensor([...values], { dtype: torch.float64 });
  await dist.allReduce(all);
  return all.tolist() as number[];
}

/** This process's rows of each batch. */
const own = (batchSize: number): number => Math.max(1, Math.round(batchSize / dist.getWorldSize()));

async function run(
  net: Together,
  dataset: torch.utils.data.Dataset<[torch.Tensor, torch.Tensor | number]>,
  what: string,
  { epochs, batchSize, seed, strategy }: TrainingSettings,
): Promise<void> {
  const size = dist.getWorldSize();
  const each = own(batchSize);
  print(
    `${size} processes (${dist.getBackend()}, ${strategy}), ${each} of ${each * size} ${what} each a step`,
  );
  // Each process takes its share, another one in each epoch.
  const sampler = new DistributedSampler(dataset as never, { seed });
  const loader = new DataLoader(dataset as never, { batchSize: each, sampler }) as AsyncIterable<
    [torch.Tensor, torch.Tensor]
  >;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    sampler.setEpoch(epoch);
    const began = performance.now();
    let [total, steps] = [0, 0];
    for await (const [inputs, targets] of loader) {
      net.optimizer.zeroGrad();
      const loss = criterion.forward(net.forward(inputs), targets.flatten());
      loss.backward();
      await net.finish();
      net.optimizer.step();
      total += loss.item() as number;
      steps++;
    }
    const [sum, count] = await sums([total, steps]);
    const rate = ((dataset as unknown as { length: number }).length * 1000) / (performance.now() - began);
    print(`epoch ${epoch}/${epochs}: loss ${(sum / count).toFixed(4)}, ${rate.toFixed(0)} ${what} a second`);
  }
}

async function keep(weights: object, out: string, name: string): Promise<void> {
  if (dist.getRank() !== 0) return;
  mkdirSync(out, { recursive: true });
  writeFileSync(`${out}/${name}`, await torch.save(weights));
}

/** Trains and tests the tutorial's classifier of CIFAR-10's images. */
export async function trainClassifier(settings: TrainingSettings): Promise<void> {
  const { data, lr, seed, compress, strategy, out } = settings;
  const images = data ?? fileURLToPath(new URL('../../../examples/blitz/data', import.meta.url));
  const transform = new transforms.Compose([
    new transforms.ToTensor(),
    new transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
  ]);
  const { CIFAR10 } = torchvision.datasets;
  const trainset = await CIFAR10.open(images, { train: true, transform });
  const testset = await CIFAR10.open(images, { train: false, transform });
  torch.manualSeed(seed);
  const net = new Net();
  const trained = await together(net, [net.fc1], strategy, compress, torch.optim.SGD as never, {
    lr,
    momentum: 0.9,
  });
  await run(trained, trainset as never, 'images', settings);

  const testloader = new DataLoader(testset, {
    batchSize: 64,
    sampler: new DistributedSampler(testset, { shuffle: false }),
  });
  const weights = trained.weights();
  const tested = new Net();
  tested.loadStateDict(weights as never);
  const [right, seen] = await torch.noGrad(async () => {
    const found = [0, 0];
    for await (const [inputs, labels] of testloader) {
      found[0] += tested.forward(inputs).argmax(1).eq(labels).sum().item() as number;
      found[1] += labels.shape[0];
    }
    return sums(found.map(Number));
  });
  print(`accuracy: ${((100 * right) / seen).toFixed(1)} %`);
  await keep(weights, out, 'cifar_net.pt');
}

/** Trains a small GPT on the characters of a text: this program's. */
export async function trainGpt(settings: TrainingSettings): Promise<void> {
  const { seed, compress, strategy, lr, out } = settings;
  const text = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  const characters = [...new Set(text)].sort();
  const codes = torch.tensor([...text].map((one) => characters.indexOf(one)));
  const length = 32;
  const count = Math.floor((text.length - 1) / length);
  const rows = (from: number): torch.Tensor => codes.narrow(0, from, count * length).view(count, length);
  torch.manualSeed(seed);
  const net = new SmallGpt(characters.length, length);
  const parts = [...net.blocks];
  const trained = await together(net, parts, strategy, compress, torch.optim.AdamW as never, { lr });
  await run(trained, new TensorDataset(rows(0), rows(1)) as never, 'texts', settings);
  await keep(trained.weights(), out, 'small_gpt.pt');
}
