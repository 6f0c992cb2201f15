import { bool, type DType, float32, float64, int64 } from '../../core/dtypes.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { inspect } from '../../core/inspect.js';
import { checkNoGradient } from '../../core/numpy.js';
import { PyFloat } from '../../core/pyfloat.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { tensor } from '../../ops/from_data.js';
import { type Index, parseSlice, Slice } from '../../ops/getitem.js';
import { valuesOf } from './array_sums.js';
import { arrayText } from './array_text.js';
import { type DTypeName, dtypeOf, floatOf, promoted, promotedWith } from './array_types.js';
import { scalarText } from './element_text.js';

/** What an array is combined with. */
export type Operand = number | boolean | PyFloat | NDArray;
/** What stands between the brackets of an array. */
export type ArrayIndex = Exclude<Index, Tensor> | NDArray | Tensor;

/** An array of NumPy's, over the memory of a tensor: both see what is written to either. */
export class NDArray {
  /** @internal */
  readonly tensor: Tensor;

  /** @internal `isWeak`: a number of Python's, which takes the type of an array that it meets. */
  constructor(
    own: Tensor,
    readonly isWeak = false,
  ) {
    this.tensor = own;
  }

  /** An array over a tensor's memory: `tensor.numpy()`. @throws RuntimeError if the tensor requires a gradient */
  static of(own: Tensor): NDArray {
    checkNoGradient(own.requiresGrad);
    return new NDArray(own);
  }

  /** A tensor over the array's memory: `torch.from_numpy(array)`. */
  toTensor(): Tensor {
    return this.tensor.detach();
  }

  get shape(): number[] {
    return [...this.tensor.shape];
  }

  /** The name of its type of elements: `'float64'`. */
  get dtype(): DTypeName {
    return this.tensor.dtype.name as DTypeName;
  }

  get ndim(): number {
    return this.tensor.shape.length;
  }

  get size(): number {
    return this.tensor.numel();
  }

  /** How many items its first dimension has. */
  get length(): number {
    if (this.ndim === 0) throw new TypeError('len() of unsized object');
    return this.tensor.shape[0];
  }

  get T(): NDArray {
    return this.transpose();
  }

  // ---- values ----------------------------------------------------------------------------------------------------

  /** The only element. */
  item(): number {
    if (this.size !== 1) throw new ValueError('can only convert an array of size 1 to a Python scalar');
    return Number(this.tensor.item());
  }

  /** Nested lists of its elements. */
  tolist(): unknown {
    return this.tensor.tolist();
  }

  /** Its elements one by one, in C's order. */
  flat(): number[] {
    return Array.from(valuesOf(this.tensor));
  }

  /** Rows, or elements of a vector as arrays without dimensions. */
  *[Symbol.iterator](): Generator<NDArray> {
    for (let i = 0; i < this.length; i++) yield new NDArray(this.tensor.select(0, i));
  }

  toString(): string {
    const { dtype } = this.tensor;
    const values = valuesOf(this.tensor);
    if (this.ndim === 0)
      return dtype.isFloatingPoint
        ? scalarText(values[0], dtype === float32)
        : dtype === bool
          ? values[0] === 0
            ? 'False'
            : 'True'
          : String(values[0]);
    return this.text(values, ' ', '');
  }

  /** What Python's `repr` gives. */
  repr(): string {
    const { dtype } = this.tensor;
    if (this.ndim === 0)
      return this.isWeak ? String(this) : dtype === bool ? `np.${this}_` : `np.${dtype.name}(${this})`;
    const text = this.text(valuesOf(this.tensor), ', ', 'array(');
    const isPlain = [float64, int64, bool].includes(dtype) && this.size > 0;
    return `array(${text}${isPlain ? '' : `, dtype=${dtype.name}`})`;
  }

  private text(values: Float64Array, separator: string, prefix: string): string {
    const { dtype } = this.tensor;
    const kind = dtype.isFloatingPoint ? 'float' : dtype === bool ? 'bool' : 'int';
    const isSingle = dtype === float32;
    return arrayText({ shape: this.shape, kind, isSingle, at: (i) => values[i] }, separator, prefix);
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }

