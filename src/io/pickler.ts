import { isPlainObject } from '../core/plain.js';
import { PicklingError } from './file_errors.js';
import {
  Op,
  PickledCall,
  PickledDict,
  PickledFloat,
  PickledGlobal,
  PickledReference,
  PickledTuple,
} from './pickle.js';

/** How deep containers may nest: Python's own limit, so that what we write can be read. */
const deepest = 900;

/**
 * Writes protocol 2, as PyTorch does. `takeApart` turns a value that is no plain data into stand-ins, and returns
 * undefined for what it doesn't know. Its results are remembered per value, so shared ones stay shared.
 */
export class Pickler {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  private length = 0;
  private depth = 0;
  private readonly memo = new Map<unknown, number>();
  private memoSize = 0;

  constructor(private readonly takeApart: (value: object) => unknown) {}

  dump(value: unknown): Uint8Array {
    this.op(Op.PROTO);
    this.byte(2);
    this.save(value);
    this.op(Op.STOP);
    return this.bytes.subarray(0, this.length);
  }

  private save(value: unknown): void {
    if (value === undefined || value === null) this.op(Op.NONE);
    else if (typeof value === 'boolean') this.op(value ? Op.NEWTRUE : Op.NEWFALSE);
    else if (typeof value === 'number') this.saveNumber(value);
    else if (typeof value === 'bigint') this.saveLong(value);
    else if (typeof value === 'string') this.saveString(value);
    else if (typeof value === 'object') this.saveObject(value);
    else throw new PicklingError(`cannot pickle '${typeof value}' object`);
  }

  private saveObject(value: object): void {
    if (this.recall(value)) return;
    if (++this.depth > deepest) {
      throw new PicklingError('maximum recursion depth exceeded while pickling an object');
    }
    if (!this.saveStandIn(value, value) && !this.saveStandIn(this.takeApart(value), value)) {
      this.savePlain(value);
    }
    this.depth--;
  }

  /** @param as the value to remember it by. */
  private saveStandIn(value: unknown, as: object): boolean {
    if (value instanceof PickledGlobal) this.saveGlobal(value);
    else if (value instanceof PickledCall) this.saveCall(value, as);
    else if (value instanceof PickledTuple) this.saveTuple(value.items, as);
    else if (value instanceof PickledDict) this.saveDictionary(value.entries, value.ordered, value.state, as);
    else if (value instanceof PickledFloat) this.saveFloat(value.value);
    else if (value instanceof PickledReference) {
      this.saveTuple(value.id);
      this.op(Op.BINPERSID);
    } else return false;
    return true;
  }

  private savePlain(value: object): void {
    if (Array.isArray(value)) {
      // A frozen array is JavaScript's tuple: reading gives it back as one.
      if (Object.isFrozen(value)) this.saveTuple(value, value);
      else this.saveList(value);
    } else if (value instanceof Map) {
      this.saveDictionary(value, false, undefined, value);
    } else if (value instanceof Set) {
      this.saveCall(new PickledCall(new PickledGlobal('__builtin__', 'set'), [[...value]]), value);
    } else if (value instanceof Uint8Array) {
      this.saveBytes(value);
    } else {
      this.saveRecord(value);
    }
  }

  private saveRecord(value: object): void {
    if (!isPlainObject(value)) {
      throw new PicklingError(
        `cannot pickle '${value.constructor.name}' object: only tensors, numbers, strings, null, and plain objects, ` +
          'arrays, Maps and Sets of them can be saved (of a module, its stateDict())',
      );
    }
    const entries = new Map(Object.entries(value));
    const metadata = Object.getOwnPropertyDescriptor(value, '_metadata');
    if (metadata === undefined || metadata.enumerable) {
      this.saveDictionary(entries, false, undefined, value);
    } else {
      // The result of nn.Module.stateDict(): an OrderedDict with an attribute.
      const state = new PickledDict(false);
      state.entries.set('_metadata', orderedFrom(metadata.value));
      this.saveDictionary(entries, true, state, value);
    }
  }

