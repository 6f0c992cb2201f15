//: torch.testing.assertClose
torch.testing.assertClose(torch.tensor([1, 2.0000001]), torch.tensor([1, 2]).float());
try {
  torch.testing.assertClose(torch.tensor([1, 2]), torch.tensor([1, 3]));
} catch (error) {
  console.log(error.message.split('\n')[0]);
}
//= Tensor-likes are not equal!

//: torch.profiler.profile, torch.autograd.profiler.recordFunction
const prof = await torch.profiler.profile({ recordShapes: true }, () => {
  torch.autograd.profiler.recordFunction('my part', () => torch.ones(8, 8).matmul(torch.ones(8, 8)));
});
prof.keyAverages().some(({ key }) => key === 'my part')
//= True

//: torch.autograd.profiler.profile
const prof = await torch.autograd.profiler.profile(() => torch.ones(8).add(1));
prof.keyAverages().some(({ key }) => key === 'aten::add')
//= True

//: torch.profiler.supportedActivities
torch.profiler.supportedActivities().size > 0
//= True

//: torch.profiler.schedule
const when = torch.profiler.schedule({ wait: 1, warmup: 1, active: 2 });
[0, 1, 2, 3].map((step) => when(step))
//= [0, 1, 2, 3]

//: torch.profiler.tensorboardTraceHandler
// Given to `profile` as `onTraceReady` it writes a file for each recording, in Node.
const onTraceReady = torch.profiler.tensorboardTraceHandler('.');
await onTraceReady({ exportChromeTrace: (path) => console.log(path.replace(/_\d+\.\d+/, '_PROCESS.TIME')) });
//= ./flambeau_PROCESS.TIME.pt.trace.json

//: torch.utils.benchmark.Timer, torch.utils.benchmark.Measurement
const timer = new torch.utils.benchmark.Timer(() => torch.ones(16).add(1));
const measured = timer.timeit(10);
console.log(measured.numberPerRun);
measured.median > 0
//= 10
//= True

//: torch.utils.benchmark.TaskSpec
new torch.utils.benchmark.TaskSpec('x.add(1)', { label: 'sums' }).label
//= sums

//: torch.utils.benchmark.Compare
const { Compare, Timer } = torch.utils.benchmark;
const timer = new Timer(() => torch.ones(16).add(1), { label: 'sums', description: 'ones' });
String(new Compare([timer.timeit(5)])).includes('sums')
//= True

//: torch.utils.checkpoint.checkpoint
const net = new nn.Sequential(new nn.Linear(4, 4), new nn.Tanh());
const x = torch.ones(1, 4, { requiresGrad: true });
torch.utils.checkpoint.checkpoint((x) => net.forward(x), x, { useReentrant: false }).sum().backward();
x.grad.shape
//= [1, 4]

//: torch.utils.checkpoint.checkpointSequential
const net = new nn.Sequential(new nn.Linear(4, 4), new nn.Tanh(), new nn.Linear(4, 1));
const { checkpointSequential } = torch.utils.checkpoint;
checkpointSequential(net, 2, torch.ones(3, 4), { useReentrant: false }).shape
//= [3, 1]

//: torch.utils.checkpoint.setCheckpointEarlyStop, torch.utils.checkpoint.setCheckpointDebugEnabled
const { checkpoint, setCheckpointEarlyStop, setCheckpointDebugEnabled } = torch.utils.checkpoint;
const x = torch.ones(1, { requiresGrad: true });
const run = () => checkpoint((x) => x.exp(), x, { useReentrant: false });
console.log(setCheckpointEarlyStop(false, run));
setCheckpointDebugEnabled(true, run)
//= tensor([2.7183], grad_fn=<ExpBackward0>)
//= tensor([2.7183], grad_fn=<ExpBackward0>)

//: torch.utils.checkpoint.createSelectiveCheckpointContexts
const { checkpoint, createSelectiveCheckpointContexts } = torch.utils.checkpoint;
const x = torch.ones(2, 2, { requiresGrad: true });
const contextFn = () => createSelectiveCheckpointContexts(['aten.mm.default']);
checkpoint((x) => x.mm(x).exp(), x, { useReentrant: false, contextFn }).sum().backward();
x.grad
//= tensor([[29.5562, 29.5562],
//=         [29.5562, 29.5562]])

//: torch.utils.collectEnv.getEnvInfo, torch.utils.collectEnv.getPrettyEnvInfo, torch.utils.collectEnv.main
const { getEnvInfo, getPrettyEnvInfo } = torch.utils.collectEnv;
console.log(Object.keys(getEnvInfo()));
// `main` prints this text.
getPrettyEnvInfo().split('\n').map((line) => line.split(':')[0]);
//= ['version', 'runtime', 'os', 'cpu', 'memory', 'engine', 'threads', 'webgpu']
//= ['Flambeau version', 'Engine', 'Threads', 'Is WebGPU available', '', 'Runtime', 'OS', 'CPU', 'Memory']

