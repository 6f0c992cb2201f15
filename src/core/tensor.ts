import type { Storage } from '../backends/backend.js';
import { type AutogradState, dropGrad } from './autograd_state.js';
import { cpuBackend } from './backends.js';
import { type Complex, complexNumber } from './complex.js';
import { context } from './context.js';
import { cppName } from './cpp_names.js';
import type { Device } from './device.js';
import { checkAlive } from './disposed.js';
import { bool, type DType } from './dtype.js';
import { complexReader, denseCopy, elementReader, extent, type TypedArray } from './elements.js';
import { RuntimeError, TypeError } from './errors.js';
import type { GradFn } from './grad_fn.js';
import { formatShape, isContiguous, numel, type Shape, Size, sameShape, wrapDim } from './layout.js';
import type { ReadonlyList } from './list.js';
import { isInFormat, type Layout, strided } from './memory_format.js';
import { notCloned } from './object.js';
import { typeName } from './repr.js';
import { keep, type Reach, reach } from './scope.js';
import { accepting, defineParameterType } from './signature/parameter_types.js';
import { type Arguments, signature } from './signature/signature.js';
import { takesNothing } from './signature/takes.js';
import { standsForSeveral } from './stand_ins.js';
import { withTurn } from './turns.js';

/** Nested numbers, as `tolist` gives them; booleans for bool tensors, `torch.Complex` for complex ones. */
export type NestedList = number | boolean | Complex | NestedList[];

let ownProperties: PropertyDescriptorMap | null = null;

/** Gives every tensor that is made from now on these properties of its own, for hosts that look at nothing else. */
export function giveTensors(properties: PropertyDescriptorMap): void {
  ownProperties = properties;
}

const size = signature('size(int? dim=None)');
const isContiguousArguments = signature('is_contiguous(*, MemoryFormat? memory_format=None)');
const requiresGrad_ = signature('requires_grad_(bool requires_grad=True)');

/**
 * A multi-dimensional array of one dtype that can take part in automatic differentiation.
 *
 * Tensors are views: several may share one storage, and an in-place change through one is seen by all. Make them with
 * `torch.tensor`, `torch.zeros` and the like; most methods come from the op rows (see `Tensor`'s interface in the
 * generated signatures).
 */
export class Tensor {
  // A tensor's fields are private, so that nothing that walks over own properties (comparisons, clones, consoles) takes
  // the library's insides for its value. Comparisons ask `Symbol.toStringTag`; see ops/values.ts.
  #storage: Storage;
  #dtype: DType;
  #shape: Shape;
  #strides: readonly number[];
  #offset: number;
  #autograd: AutogradState<Tensor> | null = null;
  #base: Tensor | null = null;
  #viewVersion: number;
  readonly #inference: boolean = context().inference;
  /** @internal */
  protected readonly notCloned: symbol;

  /** Tensors are made by functions: `torch.tensor(data)`, `torch.zeros(2, 3)`. */
  constructor(useTorchTensorInstead: never, ...rest: never[]);
  /** @internal */
  constructor(storage: Storage, dtype: DType, shape: Shape, strides: readonly number[], offset: number);
  constructor(storage: Storage, dtype: DType, shape: Shape, strides: readonly number[], offset: number) {
    if (strides === undefined) throw notMade();
    this.#storage = storage;
    this.#dtype = dtype;
    this.#shape = shape;
    this.#strides = strides;
    this.#offset = offset;
    this.#viewVersion = storage.version;
    this.notCloned = mark;
    if (ownProperties !== null) Object.defineProperties(this, ownProperties);
  }

  /** @internal Whether a value was made by the constructor, which an object with the prototype need not be. */
  static isOne(value: unknown): value is Tensor {
    return typeof value === 'object' && value !== null && #storage in value;
  }

  /** The type of its elements. */
  get dtype(): DType {
    return this.#dtype;
  }

  /** The sizes of its dimensions. */
  get shape(): ReadonlyList<number> {
    return this.#shape as ReadonlyList<number>;
  }

  /** @internal */
  get storage(): Storage {
    return this.#storage;
  }

  /** @internal */
  set storage(storage: Storage) {
    this.#storage = storage;
  }

  /** @internal */
  get strides(): readonly number[] {
    return this.#strides;
  }

  /** @internal */
  set strides(strides: readonly number[]) {
    this.#strides = strides;
  }

  /** @internal In elements. */
  get offset(): number {
    return this.#offset;
  }

