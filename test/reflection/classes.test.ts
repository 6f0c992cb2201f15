/** Every class that the library exports: its constructor, and every method of what it makes. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as einops from '../../src/einops/index.js';
import * as torch from '../../src/index.js';
import * as metrics from '../../src/metrics/index.js';
import * as tables from '../../src/tables/index.js';
import * as tensorboard from '../../src/tensorboard/index.js';
import * as trainer from '../../src/trainer/index.js';
import * as torchvision from '../../src/vision/index.js';
import { methodForms, signatureOf } from './binding.js';
import { byPosition, type Callable, findWorking } from './callable.js';
import { check } from './check.js';
import { type Class, classes, type Function, methodsOf, withoutValues } from './interface.js';
import { arrowFile, file, parquetFile, Trained, ticking, traced } from './values.js';

/** Arguments of the methods of a custom function. */
function contextOf(): object {
  let found: object | null = null;
  class Exp extends torch.autograd.Function {
    static override forward(context: torch.autograd.FunctionContext, x: torch.Tensor): torch.Tensor {
      found = context;
      return x.exp();
    }
  }
  Exp.apply(torch.ones(1));
  return found!;
}

/** A scaler that has scaled a loss, and gradients back. */
function scalerOf(): torch.amp.GradScaler {
  const scaler = new torch.amp.GradScaler('cpu');
  const parameter = torch.ones(1, { requiresGrad: true });
  scaler.scale(parameter.sum()).backward();
  scaler.unscale_(new torch.optim.SGD([parameter]));
  return scaler;
}

const { models } = torchvision;
const { Bernoulli, constraints, ExpTransform, Independent, Normal } = torch.distributions;

/** Methods that base classes only promise. */
const promised: Readonly<Record<string, () => object>> = {
  ...Object.fromEntries(
    ['sample', 'rsample', 'logProb', 'cdf', 'icdf', 'entropy', 'perplexity', 'expand'].map((name) => [
      `Distribution.${name}`,
      () => new Normal(0, 1),
    ]),
  ),
  'Distribution.enumerateSupport': () => new Bernoulli(0.5),
  'Independent.enumerateSupport': () => new Independent(new Bernoulli(0.5), 0),
  'ExponentialFamily.entropy': () => new Normal(0, 1),
  'Transform.forward': () => new ExpTransform(),
  'Transform.logAbsDetJacobian': () => new ExpTransform(),
  'Constraint.check': () => constraints.real,
  'Dependent.check': () => constraints.real,
};

/** Classes whose objects the library makes, or subclasses: their constructors are not called by users. */
/** A sparse matrix, by coordinates and by rows. */
const sparse = (): torch.Tensor =>
  torch
    .sparseCooTensor(
      [
        [0, 1],
        [1, 0],
      ],
      [1.5, 2.5],
      [2, 2],
    )
    .coalesce();
const byRows = (): torch.Tensor => sparse().toSparseCsr();