//: torch.utils.ProgressBar
// It draws on a terminal; elsewhere it tells how it ended.
let text = '';
const stream = { write: (more) => void (text += more) };
const bar = await torch.utils.ProgressBar.start(3, { description: 'epoch 1', unit: 'step', stream });
bar.advance(2);
bar.advance(1, { loss: 0.25 });
bar.stop();
text.replace(/ in .* step\/s/, '').trim();
//= epoch 1: 3/3 loss=0.25

//: torch.serialization.getSafeGlobals, torch.serialization.addSafeGlobals, torch.serialization.clearSafeGlobals, torch.serialization.safeGlobals
const { addSafeGlobals, clearSafeGlobals, getSafeGlobals, safeGlobals } = torch.serialization;
addSafeGlobals([[class Config {}, 'mine.Config']]);
console.log(getSafeGlobals().length);
clearSafeGlobals();
safeGlobals([[class Other {}, 'mine.Other']], () => getSafeGlobals().length)
//= 1
//= 1

//: torch.serialization.ForeignName, torch.serialization.ForeignObject
// What a file of Python's holds of classes that there are not here: {'args': Namespace(epochs=3), 'of': Namespace}.
const file = atob(
  'gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9cQAoWBAAAABwcm90b2NvbF92ZXJzaW9ucQFN6QNYDQAAAGxpdHRsZV9lbmRpYW5xAohYCgAAAHR5' +
    'cGVfc2l6ZXNxA31xBChYBQAAAHNob3J0cQVLAlgDAAAAaW50cQZLBFgEAAAAbG9uZ3EHSwR1dS6AAn1xAChYBAAAAGFyZ3NxAWNhcmdwYXJz' +
    'ZQpOYW1lc3BhY2UKcQIpgXEDfXEEWAYAAABlcG9jaHNxBUsDc2JYAgAAAG9mcQZoAnUugAJdcQAu',
);
const bytes = Uint8Array.from(file, (letter) => letter.charCodeAt(0));
const { args, of } = await torch.load(bytes, { weightsOnly: false });
console.log(String(args), args.attributes);
String(of);
//= <argparse.Namespace object> {'epochs': 3}
//= <argparse.Namespace>

//: torch.safetensors.save, torch.safetensors.load
const bytes = torch.safetensors.save({ weight: torch.ones(2, 2) });
torch.safetensors.load(bytes)
//= {'weight': tensor([[1., 1.],
//=         [1., 1.]])}

//: torch.safetensors.safeOpen, torch.safetensors.SafeOpen, torch.safetensors.SafeSlice
const bytes = torch.safetensors.save({ weight: torch.arange(6).reshape(3, 2) });
const file = await torch.safetensors.safeOpen(bytes);
console.log(file.keys());
console.log(file.getSlice('weight').getShape());
await file.getTensor('weight')
//= ['weight']
//= [3, 2]
//= tensor([[0, 1],
//=         [2, 3],
//=         [4, 5]])

//: torch.numpy.save, torch.numpy.load
const chunks = [];
await torch.numpy.save({ write: (chunk) => void chunks.push(chunk.slice()) }, torch.tensor([1, 2.5]));
await torch.numpy.load(new Blob(chunks))
//= tensor([1.0000, 2.5000])

//: torch.numpy.savez, torch.numpy.savezCompressed, torch.numpy.NpzFile
const chunks = [];
await torch.numpy.savezCompressed({ write: (chunk) => void chunks.push(chunk.slice()) }, { a: torch.ones(2) });
const file = await torch.numpy.load(new Blob(chunks));
console.log(file.files);
await file.get('a')
//= ['a']
//= tensor([1., 1.])

//: torch.numpy.loadRaw, torch.numpy.RawArray
const chunks = [];
await torch.numpy.save({ write: (chunk) => void chunks.push(chunk.slice()) }, torch.tensor([1, 2]));
const { dtype, shape } = await torch.numpy.loadRaw(new Blob(chunks));
[dtype, shape]
//= ['<i8', [2]]

//: torch.numpy.loadtxt
await torch.numpy.loadtxt(['1,2', '3,4'], { delimiter: ',' })
//= tensor([[1., 2.],
//=         [3., 4.]], dtype=torch.float64)

//: torch.numpy.genfromtxt
await torch.numpy.genfromtxt(['1,2', '3,'], { delimiter: ',' })
//= tensor([[1., 2.],
//=         [3., nan]], dtype=torch.float64)

//: torch.numpy.savetxt
let text = '';
const sink = { write: (chunk) => void (text += new TextDecoder().decode(chunk)) };
await torch.numpy.savetxt(sink, torch.tensor([[1, 2], [3, 4]]), { fmt: '%d' });
text
//= 1 2
//= 3 4
//=

