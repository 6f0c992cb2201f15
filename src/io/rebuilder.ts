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
import { PickledCall, PickledDict, PickledGlobal, PickledReference, PickledTuple } from './pickle.js';
import { dtypeOfPath, storageDtype } from './storage_types.js';
import { isSize, type LoadedStorage } from './storages.js';
import { refused } from './unpickler.js';

/** Rebuilds tensors from the arguments of the function that the pickle names. */
const tensorFunctions = new Set([
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_meta_tensor_no_storage',
]);
const parameterFunctions = new Set([
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch.nn.parameter.Parameter',
]);
const otherGlobals = new Set([
  'torch._tensor._rebuild_from_type_v2',
  'torch.Tensor',
  'torch.Size',
  'torch.device',
  '_codecs.encode',
  'builtins.bytearray',
  'builtins.set',
  'builtins.complex',
  'torch.serialization._get_layout',
  'torch._utils._rebuild_sparse_tensor',
]);
/** Kinds of values that PyTorch loads and we cannot: named, so that nobody takes such a file for hostile, with what to save instead. */
const unsupported: readonly (readonly [paths: RegExp, what: string, instead: string])[] = [
  [/^torch\._utils\._rebuild_qtensor$|^torch\.Q\w+Storage$/, 'quantized tensors', 'x.dequantize()'],
  [/^torch\.per_(tensor|channel)_\w+$/, 'quantized tensors', 'x.dequantize()'],
  [/^torch\._utils\._rebuild_nested_tensor$|^torch\.nested\./, 'nested tensors', 'x.unbind()'],
  [
    /^torch\._utils\._rebuild_(wrapper_subclass|device_tensor_\w+)$/,
    'tensors of other devices and classes',
    'x.cpu()',
  ],
  [/^torch\.float4_\w+$/, 'tensors of 4 bit floats', 'x.float()'],
  [/^torch\.(bits|q?u?int)\d+(x\d+)?$/, 'tensors of this dtype', 'x.float()'],
];

/** Whether a pickle may name this class or function. */
export function isAllowed(path: string): boolean {
  const isDtype = storageDtype(path) !== undefined || dtypeOfPath(path) !== undefined;
  if (tensorFunctions.has(path) || parameterFunctions.has(path) || otherGlobals.has(path) || isDtype)
    return true;
  for (const [paths, what, instead] of unsupported)
    if (paths.test(path))
      throw new NotImplementedError(
        `torch.load: ${what} are not supported (${path}): save ${instead} in Python and load that`,
      );
  return false;
}

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
      if (from.state !== undefined) throw refused(`the state of ${String(from.callable)} has no place here`);
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
    if (from instanceof Set) return keep(new Set());
    if (from instanceof PickledGlobal) {
      const dtype = dtypeOfPath(String(from));
      if (dtype !== undefined) return dtype;
    }
    if (from instanceof PickledReference) return keep(this.storage(from));
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
    const path = String(callable);
    if (tensorFunctions.has(path)) return this.tensor(path, args);
    if (parameterFunctions.has(path)) return this.parameter(args);
    switch (path) {
      case 'torch._tensor._rebuild_from_type_v2': {
        const [inner, type, innerArgs, attributes] = args;
        const isTensor = ['torch.Tensor', 'torch.nn.parameter.Parameter'].includes(nameOf(type));
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
      case '_codecs.encode':
        if (typeof args[0] === 'string' && args[1] === 'latin1') return this.latin1(args[0]);
        break;
      case 'builtins.bytearray':
        if (args.length === 0) return new Uint8Array(0);
        if (args[0] instanceof PickledCall && String(args[0].callable) === '_codecs.encode') {
          const [text] = args[0].args;
          if (typeof text === 'string') return this.latin1(text);
        }
        break;
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

  private latin1(text: string): Uint8Array {
    this.budget.spend(text.length);
    return Uint8Array.from(text, (c) => c.charCodeAt(0));
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
    const layout = layoutOf(name);
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
    if (layout === strided || !areTensors || parts.length !== layout.parts || !(size instanceof PickledTuple))
      throw refused('a sparse tensor is described wrongly');
    const tensors = parts.map((part) => this.value(part) as Tensor);
    return layoutRules!.rebuild(layout, tensors, this.size(size), items[at + 1] === true);
  }

  private parameter(args: readonly unknown[]): Parameter {
    const [data, requiresGrad, hooks, attributes] = args;
    refuseHooks(hooks);
    // Only a tensor's own description: parameters within parameters would make the depth of calls the file's choice.
    if (!(data instanceof PickledCall) || !tensorFunctions.has(String(data.callable))) {
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
    `torch.load: the layout ${name} is not supported${layoutRules === null ? " without torch.sparse, which this program has left out: import { sparse } from 'flambeau', and mention it" : ': save x.to_sparse_csr() or x.to_dense() in Python and load that'}`,
  );
}

/** Hooks are functions, which no file may bring; PyTorch has written none since its first versions. */
function refuseHooks(hooks: unknown): void {
  if (hooks instanceof PickledDict && hooks.entries.size > 0)
    throw refused('the backward hooks of a tensor cannot be loaded');
}

function checkView(
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
