// Tries the abilities that every host must have; prints a line of JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from 'flambeau';

const { nn } = torch;
torch.manualSeed(0);

const x = torch.tensor(
  [
    [1, 2],
    [3, 4],
  ],
  { dtype: torch.float, requiresGrad: true },
);
x.matmul(x).sum().backward();
const gradient = x.grad.tolist();

const model = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 1));
const optimizer = new torch.optim.Adam(model.parameters(), { lr: 0.01 });
const inputs = torch.rand(64, 2);
const targets = inputs.sum(1, true);
const data = new torch.utils.data.TensorDataset(inputs, targets);
const losses = [];
for (let epoch = 0; epoch < 30; epoch++) {
  for await (const [a, b] of new torch.utils.data.DataLoader(data, { batchSize: 16, shuffle: true })) {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model.forward(a), b);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
}

const folder = mkdtempSync(join(tmpdir(), 'flambeau-smoke-'));
const file = join(folder, 'model.pt');
await torch.save(model.stateDict(), file);
const copy = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 1));
copy.loadStateDict(await torch.load(file));
const isSame = copy.forward(inputs).equal(model.forward(inputs));
rmSync(folder, { recursive: true });

let rows = 0;
for await (const [a] of new torch.utils.data.DataLoader(data, { batchSize: 16, numWorkers: 2 }))
  rows += a.shape[0];

const mode = await torch.noGrad(async () => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return torch.isGradEnabled();
});

// Two gigabytes of results that nothing refers to. On WebAssembly Bun's collector, which waits for the event loop, lets them grow.
const million = torch.ones(2 ** 20);
for (let i = 0; i < 500; i++) million.add(i);

console.log(
  JSON.stringify({
    gradient,
    first: losses[0].toFixed(4),
    learns: losses.at(-1) < losses[0] / 5,
    isSame,
    rows,
    mode,
    isFlat: torch.backends.cpu.engine() === 'wasm' || process.memoryUsage().rss < 1.2e9,
    large: torch.ones(400, 400).matmul(torch.ones(400, 400)).sum().item(),
  }),
);