//: torch.utils.data.DataLoader
const data = new torch.utils.data.TensorDataset(torch.arange(6).reshape(6, 1), torch.arange(6));
const loader = new torch.utils.data.DataLoader(data, { batchSize: 4, shuffle: true });
for await (const [inputs, labels] of loader) console.log(inputs.shape, labels);
//= [4, 1] tensor([0, 4, 3, 5])
//= [2, 1] tensor([2, 1])

//: torch.utils.data.Dataset
class Squares extends torch.utils.data.Dataset {
  get length() {
    return 3;
  }
  at(i) {
    return i * i;
  }
}
const loader = new torch.utils.data.DataLoader(new Squares(), { batchSize: 3 });
for await (const batch of loader) console.log(batch);
//= tensor([0, 1, 4])

//: torch.utils.data.IterableDataset
class Numbers extends torch.utils.data.IterableDataset {
  *[Symbol.iterator]() {
    yield* [1, 2, 3];
  }
}
for await (const batch of new torch.utils.data.DataLoader(new Numbers(), { batchSize: 2 })) console.log(batch);
//= tensor([1, 2])
//= tensor([3])

//: torch.utils.data.TensorDataset
const data = new torch.utils.data.TensorDataset(torch.tensor([[1], [2]]), torch.tensor([10, 20]));
data.at(1)
//= [tensor([2]), tensor(20)]

//: torch.utils.data.ConcatDataset
const part = new torch.utils.data.TensorDataset(torch.arange(2));
new torch.utils.data.ConcatDataset([part, part]).length
//= 4

//: torch.utils.data.ChainDataset
class Numbers extends torch.utils.data.IterableDataset {
  *[Symbol.iterator]() {
    yield* [1, 2];
  }
}
const chain = new torch.utils.data.ChainDataset([new Numbers(), new Numbers()]);
for await (const x of chain) console.log(x);
//= 1
//= 2
//= 1
//= 2

//: torch.utils.data.StackDataset
const image = new torch.utils.data.TensorDataset(torch.arange(2));
const label = new torch.utils.data.TensorDataset(torch.tensor([7, 8]));
new torch.utils.data.StackDataset({ image, label }).at(1)
//= {'image': [tensor(1)], 'label': [tensor(8)]}

//: torch.utils.data.Subset
const data = new torch.utils.data.TensorDataset(torch.arange(5));
new torch.utils.data.Subset(data, [4, 0]).at(0)
//= [tensor(4)]

//: torch.utils.data.randomSplit
const data = new torch.utils.data.TensorDataset(torch.arange(10));
const [train, test] = torch.utils.data.randomSplit(data, [0.8, 0.2]);
[train.length, test.length]
//= [8, 2]

//: torch.utils.data.Sampler, torch.utils.data.SequentialSampler
[...new torch.utils.data.SequentialSampler([10, 20, 30])]
//= [0, 1, 2]

//: torch.utils.data.RandomSampler
[...new torch.utils.data.RandomSampler([10, 20, 30, 40])]
//= [2, 3, 0, 1]

//: torch.utils.data.SubsetRandomSampler
[...new torch.utils.data.SubsetRandomSampler([5, 6, 7])]
//= [7, 5, 6]

//: torch.utils.data.WeightedRandomSampler
[...new torch.utils.data.WeightedRandomSampler([0.1, 0.9], 5)]
//= [1, 1, 1, 1, 1]

//: torch.utils.data.BatchSampler
const { BatchSampler, SequentialSampler } = torch.utils.data;
[...new BatchSampler(new SequentialSampler([1, 2, 3]), 2, false)]
//= [[0, 1], [2]]

//: torch.utils.data.DistributedSampler
[...new torch.utils.data.DistributedSampler([1, 2, 3, 4], { numReplicas: 2, rank: 1, shuffle: false })]
//= [1, 3]

//: torch.utils.data.defaultCollate
torch.utils.data.defaultCollate([{ x: 1.5, y: 0 }, { x: 2.5, y: 1 }])
//= {'x': tensor([1.5000, 2.5000], dtype=torch.float64), 'y': tensor([0, 1])}

//: torch.utils.data.defaultConvert
torch.utils.data.defaultConvert({ x: new Float32Array([1, 2]) })
//= {'x': tensor([1., 2.])}

//: torch.utils.data.getWorkerInfo
torch.utils.data.getWorkerInfo()
//= None

//: torch.cuda.isAvailable, torch.cuda.isInitialized, torch.cuda.isBf16Supported, torch.mps.isAvailable, torch.xpu.isAvailable
[torch.cuda.isAvailable(), torch.mps.isAvailable(), torch.xpu.isAvailable()]
//= [False, False, False]

