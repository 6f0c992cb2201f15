import type { Storage } from '../backends/backend.js';
import { backendOf } from '../core/backends.js';
import { complexNumber } from '../core/complex.js';
import { Device } from '../core/device.js';
import type { DType } from '../core/dtype.js';
import { NotImplementedError, RuntimeError } from '../core/errors.js';
import { formatShape, numel, Size } from '../core/layout.js';
import { type Layout, strided } from '../core/memory_format.js';
import { Tensor } from '../core/tensor.js';
import { checkSizes, emptyStrided } from '../dispatch/empty.js';
import { layoutRules } from '../dispatch/layouts.js';
import { Parameter } from '../nn/parameter.js';
import type { Budget } from './budget.js';
import { denseOf, dequantized, partsOf } from './dense_tensors.js';
import { refused } from './file_errors.js';
import { ForeignName, ForeignObject } from './foreign.js';
import {
  type LoadRules,
  notSupported,
  otherGlobals,
  parameterFunctions,
  quantized,
  tensorFunctions,
} from './load_rules.js';
import { PickledCall, PickledDict, PickledGlobal, PickledReference, PickledTuple } from './pickle.js';
import { bytesOf, isBytesCall, isNumpy, numpyValue, ObjectArray } from './pickled_arrays.js';
import { type Maker, makes } from './safe_globals.js';
import { dtypeOfPath } from './storage_types.js';
import { isSize, type LoadedStorage } from './storages.js';

/** So deep may objects that the user's classes make lie in what others are made of. */
const deepest = 200;

/**
 * Turns stand-ins into values. Containers are made first and filled from a list of work, so that neither cycles
 * nor depth (a pickle can nest as deep as it is long) matter.
 */
export class Rebuilder {
  private readonly made = new Map<object, unknown>();
  private readonly work: (() => void)[] = [];
  private readonly tuples: unknown[][] = [];
  /** Storages whose elements have been negated or conjugated, by what they were made from. */
  private readonly changed = new Map<Storage, Map<string, Storage>>();

  constructor(
    private readonly storageOf: (reference: PickledReference) => LoadedStorage,
    private readonly budget: Budget,
    private readonly rules: LoadRules,
    /** Where references are to tensors. */
    private readonly tensorOf: ((reference: PickledReference) => Tensor) | null = null,
  ) {}

  rebuild(root: unknown): unknown {
    const value = this.value(root);
    for (let next = this.work.pop(); next !== undefined; next = this.work.pop()) next();
    for (const tuple of this.tuples) Object.freeze(tuple);
    return value;
  }

  private value(from: unknown): unknown {
    if (typeof from !== 'object' || from === null) return from;
    if (this.made.has(from)) return this.made.get(from);
    if (from instanceof PickledCall) {
      const result = this.call(from);
      this.made.set(from, result);
      return result;
    }
    return this.container(from);
  }

  private container(from: object): unknown {
    const keep = <T>(target: T): T => {
      this.made.set(from, target);
      return target;
    };
    if (Array.isArray(from) || from instanceof PickledTuple) {
      const target: unknown[] = keep([]);
      if (!Array.isArray(from)) this.tuples.push(target);
      const items = Array.isArray(from) ? from : from.items;
      this.work.push(() => {
        for (const item of items) target.push(this.value(item));
      });
      return target;
    }
    if (from instanceof PickledDict) return this.dictionary(from, keep);
    if (from instanceof Set) {
      const target = keep(new Set<unknown>());
      this.work.push(() => {
        for (const item of from) target.add(this.value(item));
      });
      return target;
    }
    if (from instanceof Uint8Array) {
      this.budget.spend(from.length);
      return keep(new Uint8Array(from));
    }
    if (from instanceof PickledGlobal) {
      const path = String(from);
      const known = dtypeOfPath(path) ?? this.rules.makers.get(path);
      if (known !== undefined) return known;
      if (this.rules.inert) return keep(new ForeignName(path));
    }
    if (from instanceof PickledReference)
      return keep(this.tensorOf === null ? this.storage(from) : this.tensorOf(from));
    throw refused(`${String(from)} has no value here`);
  }

