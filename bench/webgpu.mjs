// `npm run bench:webgpu`: trains the tutorial's network on WebGPU and tells, every so many steps, the time of a step, how many dispatches
// and submissions it takes, and the memory of the device and of the process.
import { parseArgs } from 'node:util';
import * as torch from 'flambeau';

const usage = `usage: npm run bench:webgpu -- [options]

  --steps N   how many steps (default: 2000)
  --batch N   images per step (default: 4)
  --every N   how many steps a line is about (default: 200)
  --help      shows this`;

let values;
try {
  values = parseArgs({
    options: {
      steps: { type: 'string', default: '2000' },
      batch: { type: 'string', default: '4' },
      every: { type: 'string', default: '200' },
      help: { type: 'boolean', default: false },
    },
  }).values;
} catch (error) {
  console.error(`${error.message}\n\n${usage}`);
  process.exit(2);
}
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [steps, batch, every] = [values.steps, values.batch, values.every].map(Number);

const { nn } = torch;
class Net extends nn.Module {
  conv1 = new nn.Conv2d(3, 6, 5);
  pool = new nn.MaxPool2d(2, 2);
  conv2 = new nn.Conv2d(6, 16, 5);
  fc1 = new nn.Linear(16 * 5 * 5, 120);
  fc2 = new nn.Linear(120, 84);
  fc3 = new nn.Linear(84, 10);

  forward(images) {
    let x = this.pool.forward(this.conv1.forward(images).relu());
    x = this.pool.forward(this.conv2.forward(x).relu()).flatten(1);
    return this.fc3.forward(this.fc2.forward(this.fc1.forward(x).relu()).relu());
  }
}

await torch.webgpu.init();
// Calls of the device are counted where they are made.
const counts = { dispatches: 0, submissions: 0, bindGroups: 0, buffers: 0 };
const { globals } = await import('webgpu');
for (const [type, method, name] of [
  ['GPUComputePassEncoder', 'dispatchWorkgroups', 'dispatches'],
  ['GPUQueue', 'submit', 'submissions'],
  ['GPUDevice', 'createBindGroup', 'bindGroups'],
  ['GPUDevice', 'createBuffer', 'buffers'],
]) {
  const { prototype } = globals[type];
  const original = prototype[method];
  prototype[method] = function (...args) {
    counts[name]++;
    return original.apply(this, args);
  };
}

torch.manualSeed(0);
const net = new Net().to('webgpu');
const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.001, momentum: 0.9 });
const criterion = new nn.CrossEntropyLoss();
console.log(
  `${torch.webgpu.getDeviceName()}, batch ${batch}; a step's milliseconds (and of all processors), dispatches, submissions, new bind groups, ` +
    'new buffers; MiB that tensors hold and that are reserved on the device, resident and in the heap',
);
const title = [
  'steps',
  'ms',
  'cpu ms',
  'disp.',
  'subm.',
  'groups',
  'buffers',
  'alloc.',
  'reserved',
  'rss',
  'heap',
];
const row = (cells) => console.log(cells.map((cell) => String(cell).padStart(9)).join(''));
row(title);
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
let [began, used] = [performance.now(), process.cpuUsage()];
for (let step = 1; step <= steps; step++) {
  const images = torch.rand(batch, 3, 32, 32).mul(2).sub(1).to('webgpu');
  const labels = torch.randint(0, 10, [batch]).to('webgpu');
  optimizer.zeroGrad();
  const loss = criterion.forward(net.forward(images), labels);
  loss.backward();
  optimizer.step();
  await loss.itemAsync();
  if (step % every !== 0) continue;
  const { user, system } = process.cpuUsage(used);
  const { rss, heapUsed } = process.memoryUsage();
  row([
    step,
    ((performance.now() - began) / every).toFixed(1),
    ((user + system) / 1000 / every).toFixed(1),
    ...Object.values(counts).map((n) => (n / every).toFixed(1)),
    ...[torch.webgpu.memoryAllocated(), torch.webgpu.memoryReserved(), rss, heapUsed].map(mebibytes),
  ]);
  for (const name of Object.keys(counts)) counts[name] = 0;
  [began, used] = [performance.now(), process.cpuUsage()];
}
// Dawn's own threads would keep the process.
process.exit(0);
