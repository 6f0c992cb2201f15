/** Methods of tensors that are no ops: what Python's tensors have beside arithmetic. */
import { cppName } from '../core/cpp_names.js';
import { checkAlive } from '../core/disposed.js';
import { type DType, float64 } from '../core/dtype.js';
import * as dtypes from '../core/dtypes.js';
import { RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { formatShape, sameShape } from '../core/layout.js';
import { typeName } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { moveTo, Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { empty } from '../dispatch/empty.js';
import { belowAutograd } from '../dispatch/recording.js';
import { ops } from '../dispatch/registry.js';
import { type TensorData, tensor } from './from_data.js';

const newTensor = signature(
  'new_tensor(Any data, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False)',
);
const applyTo = signature('apply_(Callable callable)');
const mapTo = signature('map_(Tensor tensor, Callable callable)');
const typeSignature = signature('type(ScalarType|str? dtype=None, bool non_blocking=False)');
const setSignature = signature(
  'set_(Tensor? source=None, int? storage_offset=None, int[]? size=None, int[]? stride=None)',
);
const otherTensor = signature('is_same_size(Tensor other)');
const setTo = signature('is_set_to(Tensor tensor)');

declare module '../core/tensor.js' {
  interface Tensor {
    /** The number of elements: `numel()`. */
    nelement(): number;
    /** The number of dimensions: `dim()`. */
    ndimension(): number;
    /** Whether the one element is not zero. @throws RuntimeError unless there is one */
    isNonzero(): boolean;
    /** A tensor of data, of the dtype and on the device of this one unless they are given. */
    newTensor(...args: Arguments<typeof newTensor, { data: TensorData }>): Tensor;
    /** Changes each element to what a function makes of it. It is called once for each: for tries, not for loops that must be fast. */
    apply_(...args: Arguments<typeof applyTo, { callable: (value: number) => number | boolean }>): this;
    /** Changes each element to what a function makes of it and of that of another tensor of the same dtype. */
    map_(
      ...args: Arguments<typeof mapTo, { callable: (value: number, other: number) => number | boolean }>
    ): this;
    /** The name of the dtype as Python had it first: `'torch.FloatTensor'`. */
    type(): string;
    /** The same values in another dtype: one, or such a name. */
    type(
      dtype: DType | string | { dtype: DType | string; nonBlocking?: boolean },
      nonBlocking?: boolean | { nonBlocking?: boolean },
    ): Tensor;
    /** Lets it show the memory of another tensor: that tensor's elements, or those that offset, sizes and strides say; none without one. */
    set_(...args: Arguments<typeof setSignature>): this;
    /** Whether another tensor has the same sizes. */
    isSameSize(...args: Arguments<typeof otherTensor>): boolean;
    /** Whether another tensor shows the same memory in the same way. */
    isSetTo(...args: Arguments<typeof setTo>): boolean;
    /** The number of its device; -1 for the CPU. */
    getDevice(): number;
    /** The dimensions as they lie in memory, the outermost first. */
    dimOrder(): readonly number[];
    /** Whether its memory can be seen by workers. */
    isShared(): boolean;
    /** Whether its memory is pinned: never. */
    isPinned(): boolean;
    /** PyTorch's copy to pinned memory. @throws RuntimeError, since there is none here */
    pinMemory(): Tensor;
    /** Whether it is on the CPU. */
    readonly isCpu: boolean;
    /** Whether it is on a GPU of CUDA's: never. */
    readonly isCuda: boolean;
  }
}

/** Writes numbers over a tensor's elements, in their order. */
function overwrite(self: Tensor, values: readonly unknown[]): void {
  for (const value of values)
    if (typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint')
      throw new TypeError(`must be real number, not ${typeName(value)}`);
  belowAutograd(() =>
    self.copy_(tensor(values.map(Number), { dtype: float64, device: 'cpu' }).reshape(self.shape)),
  );
}

const elements = (self: Tensor): number[] => self.detach().flatten().tolist() as number[];

function checkChangeable(self: Tensor, name: string): void {
  checkAlive(self, `${name}()`);
  if (self.requiresGrad)
    throw new RuntimeError(
      `Can't call ${name}() on Variable that requires grad. Use x.detach().${name}() instead.`,
    );
  if (self.device.type !== 'cpu') throw new TypeError(`${name} is only implemented on CPU tensors`);
}

const legacyName = (dtype: DType, device: string): string =>
  `torch.${device === 'cpu' ? '' : `${device}.`}${dtype.scalarName}Tensor`;

/** The dtype of a name such as `'torch.FloatTensor'`. */
function dtypeNamed(name: string, device: string): DType {
  const found = Object.values(dtypes).find(
    (dtype) => legacyName(dtype as DType, device) === name || String(dtype) === name,
  );
  if (found === undefined) throw new ValueError(`invalid type: '${name}'`);
  return found as DType;
}

const methods: ThisType<Tensor> & Record<string, (...args: never[]) => unknown> = {
  nelement() {
    return this.numel();
  },
  ndimension() {
    return this.ndim;
  },
  isNonzero() {
    const n = this.numel();
    if (n !== 1)
      throw new RuntimeError(
        n === 0
          ? 'Boolean value of Tensor with no values is ambiguous'
          : 'Boolean value of Tensor with more than one value is ambiguous',
      );
    return Boolean(belowAutograd(() => this.detach().ne(0).item()));
  },
  newTensor(...args: unknown[]) {
    const { data, dtype, device, requiresGrad } = newTensor.bind(args);
    if (data instanceof Tensor)
      warn(
        'To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or sourceTensor.detach().clone().requiresGrad_(true), rather than tensor.newTensor(sourceTensor).',
      );
    return tensor(data as TensorData, {
      dtype: dtype ?? this.dtype,
      device: device ?? this.device,
      requiresGrad,
    });
  },
  apply_(...args: unknown[]) {
    const callable = applyTo.bind(args).callable as (value: number) => unknown;
    checkChangeable(this, 'apply_');
    overwrite(
      this,
      elements(this).map((value) => callable(value)),
    );
    return this;
  },
  map_(...args: unknown[]) {
    const { tensor: other, callable } = mapTo.bind(args);
    checkChangeable(this, 'map_');
    if (other.dtype !== this.dtype)
      throw new TypeError(
        `map_: expected ${legacyName(this.dtype, 'cpu')} for 'other' (got ${legacyName(other.dtype, other.device.type)})`,
      );
    const others = elements(other.detach().expand(this.shape));
    const fn = callable as unknown as (value: number, other: number) => unknown;
    overwrite(
      this,
      elements(this).map((value, i) => fn(value, others[i])),
    );
    return this;
  },
  type(...args: unknown[]) {
    const { dtype } = typeSignature.bind(args);
    const device = this.device.type;
    if (dtype === null) return legacyName(this.dtype, device);
    return this.to(typeof dtype === 'string' ? dtypeNamed(dtype, device) : dtype);
  },
  set_(...args: unknown[]) {
    const { source, storageOffset, size, stride } = setSignature.bind(args);
    checkAlive(this, 'set_()');
    const from = source ?? empty([0], this.dtype, this.storage.backend);
    checkAlive(from, 'set_()');
    if (from.dtype !== this.dtype)
      throw new RuntimeError(
        `Could not set tensor of type ${cppName(from.dtype)} to a tensor of type ${cppName(this.dtype)}`,
      );
    const seen =
      size === null
        ? from
        : ops.asStrided(from.detach(), size, stride ?? ops.empty(size, { device: 'meta' }).strides, {
            storageOffset: storageOffset ?? 0,
          });
    moveTo(this, seen.storage);
    this.relayout(seen.shape, seen.strides, seen.offset);
    return this;
  },
  isSameSize(...args: unknown[]) {
    return sameShape(this.shape, otherTensor.bind(args).other.shape);
  },
  isSetTo(...args: unknown[]) {
    const other = setTo.bind(args).tensor;
    return (
      this.storage === other.storage &&
      this.offset === other.offset &&
      sameShape(this.shape, other.shape) &&
      formatShape(this.strides) === formatShape(other.strides)
    );
  },
  getDevice() {
    return this.device.type === 'cpu' || this.isMeta ? -1 : (this.device.index ?? 0);
  },
  dimOrder() {
    return this.shape.map((_, i) => i).sort((a, b) => this.strides[b] - this.strides[a] || a - b);
  },
  isShared() {
    const memory = typeof SharedArrayBuffer === 'undefined' ? null : this.storage.host();
    // The memory of the engine's own threads is nobody else's.
    return memory !== null && memory.moves !== true && memory.buffer instanceof SharedArrayBuffer;
  },
  isPinned() {
    return false;
  },
  pinMemory() {
    throw new RuntimeError('Cannot access accelerator device when none is available.');
  },
};

for (const [name, value] of Object.entries(methods))
  Object.defineProperty(Tensor.prototype, name, { value, configurable: true });
for (const type of ['cpu', 'cuda'] as const)
  Object.defineProperty(Tensor.prototype, `is${type[0].toUpperCase()}${type.slice(1)}`, {
    get(this: Tensor) {
      return this.device.type === type;
    },
    configurable: true,
  });

takesNothing(Tensor.prototype, [
  'nelement',
  'ndimension',
  'isNonzero',
  'getDevice',
  'dimOrder',
  'isShared',
  'isPinned',
  'pinMemory',
]);