  /** A storage by itself is a tensor of all its elements, in the memory of the tensors on it. */
  private storage(reference: PickledReference): Tensor {
    const { storage, dtype, start, nbytes } = this.storageOf(reference);
    return new Tensor(storage, dtype, [Math.floor(nbytes / dtype.itemsize)], [1], start);
  }

  private dictionary(from: PickledDict, keep: <T>(target: T) => T): unknown {
    let target: object;
    if (fitsObject(from.entries.keys())) {
      const object: object = keep({});
      target = object;
      this.work.push(() => {
        for (const [key, value] of from.entries) define(object, key as string, this.value(value), true);
      });
    } else {
      const map = keep(new Map<unknown, unknown>());
      target = map;
      this.work.push(() => {
        for (const [key, value] of from.entries) map.set(this.value(key), this.value(value));
      });
    }
    const metadata = from.state?.entries.get('_metadata');
    if (metadata !== undefined) {
      this.work.push(() => define(target, '_metadata', this.value(metadata), false));
    }
    return target;
  }

  private call(call: PickledCall): unknown {
    const { callable, args } = call;
    const path = callable instanceof PickledGlobal ? String(callable) : '';
    const maker = this.rules.makers.get(path);
    if (maker !== undefined) return this.ofUser(maker, call);
    if (isNumpy(path)) return this.ofNumpy(path, call);
    const isKnown = tensorFunctions.has(path) || parameterFunctions.has(path) || otherGlobals.has(path);
    if (isKnown || quantized.test(path)) {
      if (call.state !== undefined) throw refused(`the state of ${path} has no place here`);
      if (call.items !== undefined || call.entries !== undefined)
        throw refused(`${path} makes nothing that has items`);
      return this.known(path, args);
    }
    if (this.rules.inert) return this.foreign(path, call);
    throw refused(`${path} was called with arguments that it does not take`);
  }

  private ofNumpy(path: string, call: PickledCall): unknown {
    if (path === 'numpy.ndarray' || path === 'numpy.dtype') {
      if (this.rules.inert) return this.foreign(path, call);
      throw refused(`${path} has no value here`);
    }
    const value = numpyValue(call, this.budget);
    return value instanceof ObjectArray ? this.objects(value) : value;
  }

  /** An array of objects, as arrays of arrays of them. */
  private objects({ shape, items }: ObjectArray): unknown {
    if (shape.length === 0) return this.value(items[0]);
    const levels: unknown[][] = [];
    const build = (dimension: number, from: number, count: number): unknown[] => {
      const list: unknown[] = [];
      this.budget.spend(shape[dimension]);
      const step = count / Math.max(shape[dimension], 1);
      for (let i = 0; i < shape[dimension]; i++) {
        if (dimension === shape.length - 1)
          this.work.push(() => {
            list[i] = this.value(items[from + i]);
          });
        else list.push(build(dimension + 1, from + i * step, step));
      }
      levels.push(list);
      return list;
    };
    return build(0, 0, items.length);
  }

  /** A stand-in for an object whose class is not here. */
  private foreign(path: string, call: PickledCall): unknown {
    const { args, named, state, items, entries } = call;
    if (path === 'collections.defaultdict' && state === undefined)
      return this.dictionary(entries ?? new PickledDict(false), (target) => {
        this.made.set(call, target);
        return target;
      });
    // Old protocols have this instead of a call of the class: the class, a base, its state.
    const isOld = path === 'copyreg._reconstructor' || path === 'copyreg.__newobj__';
    const name = isOld ? nameOf(args[0]) : path;
    const target = new ForeignObject(name || 'object');
    this.budget.spend(args.length);
    this.made.set(call, target);
    const parts: [key: string, from: unknown][] = [
      ['args', isOld ? [] : named === null ? [...args] : [...args, named]],
    ];
    const own = target as { -readonly [K in keyof ForeignObject]: unknown };
    if (items !== undefined) parts.push(['items', items]);
    if (entries !== undefined) parts.push(['entries', entries]);
    if (state !== undefined) parts.push(...this.attributesOf(own.attributes as object, state));
    this.work.push(() => {
      for (const [key, from] of parts) own[key as 'args'] = this.value(from);
    });
    return target;
  }

