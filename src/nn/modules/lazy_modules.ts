/** Modules that learn the sizes of their inputs from the first one, and then become the module that they stand for. */
import { RuntimeError } from '../../core/errors.js';
import { formatSize } from '../../core/printing.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { ofInput } from '../inputs.js';
import type { Module } from '../module.js';
import { isUninitialized } from '../parameter.js';
import { UninitializedBuffer, UninitializedParameter } from '../uninitialized.js';
import {
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  withOutputSize,
} from './conv.js';
import { Linear } from './linear.js';
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
} from './normalization.js';

/** Takes the sizes of a module's parameters and running statistics away. */
function forget(module: Module): void {
  for (const [name, { shape, dtype, device, requiresGrad }] of module.namedParameters({ recurse: false })) {
    const parameter = new UninitializedParameter(requiresGrad, device, dtype);
    parameter.template = [...shape];
    Reflect.set(module, name, parameter);
  }
  for (const name of ['runningMean', 'runningVar']) {
    const buffer: unknown = Reflect.get(module, name);
    if (!(buffer instanceof Tensor)) continue;
    const lazy = new UninitializedBuffer(buffer.device, buffer.dtype);
    lazy.template = [...buffer.shape];
    Reflect.set(module, name, lazy);
  }
}

const tensorsOf = (module: Module): Tensor[] => [
  ...module.parameters({ recurse: false }),
  ...module.buffers({ recurse: false }),
];

/** Makes a lazy module the one that it stands for, of the size that its first input says. */
function settle<M extends Module & { resetParameters(): void }>(
  module: M,
  { prototype }: { readonly prototype: M },
  property: 'inFeatures' | 'inChannels' | 'numFeatures',
  size: number,
  sizeInWeight = size,
): void {
  if (Reflect.get(module, property) === 0) Reflect.set(module, property, size);
  const lazy = tensorsOf(module).filter(isUninitialized);
  for (const tensor of lazy) tensor.materialize(tensor.template.map((n) => (n === 0 ? sizeInWeight : n)));
  Object.setPrototypeOf(module, prototype);
  if (lazy.length > 0) module.resetParameters();
}

/** The number of channels of a batch or a sample. @throws RuntimeError in PyTorch's words unless it is one of both */
function channelsOf(module: Module, input: Tensor, dims: number): number {
  if (input.ndim !== dims + 1 && input.ndim !== dims + 2)
    throw new RuntimeError(
      `Expected ${dims + 1}D (unbatched) or ${dims + 2}D (batched) input to ${module.constructor.name}, but got input of size: ${formatSize(input.shape)}`,
    );
  return input.shape[input.ndim - dims - 1];
}

const hasUninitialized = (module: Module): boolean => tensorsOf(module).some(isUninitialized);

const lazyLinear = signature(
  'LazyLinear(int out_features, bool bias=True, Device? device=None, ScalarType? dtype=None)',
);

