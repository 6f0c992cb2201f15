/** `npm run distributed`, or `mpirun -n 4 node dist/examples/distributed/main.js`: the tutorial's classifier on as many processes as were started. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';
import * as torchvision from 'flambeau/vision';
import { integer, positive, readOptions, runCommand } from '../command_line.js';

const { nn } = torch;
const { transforms } = torchvision;
const { DataLoader, DistributedSampler } = torch.utils.data;
const F = torch.nn.functional;

const usage = `The tutorial's classifier of CIFAR-10's images, trained on many processes.

usage: [mpirun -n N] node dist/examples/distributed/main.js [options]

  --data DIR         folder with CIFAR-10's binary files (default: a sample of 2,000 + 500 images)
  --epochs N         how often to go through the training images (default: 5)
  --batch-size N     images per training step, of all processes together (default: 32)
  --lr X             learning rate (default: 0.01)
  --seed N           seed of all random numbers (default: 0)
  --compress         send gradients in 16 bits
  --out DIR          folder for the weights (default: out)
  --help             show this`;

const options = {
  data: { type: 'string' },
  epochs: { type: 'string', default: '5' },
  'batch-size': { type: 'string', default: '32' },
  lr: { type: 'string', default: '0.01' },
  seed: { type: 'string', default: '0' },
  compress: { type: 'boolean', default: false },
  out: { type: 'string', default: 'out' },
  help: { type: 'boolean', default: false },
} as const;

class Net extends nn.Module {
  conv1 = new nn.Conv2d(3, 6, 5);
  conv2 = new nn.Conv2d(6, 16, 5);
  fc1 = new nn.Linear(16 * 5 * 5, 120);
  fc2 = new nn.Linear(120, 84);
  fc3 = new nn.Linear(84, 10);

  override forward(input: torch.Tensor): torch.Tensor {
    let x = F.maxPool2d(F.relu(this.conv1.forward(input)), 2);
    x = F.maxPool2d(F.relu(this.conv2.forward(x)), 2);
    x = F.relu(this.fc1.forward(torch.flatten(x, 1)));
    return this.fc3.forward(F.relu(this.fc2.forward(x)));
  }
}

/** Sums of numbers over all processes. */
async function sums(values: readonly number[]): Promise<number[]> {
  const all = torch.tensor([...values], { dtype: torch.float64 });
  await dist.allReduce(all);
  return all.tolist() as number[];
}

async function train(values: ReturnType<typeof readOptions<typeof options>>): Promise<void> {
  const [rank, size] = [dist.getRank(), dist.getWorldSize()];
  // One process tells.
  const print = (text: string): void => {
    if (rank === 0) console.log(text);
  };
  const epochs = integer('epochs', values.epochs, 1);
  const batchSize = Math.max(1, Math.round(integer('batch-size', values['batch-size'], 1) / size));
  const seed = integer('seed', values.seed, 0);
  const images = values.data ?? fileURLToPath(new URL('../../../examples/blitz/data', import.meta.url));
  const transform = new transforms.Compose([
    new transforms.ToTensor(),
    new transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
  ]);
  const { CIFAR10 } = torchvision.datasets;
  const trainset = await CIFAR10.open(images, { train: true, transform });
  const testset = await CIFAR10.open(images, { train: false, transform });
  // Each process takes its share, another one in each epoch.
  const sampler = new DistributedSampler(trainset, { seed });
  const trainloader = new DataLoader(trainset, { batchSize, sampler });
  const testloader = new DataLoader(testset, {
    batchSize: 64,
    sampler: new DistributedSampler(testset, { shuffle: false }),
  });
  print(`${size} processes (${dist.getBackend()}), ${batchSize} of ${batchSize * size} images each a step`);

  torch.manualSeed(seed);
  const ddp = await new dist.DistributedDataParallel(new Net()).ready();
  if (values.compress) ddp.registerCommHook(null, dist.fp16CompressHook);
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new torch.optim.SGD(ddp.parameters(), { lr: positive('lr', values.lr), momentum: 0.9 });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    sampler.setEpoch(epoch);
    const began = performance.now();
    let [total, steps] = [0, 0];
    for await (const [inputs, labels] of trainloader) {
      optimizer.zeroGrad();
      const loss = criterion.forward(ddp.forward(inputs), labels);
      loss.backward();
      await ddp.finish();
      optimizer.step();
      total += loss.item();
      steps++;
    }
    const [sum, count] = await sums([total, steps]);
    const rate = (trainset.length * 1000) / (performance.now() - began);
    print(`epoch ${epoch}/${epochs}: loss ${(sum / count).toFixed(4)}, ${rate.toFixed(0)} images a second`);
  }

  const [right, seen] = await torch.noGrad(async () => {
    const found = [0, 0];
    for await (const [inputs, labels] of testloader) {
      found[0] += ddp.module.forward(inputs).argmax(1).eq(labels).sum().item() as number;
      found[1] += labels.shape[0];
    }
    return sums(found.map(Number));
  });
  print(`accuracy: ${((100 * right) / seen).toFixed(1)} %`);
  if (rank !== 0) return;
  mkdirSync(values.out, { recursive: true });
  writeFileSync(`${values.out}/cifar_net.pt`, await torch.save(ddp.module.stateDict()));
}

await runCommand(usage, async (args) => {
  const values = readOptions(args, options);
  if (values.help) {
    console.log(usage);
    return;
  }
  await dist.initProcessGroup();
  await train(values);
  await dist.destroyProcessGroup();
});
