/** Copies of values with all that they hold: `torch.deepcopy`, Python's `copy.deepcopy`. */
import { RuntimeError, TypeError } from './errors.js';
import { isPlainObject } from './plain.js';
import { typeName } from './repr.js';
import { signed } from './signature/signed.js';
import { Tensor } from './tensor.js';

/** Copies made so far, so that what stands twice in the original is one thing in the copy, too. */
export class Memo {
  private readonly copies = new Map<object, unknown>();

  /** The copy of a value: the one made before, or a new one. */
  copy<T>(value: T): T {
    if (typeof value !== 'object' || value === null) return value;
    if (this.copies.has(value)) return this.copies.get(value) as T;
    return this.note(value, this.make(value)) as T;
  }

  /** Notes the copy of a value before all of it is there: the value may hold itself. */
  note<T extends object>(value: object, copy: T): T {
    this.copies.set(value, copy);
    return copy;
  }

  private make(value: object): object {
    const copyOf = (value as Partial<Copied>)[copier] ?? (value as { __deepcopy__?: unknown }).__deepcopy__;
    if (typeof copyOf === 'function') return copyOf.call(value, this) as object;
    if (value instanceof Tensor) return this.tensor(value);
    if (Array.isArray(value)) {
      const list: unknown[] = this.note(value, []);
      for (const item of value) list.push(this.copy(item));
      return list;
    }
    if (value instanceof Map) {
      const map = this.note(value, new Map<unknown, unknown>());
      for (const [key, item] of value) map.set(this.copy(key), this.copy(item));
      return map;
    }
    if (value instanceof Set) {
      const set = this.note(value, new Set<unknown>());
      for (const item of value) set.add(this.copy(item));
      return set;
    }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Date)
      return structuredClone(value);
    if (isPlainObject(value)) {
      const object: Record<string, unknown> = this.note(value, {});
      for (const [key, item] of Object.entries(value)) object[key] = this.copy(item);
      return object;
    }
    throw new TypeError(
      `cannot deepcopy '${typeName(value)}' object: give its class a method __deepcopy__(memo) that returns the copy`,
    );
  }

  private tensor(value: Tensor): Tensor {
    if (!value.isLeaf)
      throw new RuntimeError(
        'Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001',
      );
    const data = value.detach().clone();
    const copy = value.isParameter
      ? (Reflect.construct(value.constructor, [data, value.requiresGrad]) as Tensor)
      : data.requiresGrad_(value.requiresGrad);
    this.note(value, copy);
    if (value.grad !== null) copy.grad = this.copy(value.grad);
    return copy;
  }
}

/** The method of objects that copy themselves. */
export const copier: unique symbol = Symbol('deepcopy');

interface Copied {
  [copier](memo: Memo): object;
}

/** A function whose result is of its argument's type. */
type Deepcopy = <T>(...args: [x: T] | [{ readonly x: T }]) => T;

/**
 * A copy of a tensor, a module, a list, an object, a map or a set, with copies of all that they hold. What stands twice in it, such as
 * tied weights, is one thing in the copy, too. Functions and values stay as they are. An object of another class is copied by its method
 * `__deepcopy__(memo)`, which makes copies of its parts by `memo.copy(part)`.
 *
 * @throws RuntimeError for tensors that are results of recorded operations
 *
 * @example
 * const target = torch.deepcopy(net);
 */
export const deepcopy = signed('deepcopy(Object x)', ({ x }) => new Memo().copy(x)) as Deepcopy;