/** A `Linear` whose `inFeatures` is the size of the last dimension of its first input. */
export class LazyLinear extends Linear {
  /**
   * @param outFeatures the size of the output's last dimension
   * @param bias whether something is added to the product
   */
  constructor(...args: Arguments<typeof lazyLinear>) {
    super({ ...lazyLinear.bind(args), inFeatures: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.inFeatures !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `Linear` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    settle<Linear>(this, Linear, 'inFeatures', input.shape.at(-1) ?? 0);
    return super.forward(input);
  }
}

const lazyConvNd = <const N extends 1 | 2 | 3>(n: N) =>
  signature(
    `LazyConv${n}d(int out_channels, int[${n}] kernel_size, int[${n}] stride=1, int[${n}]|'valid'|'same' padding=0, int[${n}] dilation=1, int groups=1, bool bias=True, 'zeros'|'reflect'|'replicate'|'circular' padding_mode='zeros', Device? device=None, ScalarType? dtype=None)`,
  );
const lazyConvTransposeNd = <const N extends 1 | 2 | 3>(n: N) =>
  signature(
    `LazyConvTranspose${n}d(int out_channels, int[${n}] kernel_size, int[${n}] stride=1, int[${n}] padding=0, int[${n}] output_padding=0, int groups=1, bool bias=True, int[${n}] dilation=1, 'zeros'|'reflect'|'replicate'|'circular' padding_mode='zeros', Device? device=None, ScalarType? dtype=None)`,
  );

const lazyConv1d = lazyConvNd(1);

/** A `Conv1d` whose `inChannels` is the number of channels of its first input. */
export class LazyConv1d extends Conv1d {
  constructor(...args: Arguments<typeof lazyConv1d>) {
    super({ ...lazyConv1d.bind(args), inChannels: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.inChannels !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `Conv1d` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const channels = channelsOf(this, input, 1);
    this.checkChannels(channels);
    settle<Conv1d>(this, Conv1d, 'inChannels', channels, channels / this.groups);
    return super.forward(input);
  }
}

const lazyConv2d = lazyConvNd(2);

/** A `Conv2d` whose `inChannels` is the number of channels of its first input. */
export class LazyConv2d extends Conv2d {
  constructor(...args: Arguments<typeof lazyConv2d>) {
    super({ ...lazyConv2d.bind(args), inChannels: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.inChannels !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `Conv2d` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const channels = channelsOf(this, input, 2);
    this.checkChannels(channels);
    settle<Conv2d>(this, Conv2d, 'inChannels', channels, channels / this.groups);
    return super.forward(input);
  }
}

const lazyConv3d = lazyConvNd(3);

/** A `Conv3d` whose `inChannels` is the number of channels of its first input. */
export class LazyConv3d extends Conv3d {
  constructor(...args: Arguments<typeof lazyConv3d>) {
    super({ ...lazyConv3d.bind(args), inChannels: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.inChannels !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `Conv3d` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const channels = channelsOf(this, input, 3);
    this.checkChannels(channels);
    settle<Conv3d>(this, Conv3d, 'inChannels', channels, channels / this.groups);
    return super.forward(input);
  }
}

const lazyConvTranspose1d = lazyConvTransposeNd(1);

/** A `ConvTranspose1d` whose `inChannels` is the number of channels of its first input. */
export class LazyConvTranspose1d extends ConvTranspose1d {
  constructor(...args: Arguments<typeof lazyConvTranspose1d>) {
    super({ ...lazyConvTranspose1d.bind(args), inChannels: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.inChannels !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `ConvTranspose1d` does. */
  override forward(...args: Arguments<typeof withOutputSize>): Tensor {
    const [input, outputSize] = withOutputSize.inOrder(args, this);
    const channels = channelsOf(this, input, 1);
    this.checkChannels(channels);
    settle<ConvTranspose1d>(this, ConvTranspose1d, 'inChannels', channels);
    return super.forward(input, outputSize);
  }
}

const lazyConvTranspose2d = lazyConvTransposeNd(2);

/** A `ConvTranspose2d` whose `inChannels` is the number of channels of its first input. */
export class LazyConvTranspose2d extends ConvTranspose2d {
  constructor(...args: Arguments<typeof lazyConvTranspose2d>) {
    super({ ...lazyConvTranspose2d.bind(args), inChannels: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.inChannels !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `ConvTranspose2d` does. */
  override forward(...args: Arguments<typeof withOutputSize>): Tensor {
    const [input, outputSize] = withOutputSize.inOrder(args, this);
    const channels = channelsOf(this, input, 2);
    this.checkChannels(channels);
    settle<ConvTranspose2d>(this, ConvTranspose2d, 'inChannels', channels);
    return super.forward(input, outputSize);
  }
}

const lazyConvTranspose3d = lazyConvTransposeNd(3);

/** A `ConvTranspose3d` whose `inChannels` is the number of channels of its first input. */
export class LazyConvTranspose3d extends ConvTranspose3d {
  constructor(...args: Arguments<typeof lazyConvTranspose3d>) {
    super({ ...lazyConvTranspose3d.bind(args), inChannels: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.inChannels !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `ConvTranspose3d` does. */
  override forward(...args: Arguments<typeof withOutputSize>): Tensor {
    const [input, outputSize] = withOutputSize.inOrder(args, this);
    const channels = channelsOf(this, input, 3);
    this.checkChannels(channels);
    settle<ConvTranspose3d>(this, ConvTranspose3d, 'inChannels', channels);
    return super.forward(input, outputSize);
  }
}

const lazyNorm = signature(
  'LazyNorm(float eps=1e-5, float? momentum=0.1, bool affine=True, bool track_running_stats=True, Device? device=None, ScalarType? dtype=None, *, bool bias=True)',
);

/** A `BatchNorm1d` whose `numFeatures` is the number of channels of its first input. */
export class LazyBatchNorm1d extends BatchNorm1d {
  constructor(...args: Arguments<typeof lazyNorm>) {
    super({ ...lazyNorm.bind(args, new.target.name), numFeatures: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.numFeatures !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `BatchNorm1d` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    this.check(input);
    settle<BatchNorm1d>(this, BatchNorm1d, 'numFeatures', input.shape[1]);
    return super.forward(input);
  }
}

/** A `BatchNorm2d` whose `numFeatures` is the number of channels of its first input. */
export class LazyBatchNorm2d extends BatchNorm2d {
  constructor(...args: Arguments<typeof lazyNorm>) {
    super({ ...lazyNorm.bind(args, new.target.name), numFeatures: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.numFeatures !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `BatchNorm2d` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    this.check(input);
    settle<BatchNorm2d>(this, BatchNorm2d, 'numFeatures', input.shape[1]);
    return super.forward(input);
  }
}

/** A `BatchNorm3d` whose `numFeatures` is the number of channels of its first input. */
export class LazyBatchNorm3d extends BatchNorm3d {
  constructor(...args: Arguments<typeof lazyNorm>) {
    super({ ...lazyNorm.bind(args, new.target.name), numFeatures: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.numFeatures !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `BatchNorm3d` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    this.check(input);
    settle<BatchNorm3d>(this, BatchNorm3d, 'numFeatures', input.shape[1]);
    return super.forward(input);
  }
}

/** An `InstanceNorm1d` whose `numFeatures` is the number of channels of its first input. */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  constructor(...args: Arguments<typeof lazyNorm>) {
    super({ ...lazyNorm.bind(args, new.target.name), numFeatures: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.numFeatures !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `InstanceNorm1d` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    this.checkDim(input, this.unbatched, this.unbatched + 1);
    settle<InstanceNorm1d>(this, InstanceNorm1d, 'numFeatures', input.shape[1]);
    return super.forward(input);
  }
}

/** An `InstanceNorm2d` whose `numFeatures` is the number of channels of its first input. */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  constructor(...args: Arguments<typeof lazyNorm>) {
    super({ ...lazyNorm.bind(args, new.target.name), numFeatures: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.numFeatures !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `InstanceNorm2d` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    this.checkDim(input, this.unbatched, this.unbatched + 1);
    settle<InstanceNorm2d>(this, InstanceNorm2d, 'numFeatures', input.shape[1]);
    return super.forward(input);
  }
}

/** An `InstanceNorm3d` whose `numFeatures` is the number of channels of its first input. */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  constructor(...args: Arguments<typeof lazyNorm>) {
    super({ ...lazyNorm.bind(args, new.target.name), numFeatures: 0 });
    forget(this);
  }

  /** Whether sizes are still to be learnt. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  override resetParameters(): void {
    if (this.numFeatures !== 0) super.resetParameters();
  }

  /** Learns its sizes from the first input, and computes what `InstanceNorm3d` does. */
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    this.checkDim(input, this.unbatched, this.unbatched + 1);
    settle<InstanceNorm3d>(this, InstanceNorm3d, 'numFeatures', input.shape[1]);
    return super.forward(input);
  }
}

for (const { prototype } of [
  LazyLinear,
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  LazyConvTranspose1d,
  LazyConvTranspose2d,
  LazyConvTranspose3d,
  LazyBatchNorm1d,
  LazyBatchNorm2d,
  LazyBatchNorm3d,
  LazyInstanceNorm1d,
  LazyInstanceNorm2d,
  LazyInstanceNorm3d,
])
  takesNothing(prototype, ['hasUninitializedParams', 'resetParameters']);