  /** Gives a target the attributes of a state, and what of it is no attributes. */
  private attributesOf(target: object, state: unknown): [key: 'state', from: unknown][] {
    // Of an object with slots there are two dictionaries.
    const parts = state instanceof PickledTuple && state.items.length === 2 ? state.items : [state];
    if (!parts.every((part) => part === null || part instanceof PickledDict)) return [['state', state]];
    for (const part of parts as (PickledDict | null)[]) this.budget.spend(part?.entries.size ?? 0);
    this.work.push(() => {
      for (const part of parts as (PickledDict | null)[])
        for (const [name, value] of part?.entries ?? [])
          define(target, String(name), this.value(value), true);
    });
    return [];
  }

  private depth = 0;

  /** Values that are finished: what they hold is there as well. */
  private settled(values: readonly unknown[]): unknown[] {
    if (++this.depth > deepest) throw refused('objects of your classes are nested too deep');
    const before = this.work.length;
    const finished = values.map((value) => this.value(value));
    while (this.work.length > before) this.work.pop()!();
    this.depth--;
    return finished;
  }

  /** Makes an object by a class or function of the user's. */
  private ofUser(maker: Maker, call: PickledCall): unknown {
    const { args, named, state, items, entries, isNew } = call;
    const given = this.settled(named === null ? args : [...args, named]);
    const target = makes(maker, given, isNew);
    this.made.set(call, target);
    if (typeof target !== 'object' || target === null) return target;
    if (state !== undefined) {
      const { __setstate__ } = target as { __setstate__?: unknown };
      if (typeof __setstate__ === 'function')
        this.work.push(() => __setstate__.call(target, this.settled([state])[0]));
      else if (this.attributesOf(target, state).length > 0)
        throw refused(`the state of ${maker.name} is no dict: give the class a method __setstate__(state)`);
    }
    if (items !== undefined)
      this.work.push(() =>
        this.fill(
          target,
          'push',
          items.map((item) => [item]),
        ),
      );
    if (entries !== undefined) this.work.push(() => this.fill(target, 'set', [...entries.entries]));
    return target;
  }

  /** Calls a method of a target for each of so many arguments. */
  private fill(target: object, method: 'push' | 'set', calls: readonly (readonly unknown[])[]): void {
    const add = (target as Record<string, unknown>)[method];
    if (typeof add !== 'function')
      throw refused(`${target.constructor.name} has no method ${method}, for its items`);
    for (const args of calls)
      add.apply(
        target,
        args.map((arg) => this.value(arg)),
      );
  }