  // ---- parts -----------------------------------------------------------------------------------------------------

  /** Python's `self[…]`. Slices with negative steps are copies. */
  index(...items: ArrayIndex[]): NDArray {
    const { view, rest } = this.turned(items);
    return new NDArray(view.index(...rest));
  }

  /** Python's `self[…] = value`. */
  indexPut_(items: readonly ArrayIndex[], value: Operand | Tensor | readonly unknown[]): this {
    const own =
      value instanceof NDArray
        ? value.tensor
        : value instanceof Tensor
          ? value.detach()
          : value instanceof PyFloat
            ? Number(value)
            : Array.isArray(value)
              ? tensor(value as number[])
              : (value as number | boolean);
    this.tensor.indexPut_(
      items.map((item) => (item instanceof NDArray ? item.tensor : item)) as Index[],
      own instanceof Tensor ? own.to(this.tensor.dtype) : own,
    );
    return this;
  }

  /** The tensor with the dimensions turned round that a slice walks backwards, and what is left to index. */
  private turned(items: readonly ArrayIndex[]): { view: Tensor; rest: Index[] } {
    let view = this.tensor;
    const isNone = (item: ArrayIndex) => item === null || item === '...';
    const rest = items.map((given, i): Index => {
      const item = given instanceof NDArray ? given.tensor : given;
      const slice = typeof item === 'string' && item !== '...' ? parseSlice(item) : item;
      if (!(slice instanceof Slice) || slice.step === null || slice.step > 0) return item;
      const behind = items.slice(i).includes('...');
      const dim =
        behind || !items.includes('...')
          ? items.slice(0, i).filter((one) => !isNone(one)).length
          : i - items.length;
      view = view.flip([dim]);
      const size = view.shape.at(dim) as number;
      const turn = (bound: number | null): number | null =>
        bound === null ? null : size - 1 - (bound < 0 ? bound + size : bound);
      return new Slice(turn(slice.start), turn(slice.stop), -slice.step);
    });
    return { view, rest };
  }

  // ---- operators -------------------------------------------------------------------------------------------------

  add(other: Operand): NDArray {
    return this.by(other, (a, b) => a.add(b));
  }

  sub(other: Operand): NDArray {
    return this.by(other, (a, b) => a.sub(b));
  }

  rsub(other: Operand): NDArray {
    return this.by(other, (a, b) => b.sub(a));
  }

  mul(other: Operand): NDArray {
    return this.by(other, (a, b) => a.mul(b));
  }

  floorDivide(other: Operand): NDArray {
    return this.by(other, (a, b) => a.floorDivide(b));
  }

  remainder(other: Operand): NDArray {
    return this.by(other, (a, b) => a.remainder(b));
  }

  bitwiseAnd(other: Operand): NDArray {
    return this.by(other, (a, b) => a.bitwiseAnd(b));
  }

  bitwiseOr(other: Operand): NDArray {
    return this.by(other, (a, b) => a.bitwiseOr(b));
  }

  bitwiseXor(other: Operand): NDArray {
    return this.by(other, (a, b) => a.bitwiseXor(b));
  }

  eq(other: Operand): NDArray {
    return this.by(other, (a, b) => a.eq(b));
  }

  ne(other: Operand): NDArray {
    return this.by(other, (a, b) => a.ne(b));
  }

  lt(other: Operand): NDArray {
    return this.by(other, (a, b) => a.lt(b));
  }

  le(other: Operand): NDArray {
    return this.by(other, (a, b) => a.le(b));
  }

  gt(other: Operand): NDArray {
    return this.by(other, (a, b) => a.gt(b));
  }

  ge(other: Operand): NDArray {
    return this.by(other, (a, b) => a.ge(b));
  }

  div(other: Operand): NDArray {
    return this.by(other, (a, b) => a.div(b), floatOf);
  }

  /** `other / self`. */
  rdiv(other: Operand): NDArray {
    return this.by(other, (a, b) => b.div(a), floatOf);
  }