  /** @internal */
  get autograd(): AutogradState<Tensor> | null {
    return this.#autograd;
  }

  /** @internal */
  set autograd(state: AutogradState<Tensor> | null) {
    this.#autograd = state;
  }

  /** @internal The tensor this one is a view of, at the root of the chain. */
  get base(): Tensor | null {
    return this.#base;
  }

  /** @internal */
  set base(base: Tensor | null) {
    this.#base = base;
  }

  /** @internal The storage's version that a view's history accounts for. */
  get viewVersion(): number {
    return this.#viewVersion;
  }

  /** @internal */
  set viewVersion(version: number) {
    this.#viewVersion = version;
  }

  /** @internal Whether it was made in inference mode. */
  get inference(): boolean {
    return this.#inference;
  }

  /** @internal Lets it show other elements of its storage. */
  relayout(shape: Shape, strides: readonly number[], offset: number, dtype = this.#dtype): void {
    this.#shape = shape;
    this.#strides = strides;
    this.#offset = offset;
    this.#dtype = dtype;
  }

  /** How it keeps its elements. */
  get layout(): Layout {
    return strided;
  }

  /** Whether its layout is `torch.sparseCoo`. */
  get isSparse(): boolean {
    return false;
  }

  /** Whether its layout is `torch.sparseCsr`. */
  get isSparseCsr(): boolean {
    return false;
  }

  /** Where it lives. */
  get device(): Device {
    return this.storage.backend.device;
  }

  /** Whether it has no values: it lives on `meta`. */
  get isMeta(): boolean {
    return !this.storage.backend.hasValues;
  }

  /** The number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** The number of dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  numel(): number {
    return numel(this.shape);
  }

  /** The length of the first dimension, Python's `len(x)`. @throws TypeError on a 0-d tensor */
  get length(): number {
    if (this.shape.length === 0) throw new TypeError('len() of a 0-d tensor');
    return this.shape[0];
  }

  /** All sizes, printing as `torch.Size([2, 3])`; or that of one dimension. */
  size(): Size;
  size(dim: number | { dim: number }): number;
  size(...args: [] | [number | { dim: number }]): Size | number {
    if (args.length === 0) return Size.create(this.shape);
    const { dim } = size.bind(args);
    return dim === null ? Size.create(this.shape) : this.shape[wrap(dim, this)];
  }

  /** The strides in elements; or that of one dimension. */
  stride(): ReadonlyList<number>;
  stride(dim: number | { dim: number }): number;
  stride(...args: [] | [number | { dim: number }]): readonly number[] | number {
    if (args.length === 0) return this.strides;
    const { dim } = size.bind(args, 'stride');
    return dim === null ? this.strides : this.strides[wrap(dim, this)];
  }

  /** Where in its storage it begins, in elements. */
  storageOffset(): number {
    return this.offset;
  }

  /** Bytes per element. */
  elementSize(): number {
    return this.dtype.itemsize;
  }

  /** Bytes per element. */
  get itemsize(): number {
    return this.dtype.itemsize;
  }

  /** Bytes of all elements. */
  get nbytes(): number {
    return this.dtype.itemsize * this.numel();
  }

  /** Whether the elements lie in row-major order, or in that of a memory format, without gaps. */
  isContiguous(...args: Arguments<typeof isContiguousArguments>): boolean {
    const memoryFormat = args.length === 0 ? null : isContiguousArguments.bind(args).memoryFormat;
    if (memoryFormat !== null) return isInFormat(memoryFormat, this.shape, this.strides);
    return isContiguous(this.shape, this.strides);
  }

  /** Whether the dtype is a floating-point one. */
  isFloatingPoint(): boolean {
    return this.dtype.isFloatingPoint;
  }

  /** Whether the dtype is complex. */
  isComplex(): boolean {
    return this.dtype.isComplex;
  }

  /** Whether this is a conjugate that is yet to be computed: never, since `conj()` computes it at once. */
  isConj(): boolean {
    return false;
  }

  /** Whether this is a negative that is yet to be computed: never, since it is computed at once. */
  isNeg(): boolean {
    return false;
  }

  /** Whether the dtype can hold negative values. */
  isSigned(): boolean {
    return this.dtype.isSigned;
  }

  /** Whether it was made in inference mode. */
  isInference(): boolean {
    return this.inference;
  }

  /** How often it was changed in place, or what it shares memory with. @throws RuntimeError for an inference tensor */
  get _version(): number {
    if (this.inference) throw new RuntimeError('Inference tensors do not track version counter.');
    return this.storage.version;
  }