  private known(path: string, args: readonly unknown[]): unknown {
    if (tensorFunctions.has(path)) return this.tensor(path, args);
    if (parameterFunctions.has(path)) return this.parameter(args);
    if (isBytesCall(path))
      return bytesOf(new PickledCall(new PickledGlobal(...split(path)), args), this.budget);
    switch (path) {
      case 'torch._utils._rebuild_qtensor':
        return this.quantizedTensor(path, args);
      case 'torch._tensor._rebuild_from_type_v2': {
        const [inner, type, innerArgs, attributes] = args;
        const isTensor =
          this.rules.inert || ['torch.Tensor', 'torch.nn.parameter.Parameter'].includes(nameOf(type));
        if (!isTensor || !(inner instanceof PickledGlobal) || !(innerArgs instanceof PickledTuple)) break;
        if (tensorFunctions.has(String(inner)))
          return this.withAttributes(this.tensor(String(inner), innerArgs.items), attributes);
        if (parameterFunctions.has(String(inner)))
          return this.withAttributes(this.parameter(innerArgs.items), attributes);
        break;
      }
      case 'torch.serialization._get_layout':
        if (typeof args[0] === 'string') return layoutOf(args[0]);
        break;
      case 'torch._utils._rebuild_sparse_tensor':
        return this.sparseTensor(args);
      case 'torch.Size':
        if (args[0] instanceof PickledTuple) return this.size(args[0]);
        break;
      case 'torch.device':
        if (typeof args[0] !== 'string' || args.length > 2) break;
        return new Device(args[0], typeof args[1] === 'number' ? args[1] : null);
      case 'builtins.set': {
        const target = new Set<unknown>();
        const items = args[0] ?? [];
        if (!Array.isArray(items)) break;
        this.budget.spend(items.length);
        this.work.push(() => {
          for (const item of items) target.add(this.value(item));
        });
        return target;
      }
      case 'builtins.complex':
        if (typeof args[0] === 'number' && typeof args[1] === 'number')
          return complexNumber(args[0], args[1]);
        break;
    }
    throw refused(`${path} was called with arguments that it does not take`);
  }

  /** Storage, offset, sizes and strides of whole numbers, and what they stand for. */
  private quantizedTensor(path: string, args: readonly unknown[]): Tensor {
    if (!this.rules.toDense) throw notSupported(path, 'quantized tensors', 'x.dequantize()');
    const [reference, offset, size, stride, quantizer, requiresGrad] = args;
    if (!(quantizer instanceof PickledTuple)) throw refused('a quantized tensor is described wrongly');
    const [scheme, scale, zeroPoint, axis = 0] = quantizer.items;
    const q = this.tensor('torch._utils._rebuild_tensor_v2', [reference, offset, size, stride, false]);
    const ofChannels = nameOf(scheme).startsWith('torch.per_channel');
    const numbers = [scale, zeroPoint].map((value) => {
      const isTensor =
        ofChannels && value instanceof PickledCall && tensorFunctions.has(String(value.callable));
      const known = isTensor ? this.value(value) : value;
      if (ofChannels ? known instanceof Tensor : typeof known === 'number') return known as number | Tensor;
      throw refused('a quantized tensor is described wrongly');
    });
    if (!isSize(axis) || (ofChannels && axis >= q.ndim))
      throw refused('a quantized tensor is described wrongly');
    const dense = dequantized(q, numbers[0], numbers[1], axis);
    if (requiresGrad === true) dense.requiresGrad = true;
    return dense;
  }

  /** A tensor on `meta`, of which the file holds all there is. */
  private metaTensor([dtypeName, size, stride, requiresGrad]: readonly unknown[]): Tensor {
    const dtype = dtypeOfPath(nameOf(dtypeName));
    const isWhole = size instanceof PickledTuple && stride instanceof PickledTuple && dtype !== undefined;
    if (
      !isWhole ||
      size.items.length !== stride.items.length ||
      ![...size.items, ...stride.items].every(isSize)
    )
      throw refused('a tensor is described wrongly');
    this.budget.spend(size.items.length + stride.items.length);
    const shape = size.items as number[];
    checkSizes(shape);
    const tensor = emptyStrided(shape, stride.items as number[], dtype, backendOf(new Device('meta')));
    if (requiresGrad === true) tensor.requiresGrad = true;
    return tensor;
  }

