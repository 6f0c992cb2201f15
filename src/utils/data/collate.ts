import type { Storage } from '../../backends/backend.js';
import { cpuBackend } from '../../core/backends.js';
import { bool, type DType, float64, int64 } from '../../core/dtype.js';
import { dtypeOfArray, type TypedArray } from '../../core/elements.js';
import { KeyError, RuntimeError, TypeError } from '../../core/errors.js';
import { contiguousStrides, sameShape } from '../../core/layout.js';
import { isPlainObject } from '../../core/plain.js';
import { PyFloat } from '../../core/pyfloat.js';
import { track } from '../../core/scope.js';
import { signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { typeName } from '../../dispatch/type_name.js';
import { transferable } from './portable.js';

const collateSignature = signature('default_collate(Any batch)');

/** The type of a batch of items of type T. */
export type Collated<T> = T extends Tensor | number | bigint | boolean | PyFloat | TypedArray
  ? Tensor
  : T extends string
    ? string[]
    : T extends PromiseLike<infer Item>
      ? Collated<Item>
      : T extends ReadonlyMap<infer K, infer V>
        ? Map<K, Collated<V>>
        : T extends object
          ? { -readonly [K in keyof T]: Collated<T[K]> }
          : unknown;

/**
 * Knowledge of one field of the items. A number in JavaScript does not tell whether it is an int or a float,
 * and a batch of floats can happen to be whole: so the first batch decides, once for the field.
 */
class Field {
  kind: 'int' | 'float' | null = null;
  private readonly children = new Map<unknown, Field>();

  child(key: unknown): Field {
    let field = this.children.get(key);
    if (field === undefined) {
      field = new Field();
      this.children.set(key, field);
    }
    return field;
  }
}

/** Numbers of one field of a batch whose dtype is not decided yet: workers don't know what the first batch held. */
export interface NumberColumn {
  readonly $flambeau: 'numbers';
  readonly values: Float64Array;
  /** Whether the values alone make it a field of floats. */
  readonly isFloat: boolean;
}

/** Collates batches of one loader, and remembers what it found each field to be. */
export class Collator {
  private readonly root = new Field();

  /** @param inWorker leaves numbers undecided and tensors in memory that can be handed over */
  constructor(private readonly inWorker = false) {}

  collate(batch: readonly unknown[]): unknown {
    return this.column(batch, this.root, '');
  }

  /** Finishes what a worker's collator began. */
  settle(value: unknown): unknown {
    return this.settleField(value, this.root, '');
  }

  private column(items: readonly unknown[], field: Field, path: string): unknown {
    const first = items[0];
    switch (typeof first) {
      case 'number':
        return this.numbers(items, field, path);
      case 'boolean':
        return items.every((item) => typeof item === 'boolean')
          ? this.dense(bool, [items.length], Uint8Array.from(items, Number))
          : this.numbers(items, field, path);
      case 'bigint':
        return this.dense(
          int64,
          [items.length],
          BigInt64Array.from(items as (number | bigint)[], (item) => BigInt(item)),
        );
      case 'string':
        return [...items];
    }
    if (first instanceof Tensor) return this.tensors(items as readonly Tensor[]);
    if (first instanceof PyFloat) return this.numbers(items, field, path);
    if (ArrayBuffer.isView(first) && dtypeOfArray(first) !== undefined) {
      return this.arrays(items as readonly TypedArray[]);
    }
    if (Array.isArray(first)) return this.sequences(items, field, path);
    if (first instanceof Map) {
      const entries = [...first.keys()].map((key) => {
        const values = items.map((item) => entryOf(item, key));
        return [key, this.column(values, field.child(key), `${path}[${key}]`)] as const;
      });
      return new Map(entries);
    }
    if (isPlainObject(first)) {
      const result: Record<string, unknown> = {};
      for (const key of Object.keys(first)) {
        const values = items.map((item) => entryOf(item, key));
        result[key] = this.column(values, field.child(key), `${path}.${key}`);
      }
      return result;
    }
    throw new TypeError(
      `default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class '${typeName(first)}'>`,
    );
  }

  private sequences(items: readonly unknown[], field: Field, path: string): unknown[] {
    const size = (items[0] as readonly unknown[]).length;
    if (!items.every((item) => Array.isArray(item) && item.length === size)) {
      throw new RuntimeError('each element in list of batch should be of equal size');
    }
    const lists = items as readonly (readonly unknown[])[];
    const result = new Array<unknown>(size);
    for (let k = 0; k < size; k++) {
      result[k] = this.column(
        lists.map((item) => item[k]),
        field.child(k),
        `${path}[${k}]`,
      );
    }
    return result;
  }

  private numbers(items: readonly unknown[], field: Field, path: string): unknown {
    const values = new Float64Array(items.length);
    let isFloat = false;
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (typeof item === 'number') {
        values[i] = item;
        if (!Number.isSafeInteger(item) || Object.is(item, -0)) isFloat = true;
      } else if (item instanceof PyFloat) {
        values[i] = item.value;
        isFloat = true;
      } else if (typeof item === 'boolean' || typeof item === 'bigint') {
        values[i] = Number(item);
      } else {
        throw new TypeError(
          `default_collate: a number was expected${at(path)}; found <class '${typeName(item)}'>`,
        );
      }
    }
    if (this.inWorker) return { $flambeau: 'numbers', values, isFloat } satisfies NumberColumn;
    return this.decide(values, isFloat, field, path);
  }

  private decide(values: Float64Array, isFloat: boolean, field: Field, path: string): Tensor {
    field.kind ??= isFloat ? 'float' : 'int';
    if (field.kind === 'float') return this.dense(float64, [values.length], values);
    if (isFloat) {
      const value = values.find((v) => !Number.isSafeInteger(v) || Object.is(v, -0));
      throw new RuntimeError(
        `default_collate: the numbers${at(path)} were whole in the first batch and so are int64, but now one is ` +
          `${value ?? 'a float'}: mark them as floats with torch.pyfloat(x), or give tensors`,
      );
    }
    return this.dense(int64, [values.length], BigInt64Array.from(values, BigInt));
  }

  private settleField(value: unknown, field: Field, path: string): unknown {
    if (typeof value !== 'object' || value === null || value instanceof Tensor) return value;
    const { $flambeau, values, isFloat } = value as Partial<NumberColumn>;
    if ($flambeau === 'numbers') return this.decide(values!, isFloat!, field, path);
    if (Array.isArray(value)) {
      return value.map((item, k) => this.settleField(item, field.child(k), `${path}[${k}]`));
    }
    if (value instanceof Map) {
      return new Map(
        [...value].map(([key, item]) => [key, this.settleField(item, field.child(key), `${path}[${key}]`)]),
      );
    }
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        this.settleField(item, field.child(key), `${path}.${key}`),
      ]),
    );
  }

  /** `torch.stack`; by copying bytes where that is all there is to it. */
  private tensors(items: readonly Tensor[]): Tensor {
    const [{ dtype, shape, nbytes }] = items;
    for (const item of items) {
      if (
        !(item instanceof Tensor) ||
        item.dtype !== dtype ||
        !sameShape(item.shape, shape) ||
        !item.isContiguous() ||
        item.requiresGrad ||
        item.storage.host() === null
      ) {
        return ops.stack([...items]);
      }
    }
    const storage = this.memory(nbytes * items.length);
    const to = bytesOf(storage, 0, storage.nbytes);
    for (let i = 0; i < items.length; i++) {
      const { storage: from, offset } = items[i];
      to.set(bytesOf(from, offset * dtype.itemsize, nbytes), i * nbytes);
    }
    const all = [items.length, ...shape];
    return new Tensor(storage, dtype, all, contiguousStrides(all), 0);
  }

  private arrays(items: readonly TypedArray[]): Tensor {
    const [{ length, byteLength }] = items;
    const dtype = dtypeOfArray(items[0])!;
    if (
      !items.every(
        (item) => ArrayBuffer.isView(item) && item.length === length && dtypeOfArray(item) === dtype,
      )
    ) {
      throw new RuntimeError('stack expects each tensor to be equal size');
    }
    const storage = this.memory(byteLength * items.length);
    const to = bytesOf(storage, 0, storage.nbytes);
    for (const [i, item] of items.entries()) {
      to.set(new Uint8Array(item.buffer, item.byteOffset, byteLength), i * byteLength);
    }
    const shape = [items.length, length];
    return new Tensor(storage, dtype, shape, contiguousStrides(shape), 0);
  }

  private dense(dtype: DType, shape: readonly number[], values: TypedArray): Tensor {
    const storage = this.memory(values.byteLength);
    bytesOf(storage, 0, storage.nbytes).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return new Tensor(storage, dtype, shape, contiguousStrides(shape), 0);
  }

  private memory(nbytes: number): Storage {
    if (!this.inWorker) return track(cpuBackend().allocate(nbytes));
    const buffer = new ArrayBuffer(nbytes);
    transferable.add(buffer);
    return cpuBackend().wrap(buffer, 0, nbytes);
  }
}

/**
 * Puts items together to a batch: tensors are stacked, numbers become tensors (int64 if all are whole, else
 * float64), strings a list; tuples and objects are collated field by field.
 */
export function defaultCollate<T>(
  ...args: [batch: readonly T[]] | [options: { batch: readonly T[] }]
): Collated<T> {
  const { batch } = collateSignature.bind(args);
  return new Collator().collate(batch as readonly T[]) as Collated<T>;
}

function bytesOf(storage: Storage, start: number, length: number): Uint8Array {
  const { buffer, byteOffset } = storage.host()!;
  return new Uint8Array(buffer, byteOffset + start, length);
}

/** Reads what a Map or an object has under a key. */
function entryOf(item: unknown, key: unknown): unknown {
  if (item instanceof Map && item.has(key)) return item.get(key);
  if (isPlainObject(item) && typeof key === 'string' && key in item) return item[key];
  throw new KeyError(typeof key === 'string' ? `'${key}'` : String(key));
}

function at(path: string): string {
  return path === '' ? '' : ` of the field item${path}`;
}