  /** @internal Whether it prints as a module's parameter. */
  get isParameter(): boolean {
    return false;
  }

  // ---- autograd -------------------------------------------------------------------------------------------------

  /** Whether gradients flow to it: set on leaves, inherited by results. */
  get requiresGrad(): boolean {
    return gradNode(this) !== null || this.autograd?.requiresGrad === true;
  }

  set requiresGrad(value: boolean) {
    if (!this.isLeaf && !value)
      throw new RuntimeError(
        "you can only change requiresGrad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use x.detach().",
      );
    if (!this.isLeaf) return;
    if (value && !this.dtype.isDifferentiable)
      throw new RuntimeError('only Tensors of floating point dtype can require gradients');
    if (value && this.inference && !context().inference)
      throw new RuntimeError(
        'Setting requiresGrad = true on inference tensor outside inferenceMode is not allowed.',
      );
    if (value) autogradState(this).requiresGrad = true;
    else if (this.autograd !== null) this.autograd.requiresGrad = false;
  }

  /** Sets `requiresGrad`; returns the tensor. */
  requiresGrad_(...args: Arguments<typeof requiresGrad_>): this {
    const { requiresGrad } = requiresGrad_.bind(args);
    for (let stack = context().modes; stack !== null; stack = stack.below)
      if (stack.mode.isTransform)
        throw new RuntimeError(
          'You are attempting to call Tensor.requiresGrad_() (or perhaps using torch.autograd.functional.* APIs) inside of a function being transformed by a functorch transform. This is unsupported, please attempt to use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call requiresGrad_() outside of a function being transformed instead.',
        );
    this.requiresGrad = requiresGrad;
    return this;
  }

  /** Whether the user made it rather than a recorded op. */
  get isLeaf(): boolean {
    return gradNode(this) === null;
  }

  /** The gradient that `backward()` accumulated here; null before. */
  get grad(): Tensor | null {
    const state = this.autograd;
    if (state === null) return null;
    state.gradSeen = true;
    return state.grad;
  }

  set grad(value: Tensor | null) {
    if (value === null) {
      if (this.autograd !== null) dropGrad(this.autograd);
      return;
    }
    if (!(value instanceof Tensor))
      throw new TypeError(
        `assigned grad expected to be a Tensor or None but got grad of type ${typeof value}`,
      );
    if (value === this) throw new RuntimeError("can't assign Variable as its own grad");
    if (value.dtype !== this.dtype)
      throw new RuntimeError(
        `attempting to assign a gradient with dtype '${cppName(value.dtype)}' to a tensor with grad_dtype '${this.dtype.scalarName}'. The gradient must match the tensor's dtype`,
      );
    if (!sameShape(value.shape, this.shape))
      throw new RuntimeError(
        `attempting to assign a gradient of size '${formatShape(value.shape)}' to a tensor of size '${formatShape(this.shape)}'. Please ensure that the gradient and the tensor are the same size`,
      );
    checkAlive(value, "the gradient's assignment");
    setGrad(this, value);
  }

  /** @internal The tensors that one of another layout is made of. */
  get parts(): readonly Tensor[] {
    return [];
  }

  /** @internal A gradient that arrived here, as users see it. */
  asGradient(grad: Tensor): Tensor {
    return grad;
  }

  // ---- memory ---------------------------------------------------------------------------------------------------

  /**
   * Waits for what is on its way here: `to('cpu')` from a device that must be waited for returns at once, and the result can
   * be used when this has settled. On a device that works while the program goes on it waits, too, for work that has piled up there,
   * not for these values: a loop that awaits it in every step does not run ahead without end.
   *
   * @example
   * const onHost = await onGpu.to('cpu').ready();
   */
  async ready(): Promise<this> {
    const { arrival, backend } = this.storage;
    await withTurn(Promise.resolve(arrival ?? backend.catchUp?.()));
    return this;
  }

  /** @internal Whether its values can be read without waiting. */
  get isReadable(): boolean {
    return this.storage.arrival === null && this.storage.host() !== null && !standsForSeveral(this);
  }

  /**
   * Gives the memory back at once instead of when the garbage collector finds it. Using the tensor afterwards is an error,
   * and so is using its views, or a backward pass that needs it. Of a view only the view itself ends: the memory is its
   * base's. Disposing twice is fine. `using x = …` does it at the end of the block.
   */
  dispose(): void {
    const { storage } = this;
    if (storage.ended !== null) return;
    if (this.base !== null) this.storage = storage.alias();
    this.storage.backend.release(this.storage, 'dispose');
  }