  private tensor(path: string, args: readonly unknown[]): Tensor {
    if (path.endsWith('_no_storage')) return this.metaTensor(args);
    const isV3 = path.endsWith('_v3');
    const [reference, offset, size, stride, requiresGrad, hooks] = args;
    const metadata = args[isV3 ? 7 : 6];
    if (
      !(reference instanceof PickledReference) ||
      typeof offset !== 'number' ||
      !isSize(offset) ||
      !(size instanceof PickledTuple) ||
      !(stride instanceof PickledTuple)
    ) {
      throw refused('a tensor is described wrongly');
    }
    this.budget.spend(size.items.length + stride.items.length);
    if (![...size.items, ...stride.items].every(Number.isSafeInteger)) {
      throw refused('a tensor is described wrongly');
    }
    refuseHooks(hooks);
    const base = this.storageOf(reference);
    const dtype = isV3 ? dtypeOfPath(nameOf(args[6])) : base.dtype;
    if (dtype === undefined) throw refused('a tensor is described wrongly');
    const shape = size.items as number[];
    const strides = stride.items as number[];
    checkView(base, dtype, shape, strides, offset);
    const storage = this.withBits(base.storage, dtype, metadata);
    const tensor = new Tensor(storage, dtype, shape, strides, base.start + offset);
    if (requiresGrad === true) tensor.requiresGrad = true;
    return tensor;
  }

  private size({ items }: PickledTuple): Size {
    this.budget.spend(items.length);
    if (!items.every(isSize)) throw refused('a size is described wrongly');
    return Size.create(items as number[]);
  }

  private sparseTensor([layoutCall, data]: readonly unknown[]): Tensor {
    const name = layoutCall instanceof PickledCall ? layoutCall.args[0] : null;
    if (typeof name !== 'string' || !(data instanceof PickledTuple))
      throw refused('a sparse tensor is described wrongly');
    const { toDense } = this.rules;
    const layout = toDense ? null : layoutOf(name);
    const count = layout === null ? partsOf(name) : layout === strided ? undefined : layout.parts;
    const { items } = data;
    const at = items.findIndex(
      (item) => item instanceof PickledCall && String(item.callable) === 'torch.Size',
    );
    const parts = items.slice(0, at);
    const size = (items[at] as PickledCall | undefined)?.args[0];
    // Only ordinary tensors: other kinds of parts would make the depth of calls the file's choice.
    const areTensors = parts.every(
      (p) => p instanceof PickledCall && tensorFunctions.has(String(p.callable)),
    );
    if (count === undefined || !areTensors || parts.length !== count || !(size instanceof PickledTuple))
      throw refused('a sparse tensor is described wrongly');
    const tensors = parts.map((part) => this.value(part) as Tensor);
    if (layout === null) return denseOf(name, tensors, this.size(size));
    return layoutRules!.rebuild(layout, tensors, this.size(size), items[at + 1] === true);
  }

  private parameter(args: readonly unknown[]): Parameter {
    const [data, requiresGrad, hooks, attributes] = args;
    refuseHooks(hooks);
    // Only a tensor's own description: parameters within parameters would make the depth of calls the file's choice.
    const isReference = data instanceof PickledReference && this.tensorOf !== null;
    if (!isReference && !(data instanceof PickledCall && tensorFunctions.has(String(data.callable)))) {
      throw refused('a parameter is described wrongly');
    }
    const tensor = this.value(data) as Tensor;
    return this.withAttributes(new Parameter(tensor, requiresGrad !== false), attributes);
  }

  /**
   * PyTorch's views of memory that is negated or conjugated when it is read. Here it is done at once, to the whole storage: views with
   * the same bits still share it, however large their shapes say that they are.
   */
  private withBits(storage: Storage, dtype: DType, metadata: unknown): Storage {
    if (metadata === undefined || metadata === null) return storage;
    if (!(metadata instanceof PickledDict)) throw refused('a tensor is described wrongly');
    const bits: string[] = [];
    for (const [name, isSet] of metadata.entries) {
      if ((name !== 'conj' && name !== 'neg') || typeof isSet !== 'boolean')
        throw refused(`a tensor has the metadata ${String(name)}, which has no place here`);
      if (isSet) bits.push(name);
    }
    if (bits.includes('conj') && !dtype.isComplex) throw refused('only complex tensors can be conjugated');
    if (bits.length === 0) return storage;
    const key = `${dtype} ${bits.sort()}`;
    const known = this.changed.get(storage)?.get(key);
    if (known !== undefined) return known;
    const length = Math.floor(storage.nbytes / dtype.itemsize);
    let all = new Tensor(storage, dtype, [length], [1], 0);
    if (bits.includes('conj')) all = all.conj();
    if (bits.includes('neg')) all = all.neg();
    this.changed.set(storage, (this.changed.get(storage) ?? new Map()).set(key, all.storage));
    return all.storage;
  }