const made: Readonly<Record<string, () => object | Promise<object>>> = {
  ...Object.fromEntries(
    ['coalesce', 'isCoalesced', 'indices', 'values', '_indices', '_values', '_nnz', 'nnz', 'toSparseCsr'].map(
      (name) => [`Tensor.${name}`, sparse],
    ),
  ),
  'Tensor.sparseMask': () => torch.ones(2, 2),
  'Tensor.crowIndices': byRows,
  'Tensor.colIndices': byRows,
  ...promised,
  Tensor: () => torch.ones(1, { requiresGrad: true }).mul(2),
  'Tensor.numpy': () => torch.ones(2),
  'Tensor.registerPostAccumulateGradHook': () => torch.ones(1, { requiresGrad: true }),
  ...Object.fromEntries(
    ['unscale_', 'step', 'stepAsync', 'update', 'updateAsync'].map((name) => [
      `GradScaler.${name}`,
      scalerOf,
    ]),
  ),
  'NormBase.resetRunningStats': () => new torch.nn.BatchNorm1d(3),
  'fx.Graph': () => traced().graph,
  'fx.GraphModule': traced,
  'fx.Node': () => traced().graph.nodes[0],
  Size: () => torch.ones(2, 3).size() as object,
  DType: () => torch.float32,
  Device: () => torch.device('cpu'),
  Layout: () => torch.strided,
  MemoryFormat: () => torch.contiguousFormat,
  Slice: () => torch.slice(2),
  PyFloat: () => torch.pyfloat(2),
  FloatInfo: () => torch.finfo(),
  IntInfo: () => torch.iinfo(torch.int8),
  'autograd.Function': () => torch.autograd.Function.prototype,
  'autograd.FunctionContext': contextOf,
  'autograd.Node': () => torch.ones(1, { requiresGrad: true }).mul(2).gradFn!,
  'optim.Optimizer': () => new torch.optim.SGD([torch.ones(1)]),
  'optim.lrScheduler.LRScheduler': () =>
    new torch.optim.lrScheduler.StepLR(new torch.optim.SGD([torch.ones(1)]), 2),
  'utils.data.Dataset': () => new torch.utils.data.TensorDataset(torch.ones(2)),
  'utils.data.IterableDataset': () => new torch.utils.data.ChainDataset([]),
  'utils.data.Sampler': () => new torch.utils.data.SequentialSampler([1, 2]),
  // By the real clock these would measure for seconds.
  ...Object.fromEntries(
    ['blockedAutorange', 'blockedAutorangeAsync', 'adaptiveAutorange', 'adaptiveAutorangeAsync'].map(
      (name) => [`Timer.${name}`, () => new torch.utils.benchmark.Timer(() => 1, { timer: ticking() })],
    ),
  ),
  'utils.ProgressBar': () => torch.utils.ProgressBar.start(3, { stream: { isTTY: false, write: () => {} } }),
  'nn.Module': () => {
    const module = new torch.nn.Linear(3, 2);
    module.registerBuffer('buffer', torch.ones(1));
    module.addModule('part', new torch.nn.ReLU());
    return module;
  },
  'numpy.NpzFile': () => torch.numpy.load(file('x.npz')),
  'numpy.RawArray': () => torch.numpy.loadRaw(file('x.npy')),
  // From a file that names classes which are not here: torch.load makes them.
  'serialization.ForeignObject': () => Reflect.construct(torch.serialization.ForeignObject, ['a.B']),
  'serialization.ForeignName': () => Reflect.construct(torch.serialization.ForeignName, ['a.b']),
  'safetensors.SafeOpen': () => torch.safetensors.safeOpen(file('x.safetensors')),
  'safetensors.SafeSlice': async () =>
    (await torch.safetensors.safeOpen(file('x.safetensors'))).getSlice('weight'),
  'tensorboard.SummaryWriter': () => new tensorboard.SummaryWriter(new tensorboard.MemoryFolder()),
  'AreaMetric.compute': () => new metrics.AUROC('binary', { thresholds: 3 }),
  'R2Score.compute': () => {
    const metric = new metrics.R2Score();
    metric.update(torch.ones(2), torch.ones(2));
    return metric;
  },
  'tables.TableStream': () => new tables.CSVStream(new Blob(['a\n1'])),
  'tables.GroupedDataset': () => tables.ParquetDataset.open(parquetFile()),
  'tables.ParquetDataset': () => tables.ParquetDataset.open(parquetFile()),
  'tables.ArrowDataset': () => tables.ArrowDataset.open(arrowFile()),
  'tables.TableDataset': () => new tables.TableDataset({ a: torch.ones(2) }),
  'trainer.Trainer': async () => {
    const one = new trainer.Trainer({ enableProgressBar: false, maxEpochs: 1 });
    await one.fit(new Trained(), [torch.ones(1, 2)]);
    return one;
  },
  'trainer.Callback': () => new trainer.EarlyStopping('loss'),
  'trainer.LightningModule': () => new Trained(),
  'metrics.Metric': () => new metrics.MeanMetric(),
  'metrics.MetricCollection': () => new metrics.MetricCollection([new metrics.MeanSquaredError()]),
  'einops.EinMix': () => new einops.EinMix('b c -> b d', { weightShape: 'c d', c: 3, d: 2 }),
  'vision.Image': () => torchvision.Image.fromPlanes(new Uint8Array(12), 2, 2),
  'nn.utils.rnn.PackedSequence': () => torch.nn.utils.rnn.packSequence([torch.ones(2), torch.ones(1)]),
  ...Object.fromEntries(
    [
      'nn.utils.prune.BasePruningMethod',
      'nn.utils.prune.Identity',
      'BasePruningMethod.applyMask',
      'BasePruningMethod.remove',
    ].map((name) => [name, () => torch.nn.utils.prune.Identity.apply(new torch.nn.Linear(2, 2), 'weight')]),
  ),
  'nn.utils.prune.PruningContainer': () =>
    new torch.nn.utils.prune.PruningContainer(new torch.nn.utils.prune.L1Unstructured(1)),
  // Takes anything.
  'nn.Identity': () => new torch.nn.Identity(),
  'nn.ModuleList': () => new torch.nn.ModuleList([new torch.nn.ReLU()]),
  'nn.Sequential': () => new torch.nn.Sequential(new torch.nn.ReLU()),
  'nn.ModuleDict': () => new torch.nn.ModuleDict({ a: new torch.nn.ReLU() }),
  'nn.ParameterDict': () => new torch.nn.ParameterDict({ a: torch.ones(2) }),
  // With the sizes of its defaults it takes a minute.
  'nn.Transformer': () => new torch.nn.Transformer(4, 2, 1, 1, 4),
  // Take data sets by position or by name, of any name.
  'utils.data.StackDataset': () => new torch.utils.data.StackDataset([1, 2]),
  'utils.data.DistributedSampler': () =>
    new torch.utils.data.DistributedSampler([1, 2], { numReplicas: 2, rank: 0 }),
  // Want one of two arguments.
  'nn.Upsample': () => new torch.nn.Upsample({ scaleFactor: 2 }),
  'nn.FractionalMaxPool2d': () => new torch.nn.FractionalMaxPool2d(2, 2),
  'nn.FractionalMaxPool3d': () => new torch.nn.FractionalMaxPool3d(2, 2),
  'vision.models.WeightsEnum': () => torchvision.models.ResNet18_Weights.DEFAULT,
  'vision.models.ConvNeXt': () => new models.ConvNeXt([new models.CNBlockConfig(4, null, 2)]),
  'vision.models.EfficientNet': () =>
    new models.EfficientNet([new models.MBConvConfig(1, 3, 1, 8, 8, 1)], 0.5),
  'vision.models.GoogLeNet': () => new models.GoogLeNet({ initWeights: false }).eval(),
  'vision.models.Inception3': () => new models.Inception3({ initWeights: false }).eval(),
  'vision.models.IntermediateLayerGetter': () =>
    new models.IntermediateLayerGetter(new torch.nn.Sequential(new torch.nn.ReLU()), { 0: 'out' }),
  'vision.models.MaxVit': () => new models.MaxVit([32, 32], 8, 2, [8], [1], 4, 0.2),
  'vision.models.MobileNetV3': () =>
    new models.MobileNetV3([new models.InvertedResidualConfig(8, 3, 8, 8, true, 'RE', 1, 1, 1)], 8),
  'vision.models.RegNet': () => new models.RegNet(models.BlockParams.fromInitParams(2, 8, 8, 2, 8)),
  'vision.models.ResNet': () => new models.ResNet(models.BasicBlock, [1, 1, 1, 1]),
  'vision.models.ShuffleNetV2': () => new models.ShuffleNetV2([1, 1, 1], [4, 4, 4, 4, 4]),
  'vision.models.SwinTransformer': () => new models.SwinTransformer([4, 4], 8, [2], [2], [3, 3]),
  'vision.models.VisionTransformer': () => new models.VisionTransformer(64, 16, 1, 2, 8, 8),
  'vision.models.VGG': () => new models.VGG(new torch.nn.Conv2d(3, 512, 3)),
  ...Object.fromEntries(
    ['FasterRCNN', 'MaskRCNN', 'KeypointRCNN', 'RetinaNet', 'FCOS', 'SSD'].map((name) => [
      `vision.models.detection.${name}`,
      () => (models.detection[name as 'FCOS'] as { prototype: object }).prototype,
    ]),
  ),
  'vision.models.segmentation.DeepLabV3': () =>
    models.segmentation.deeplabv3Resnet50({ weightsBackbone: null }).eval(),
  'vision.models.segmentation.FCN': () => models.segmentation.fcnResnet50({ weightsBackbone: null }),
  'vision.models.segmentation.LRASPP': () =>
    models.segmentation.lrasppMobilenetV3Large({ weightsBackbone: null }),
  'vision.transforms.v2.Transform': () => new torchvision.transforms.v2.Identity(),
  'vision.tvTensors.TVTensor': () => new torchvision.tvTensors.Mask(torch.ones(2, 2)),
  'vision.ops.FrozenBatchNorm2d': () => new torchvision.ops.FrozenBatchNorm2d(3),
  // Need their files.
  ...Object.fromEntries(
    'MNIST FashionMNIST KMNIST CIFAR10 CIFAR100 EMNIST QMNIST SVHN USPS STL10 Flowers102 Food101 OxfordIIITPet Caltech101 Caltech256 VOCDetection VOCSegmentation CocoDetection CocoCaptions'
      .split(' ')
      .map((name) => [
        `vision.datasets.${name}`,
        () => (torchvision.datasets as unknown as Record<string, { prototype: object }>)[name].prototype,
      ]),
  ),
  // Take the files of a folder either by their endings or as a function says.
  'vision.datasets.DatasetFolder': () =>
    new torchvision.datasets.DatasetFolder(fileURLToPath(new URL('..', import.meta.url)), String, '.ts', {
      allowEmpty: true,
    }),
  'vision.datasets.ImageFolder': () =>
    new torchvision.datasets.ImageFolder(fileURLToPath(new URL('..', import.meta.url)), { allowEmpty: true }),
  'vision.datasets.VisionDataset': () => torchvision.datasets.VisionDataset.prototype,
  // Needs a length, which those have once their files are read.
  'Dataset.add': () => new torch.utils.data.TensorDataset(torch.ones(2)),
};