  /** Whether its memory has been given back: by `dispose()`, by `using`, or by the scope it was made in. */
  get isDisposed(): boolean {
    return this.storage.ended !== null;
  }

  /** @internal */
  [reach](into: Reach): void {
    into.storage(this.storage);
    into.value(this.base);
    for (let stack = context().modes; stack !== null; stack = stack.below)
      into.value(stack.mode.known?.(this));
    if (this.autograd === null) return;
    into.value(this.autograd.grad);
    into.value(this.autograd.node);
  }

  // ---- reading --------------------------------------------------------------------------------------------------

  /**
   * The value of a tensor with one element; bool gives 0 or 1.
   * @throws RuntimeError if it has more or fewer, is an int64 beyond 2^53 (see `itemBigint`) or complex (see `itemComplex`)
   */
  item(): number {
    if (this.dtype.isComplex)
      throw new RuntimeError(`a ${this.dtype} value is no JavaScript number; use itemComplex()`);
    const value = readOne(this);
    if (typeof value === 'number') return value;
    const n = Number(value);
    if (!Number.isSafeInteger(n))
      throw new RuntimeError(`${value} does not fit a JavaScript number exactly; use itemBigint()`);
    return n;
  }

  /** The value of an integer tensor with one element, exactly. */
  itemBigint(): bigint {
    const value = readOne(this);
    if (typeof value === 'bigint') return value;
    if (!Number.isInteger(value))
      throw new RuntimeError(`itemBigint() needs an integer, but the value is ${value}`);
    return BigInt(value);
  }

  /**
   * The value of a tensor with one element as a complex number.
   *
   * @example
   * torch.tensor(torch.Complex(1, 2)).itemComplex().im; // 2
   */
  itemComplex(): Complex {
    if (!this.dtype.isComplex) return complexNumber(this.item());
    checkOne(this);
    return complexReader(this)(this.offset);
  }

  /** `item()`, on devices that must be waited for too. */
  async itemAsync(): Promise<number> {
    return withTurn(onHost(this).then((t) => t.item()));
  }

  /** `itemBigint()`, on devices that must be waited for too. */
  async itemBigintAsync(): Promise<bigint> {
    return withTurn(onHost(this).then((t) => t.itemBigint()));
  }

  /** `itemComplex()`, on devices that must be waited for too. */
  async itemComplexAsync(): Promise<Complex> {
    return withTurn(onHost(this).then((t) => t.itemComplex()));
  }

  /**
   * The elements as nested arrays of numbers, booleans for bool tensors, `torch.Complex` for complex ones; a plain value for
   * a 0-d tensor. Its type is what it is taken for.
   *
   * @example
   * const rows: number[][] = torch.eye(2).tolist(); // [[1, 0], [0, 1]]
   */
  tolist<T extends NestedList = NestedList>(): T;
  tolist(): NestedList {
    const { shape, strides, dtype } = this;
    const read: (p: number) => number | bigint | Complex = dtype.isComplex
      ? complexReader(this, 'tolist')
      : elementReader(this, 'tolist');
    const element = (p: number): number | boolean | Complex => {
      const v = read(p);
      if (dtype === bool) return v !== 0;
      if (typeof v !== 'bigint') return v as number | Complex;
      const n = Number(v);
      if (!Number.isSafeInteger(n))
        throw new RuntimeError(`${v} does not fit a JavaScript number exactly; use toArray()`);
      return n;
    };
    const nest = (dim: number, position: number): NestedList => {
      if (dim === shape.length) return element(position);
      const list = new Array<NestedList>(shape[dim]);
      for (let i = 0; i < list.length; i++) list[i] = nest(dim + 1, position + i * strides[dim]);
      return list;
    };
    return nest(0, this.offset);
  }

  /** `tolist()`, on devices that must be waited for too. */
  async tolistAsync<T extends NestedList = NestedList>(): Promise<T> {
    return withTurn(onHost(this).then((t) => t.tolist<T>()));
  }

  /**
   * The elements in row-major order as a typed array of the dtype (half types: Float32Array; complex ones: the parts in
   * turn); a copy. Its type is what it is taken for.
   *
   * @example
   * const values: Float32Array = torch.eye(2).toArray(); // Float32Array [1, 0, 0, 1]
   */
  toArray<T extends TypedArray = TypedArray>(): T;
  toArray(): TypedArray {
    return denseCopy(this);
  }

