/** Values for parameters of signatures: by their type, and by their name where the type does not say enough. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from '../../src/index.js';
import * as metrics from '../../src/metrics/index.js';
import { MemoryFolder } from '../../src/tensorboard/index.js';
import { LightningModule } from '../../src/trainer/index.js';
import * as torchvision from '../../src/vision/index.js';
import type { Parameter } from './binding.js';

/** Makes a value anew for each call. */
type Make = () => unknown;

const { distributions, nn, optim } = torch;
const pruned = () => nn.utils.prune.l1Unstructured(new nn.Linear(2, 2), 'weight', 1);
const normed = () => nn.utils.parametrizations.spectralNorm(new nn.Linear(2, 2));
const vectors = () => new distributions.Normal(torch.zeros(2), torch.ones(2));
const { data } = torch.utils;

const parameters = () => {
  const weight = new nn.Parameter(torch.ones(2, 3));
  weight.grad = torch.ones(2, 3);
  return [weight];
};
const optimizer = () => new optim.SGD(parameters(), { lr: 0.1 });
const dataset = () => new data.TensorDataset(torch.arange(6).reshape([3, 2]));
const graph = () => {
  const input = leaf();
  return { input, output: input.mul(3).sum() };
};
const schedulers = (of = optimizer()) => [
  new optim.lrScheduler.StepLR(of, 2),
  new optim.lrScheduler.ExponentialLR(of, 0.5),
];
const sequence = () => {
  const of = optimizer();
  return { optimizer: of, schedulers: schedulers(of) };
};
const { benchmark } = torch.utils;
const measurement = () => new benchmark.Measurement(1, [1, 2], new benchmark.TaskSpec('x'));
/** A clock that is further by so much, whenever it is looked at, that one block of runs is enough. */
export const ticking = () => {
  let now = 0;
  return () => (now += 1000);
};

class Countdown extends data.IterableDataset<number> {
  override *[Symbol.iterator](): Iterator<number> {
    yield 1;
  }
}
/** A module that has what methods of modules are asked for. */
class Whole extends nn.Linear {
  part = new nn.ReLU();

  constructor() {
    super(3, 2);
    this.registerBuffer('buffer', torch.ones(1));
  }

  override forward(...args: Parameters<torch.nn.Linear['forward']>): torch.Tensor {
    return this.part.forward(super.forward(...args)).add(this.getBuffer('buffer'));
  }
}
export const traced = () => torch.fx.symbolicTrace(new Whole(), [torch.ones(2, 3)]);
const packed = () => nn.utils.rnn.packSequence([torch.ones(2), torch.ones(1)]);
const leaf = (dtype = torch.float32) => torch.ones(2, 3, { dtype, requiresGrad: true });

/** Files of images by the names that test/golden/vision_images.py gives them. */
const imageFile = (name: string) => {
  const { cases, gif } = JSON.parse(
    readFileSync(new URL('../golden/vision_images.json.golden', import.meta.url), 'utf8'),
  ) as { cases: { name: string; file: string }[]; gif: { file: string } };
  const { file } = cases.find((one) => one.name === name) ?? gif;
  return torch.tensor(new Uint8Array(Buffer.from(file, 'base64')));
};

/** A file of tables of a format. */
const tableFile = (wanted: string) => {
  const { files } = JSON.parse(
    readFileSync(new URL('../golden/tables.json.golden', import.meta.url), 'utf8'),
  ) as { files: { format: string; kind: string; file: string }[] };
  const { file } = files.find(({ format, kind }) => format === wanted && kind === 'numbers')!;
  return new Uint8Array(Buffer.from(file, 'base64'));
};
export const parquetFile = () => tableFile('parquet');
export const arrowFile = () => tableFile('arrow');
const csvFile = () => new Blob(['a,b\n1,2\n']);