//: torch.cuda.deviceCount, torch.mps.deviceCount, torch.xpu.deviceCount
[torch.cuda.deviceCount(), torch.mps.deviceCount(), torch.xpu.deviceCount()]
//= [0, 0, 0]

//: torch.cuda.manualSeed, torch.cuda.manualSeedAll, torch.mps.manualSeed, torch.xpu.manualSeed, torch.xpu.manualSeedAll
// As in PyTorch, a seed for a device that is not there is no error.
torch.cuda.manualSeedAll(0);

//: torch.cuda.emptyCache, torch.cuda.memoryAllocated, torch.cuda.maxMemoryAllocated, torch.cuda.memoryReserved
torch.cuda.emptyCache();
torch.cuda.memoryAllocated()
//= 0

//: torch.cuda.init, torch.cuda.currentDevice, torch.cuda.setDevice, torch.cuda.synchronize, torch.cuda.getDeviceName, torch.cuda.getDeviceCapability, torch.cuda.getDeviceProperties by NAME
// Programs ask `torch.cuda.isAvailable()` first; without a device this is refused.
try {
  torch.cuda.NAME(0);
} catch (error) {
  console.log(error instanceof Error);
}

//: torch.webgpu.isAvailable, torch.webgpu.deviceCount, torch.webgpu.memoryAllocated, torch.webgpu.memoryReserved, torch.webgpu.emptyCache
// Nothing is there until `await torch.webgpu.init()` has found an adapter.
const { deviceCount, isAvailable, memoryAllocated, memoryReserved } = torch.webgpu;
isAvailable() ? memoryAllocated() <= memoryReserved() : deviceCount() === 0;
//= True

//: torch.accelerator.isAvailable, torch.accelerator.deviceCount, torch.accelerator.currentAccelerator
const { currentAccelerator, deviceCount, isAvailable } = torch.accelerator;
[isAvailable() === deviceCount() > 0, isAvailable() === (currentAccelerator() !== null)]
//= [True, True]

//: torch.backends.cpu.engine, torch.backends.cpu.getCpuCapability
['native', 'wasm'].includes(torch.backends.cpu.engine())
//= True

//: torch.accelerator.currentDeviceIndex, torch.accelerator.synchronize, torch.accelerator.memoryAllocated, torch.accelerator.memoryReserved, torch.accelerator.emptyCache by NAME
// Answers for the GPU once `await torch.webgpu.init()` found one; without, it refuses as PyTorch does or says 0.
try {
  await torch.accelerator.NAME();
} catch (error) {
  console.log(error.name);
}

//: torch.webgpu.init, torch.webgpu.getDeviceName, torch.webgpu.synchronize
// In a browser with WebGPU; in Node with the package `webgpu`.
const run = async () => {
  await torch.webgpu.init();
  const x = torch.ones(2, 2, { device: 'webgpu' });
  await torch.webgpu.synchronize();
  return [torch.webgpu.getDeviceName(), await x.sum().itemAsync()];
};
// In a process that has not done so there is no device.
torch.webgpu.isAvailable() ? await run() : 'not there before init()';
//= not there before init()

//: torch.hub.downloadUrlToFile, torch.hub.loadStateDictFromUrl by NAME
// Addresses that are none are refused before anything is written.
try {
  await torch.hub.NAME('no address', 'weights.pth');
} catch (error) {
  console.log(error instanceof Error);
}

//: torch.utils.data.workerDataset, torch.utils.data.workerFunction
// What workers make anew: an export of a module, by its address, which mostly is `new URL('./squares.js', import.meta.url)`.
const module = `data:text/javascript,
  export const squares = (n) => Array.from({ length: n }, (_, i) => i * i);
  export const begin = (worker) => console.info('worker', worker);`;
const data = await torch.utils.data.workerDataset(module, 'squares', 5);
const workerInitFn = torch.utils.data.workerFunction(module, 'begin');
for await (const batch of new torch.utils.data.DataLoader(data, { batchSize: 2, numWorkers: 0, workerInitFn }))
  console.log(batch);
//= tensor([0, 1])
//= tensor([4, 9])
//= tensor([16])

//: torch.safetensors.saveFile, torch.safetensors.loadFile
const chunks = [];
const file = { write: (chunk) => void chunks.push(chunk.slice()) };
await torch.safetensors.saveFile({ weight: torch.ones(2) }, file);
await torch.safetensors.loadFile(new Blob(chunks))
//= {'weight': tensor([1., 1.])}

//: torch.safetensors.saveModel, torch.safetensors.loadModel
const chunks = [];
await torch.safetensors.saveModel(new nn.Linear(2, 1), { write: (chunk) => void chunks.push(chunk.slice()) });
await torch.safetensors.loadModel(new nn.Linear(2, 1), new Blob(chunks))
//= [[], []]