async function constructorOf(path: string, value: Class): Promise<Callable | null> {
  const form = await signatureOf((...args) => new value(...args));
  if (form === null) return null;
  const prepare = () => ({ call: (...args: unknown[]) => new value(...args) });
  return { path, forms: [form], prepare, isRowMethod: false };
}

describe('every class takes its arguments by position and by name, and refuses what is missing or unknown', () => {
  it.each(classes.filter(([path]) => !(path in made)))('%s', async (path, value) => {
    const constructed = await constructorOf(path, value);
    if (constructed === null) expect.fail(`${path} has no signature`);
    await withoutValues(path, () => check(constructed));
  });
});

/** Methods that subclasses define and the library calls. */
const called = new Set(['extraRepr', 'getExtraState', 'setExtraState', 'getLr', 'wrap']);

/**
 * JavaScript's and Python's protocols of subscripts and calls, which have no names: an object in the place of an index or a
 * sample is one.
 */
const unnamed = new Set([
  'at',
  'get',
  'set',
  'has',
  'update',
  'index',
  'indexAsync',
  'Compose.forward',
  'Lambda.forward',
  'RandomApply.forward',
  'RandomChoice.forward',
  'RandomOrder.forward',
  'Sequential.forward',
  // A tensor's own, with the class kept.
  'TVTensor.clone',
  'TVTensor.detach',
  'Identity.forward',
  'Metric.forward',
  'LightningModule.forward',
  // Only logs where a trainer runs it.
  'LightningModule.log',
  'MetricCollection.forward',
  'GraphModule.forward',
  // Need values: test/detection.test.ts calls it.
  'Detector.forward',
  // Needs a server: test/hub.test.ts has one.
  'WeightsEnum.getStateDict',
  // Takes what belongs to its graph alone.
  'Graph.eraseNode',
  'Root.forward',
  'StackDataset.getItems',
  // Change what records no gradients, and these tensors do.
  'apply_',
  'map_',
  // Leave memory without values.
  'UninitializedParameter.materialize',
  'UninitializedBuffer.materialize',
]);