  /** `toArray()`, on devices that must be waited for too. */
  async toArrayAsync<T extends TypedArray = TypedArray>(): Promise<T> {
    return withTurn(onHost(this).then((t) => t.toArray<T>()));
  }
}

takesNothing(Tensor.prototype, [
  'dim',
  'numel',
  'storageOffset',
  'elementSize',
  'isFloatingPoint',
  'isComplex',
  'isConj',
  'isNeg',
  'isSigned',
  'isInference',
  'ready',
  'dispose',
  'item',
  'itemBigint',
  'itemComplex',
  'itemAsync',
  'itemBigintAsync',
  'itemComplexAsync',
  'tolist',
  'tolistAsync',
  'toArray',
  'toArrayAsync',
]);

declare module './signature/argument_types.js' {
  interface ParameterTypes {
    Tensor: Tensor;
  }
}
defineParameterType(
  'Tensor',
  accepting((value) => value instanceof Tensor),
);

const mark = notCloned(Tensor, 'a Tensor: send x.toArray() and x.shape instead');

/** @throws TypeError in PyTorch's words unless an argument is a tensor */
export function checkTensor(value: unknown, owner: string, name: string): asserts value is Tensor {
  if (!(value instanceof Tensor))
    throw new TypeError(`${owner}(): argument '${name}' (position 1) must be Tensor, not ${typeName(value)}`);
}

/** The error for `new torch.Tensor(…)`, which Python has for making tensors. */
function notMade(): TypeError {
  return new TypeError(
    'torch.Tensor() takes no data: write torch.tensor([1, 2, 3]), or torch.empty(2, 3) for sizes without values',
  );
}

/** Gives a tensor a gradient to hold. */
export function setGrad(tensor: Tensor, grad: Tensor): void {
  const state = autogradState(tensor);
  state.grad = grad;
  state.gradSeen = true;
  keep(tensor, tensor.storage);
}

/** Lets a tensor lie in other memory than before. */
export function moveTo(tensor: Tensor, storage: Storage): void {
  keep(tensor, tensor.storage);
  tensor.storage = storage;
}

/** Gives a view whose storage was changed in place the node that its base's history implies; set by autograd. */
let refreshView: (view: Tensor) => void = () => {};

export function onStaleView(refresh: (view: Tensor) => void): void {
  refreshView = refresh;
}

/** The node that made a tensor, or null for a leaf. */
export function gradNode(tensor: Tensor): GradFn<Tensor> | null {
  if (tensor.base !== null && tensor.viewVersion !== tensor.storage.version) refreshView(tensor);
  return tensor.autograd === null ? null : tensor.autograd.node;
}

/** A tensor's autograd state, made if it has none. */
export function autogradState(tensor: Tensor): AutogradState<Tensor> {
  tensor.autograd ??= {
    requiresGrad: false,
    grad: null,
    gradSeen: false,
    node: null,
    output: 0,
    accumulator: null,
  };
  return tensor.autograd;
}

function wrap(dim: number, tensor: Tensor): number {
  return wrapDim(dim, tensor.shape.length);
}

function checkOne(tensor: Tensor): void {
  const n = tensor.numel();
  if (n !== 1) throw new RuntimeError(`a Tensor with ${n} elements cannot be converted to Scalar`);
}

/** A tensor with the same values that can be read at once. */
export async function onHost(tensor: Tensor): Promise<Tensor> {
  // Not a moment later than it must: what is read is what was there when it was asked for, whatever changes it next.
  if (tensor.storage.arrival !== null) await tensor.ready();
  const { storage, dtype, shape, strides, offset } = tensor;
  checkAlive(tensor, 'reading');
  if (storage.host() !== null) return tensor;
  const [low, high] = extent(tensor);
  const size = dtype.itemsize;
  const bytes = await storage.backend.download(storage, low * size, (high - low + 1) * size);
  const memory = cpuBackend().wrap(bytes.buffer, 0, bytes.byteLength);
  return new Tensor(memory, dtype, shape, strides, offset - low);
}

function readOne(tensor: Tensor): number | bigint {
  checkOne(tensor);
  return elementReader(tensor, 'item')(tensor.offset);
}

/** Lets a tensor that the library has just made want a gradient. */
export function asLeaf(tensor: Tensor): Tensor {
  tensor.requiresGrad = true;
  return tensor;
}
