/** Elements of a tensor that come one by one, before it is known how many. */
import { type Complex, isComplexNumber } from '../../core/complex.js';
import {
  bool,
  Category,
  complex32,
  complex64,
  complex128,
  type DType,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
} from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { tensorOf } from '../raw_elements.js';

type Elements =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

const classes = new Map<DType, new (length: number) => Elements>([
  [float32, Float32Array],
  [float64, Float64Array],
  [complex64, Float32Array],
  [complex128, Float64Array],
  [bool, Uint8Array],
  [int8, Int8Array],
  [int16, Int16Array],
  [int32, Int32Array],
  [int64, BigInt64Array],
  [uint8, Uint8Array],
  [uint16, Uint16Array],
  [uint32, Uint32Array],
  [uint64, BigUint64Array],
]);

/** A value that an element can be made of. */
export type ElementValue = number | bigint | Complex;

/** The least and the greatest integer of a dtype. */
export function boundsOf(dtype: DType): readonly [bigint, bigint] {
  const bits = BigInt(8 * dtype.itemsize);
  return dtype.isSigned ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
}

/** Takes elements in and makes a tensor of them. */
export class NumberBuffer {
  /** The dtype in which elements wait: small floats as float64. */
  private readonly waiting: DType;
  private readonly isBig: boolean;
  private readonly perElement: number;
  private elements: Elements;
  private used = 0;
  private readonly least: number;
  private readonly greatest: number;

  constructor(
    readonly dtype: DType,
    room = 64,
  ) {
    this.waiting = classes.has(dtype) ? dtype : dtype === complex32 ? complex64 : float64;
    this.isBig = dtype === int64 || dtype === uint64;
    this.perElement = dtype.isComplex ? 2 : 1;
    this.elements = new (classes.get(this.waiting)!)(room * this.perElement);
    [this.least, this.greatest] =
      dtype.category === Category.int
        ? (boundsOf(dtype).map(Number) as [number, number])
        : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  }

  /** How many elements there are. */
  get length(): number {
    return this.used / this.perElement;
  }

  /** Takes one element. Returns false if the dtype cannot hold it. */
  push(value: ElementValue): boolean {
    if (this.used + this.perElement > this.elements.length) this.grow();
    const { elements } = this;
    if (this.isBig) {
      if (typeof value === 'object') return false;
      if (typeof value === 'number' && !Number.isFinite(value)) return false;
      const whole = typeof value === 'bigint' ? value : BigInt(Math.trunc(value));
      const [least, greatest] = boundsOf(this.dtype);
      if (whole < least || whole > greatest) return false;
      (elements as BigInt64Array)[this.used++] = whole;
      return true;
    }
    if (this.perElement === 2) {
      const isComplex = isComplexNumber(value);
      (elements as Float64Array)[this.used++] = isComplex ? value.re : Number(value);
      (elements as Float64Array)[this.used++] = isComplex ? value.im : 0;
      return true;
    }
    if (typeof value === 'object') return false;
    let number = Number(value);
    if (this.dtype === bool) number = number === 0 ? 0 : 1;
    else if (this.dtype.category === Category.int) {
      number = Math.trunc(number);
      if (!(number >= this.least && number <= this.greatest)) return false;
    }
    (elements as Float64Array)[this.used++] = number;
    return true;
  }

  /** The elements as a tensor; this is done with then. */
  toTensor(shape: readonly number[]): Tensor {
    const { buffer, BYTES_PER_ELEMENT } = this.elements;
    const made = tensorOf(new Uint8Array(buffer, 0, this.used * BYTES_PER_ELEMENT), this.waiting, shape);
    return this.waiting === this.dtype ? made : made.to(this.dtype);
  }

  private grow(): void {
    const { elements } = this;
    const next = new (classes.get(this.waiting)!)(2 * elements.length + 2);
    (next as Uint8Array).set(elements as never);
    this.elements = next;
  }
}