/** Makers of objects by the prototypes of their classes. */
const ofOwner = new Map(
  classes.filter(([path]) => path in made).map(([path, value]) => [value.prototype as object, made[path]]),
);

describe('so does every method', () => {
  const seen = new Set<object>();
  it.each(classes)('of %s', async (path, value) => {
    await withoutValues(path, () => checkMethods(path, value));
  });

  async function checkMethods(path: string, value: Class): Promise<void> {
    let make = made[path];
    if (make === undefined) {
      const constructed = (await constructorOf(path, value))!;
      const { form, attempt } = await findWorking(constructed, constructed.forms[0], 'required');
      make = () => new value(...byPosition(form.parameters, attempt()));
    }
    const failures: string[] = [];
    for (const [owner, name] of methodsOf(value.prototype as object)) {
      const method = Reflect.get(owner, name) as Function & object;
      if (seen.has(method) || called.has(name) || /^on[A-Z]/.test(name)) continue;
      seen.add(method);
      const of = `${(owner.constructor as Class).name}.${name}`;
      if (unnamed.has(name) || unnamed.has(of)) continue;
      try {
        // What a class inherits is called on what its own class would be called on, however few of them run.
        await check(await methodOf(of, name, made[of] ?? ofOwner.get(owner) ?? make));
      } catch (error) {
        failures.push(`${of}: ${(error as Error).message}`);
      }
    }
    if (failures.length > 0) expect.fail(failures.join('\n'));
  }
});

async function methodOf(path: string, name: string, make: () => object | Promise<object>): Promise<Callable> {
  const rows = path === `Tensor.${name}` ? methodForms(name) : null;
  const on = (object: object) => ({
    call: (...args: unknown[]) => (object as Record<string, Function>)[name](...args),
    on: object,
  });
  if (rows !== null) return { path, forms: rows, prepare: (first) => on(first as object), isRowMethod: true };
  const form = await signatureOf(on(await make()).call);
  if (form === null) throw new Error('has no signature');
  return { path, forms: [form], prepare: async () => on(await make()), isRowMethod: false };
}
