/** Values that callers give, as the parameters of ops find them. */

import { Device, toDevice } from '../core/device.js';
import { DType } from '../core/dtype.js';
import { noPinnedMemory, ValueError } from '../core/errors.js';
import { Generator } from '../core/generator.js';
import { Layout, MemoryFormat } from '../core/memory_format.js';
import { PyFloat } from '../core/pyfloat.js';
import { isScalar, type Scalar } from '../core/scalar.js';
import { MISMATCH, typeOf } from '../core/signature/parameter_types.js';
import { Tensor } from '../core/tensor.js';

/** Gives the value as a parameter's type, or MISMATCH. */
export type Conversion = (value: unknown) => unknown;

const instance =
  (kind: abstract new (...args: never[]) => unknown): Conversion =>
  (value) =>
    value instanceof kind ? value : MISMATCH;

const ofType =
  (type: string): Conversion =>
  (value) =>
    typeof value === type ? value : MISMATCH;

/** Conversions to the types of single values; none of them takes null. */
const single: Readonly<Record<string, Conversion>> = {
  Tensor: (value) => (value instanceof Tensor ? value : MISMATCH),
  'Tensor|Scalar': (value) => (value instanceof Tensor ? value : toNumber(value)),
  Scalar: toScalar,
  int: toInt,
  float: toFloat,
  bool: ofType('boolean'),
  str: ofType('string'),
  ScalarType: instance(DType),
  Device: (value) => (typeof value === 'string' || value instanceof Device ? toDevice(value) : MISMATCH),
  Generator: instance(Generator),
  Callable: ofType('function'),
  MemoryFormat: instance(MemoryFormat),
  Layout: instance(Layout),
  Pinned(value) {
    if (value === true) throw noPinnedMemory();
    return value === false ? value : MISMATCH;
  },
};

/**
 * Finds the conversion to a parameter's type.
 *
 * @param type as in schemas, without what follows: `'int[]'`, `'Tensor?[]'`
 * @param length that of a list of fixed length, for which one value may stand; 0 for any other
 */
export function conversionTo(type: string, nullable: boolean, length: number): Conversion {
  const item = itemConversion(type);
  const convert = item === null ? (single[type] ?? defined(type)) : listOf(item, length);
  return nullable ? (value) => (value === null ? null : convert(value)) : convert;
}

/** Finds the conversion of a list's items; null for what is no list. */
export function itemConversion(type: string): Conversion | null {
  if (!type.endsWith('[]')) return null;
  const [, item, optional] = /^(.*?)(\?)?\[\]$/.exec(type)!;
  // Tensors stand for single numbers, not for those in lists.
  return item === 'Scalar' ? toNumber : conversionTo(item, optional !== undefined, 0);
}

/** A type that a module defines, maybe later than the schema is read. */
const defined =
  (type: string): Conversion =>
  (value) =>
    value === null ? MISMATCH : typeOf(type).convert(value);

const listOf =
  (item: Conversion, length: number): Conversion =>
  (value) =>
    toList(value, item, length);

function toList(value: unknown, item: Conversion, length: number): unknown {
  if (!Array.isArray(value)) {
    const one = length === 0 ? MISMATCH : item(value);
    return one === MISMATCH ? MISMATCH : new Array(length).fill(one);
  }
  const result = new Array<unknown>(value.length);
  for (let i = 0; i < value.length; i++) {
    const one = item(value[i]);
    if (one === MISMATCH) return MISMATCH;
    result[i] = one;
  }
  // int[2] of one element stands for both.
  return length > 1 && result.length === 1 ? new Array(length).fill(result[0]) : result;
}

/** @throws ValueError in PyTorch's words for an integer of more than 64 bits */
function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new ValueError('Overflow when unpacking long long');
  return value;
}

function toInt(value: unknown): number | typeof MISMATCH {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : MISMATCH;
  if (typeof value === 'bigint') return Number(int64(value));
  if (value instanceof Tensor && value.numel() === 1 && !value.dtype.isDifferentiable) return value.item();
  return MISMATCH;
}

function toFloat(value: unknown): number | typeof MISMATCH {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof PyFloat) return value.value;
  if (value instanceof Tensor && value.ndim === 0 && !value.isComplex()) return value.item();
  return MISMATCH;
}

function toNumber(value: unknown): Scalar | typeof MISMATCH {
  if (!isScalar(value)) return MISMATCH;
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value)
    return value;
  throw new ValueError(value < 0 ? "can't convert negative int to unsigned" : 'int too big to convert');
}

function toScalar(value: unknown): Scalar | typeof MISMATCH {
  if (!(value instanceof Tensor) || value.ndim > 0 || value.requiresGrad) return toNumber(value);
  if (value.isComplex()) return value.itemComplex();
  return value.isFloatingPoint() ? new PyFloat(value.item()) : value.item();
}