  /** Attributes that Python code has put on a tensor are there under the same names. */
  private withAttributes<T extends Tensor>(tensor: T, attributes: unknown): T {
    // Of an object with slots, which tensors have none of, there are two.
    const state = attributes instanceof PickledTuple ? attributes.items[0] : attributes;
    if (state === undefined || state === null) return tensor;
    if (!(state instanceof PickledDict)) throw refused('the attributes of a tensor are described wrongly');
    this.work.push(() => {
      for (const [name, value] of state.entries) {
        if (typeof name === 'string' && !(name in tensor)) define(tensor, name, this.value(value), true);
      }
    });
    return tensor;
  }
}

/** @throws NotImplementedError of a layout that this program cannot have */
function layoutOf(name: string): Layout {
  const layout = name === String(strided) ? strided : layoutRules?.layoutOf(name);
  if (layout !== undefined) return layout;
  throw new NotImplementedError(
    `torch.load: the layout ${name} is not supported${layoutRules === null ? " without torch.sparse, which this program has left out: import { sparse } from 'flambeau', and mention it" : ': save x.to_sparse_csr() or x.to_dense() in Python and load that, or ask for dense ones by `toDense: true`'}`,
  );
}

/** Hooks are functions, which no file may bring; PyTorch has written none since its first versions. */
function refuseHooks(hooks: unknown): void {
  if (hooks instanceof PickledDict && hooks.entries.size > 0)
    throw refused('the backward hooks of a tensor cannot be loaded');
}

export function checkView(
  { nbytes }: LoadedStorage,
  dtype: DType,
  shape: number[],
  strides: number[],
  offset: number,
): void {
  if (shape.length !== strides.length) {
    throw new RuntimeError(`unequal size length (${shape.length}) and stride length (${strides.length})`);
  }
  checkSizes(shape);
  if (!strides.every(isSize)) {
    throw new RuntimeError(
      `Storage size calculation overflowed with sizes=${formatShape(shape)} and strides=${formatShape(strides)}`,
    );
  }
  let last = offset;
  for (const [i, size] of shape.entries()) last += (size - 1) * strides[i];
  const needed = numel(shape) === 0 ? 0 : (last + 1) * dtype.itemsize;
  if (needed > nbytes) {
    throw new RuntimeError(
      `setStorage: sizes ${formatShape(shape)}, strides ${formatShape(strides)}, storage offset ${offset}, and ` +
        `itemsize ${dtype.itemsize} requiring a storage size of ${needed} are out of bounds for storage of size ${nbytes}`,
    );
  }
}

/** A path's module and name. */
const split = (path: string): [module: string, name: string] => {
  const dot = path.lastIndexOf('.');
  return [path.slice(0, dot), path.slice(dot + 1)];
};

/** The name of a class or function; nothing for values, which can be too deep or too many to be shown. */
function nameOf(value: unknown): string {
  return value instanceof PickledGlobal ? String(value) : '';
}

/**
 * Whether a plain object keeps these keys as they are. Keys that look like array indices come first and in order
 * in every object, so `{ '1': …, '0': … }` would change places.
 */
function fitsObject(keys: Iterable<unknown>): boolean {
  let last = -1;
  let names = false;
  for (const key of keys) {
    if (typeof key !== 'string') return false;
    const index = Number(key);
    const isIndex = String(index) === key && Number.isInteger(index) && index >= 0 && index < 2 ** 32 - 1;
    if (!isIndex) names = true;
    else if (names || index < last) return false;
    else last = index;
  }
  return true;
}

/** Assignment, without the meaning that `__proto__` has in one. */
function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
}