  pow(other: Operand): NDArray {
    return this.by(other, powered);
  }

  /** `other ** self`. */
  rpow(other: Operand): NDArray {
    return this.by(other, (a, b) => powered(b, a));
  }

  matmul(other: NDArray): NDArray {
    const dtype = promoted(this.tensor.dtype, other.tensor.dtype);
    return new NDArray(this.tensor.to(dtype).matmul(other.tensor.to(dtype)));
  }

  neg(): NDArray {
    return new NDArray(this.tensor.neg());
  }

  bitwiseNot(): NDArray {
    return new NDArray(this.tensor.bitwiseNot());
  }

  positive(): NDArray {
    return this.copy();
  }

  /** `self += other` and its like: the array keeps its type. @throws TypeError if that cannot hold the result */
  into(result: NDArray): NDArray {
    // What has no dimensions is a number, which gives way to another one.
    if (this.ndim === 0) return result;
    if (result.tensor.dtype.category > this.tensor.dtype.category)
      throw new TypeError(
        `Cannot cast ufunc output from dtype('${result.dtype}') to dtype('${this.dtype}') with casting rule 'same_kind'`,
      );
    this.tensor.copy_(result.tensor);
    return this;
  }

  private by(
    other: Operand,
    compute: (a: Tensor, b: Tensor) => Tensor,
    type?: (dtype: DType) => DType,
  ): NDArray {
    const both = typeTogether(this, other);
    const dtype = type?.(both) ?? both;
    const isWeak = this.isWeak && (!(other instanceof NDArray) || other.isWeak);
    const right =
      other instanceof NDArray
        ? other.tensor.to(dtype)
        : ops.full([], typeof other === 'boolean' ? other : Number(other), { dtype });
    return new NDArray(compute(this.tensor.to(dtype), right), isWeak);
  }

  // ---- forms -----------------------------------------------------------------------------------------------------

  astype(dtype: DTypeName): NDArray {
    return new NDArray(this.tensor.to(dtypeOf(dtype), { copy: true }));
  }

  copy(): NDArray {
    return new NDArray(this.tensor.clone().contiguous());
  }

  reshape(...shape: (number | readonly number[])[]): NDArray {
    return new NDArray(this.tensor.reshape(shape.flat() as number[]));
  }

  ravel(): NDArray {
    return this.reshape(-1);
  }

  flatten(): NDArray {
    return this.ravel().copy();
  }

  /** Dimensions in another order, backwards if none is named. */
  transpose(...axes: (number | readonly number[])[]): NDArray {
    const order = axes.flat() as number[];
    return new NDArray(
      this.tensor.permute(order.length > 0 ? order : this.shape.map((_, i) => this.ndim - 1 - i)),
    );
  }

  squeeze(axis?: number): NDArray {
    return new NDArray(axis === undefined ? this.tensor.squeeze() : this.tensor.squeeze(axis));
  }
}

/** The type of elements in which two meet. */
function typeTogether(a: NDArray, b: Operand): DType {
  const { dtype } = a.tensor;
  if (!(b instanceof NDArray)) return promotedWith(dtype, b);
  if (a.isWeak === b.isWeak) return promoted(dtype, b.tensor.dtype);
  const [weak, strong] = a.isWeak ? [a, b] : [b, a];
  return weak.tensor.dtype.isFloatingPoint && !strong.tensor.dtype.isFloatingPoint
    ? float64
    : promotedWith(strong.tensor.dtype, 1);
}

/** Powers: squares are products, as in NumPy, and others the C library's. */
function powered(base: Tensor, exponent: Tensor): Tensor {
  const one = exponent.numel() === 1 ? Number(exponent.item()) : null;
  if (one === 2) return base.mul(base);
  if (one === 0.5) return base.sqrt();
  if (one === 1) return base.clone();
  const isInt = !base.dtype.isFloatingPoint;
  if (isInt && one !== null && one < 0)
    throw new ValueError('Integers to negative integer powers are not allowed.');
  return base.pow(one === 3 || one === -1 ? exponent.expandAs(base) : exponent);
}