const folder = mkdtempSync(join(tmpdir(), 'flambeau-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
export const file = (name: string) => join(folder, name);
await torch.numpy.save(file('x.npy'), torch.ones(2));
await torch.numpy.savez(file('x.npz'), { name: torch.ones(2) });
await torch.save({ x: torch.ones(2) }, file('x.pt'));
await torch.safetensors.saveFile(new nn.Linear(3, 2).stateDict(), file('x.safetensors'));

const tensors: readonly Make[] = [
  () => torch.ones(2, 3).mul(0.5),
  () => torch.ones(2, 3, 4),
  () => torch.ones(1, 2, 4, 4),
  () => torch.ones(1, 2, 4, 4, 4),
  () => torch.ones(2, 2),
  () => torch.ones(3),
  () => torch.tensor([0, 1]),
  () => torch.tensor([[0, 1, 0]]),
  () => torch.tensor(2),
];

/** By type in the notation. */
const byType: Readonly<Record<string, readonly Make[]>> = {
  int: [() => 2, () => 1, () => 3, () => 0],
  int64: [() => 5],
  float: [() => 0.5, () => 2],
  bool: [() => true, () => false],
  str: [() => 'mean', () => 'zeros', () => 'relu'],
  Scalar: [() => 2],
  Tensor: tensors,
  ScalarType: [() => torch.float32, () => torch.int64],
  Device: [() => 'cpu'],
  Generator: [() => new torch.Generator().manualSeed(3)],
  MemoryFormat: [() => torch.contiguousFormat],
  Callable: [() => (x: torch.Tensor) => x.mul(x).sum(), () => () => 2, () => (x: torch.Tensor) => x.mul(2)],
  Dict: [() => ({ name: 'value' })],
  Iterable: [parameters],
  Layer: [() => nn.Identity, () => nn.BatchNorm2d],
  Params: [parameters],
  Optimizer: [optimizer],
  Betas: [() => [0.5, 0.25]],
  Picture: [() => torch.ones(3, 4, 5)],
  Value: [() => 0.5, () => torch.tensor([0.25, 0.75]), () => torch.tensor([0.0, 1.0]).float()],
};

/** A sparse matrix. */
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

/** A module that says how it is trained. */
export class Trained extends LightningModule<torch.Tensor> {
  layer = new nn.Linear(2, 1);

  override trainingStep(x: torch.Tensor): torch.Tensor {
    return this.layer.forward(x).sum();
  }

  override validationStep(): void {
    this.log('loss', 1);
  }

  override testStep(): void {
    this.log('loss', 1);
  }

  override configureOptimizers() {
    return new optim.SGD(this.parameters(), { lr: 0.5 });
  }
}

/** A module that wants no input. */
class Still extends torch.nn.Module {
  override forward(): torch.Tensor {
    return torch.ones(1);
  }
}

/** Maxima of windows of two elements a side, and where they were. */
const maxima = (dims: number): Readonly<Record<string, readonly Make[]>> => ({
  [`MaxUnpool${dims}d.forward:input`]: [() => torch.ones([1, 1, ...new Array<number>(dims).fill(1)])],
  [`MaxUnpool${dims}d.forward:indices`]: [
    () => torch.zeros([1, 1, ...new Array<number>(dims).fill(1)], { dtype: torch.int64 }),
  ],
  [`MaxUnpool${dims}d.forward:outputSize`]: [() => new Array<number>(dims).fill(2)],
});

const boxes = () =>
  new torchvision.tvTensors.BoundingBoxes(torch.ones(2, 4), { format: 'XYXY', canvasSize: [4, 5] });
const keyPoints = () => new torchvision.tvTensors.KeyPoints(torch.ones(2, 2), { canvasSize: [4, 5] });

const corners = [
  [0, 0],
  [4, 0],
  [4, 3],
  [0, 3],
];

/** By name; `path:name` of one function or class comes first, then `module:name`. */
const byName: Readonly<Record<string, readonly Make[]>> = {
  // Data.
  dataset: [dataset],
  dataSource: [dataset],
  data: [() => [1, 2.5]],
  obj: [() => torch.ones(2)],
  ndarray: [() => new Float32Array([1, 2])],
  batch: [() => [1, 2]],
  actual: [() => [1, 2]],
  expected: [() => [1, 2]],
  a: [() => [0.5, 0.5], () => 0.25],
  inputs: [() => torch.ones(2, 3), () => leaf(), () => leaf(torch.float64)],
  v: [() => torch.ones(2, 3), () => torch.tensor(1)],
  fn: [() => () => 5],
  primals: [() => [torch.ones(3)]],
  tangents: [() => [torch.ones(3)]],
  vec: [() => torch.zeros(6)],
  padding: [() => 1],
  start: [() => 1],
  newState: [() => torch.getRngState()],
  'nn.TransformerEncoder:encoderLayer': [() => new nn.TransformerEncoderLayer(4, 2, 4)],
  'nn.TransformerDecoder:decoderLayer': [() => new nn.TransformerDecoderLayer(4, 2, 4)],
  'nn.TransformerEncoder:norm': [() => new nn.LayerNorm(4)],
  'nn.TransformerDecoder:norm': [() => new nn.LayerNorm(4)],
  'nn.AdaptiveLogSoftmaxWithLoss:cutoffs': [() => [1]],
  'deepcopy:x': [() => torch.ones(2)],
  'nn.Parameter:data': [() => torch.ones(2, 3)],
  'nn.ParameterDict:parameters': [() => ({ a: torch.ones(2) })],
  // Recurrent networks.
  inputSize: [() => 3],
  hiddenSize: [() => 4],
  nonlinearity: [() => 'tanh'],
  'nn.RNNBase:mode': [() => 'LSTM'],
  ...Object.fromEntries(
    ['RNNBase', 'RNN', 'LSTM', 'GRU', 'RNNCellBase', 'RNNCell', 'LSTMCell', 'GRUCell'].flatMap((name) =>
      ['bias', 'batchFirst'].map((setting) => [`nn.${name}:${setting}`, [() => false]]),
    ),
  ),
  'nn.RNNBase:dropout': [() => 0],
  'nn.RNN:dropout': [() => 0],
  'nn.LSTM:dropout': [() => 0],
  'nn.GRU:dropout': [() => 0],
  ...Object.fromEntries(
    ['RNN', 'LSTM', 'GRU'].map((name) => [`${name}.forward:input`, [() => torch.ones(2, 3)]]),
  ),
  'nn.utils.rnn.packPaddedSequence:input': [() => torch.ones(2, 2)],
  lengths: [() => [2, 1]],
  'nn.utils.rnn.unpadSequence:lengths': [() => torch.tensor([2, 1])],
  'nn.utils.rnn.unpadSequence:paddedSequences': [() => torch.ones(2, 2)],
  sequence: [packed],
  packedSequences: [packed],
  sequences: [() => [torch.ones(2), torch.ones(1)]],
  paddingSide: [() => 'left'],
  // Mixed precision.
  deviceType: [() => 'cpu'],
  'amp.GradScaler:device': [() => 'cpu'],
  ...Object.fromEntries(
    ['unscale_', 'step', 'stepAsync'].flatMap((name) => [
      [`GradScaler.${name}:optimizer`, [optimizer]],
      [`GradScaler.${name}:closure`, [() => null]],
    ]),
  ),
  'GradScaler.scale:outputs': [() => torch.ones(1)],
  'GradScaler.loadStateDict:stateDict': [() => new torch.amp.GradScaler('cpu').stateDict()],
  newScale: [() => 2],
  'setAutocastDtype:dtype': [() => torch.bfloat16],
  'setAutocastEnabled:enabled': [() => false],
  // Traces.
  replaceWith: [() => traced().graph.nodes[0]],
  root: [() => (x: torch.Tensor) => x.mul(2)],
  exampleInputs: [() => [torch.ones(1)]],
  // Optimizers and schedulers.
  schedulers: [() => schedulers()],
  'optim.lrScheduler.SequentialLR:optimizer': [() => shared(sequence).optimizer],
  'optim.lrScheduler.SequentialLR:schedulers': [() => shared(sequence).schedulers],
  'optim.lrScheduler.SequentialLR:milestones': [() => [3]],
  'optim.lrScheduler.OneCycleLR:totalSteps': [() => 10],
  'optim.lrScheduler.MultiStepLR:milestones': [() => [2, 4]],
  lrLambda: [() => () => 0.5],
  // Pruning and fusion.
  ...Object.fromEntries(
    [
      'identity',
      'randomUnstructured',
      'l1Unstructured',
      'randomStructured',
      'lnStructured',
      'customFromMask',
    ].flatMap((name) => [
      [`nn.utils.prune.${name}:module`, [() => new nn.Linear(2, 2)]],
      [`nn.utils.prune.${name}:name`, [() => 'weight']],
      [`nn.utils.prune.${name}:dim`, [() => 0]],
      [`nn.utils.prune.${name}:mask`, [() => torch.ones(2, 2)]],
      [`nn.utils.prune.${name}:importanceScores`, [() => torch.ones(2, 2)]],
    ]),
  ),
  amount: [() => 1],
  t: [() => torch.ones(2, 2)],
  defaultMask: [() => torch.ones(2, 2)],
  'nn.utils.prune.CustomFromMask:mask': [() => torch.ones(2, 2)],
  'BasePruningMethod.prune:importanceScores': [() => torch.ones(2, 2)],
  'BasePruningMethod.applyMask:module': [pruned],
  'BasePruningMethod.remove:module': [pruned],
  'PruningContainer.addPruningMethod:method': [() => new nn.utils.prune.L1Unstructured(1)],
  'nn.utils.prune.remove:module': [pruned],
  'nn.utils.prune.remove:name': [() => 'weight'],
  'nn.utils.prune.isPruned:module': [pruned],
  'nn.utils.prune.globalUnstructured:parameters': [() => [[new nn.Linear(2, 2), 'weight']]],
  'nn.utils.prune.globalUnstructured:pruningMethod': [() => nn.utils.prune.Identity],
  conv: [() => new nn.Conv2d(2, 3, 1).eval()],
  linear: [() => new nn.Linear(2, 3).eval()],
  bn: [() => new nn.BatchNorm2d(3).eval()],
  // Parametrizations.
  ...Object.fromEntries(
    ['weightNorm', 'spectralNorm', 'orthogonal'].map((name) => [
      `nn.utils.parametrizations.${name}:module`,
      [() => new nn.Linear(2, 2)],
    ]),
  ),
  ...Object.fromEntries(
    ['weightNorm', 'spectralNorm', 'orthogonal'].map((name) => [
      `nn.utils.parametrizations.${name}:name`,
      [() => 'weight'],
    ]),
  ),
  orthogonalMap: [() => 'cayley'],
  tensorName: [() => 'weight'],
  parametrization: [() => new nn.Identity()],
  'nn.utils.parametrize.registerParametrization:module': [() => new nn.Linear(2, 2)],
  'nn.utils.parametrize.removeParametrizations:module': [normed],
  fromModule: [normed],
  toModule: [() => new nn.Linear(2, 2)],
  'nn.utils.parametrize.ParametrizationList:modules': [
    () => [normed().getSubmodule('parametrizations.weight.0')],
  ],
  'nn.utils.parametrize.ParametrizationList:original': [() => torch.ones(2, 2)],
  // Distributions.
  probs: [() => torch.tensor([0.25, 0.75]), () => 0.25],
  logits: [() => null],
  high: [() => 2],
  'distributions.Uniform:low': [() => 0],
  'distributions.GeneralizedPareto:loc': [() => 0],
  'ReshapeTransform.forwardShape:shape': [() => [3]],
  'ReshapeTransform.inverseShape:shape': [() => [3, 1]],
  temperature: [() => torch.tensor(0.5)],
  reinterpretedBatchNdims: [() => 1],
  baseDistribution: [vectors],
  distribution: [vectors],
  mixtureDistribution: [() => new distributions.Categorical(torch.ones(2))],
  componentDistribution: [vectors],
  p: [vectors],
  q: [vectors],
  typeP: [() => distributions.Normal],
  typeQ: [() => distributions.Laplace],
  constraint: [() => distributions.constraints.positive],
  baseConstraint: [() => distributions.constraints.positive],
  cseq: [() => [distributions.constraints.positive, distributions.constraints.positive]],
  baseTransform: [() => new distributions.ExpTransform()],
  parts: [() => [new distributions.ExpTransform()]],
  tseq: [() => [new distributions.ExpTransform(), new distributions.ExpTransform()]],
  inShape: [() => [3]],
  outShape: [() => [3, 1], () => [3]],
  'distributions.TransformedDistribution:transforms': [() => new distributions.ExpTransform()],
  'distributions.Dirichlet:concentration': [() => torch.tensor([0.5, 0.5])],
  'distributions.Multinomial:totalCount': [() => 1],
  covarianceMatrix: [() => torch.eye(2)],
  precisionMatrix: [() => null],
  scaleTril: [() => null],
  'distributions.MultivariateNormal:loc': [() => torch.zeros(2)],
  'distributions.Wishart:df': [() => 3],
  'LKJCholesky.logProb:value': [() => torch.eye(2), () => torch.eye(3)],
  'Wishart.logProb:value': [() => torch.eye(2)],
  ...Object.fromEntries(
    ['Affine', 'Compose', 'LowerCholesky', 'Plain', 'Power', ''].map((name) => [
      `${name}Transform.equals:other`,
      [() => new distributions.ExpTransform()],
    ]),
  ),
  'ToSimplex.equals:other': [() => new distributions.ExpTransform()],
  // Data.
  datasets: [() => [dataset(), dataset()]],
  'utils.data.ChainDataset:datasets': [() => [new Countdown(), new Countdown()]],
  'utils.data.BatchSampler:sampler': [() => new data.SequentialSampler(dataset())],
  'utils.data.DataLoader:sampler': [() => new data.SequentialSampler(dataset())],
  indices: [() => [1, 0], () => torch.tensor([1, 0])],
  weights: [() => [0.5, 0.25]],
  replacement: [() => true],
  numSamples: [() => 2],
  batchSize: [() => 2],
  dropLast: [() => true],
  // Transforms.
  mean: [() => [0.5]],
  std: [() => [0.25]],
  transforms: [() => [new torchvision.transforms.CenterCrop(2)]],
  lambd: [() => Math.abs],
  // TensorBoard.
  'tensorboard.SummaryWriter:logDir': [() => new MemoryFolder()],
  'SummaryWriter.addScalar:scalarValue': [() => 0.5],
  'SummaryWriter.addScalars:tagScalarDict': [() => ({ a: 1 })],
  'SummaryWriter.addHistogram:values': [() => torch.ones(3)],
  'SummaryWriter.addHistogram:bins': [() => 'auto'],
  'SummaryWriter.addHistogramRaw:bucketLimits': [() => [1]],
  'SummaryWriter.addHistogramRaw:bucketCounts': [() => [1]],
  'SummaryWriter.addImage:dataformats': [() => 'HWC'],
  'SummaryWriter.addImages:dataformats': [() => 'NHWC'],
  'SummaryWriter.addImageWithBoxes:dataformats': [() => 'HWC'],
  'SummaryWriter.addImages:imgTensor': [() => torch.ones(2, 3, 3, 3)],
  'SummaryWriter.addImageWithBoxes:boxTensor': [() => torch.ones(1, 4)],
  'SummaryWriter.addImageWithBoxes:labels': [() => null],
  imgTensor: [() => torch.ones(4, 5, 3)],
  figure: [() => torchvision.Image.fromPlanes(new Uint8Array(12), 2, 2)],
  sndTensor: [() => torch.ones(4)],
  'SummaryWriter.addGraph:model': [() => new Still()],
  inputToModel: [() => torch.ones(2, 3)],
  mat: [() => torch.ones(2, 3)],
  metadata: [() => [['a'], ['b']]],
  labelImg: [() => torch.ones(2, 3, 4, 4)],
  metadataHeader: [() => ['title']],
  labels: [() => torch.tensor([0, 1])],
  predictions: [() => torch.tensor([0.5, 0.25])],
  ...Object.fromEntries(
    ['truePositive', 'falsePositive', 'trueNegative', 'falseNegative'].map((name) => [
      `${name}Counts`,
      [() => [1, 2]],
    ]),
  ),
  precision: [() => [0.5, 0.5]],
  recall: [() => [0.5, 0.5]],
  'SummaryWriter.addPrCurve:weights': [() => torch.tensor([1, 2])],
  'SummaryWriter.addPrCurveRaw:weights': [() => null],
  'SummaryWriter.addCustomScalarsMarginchart:tags': [() => ['a', 'b', 'c']],
  tags: [() => ['a', 'b']],
  layout: [() => ({ a: { b: ['Multiline', ['c']] } })],
  vertices: [() => torch.ones(1, 2, 3)],
  'SummaryWriter.addMesh:colors': [() => torch.ones(1, 2, 3)],
  faces: [() => torch.ones(1, 2, 3)],
  hparamDict: [() => ({ name: 0.5 })],
  metricDict: [() => ({ loss: 1 })],
  hparamDomainDiscrete: [() => ({ name: [0.5] })],
  // Boxes and regions of images.
  ...Object.fromEntries(
    ['roiAlign', 'roiPool', 'psRoiAlign', 'psRoiPool'].flatMap((name) => [
      [`vision.ops.${name}:input`, [() => torch.ones(1, 4, 5, 5)]],
      [`vision.ops.${name}:boxes`, [() => torch.tensor([[0, 1, 1, 3, 3]]).float()]],
      [`vision.ops.${name}:outputSize`, [() => 2]],
    ]),
  ),
  ...Object.fromEntries(
    ['RoIAlign', 'RoIPool', 'PSRoIAlign', 'PSRoIPool'].flatMap((name) => [
      [`vision.ops.${name}:outputSize`, [() => 2]],
      [`${name}.forward:input`, [() => torch.ones(1, 4, 5, 5)]],
      [`${name}.forward:rois`, [() => torch.tensor([[0, 1, 1, 3, 3]]).float()]],
    ]),
  ),
  'vision.ops.nms:boxes': [() => torch.ones(2, 4)],
  'vision.ops.batchedNms:boxes': [() => torch.ones(2, 4)],
  scores: [() => torch.ones(2)],
  idxs: [() => torch.tensor([0, 1])],
  iouThreshold: [() => 0.5],
  'vision.ops.deformConv2d:input': [() => torch.ones(1, 2, 5, 5)],
  'vision.ops.deformConv2d:weight': [() => torch.ones(2, 2, 3, 3)],
  'vision.ops.deformConv2d:offset': [() => torch.zeros(1, 18, 3, 3)],
  'vision.ops.deformConv2d:mask': [() => torch.ones(1, 9, 3, 3)],
  'vision.ops.deformConv2d:bias': [() => torch.ones(2)],
  'vision.ops.DeformConv2d:inChannels': [() => 2],
  'vision.ops.DeformConv2d:outChannels': [() => 2],
  'vision.ops.DeformConv2d:kernelSize': [() => 3],
  'vision.ops.DeformConv2d:groups': [() => 1],
  'DeformConv2d.forward:input': [() => torch.ones(1, 2, 5, 5)],
  'DeformConv2d.forward:offset': [() => torch.zeros(1, 18, 3, 3)],
  'DeformConv2d.forward:mask': [() => torch.ones(1, 9, 3, 3)],
  'vision.ops.dropBlock2d:input': [() => torch.ones(1, 2, 5, 5)],
  'vision.ops.dropBlock3d:input': [() => torch.ones(1, 2, 5, 5, 5)],
  ...Object.fromEntries(
    ['dropBlock2d', 'dropBlock3d', 'DropBlock2d', 'DropBlock3d'].flatMap((name) => [
      [`vision.ops.${name}:p`, [() => 0.25]],
      [`vision.ops.${name}:blockSize`, [() => 3]],
    ]),
  ),
  'DropBlock2d.forward:input': [() => torch.ones(1, 2, 5, 5)],
  'DropBlock3d.forward:input': [() => torch.ones(1, 2, 5, 5, 5)],
  'vision.ops.FeaturePyramidNetwork:inChannelsList': [() => [2, 3]],
  'vision.ops.FeaturePyramidNetwork:outChannels': [() => 2],
  'vision.ops.FeaturePyramidNetwork:extraBlocks': [() => new torchvision.ops.LastLevelMaxPool()],
  'FeaturePyramidNetwork.forward:x': [() => ({ 0: torch.ones(1, 2, 4, 4), 1: torch.ones(1, 3, 2, 2) })],
  featmapNames: [() => ['0']],
  'vision.ops.MultiScaleRoIAlign:outputSize': [() => 2],
  'MultiScaleRoIAlign.forward:x': [() => ({ 0: torch.ones(1, 2, 4, 4) })],
  'MultiScaleRoIAlign.forward:boxes': [() => [torch.tensor([[1, 1, 3, 3]]).float()]],
  imageShapes: [() => [[8, 8]]],
  // Detectors.
  'AnchorGenerator.forward:imageList': [() => ({ tensors: torch.ones(1, 3, 8, 8), imageSizes: [[8, 8]] })],
  'AnchorGenerator.forward:featureMaps': [() => [torch.ones(1, 2, 4, 4)]],
  'DefaultBoxGenerator.forward:imageList': [
    () => ({ tensors: torch.ones(1, 3, 8, 8), imageSizes: [[8, 8]] }),
  ],
  'DefaultBoxGenerator.forward:featureMaps': [() => [torch.ones(1, 2, 4, 4)]],
  'vision.models.detection.AnchorGenerator:sizes': [() => [[4]]],
  aspectRatios: [() => [[2]]],
  'vision.models.detection.DefaultBoxGenerator:scales': [() => [0.5, 1]],
  steps: [() => [2]],
  'vision.models.detection.BackboneWithFPN:backbone': [() => new nn.Sequential(new nn.Conv2d(3, 3, 1))],
  'vision.models.detection.BackboneWithFPN:returnLayers': [() => ({ 0: '0' })],
  'vision.models.detection.BackboneWithFPN:inChannelsList': [() => [3]],
  'vision.models.detection.BackboneWithFPN:extraBlocks': [() => new torchvision.ops.LastLevelMaxPool()],
  'BackboneWithFPN.forward:x': [() => torch.ones(1, 3, 8, 8)],
  'vision.models.detection.FastRCNNConvFCHead:inputSize': [() => [3, 2, 2]],
  convLayers: [() => [4]],
  fcLayers: [() => [4]],
  'vision.models.detection.MaskRCNNHeads:layers': [() => [4]],
  'vision.models.detection.KeypointRCNNHeads:layers': [() => [4]],
  'KeypointRCNNPredictor.forward:x': [() => torch.ones(1, 2, 4, 4)],
  // Trainings.
  monitor: [() => 'loss'],
  dirpath: [() => new MemoryFolder()],
  saveDir: [() => new MemoryFolder()],
  logger: [() => []],
  callbacks: [() => []],
  'trainer.Trainer:progress': [() => () => ({ advance: () => {}, stop: () => {} })],
  gradientClipAlgorithm: [() => 'value'],
  'trainer.EarlyStopping:mode': [() => 'max'],
  'trainer.ModelCheckpoint:mode': [() => 'max'],
  'trainer.ModelCheckpoint:filename': [() => 'name'],
  'Trainer.fit:model': [() => new Trained()],
  'Trainer.validate:model': [() => new Trained()],
  'Trainer.test:model': [() => new Trained()],
  trainDataloaders: [() => [torch.ones(1, 2)]],
  valDataloaders: [() => [torch.ones(1, 2)]],
  dataloaders: [() => [torch.ones(1, 2)]],
  ckptPath: [() => null],
  'TensorBoardLogger.logMetrics:metrics': [() => ({ loss: 1 })],
  'CSVLogger.logMetrics:metrics': [() => ({ loss: 1 })],
  'EarlyStopping.loadStateDict:state': [() => ({ wait_count: 1, stopped_epoch: 0, best_score: '1' })],
  'ModelCheckpoint.loadStateDict:state': [
    () => ({ best_model_path: '', best_model_score: null, last_model_path: '', kept: {} }),
  ],
  // Metrics.
  ...Object.fromEntries(
    ['accuracy', 'precision', 'recall', 'f1Score', 'confusionMatrix', 'auroc'].flatMap((name) => {
      const own = name === 'auroc' ? 'AUROC' : `${name[0].toUpperCase()}${name.slice(1)}`;
      const of = (kind: string) => `metrics.functional.${kind}${own.replace('AUROC', 'Auroc')}`;
      const target = [() => torch.tensor([0, 1])];
      const labels = [() => torch.tensor([[0, 1, 0]])];
      const chances = [() => torch.tensor([0.25, 0.75])];
      const rows = [() => torch.ones(2, 3).div(3)];
      return [
        ...[`metrics.functional.${name}`, of('binary')].flatMap((path) => [
          [`${path}:preds`, chances],
          [`${path}:target`, target],
        ]),
        [`${of('multiclass')}:preds`, rows],
        [`${of('multiclass')}:target`, target],
        [`${of('multilabel')}:preds`, [() => torch.ones(1, 3).div(3)]],
        [`${of('multilabel')}:target`, labels],
        ...['Multilabel', 'Multiclass', ''].map((kind) => [`metrics.${kind}${own}:thresholds`, [() => 3]]),
      ] as [string, Make[]][];
    }),
  ),
  ...Object.fromEntries(
    ['ScoreMetric', 'ConfusionMetric', 'AreaMetric'].flatMap((name) => [
      [`${name}.update:preds`, [() => torch.tensor([0.25, 0.75])]],
      [`${name}.update:target`, [() => torch.tensor([0, 1])]],
    ]),
  ),
  'metrics:numClasses': [() => 3],
  'metrics:numLabels': [() => 3],
  'metrics:threshold': [() => 0.25],
  'metrics:topK': [() => 1],
  'metrics:task': [() => 'binary'],
  'metrics:average': [() => 'macro'],
  'metrics:multidimAverage': [() => 'global'],
  'metrics:ignoreIndex': [() => -1],
  'metrics:zeroDivision': [() => 1],
  'metrics:normalize': [() => 'all'],
  'metrics:maxFpr': [() => 0.5],
  'metrics:multioutput': [() => 'raw_values'],
  'metrics:adjusted': [() => 0],
  'metrics:nanStrategy': [() => 'ignore'],
  distReduceFx: [() => 'sum'],
  'metrics.MetricCollection:metrics': [() => [new metrics.MeanMetric()]],
  'charts.lineChart:curves': [() => ({ loss: [2, 1] })],
  'charts.lineChart:smoothing': [() => 0.5],
  'charts.lineChart:width': [() => 320],
  'charts.lineChart:height': [() => 240],
  'charts.smoothed:values': [() => [2, 1]],
  'charts.smoothed:weight': [() => 0.5],
  'torchinfo.summary:model': [() => new nn.Linear(2, 2)],
  'torchinfo.summary:inputSize': [() => [2, 2]],
  'torchinfo.summary:inputData': [() => null],
  'torchinfo.summary:batchDim': [() => null],
  'torchinfo.summary:colNames': [() => ['num_params']],
  'torchinfo.summary:rowSettings': [() => ['depth']],
  'torchinfo.summary:dtypes': [() => [torch.float32]],
  'torchinfo.summary:verbose': [() => 0],
  'torchinfo.summary:mode': [() => 'eval'],
  'torchinfo.summary:kwargs': [() => null],
  // einops.
  'einops.rearrange:tensor': [() => torch.ones(2, 3)],
  'einops.rearrange:pattern': [() => 'a b -> b a'],
  'einops.reduce:tensor': [() => torch.ones(2, 3)],
  'einops.reduce:pattern': [() => 'a b -> b'],
  'einops.reduce:reduction': [() => 'sum'],
  'einops.repeat:tensor': [() => torch.ones(2, 3)],
  'einops.repeat:pattern': [() => 'a b -> b a 2'],
  'einops.parseShape:pattern': [() => 'a b'],
  'einops.parseShape:x': [() => torch.ones(2, 3)],
  'einops.pack:tensors': [() => [torch.ones(2, 3)]],
  'einops.pack:pattern': [() => 'a *'],
  'einops.unpack:tensor': [() => torch.ones(2, 3)],
  'einops.unpack:packedShapes': [() => [[3]]],
  'einops.unpack:pattern': [() => 'a *'],
  'einops.Rearrange:pattern': [() => 'a b -> b a'],
  'einops.Reduce:pattern': [() => 'a b -> b'],
  'einops.Reduce:reduction': [() => 'sum'],
  'vision.utils.makeGrid:tensor': [() => torch.ones(2, 3, 4, 4)],
  'vision.utils.saveImage:tensor': [() => torch.ones(2, 3, 4, 4)],
  'vision.utils.saveImage:fp': [() => join(folder, 'grid.png')],
  'vision.utils.saveImage:format': [() => 'PNG'],
  ...Object.fromEntries(
    ['drawBoundingBoxes', 'drawSegmentationMasks', 'drawKeypoints'].map((name) => [
      `vision.utils.${name}:image`,
      [() => torch.zeros(3, 4, 5)],
    ]),
  ),
  'vision.utils.drawBoundingBoxes:boxes': [() => torch.ones(1, 4)],
  'vision.utils.drawSegmentationMasks:masks': [() => torch.ones([4, 5], { dtype: torch.bool })],
  'vision.utils.drawKeypoints:keypoints': [() => torch.ones(1, 2, 2)],
  'vision.utils.drawKeypoints:visibility': [() => torch.ones(1, 2)],
  'vision.utils.flowToImage:flow': [() => torch.ones(2, 4, 5)],
  imageSize: [() => [3, 2, 2]],
  'DatasetFolder.findClasses:directory': [() => fileURLToPath(new URL('..', import.meta.url))],
  'vision.io.decodeImage:input': [() => imageFile('PNG 1')],
  'vision.io.readImage:path': [() => imageFile('PNG 1').numpy().data],
  'vision.io.decodePng:input': [() => imageFile('PNG 1')],
  'vision.io.decodeJpeg:input': [() => imageFile('JPEG L')],
  'vision.io.decodeWebp:input': [() => imageFile('WebP lossy')],
  'vision.io.decodeGif:input': [() => imageFile('GIF')],
  ...Object.fromEntries(
    ['encodePng', 'encodeJpeg', 'writePng', 'writeJpeg'].map((name) => [
      `vision.io.${name}:input`,
      [() => torch.zeros([3, 2, 2], { dtype: torch.uint8 })],
    ]),
  ),
  'vision.io.readFile:path': [() => import.meta.filename],
  'vision.io.writeFile:data': [() => torch.zeros([2], { dtype: torch.uint8 })],
  ...Object.fromEntries(
    ['writeFile', 'writePng', 'writeJpeg'].map((name) => [
      `vision.io.${name}:filename`,
      [() => join(folder, 'written')],
    ]),
  ),
  'Image.convert:mode': [() => 'RGB'],
  'Image.getpixel:xy': [() => [1, 0]],
  'Image.save:path': [() => join(folder, 'saved.png')],
  'vision.transforms.CenterCrop:size': [() => 2],
  'vision.transforms.RandomCrop:size': [() => 2],
  ...Object.fromEntries(
    ['FiveCrop', 'RandomResizedCrop', 'Resize', 'TenCrop'].map((name) => [
      `vision.transforms.${name}:size`,
      [() => 2],
    ]),
  ),
  ...Object.fromEntries(
    ['AutoAugment', 'AugMix', 'RandAugment', 'RandomChange', 'TrivialAugmentWide'].map((name) => [
      `${name}.forward:img`,
      [() => torch.ones([3, 4, 5], { dtype: torch.uint8 })],
    ]),
  ),
  'vision.transforms.GaussianBlur:kernelSize': [() => 3],
  'ElasticTransform.forward:tensor': [() => torch.ones(3, 24, 25)],
  'vision.transforms.LinearTransformation:transformationMatrix': [() => torch.ones(2, 2)],
  'vision.transforms.LinearTransformation:meanVector': [() => torch.ones(2)],
  'LinearTransformation.forward:tensor': [() => torch.ones(1, 1, 2)],
  'BatchMixing.forward:batch': [() => [torch.ones(2, 1, 4, 4), torch.ones(2, 3)]],
  'ToPILImage.forward:pic': [() => torch.ones(3, 4, 5)],
  'vision.transforms.functional.elasticTransform:displacement': [() => torch.zeros(1, 4, 5, 2)],
  'vision.transforms.functional.equalize:img': [() => torch.ones([3, 4, 5], { dtype: torch.uint8 })],
  'vision.transforms.functional.posterize:img': [() => torch.ones([3, 4, 5], { dtype: torch.uint8 })],
  'vision.transforms.functional.toGrayscale:img': [
    () => torchvision.transforms.Image.fromPlanes(new Uint8Array(12), 2, 2, 3),
  ],
  'ConvertImageDtype.forward:image': [() => torch.ones(3, 4, 5)],
  'vision.transforms.functional.convertImageDtype:image': [() => torch.ones(3, 4, 5)],
  'vision.transforms.functional.normalize:tensor': [() => torch.ones(3, 4, 5)],
  'vision.transforms.functional.toPilImage:pic': [() => torch.ones(3, 4, 5)],
  // Samples, and tensors that say what they are.
  ...Object.fromEntries(
    ['CenterCrop', 'FiveCrop', 'RandomCrop', 'RandomResizedCrop', 'Resize', 'TenCrop'].map((name) => [
      `vision.transforms.v2.${name}:size`,
      [() => 2],
    ]),
  ),
  'vision.transforms.v2.GaussianBlur:kernelSize': [() => 3],
  'vision.transforms.v2.JPEG:quality': [() => 50],
  'vision.transforms.v2.Pad:paddingMode': [() => 'edge'],
  'vision.transforms.v2.RandomCrop:paddingMode': [() => 'edge'],
  'vision.transforms.v2.AutoAugment:policy': [() => 'svhn'],
  'vision.transforms.v2.ToDtype:dtype': [() => torch.float64],
  'vision.transforms.v2.LinearTransformation:transformationMatrix': [() => torch.ones(2, 2)],
  'vision.transforms.v2.LinearTransformation:meanVector': [() => torch.ones(2)],
  clampingMode: [() => 'soft'],
  ...Object.fromEntries(
    Object.keys(torchvision.transforms.v2.functional).flatMap((name) =>
      [
        ['image', () => torch.ones(3, 4, 5)],
        ['video', () => torch.ones(2, 3, 4, 5)],
        ['mask', () => torch.ones(4, 5)],
        ['boundingBoxes', () => torch.ones(2, 4)],
        ['boundingBox', boxes],
        ['format', () => 'XYXY'],
        ['canvasSize', () => [4, 5]],
        ['displacement', () => torch.zeros(1, 4, 5, 2)],
        ['permutation', () => [2, 0, 1]],
      ].map(([key, make]) => [`vision.transforms.v2.functional.${name}:${key}`, [make]]),
    ),
  ),
  'vision.transforms.v2.functional.getSizeKeypoints:keypoints': [keyPoints],
  flatInputs: [() => [torch.ones(3, 4, 5), boxes(), keyPoints()]],
  typesOrChecks: [() => torch.Tensor],
  'vision.transforms.v2.checkType:typesOrChecks': [() => [torch.Tensor]],
  functional: [() => torchvision.transforms.v2.functional.invert],
  tvTensorCls: [() => class Depth extends torchvision.tvTensors.TVTensor {}],
  inpt: [() => torch.ones(3, 4, 5)],
  permutation: [() => [2, 0, 1], () => torch.tensor([2, 0, 1])],
  displacement: [() => torch.zeros(1, 4, 5, 2)],
  coefficients: [() => null],
  'vision.transforms.v2.functional.toTensor:inpt': [
    () => torchvision.transforms.Image.fromPlanes(new Uint8Array(12), 2, 2, 3),
  ],
  'vision.transforms.v2.functional.equalize:inpt': [() => torch.ones([3, 4, 5], { dtype: torch.uint8 })],
  'vision.transforms.v2.functional.jpeg:inpt': [() => torch.ones([3, 4, 5], { dtype: torch.uint8 })],
  'vision.transforms.v2.functional.jpegImage:image': [() => torch.ones([3, 4, 5], { dtype: torch.uint8 })],
  'vision.transforms.v2.functional.jpegVideo:video': [() => torch.ones([2, 3, 4, 5], { dtype: torch.uint8 })],
  'vision.transforms.v2.functional.jpeg:quality': [() => 50],
  'vision.transforms.v2.functional.jpegImage:quality': [() => 50],
  'vision.transforms.v2.functional.jpegVideo:quality': [() => 50],
  'vision.transforms.v2.functional.getNumFrames:inpt': [() => torch.ones(2, 3, 4, 5)],
  'vision.transforms.v2.functional.uniformTemporalSubsample:inpt': [() => torch.ones(2, 3, 4, 5)],
  'vision.transforms.v2.functional.pad:paddingMode': [() => 'edge'],
  'vision.transforms.v2.functional.erase:v': [() => torch.zeros(1, 1, 1)],
  'vision.transforms.v2.functional.normalize:mean': [() => 0.5],
  'vision.transforms.v2.functional.normalize:std': [() => 0.25],
  canvasSize: [() => [4, 5]],
  returnType: [() => 'Tensor'],
  wrappee: [() => torch.ones(2, 4)],
  like: [boxes],
  'vision.tvTensors.BoundingBoxes:data': [() => torch.ones(2, 4)],
  'vision.tvTensors.KeyPoints:data': [() => torch.ones(2, 2)],
  'vision.tvTensors.Image:data': [() => torch.ones(3, 4, 5)],
  'vision.tvTensors.Mask:data': [() => torch.ones(4, 5)],
  'vision.tvTensors.Video:data': [() => torch.ones(2, 3, 4, 5)],
  ...Object.fromEntries(
    [
      'transforms.v2.ConvertBoundingBoxFormat',
      'tvTensors.BoundingBoxes',
      'tvTensors.isRotatedBoundingFormat',
      'tvTensors.wrap',
    ].map((name) => [`vision.${name}:format`, [() => 'XYXY']]),
  ),
  startpoints: [() => corners],
  endpoints: [() => corners],
  // Methods.
  'Tensor.backward:gradient': [() => torch.ones(1)],
  'Module.registerBuffer:tensor': [() => torch.ones(2)],
  'Module.registerParameter:param': [() => new nn.Parameter(torch.ones(2))],
  'Module.addModule:module': [() => new nn.ReLU()],
  'Module.registerModule:module': [() => new nn.ReLU()],
  'Module.loadStateDict:stateDict': [() => ({ ...new nn.Linear(3, 2).stateDict(), buffer: torch.ones(1) })],
  'sparseCooTensor:indices': [
    () => [2, 2],
    () => [
      [0, 1],
      [1, 0],
    ],
  ],
  'sparseCooTensor:values': [() => [1.5, 2.5]],
  'sparseCooTensor:size': [() => [2, 2]],
  'sparseCsrTensor:crowIndices': [() => [0, 1, 2]],
  'sparseCsrTensor:colIndices': [() => [1, 0]],
  'sparseCsrTensor:values': [() => [1.5, 2.5]],
  'sparseCsrTensor:size': [() => [2, 2]],
  'sparse.spdiags:diagonals': [() => torch.ones(1, 2)],
  'sparse.spdiags:offsets': [() => torch.tensor([0])],
  'sparse.spdiags:shape': [() => [2, 2]],
  'sparse.mm:sparse': [sparse],
  'sparse.mm:dense': [() => torch.ones(2, 3)],
  'sparse.addmm:mat': [() => torch.ones(2, 3)],
  'sparse.addmm:mat1': [sparse],
  'sparse.addmm:mat2': [() => torch.ones(2, 3)],
  'sparse.sum:input': [sparse],
  'sparse.sum:dim': [() => 0],
  'sparse.softmax:input': [sparse],
  'sparse.softmax:dim': [() => 1],
  'sparse.logSoftmax:input': [sparse],
  'sparse.logSoftmax:dim': [() => 1],
  'sparse.checkSparseTensorInvariants:fn': [() => () => 5],
  'Tensor.sparseMask:mask': [sparse],
  'Tensor.toSparse:sparseDim': [() => 1],
  'CTCLoss.forward:logProbs': [() => torch.ones(4, 2, 3)],
  'CTCLoss.forward:targets': [() => torch.ones([2, 2], { dtype: torch.int64 })],
  'CTCLoss.forward:inputLengths': [() => [4, 3]],
  'CTCLoss.forward:targetLengths': [() => [2, 1]],
  ...Object.fromEntries(
    ['Module', 'Optimizer'].flatMap((of) =>
      ['StateDictPre', 'StateDictPost', 'LoadStateDictPre', 'LoadStateDictPost'].map((kind) => [
        `${of}.register${kind}Hook:hook`,
        [() => () => null],
      ]),
    ),
  ),
  'utils.data.defaultConvert:data': [() => [1, 2]],
  // They stay, and meet whatever is called afterwards.
  ...Object.fromEntries(
    [
      ...['ForwardPre', 'Forward', 'FullBackwardPre', 'FullBackward'].map(
        (kind) => `nn.modules.module.registerModule${kind}Hook`,
      ),
      ...['Pre', 'Post'].map((kind) => `optim.optimizer.registerOptimizerStep${kind}Hook`),
    ].map((path) => [`${path}:hook`, [() => () => null]]),
  ),
  'frombuffer:buffer': [() => new ArrayBuffer(8)],
  'frombuffer:count': [() => 1],
  'frombuffer:offset': [() => 4],
  'Tensor.type:dtype': [() => torch.float64],
  'optim.swaUtils.updateBn:loader': [() => []],
  'optim.swaUtils.updateBn:model': [() => new nn.ReLU()],
  'AveragedModel.updateParameters:model': [() => new nn.ReLU()],
  'optim.swaUtils.AveragedModel:model': [() => new nn.ReLU()],
  'optim.swaUtils.AveragedModel:avgFn': [() => null],
  'optim.swaUtils.AveragedModel:multiAvgFn': [() => null],
  'optim.swaUtils.SWALR:swaLr': [() => 0.5],
  'optim.swaUtils.SWALR:annealStrategy': [() => 'cos'],
  'Module.setSubmodule:target': [() => 'part'],
  'Module.setSubmodule:module': [() => new nn.ReLU()],
  'Module.stateDict:destination': [() => null],
  'nn.Buffer:data': [() => torch.ones(2)],
  'nn.DataParallel:module': [() => new nn.ReLU()],
  'Module.getSubmodule:target': [() => 'part'],
  'Module.getParameter:target': [() => 'weight'],
  'Module.getBuffer:target': [() => 'buffer'],
  'Module.to:device': [() => torch.float64],
  'Container.addModule:name': [() => 'part', () => '1'],
  'Container.addModule:module': [() => new nn.ReLU()],
  'Optimizer.addParamGroup:paramGroup': [() => ({ params: [torch.ones(2)] })],
  'Optimizer.loadStateDict:stateDict': [() => optimizer().stateDict()],
  'CombinedScheduler.loadStateDict:stateDict': [
    () => new optim.lrScheduler.ChainedScheduler(schedulers()).stateDict(),
  ],
  'ListContainer.append:module': [() => new nn.ReLU()],
  'ListContainer.insert:module': [() => new nn.ReLU()],
  'ListContainer.extend:modules': [() => [new nn.ReLU()]],
  'ParameterList.extend:values': [() => [torch.ones(2)]],
  'ModuleDict.pop:key': [() => 'a'],
  'ParameterDict.pop:key': [() => 'a'],
  'NpzFile.get:name': [() => 'name'],
  'SafeOpen.getTensor:name': [() => 'weight'],
  'SafeOpen.getRaw:name': [() => 'weight'],
  'SafeOpen.getSlice:name': [() => 'weight'],
  'ParameterList.append:value': [() => torch.ones(2)],
  'Dataset.add:other': [dataset],
  pic: [() => torchvision.transforms.Image.fromPlanes(new Uint8Array(12), 2, 2, 3)],
  'Grayscale.forward:img': [() => torch.ones(3, 4, 5)],
  img: [() => torch.ones(3, 4, 5)],
  'Normalize.forward:tensor': [() => torch.ones(1, 4, 5)],
  'Fold.forward:input': [() => torch.ones(1, 4, 1)],
  // Sequences of vectors as the modules above have them.
  ...Object.fromEntries(
    ['src', 'tgt', 'memory'].flatMap((name) =>
      ['Transformer', 'TransformerEncoder', 'TransformerDecoder'].map((of) => [
        `${of}.forward:${name}`,
        [() => torch.ones(3, 1, 4)],
      ]),
    ),
  ),
  ...maxima(1),
  ...maxima(2),
  ...maxima(3),
  'CrossEntropyLoss.forward:input': [() => torch.ones(2, 3)],
  'CrossEntropyLoss.forward:target': [() => torch.tensor([0, 2])],
  'MultiLabelMarginLoss.forward:target': [() => torch.tensor([[0, -1, -1]])],
  'MultiLabelMarginLoss.forward:input': [() => torch.ones(1, 3)],
  'NLLLoss.forward:input': [() => torch.ones(2, 3)],
  'NLLLoss.forward:target': [() => torch.tensor([0, 2])],
  ...Object.fromEntries(
    ['indexPut', 'indexPut_', 'indexPutAsync', 'indexPut_Async'].map((name) => [
      `Tensor.${name}:indices`,
      [() => [0]],
    ]),
  ),
  values: [() => 5],
  seed: [() => 5],
  'Node.registerHook:fn': [() => () => null],
  // Gradients.
  'autograd.graph.GradientEdge:node': [() => leaf().sum().gradFn],
  'autograd.graph.getGradientEdge:tensor': [() => leaf()],
  'autograd.graph.registerMultiGradHook:tensors': [() => [leaf()]],
  'autograd.graph.registerMultiGradHook:mode': [() => 'all'],
  'Profile.addMetadataJson:value': [() => '[1]'],
  'utils.benchmark.Timer:stmt': [() => () => 1],
  'utils.benchmark.Timer:setup': [() => () => null],
  'utils.benchmark.Timer:timer': [() => ticking()],
  'Timer.timeit:number': [() => 3],
  'Timer.timeitAsync:number': [() => 3],
  'utils.benchmark.Measurement:taskSpec': [() => new benchmark.TaskSpec('x')],
  'utils.benchmark.Measurement:rawTimes': [() => [1, 2]],
  'Measurement.merge:measurements': [() => [measurement()]],
  'utils.benchmark.Compare:results': [() => [measurement()]],
  'Compare.extendResults:results': [() => [measurement()]],
  'utils.checkpoint.checkpoint:function': [() => () => torch.ones(2)],
  'utils.checkpoint.checkpoint:args': [() => torch.ones(2)],
  'utils.checkpoint.checkpoint:useReentrant': [() => false],
  'utils.checkpoint.checkpoint:contextFn': [() => null],
  'utils.checkpoint.checkpoint:determinismCheck': [() => 'none'],
  'utils.checkpoint.checkpointSequential:functions': [() => [(x: torch.Tensor) => x.mul(2)]],
  'utils.checkpoint.checkpointSequential:segments': [() => 1],
  'utils.checkpoint.checkpointSequential:input': [() => torch.ones(2)],
  'utils.checkpoint.createSelectiveCheckpointContexts:policyFnOrList': [() => ['aten.mm.default']],
  'autograd.grad:outputs': [() => shared(graph).output],
  'autograd.grad:inputs': [() => shared(graph).input],
  'autograd.grad:gradOutputs': [() => torch.tensor(2)],
  'autograd.backward:tensors': [() => leaf().sum()],
  'autograd.backward:gradTensors': [() => torch.tensor(2)],
  'func.linearize:func': [() => () => torch.ones(2)],
  'func.vjp:func': [() => () => torch.ones(2)],
  'func.functionalCall:module': [() => new Still()],
  'func.replaceAllBatchNormModules_:root': [() => new nn.BatchNorm1d(2)],
  'nn.utils.convertConv2dWeightMemoryFormat:module': [() => new nn.Conv2d(1, 1, 1)],
  'nn.utils.convertConv2dWeightMemoryFormat:memoryFormat': [() => torch.channelsLast],
  'nn.utils.convertConv3dWeightMemoryFormat:module': [() => new nn.Conv3d(1, 1, 1)],
  'nn.utils.convertConv3dWeightMemoryFormat:memoryFormat': [() => torch.channelsLast3d],
  'func.functionalCall:parameterAndBufferDicts': [() => [{}]],
  'func.functionalCall:args': [() => []],
  'func.functionalCall:kwargs': [() => null],
  'func.stackModuleState:models': [() => [new torch.nn.Linear(2, 1)]],
  'vision.datasets.wrapDatasetForTransformsV2:dataset': [
    () => new torchvision.datasets.ImageFolder(new URL('..', import.meta.url).pathname, { allowEmpty: true }),
  ],
  'vision.models.getGraphNodeNames:model': [() => new torch.nn.Conv2d(3, 2, 3)],
  tracerKwargs: [() => ({ leafModules: [] })],
  'vision.models.getGraphNodeNames:exampleInputs': [() => [torch.ones(1, 3, 4, 4)]],
  // Modules of the user's.
  module: [() => new URL('../support/worker_set.mjs', import.meta.url)],
  name: [() => 'Halves', () => 'name'],
  args: [() => 5],
  // Models.
  ...Object.fromEntries(
    [
      'AlexNet',
      'BasicBlock',
      'ConvNeXt',
      'DenseNet',
      'EfficientNet',
      'GoogLeNet',
      'ImageClassification',
      'IntermediateLayerGetter',
      'MNASNet',
      'MobileNetV2',
      'MobileNetV3',
      'RegNet',
      'ResNet',
      'SegmentationModel',
      'SemanticSegmentation',
      'ShuffleNetV2',
      'SqueezeNet',
      'SwinTransformer',
      'VGG',
      'VisionTransformer',
    ].map((name) => [`${name}.forward:x`, [() => torch.ones(1, 3, 64, 64)]]),
  ),
  inplanes: [() => 3],
  'vision.models.BasicBlock:groups': [() => 1],
  'vision.models.BasicBlock:baseWidth': [() => 64],
  'vision.models.BasicBlock:planes': [() => 3],
  'vision.models.Bottleneck:inplanes': [() => 12],
  'vision.models.Bottleneck:planes': [() => 3],
  'Bottleneck.forward:x': [() => torch.ones(1, 12, 4, 4)],
  'Inception3.forward:x': [() => torch.ones(1, 3, 96, 96)],
  'MaxVit.forward:x': [() => torch.ones(1, 3, 32, 32)],
  'FrozenBatchNorm2d.forward:x': [() => torch.ones(1, 3, 4, 4)],
  'Permute.forward:x': [() => torch.ones(2, 3)],
  dims: [() => [1, 0]],
  'SqueezeExcitation.forward:input': [() => torch.ones(1, 2, 4, 4)],
  'LRASPP.forward:input': [() => torch.ones(1, 3, 64, 64)],
  'vision.ops.SqueezeExcitation:activation': [() => nn.ReLU],
  'vision.ops.stochasticDepth:p': [() => 0.5],
  'vision.ops.StochasticDepth:p': [() => 0.5],
  scaleActivation: [() => nn.Sigmoid],
  activationLayer: [() => nn.ReLU],
  normLayer: [() => nn.BatchNorm2d],
  hiddenChannels: [() => [3, 2]],
  'vision.models.squeezenet1_1:weights': [() => null],
  block: [() => null],
  resizeSize: [() => 8],
  cropSize: [() => 8],
  'vision.models.MobileNetV2:invertedResidualSetting': [() => [[1, 16, 1, 1]]],
  'vision.models.getModel:name': [() => 'mnasnet0_5'],
  'vision.models.getModelBuilder:name': [() => 'mnasnet0_5'],
  'vision.models.getModelWeights:name': [() => 'mnasnet0_5'],
  'vision.models.getWeight:name': [() => 'MNASNet0_5_Weights.DEFAULT'],
  config: [() => ({ numClasses: 2 })],
  'vision.models.interpolateEmbeddings:imageSize': [() => 4],
  'vision.models.interpolateEmbeddings:patchSize': [() => 1],
  modelState: [() => ({ 'encoder.pos_embedding': torch.ones(1, 5, 2) })],
  interpolationMode: [() => 'bicubic'],
  'hub.setDir:d': [() => file('hub')],
  // Files.
  model: [() => new nn.Linear(3, 2)],
  'numpy.save:file': [() => file('y.npy')],
  'numpy.savez:file': [() => file('x.npz')],
  'numpy.savezCompressed:file': [() => file('x.npz')],
  arr: [() => torch.ones(2)],
  arrays: [() => torch.ones(2)],
  'serialization.addSafeGlobals:safeGlobals': [() => [[Countdown, 'a.Countdown']]],
  'serialization.safeGlobals:safeGlobals': [() => [[Countdown, 'a.Countdown']]],
  'serialization.safeGlobals:fn': [() => () => 1],
  'serialization.load:f': [() => file('x.pt')],
  'numpy.load:file': [() => file('x.npy')],
  'numpy.loadRaw:file': [() => file('x.npy')],
  'tables.readParquet:files': [parquetFile],
  'tables.readArrow:files': [arrowFile],
  'tables.readCsv:files': [csvFile],
  'tables.readJsonl:files': [() => new Blob(['{"a": 1}'])],
  'tables.CSVStream:files': [csvFile],
  'ParquetDataset.open:files': [parquetFile],
  'ArrowDataset.open:files': [arrowFile],
  'tables.ParquetStream:files': [parquetFile],
  'tables.ArrowStream:files': [arrowFile],
  'tables.JSONLStream:files': [csvFile],
  'tables.TableDataset:table': [() => ({ a: torch.ones(2) })],
  'tables.useLibrary:name': [() => 'nothing'],
  'tables.useLibrary:library': [() => ({})],
  'tables:columns': [() => null],
  'tables:names': [() => ['a', 'b']],
  'tables:delimiter': [() => ','],
  'tables:quotechar': [() => "'"],
  'tables:comments': [() => '#'],
  'tables:skiprows': [() => 0],
  'tables:missingValues': [() => ['x']],
  'tables:dtypes': [() => ({})],
  'tables:encoding': [() => 'utf-8'],
  'tables:fillNull': [() => 0],
  'tables:padValue': [() => 0.5],
  'tables:batchSize': [() => 2],
  'numpy.loadtxt:fname': [() => ['1 2']],
  'numpy.loadtxt:dtype': [() => 'int'],
  'numpy.loadtxt:quotechar': [() => '"'],
  'numpy.loadtxt:converters': [() => Number],
  'numpy.genfromtxt:fname': [() => ['1 2']],
  'numpy.genfromtxt:dtype': [() => null],
  'numpy.genfromtxt:converters': [() => ({ 0: Number })],
  'numpy.genfromtxt:missingValues': [() => '-'],
  'numpy.genfromtxt:fillingValues': [() => 5],
  'numpy.genfromtxt:names': [() => 'a,b'],
  'numpy.genfromtxt:caseSensitive': [() => 'upper'],
  'numpy.genfromtxt:usemask': [() => false],
  'numpy.genfromtxt:skipFooter': [() => 0],
  'numpy.genfromtxt:skipHeader': [() => 0],
  'numpy.savetxt:fname': [() => file('x.txt')],
  'numpy.savetxt:X': [() => torch.ones(2, 2)],
  'numpy.savetxt:fmt': [() => '%g'],
  'numpy.savetxt:encoding': [() => 'utf-8'],
  'numpy:usecols': [() => 0],
  'numpy:ndmin': [() => 1],
  'numpy:comments': [() => '%'],
  'numpy:delimiter': [() => ' '],
  'numpy:skiprows': [() => 0],
  'numpy:maxRows': [() => 1],
  'numpy:encoding': [() => 'utf-8'],
  'save:f': [() => file('y.pt')],
  'load:f': [() => file('x.pt')],
  mapLocation: [() => 'cpu'],
  tensors: [() => ({ weight: torch.ones(2) }), ...tensors],
  'safetensors.saveFile:filename': [() => file('y.safetensors')],
  'safetensors.saveModel:filename': [() => file('y.safetensors')],
  filename: [() => file('x.safetensors')],
  framework: [() => 'pt'],
  'safetensors.load:data': [() => torch.safetensors.save({ weight: torch.ones(2) })],
};

const unpooled = (...spatial: number[]): Readonly<Record<string, unknown>> => ({
  input: torch.ones(1, 1, ...spatial.map(() => 1)),
  indices: torch.zeros(1, 1, ...spatial.map(() => 1)).long(),
  kernelSize: spatial,
});

/** Arguments of rows that neither samples for derivatives nor chance give: the required ones, and what these want. */
const byRow: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'signal.windows.general_cosine': { M: 5, a: [0.5, 0.5] },
  'nn.functional.interpolate': { input: torch.ones(1, 1, 2), size: [3], mode: 'linear', alignCorners: true },
  'nn.functional.fold': { input: torch.ones(4, 9), outputSize: [4, 4], kernelSize: [2, 2] },
  'nn.functional.grid_sample': { input: torch.ones(1, 1, 2, 2), grid: torch.zeros(1, 2, 2, 2) },
  'nn.functional.embedding_bag': {
    input: torch.tensor([[0, 1]]),
    weight: torch.ones(2, 3),
    mode: 'sum',
    perSampleWeights: torch.ones(1, 2),
  },
  'nn.functional.one_hot': { input: torch.tensor([0, 2]) },
  'nn.functional.multi_margin_loss': { input: torch.ones(2, 3), target: torch.tensor([0, 2]) },
  'nn.functional.fractional_max_pool3d': {
    input: torch.ones(1, 4, 4, 4),
    kernelSize: [2, 2, 2],
    outputSize: [2, 2, 2],
  },
  'linalg.matrix_norm': { input: torch.ones(2, 3), ord: 1, dim: [0, 1] },
  'nn.functional.upsample_bilinear': { input: torch.ones(1, 1, 2, 2), size: [3] },
  _upsample_bilinear2d_aa: {
    input: torch.ones(1, 1, 2, 2),
    outputSize: [3, 3],
    alignCorners: false,
  },
  'nn.functional.max_unpool1d': unpooled(2),
  'nn.functional.max_unpool2d': unpooled(2, 2),
  'nn.functional.max_unpool3d': unpooled(2, 2, 2),
  'nn.functional.fractional_max_pool3d_with_indices': {
    input: torch.ones(1, 4, 4, 4),
    kernelSize: [2, 2, 2],
    outputSize: [2, 2, 2],
  },
  bincount: { input: torch.tensor([0, 2]) },
  linspace: { start: torch.tensor(0), end: torch.tensor(1), steps: 3 },
  logspace: { start: torch.tensor(0), end: torch.tensor(1), steps: 3 },
  randint: { low: 2, high: 9, size: [3] },
  randint_like: { input: torch.ones(3), low: 2, high: 9 },
};

/** Values for a row's parameters, in their order; null if none are known. */
export function rowValues(module: string, name: string, parameters: readonly Parameter[]): unknown[] | null {
  const known = byRow[module === '' ? name : `${module}.${name}`];
  return known === undefined ? null : parameters.map((p) => known[p.camel]);
}

/** Two arguments that belong together: the one that is asked for second is of the same making as the first. */
const half = new Map<() => unknown, unknown>();
function shared<T>(make: () => T): T {
  const value = half.has(make) ? (half.get(make) as T) : make();
  if (!half.delete(make)) half.set(make, value);
  return value;
}

/** Values that may be tried for a parameter, the likeliest first. */
export function candidatesFor(path: string, parameter: Parameter): readonly Make[] {
  const { camel, type, variadic } = parameter;
  const [module] = path.split('.');
  const found = byName[`${path}:${camel}`] ?? byName[`${module}:${camel}`] ?? byName[camel];
  if (found !== undefined) return found;
  return type.split('|').flatMap((one): readonly Make[] => {
    const [, name, length] = /^(\w+|'.*?')\??(?:\[(\d*)\])?$/.exec(one)!;
    if (name.startsWith("'")) return [() => name.slice(1, -1)];
    const items = byType[name] ?? [];
    if (length === undefined || variadic) return items;
    return items.map((item) => () => Array.from({ length: Number(length) || 2 }, item));
  });
}