  private saveNumber(value: number): void {
    // DESIGN: a safe integer that is not -0 is Python's int, any other number its float.
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.saveFloat(value);
    } else if (value >= 0 && value <= 0xff) {
      this.op(Op.BININT1);
      this.byte(value);
    } else if (value >= 0 && value <= 0xffff) {
      this.op(Op.BININT2);
      const at = this.reserve(2);
      this.view.setUint16(at, value, true);
    } else if (value >= -(2 ** 31) && value < 2 ** 31) {
      this.op(Op.BININT);
      const at = this.reserve(4);
      this.view.setInt32(at, value, true);
    } else {
      this.saveLong(BigInt(value));
    }
  }

  private saveFloat(value: number): void {
    this.op(Op.BINFLOAT);
    const at = this.reserve(8);
    this.view.setFloat64(at, value, false);
  }

  private saveLong(value: bigint): void {
    let length = 0;
    while (BigInt.asIntN(length * 8, value) !== value) length++;
    if (length > 0xff) throw new PicklingError(`an integer of ${length} bytes is too large to be saved`);
    this.op(Op.LONG1);
    this.byte(length);
    for (let i = 0; i < length; i++) this.byte(Number(BigInt.asUintN(8, value >> BigInt(8 * i))));
  }

  private saveString(value: string): void {
    if (this.recall(value)) return;
    if (/\p{Surrogate}/u.test(value)) throw new PicklingError('cannot save a string with lone surrogates');
    const encoded = new TextEncoder().encode(value);
    this.op(Op.BINUNICODE);
    this.uint32(encoded.length);
    this.raw(encoded);
    this.remember(value);
  }

  private saveGlobal(value: PickledGlobal): void {
    const key = `global ${value}`;
    if (this.recallKey(key)) return;
    this.op(Op.GLOBAL);
    this.raw(new TextEncoder().encode(`${value.module}\n${value.name}\n`));
    this.rememberKey(key);
  }

  private saveCall(call: PickledCall, as: object): void {
    this.save(call.callable);
    this.saveTuple(call.args);
    this.op(call.isNew ? Op.NEWOBJ : Op.REDUCE);
    this.remember(as);
    if (call.state === undefined) return;
    this.save(call.state);
    this.op(Op.BUILD);
  }

  /** Bytes have no opcode in protocol 2: Python writes them as the encoding of a string with those code points. */
  private saveBytes(value: Uint8Array): void {
    let text = '';
    for (let i = 0; i < value.length; i += 0x8000)
      text += String.fromCharCode(...value.subarray(i, i + 0x8000));
    this.saveCall(new PickledCall(new PickledGlobal('_codecs', 'encode'), [text, 'latin1']), value);
  }

  private saveTuple(items: readonly unknown[], as?: object): void {
    if (items.length === 0) {
      this.op(Op.EMPTY_TUPLE);
      return;
    }
    if (items.length > 3) this.op(Op.MARK);
    for (const item of items) this.save(item);
    this.op(items.length > 3 ? Op.TUPLE : Op.TUPLE1 + items.length - 1);
    if (as !== undefined) this.remember(as);
  }

  private saveList(items: readonly unknown[]): void {
    this.op(Op.EMPTY_LIST);
    this.remember(items);
    if (items.length === 0) return;
    this.op(Op.MARK);
    for (const item of items) this.save(item);
    this.op(Op.APPENDS);
  }

  private saveDictionary(
    entries: ReadonlyMap<unknown, unknown>,
    ordered: boolean,
    state: PickledDict | undefined,
    as: object,
  ): void {
    if (ordered) {
      this.saveGlobal(new PickledGlobal('collections', 'OrderedDict'));
      this.op(Op.EMPTY_TUPLE);
      this.op(Op.REDUCE);
    } else {
      this.op(Op.EMPTY_DICT);
    }
    this.remember(as);
    if (entries.size > 0) {
      this.op(Op.MARK);
      for (const [key, value] of entries) {
        this.save(key);
        this.save(value);
      }
      this.op(Op.SETITEMS);
    }
    if (state === undefined) return;
    this.save(state);
    this.op(Op.BUILD);
  }

  private recall(value: unknown): boolean {
    return this.recallKey(memoKey(value));
  }

  private remember(value: unknown): void {
    this.rememberKey(memoKey(value));
  }

  private recallKey(key: unknown): boolean {
    const index = this.memo.get(key);
    if (index === undefined) return false;
    if (index <= 0xff) {
      this.op(Op.BINGET);
      this.byte(index);
    } else {
      this.op(Op.LONG_BINGET);
      this.uint32(index);
    }
    return true;
  }

  private rememberKey(key: unknown): void {
    const index = this.memoSize++;
    this.memo.set(key, index);
    if (index <= 0xff) {
      this.op(Op.BINPUT);
      this.byte(index);
    } else {
      this.op(Op.LONG_BINPUT);
      this.uint32(index);
    }
  }

  private op(code: number): void {
    this.byte(code);
  }

  private byte(value: number): void {
    const at = this.reserve(1);
    this.bytes[at] = value;
  }

  private uint32(value: number): void {
    const at = this.reserve(4);
    this.view.setUint32(at, value, true);
  }

  private raw(values: Uint8Array): void {
    const at = this.reserve(values.length);
    this.bytes.set(values, at);
  }

  /** Where `count` more bytes go. Growing replaces `bytes` and `view`, so they must be read after this. */
  private reserve(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.bytes.length));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** Strings are remembered by value, and must not meet the keys of globals. */
function memoKey(value: unknown): unknown {
  return typeof value === 'string' ? `string ${value}` : value;
}

function orderedFrom(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const dictionary = new PickledDict(true);
  for (const [key, item] of value instanceof Map ? value : Object.entries(value))
    dictionary.entries.set(key, item);
  return dictionary;
}
