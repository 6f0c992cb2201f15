import { KeyError, TypeError } from '../core/errors.js';
import { Budget } from './budget.js';
import { refused, TruncatedPickle } from './file_errors.js';
import { Op, PickledCall, PickledDict, PickledGlobal, PickledReference, PickledTuple } from './pickle.js';
import {
  decode,
  escapedText,
  floatNumber,
  longFrom,
  quotedString,
  textOrBytes,
  wholeNumber,
} from './pickle_text.js';

/** Modules whose names alone mean harm; PyTorch words their refusal differently. */
const blockedModules = new Set(['sys', 'os', 'posix', 'nt']);

/** Where Python 3 keeps what protocol 2 names as Python 2 did. */
const renamedModules = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
]);

const ordered = 'collections.OrderedDict';
const dictionaries = new Set([ordered, 'collections.Counter']);

/** The rules for what a pickle may hold. */
export interface PickleRules {
  /** Whether a class or function may be named; every other one is refused. */
  readonly allowed: (path: string) => boolean;
  /** Whether any may be named: nothing is refused, since nothing is run. */
  readonly inert?: boolean;
  /** Resolves a reference to the outside. @throws UnpicklingError if it means nothing */
  readonly reference?: (id: unknown) => PickledReference;
}

/**
 * Reads a pickle into stand-ins. It runs nothing: a call is recorded, not made. Every read is bounded by the bytes there are, and every value costs at least one byte of
 * the pickle, so a small file cannot ask for much memory.
 */
export class Unpickler {
  /** Every reference met, in order. */
  readonly references: PickledReference[] = [];
  readonly budget: Budget;
  private stack: unknown[] = [];
  private readonly marks: unknown[][] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly rules: PickleRules,
    private at = 0,
  ) {
    this.budget = Budget.of(bytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the next pickle begins, once this one is loaded. */
  get position(): number {
    return this.at;
  }

  load(): unknown {
    for (;;) {
      const op = this.bytes[this.take(1)];
      switch (op) {
        case Op.PROTO:
          this.take(1);
          break;
        case Op.STOP:
          return this.pop();
        case Op.GLOBAL:
          this.push(this.global(this.readLine(), this.readLine()));
          break;
        case Op.REDUCE:
          this.reduce();
          break;
        case Op.BUILD:
          this.build();
          break;
        case Op.NEWOBJ:
          this.newObject();
          break;
        case Op.BINPERSID:
          this.refer(this.pop());
          break;
        case Op.BINPUT:
          this.memo.set(this.bytes[this.take(1)], this.top());
          break;
        case Op.LONG_BINPUT:
          this.memo.set(this.view.getUint32(this.take(4), true), this.top());
          break;
        case Op.BINGET:
          this.recall(this.bytes[this.take(1)]);
          break;
        case Op.LONG_BINGET:
          this.recall(this.view.getUint32(this.take(4), true));
          break;
        case Op.NONE:
          this.push(null);
          break;
        case Op.NEWTRUE:
          this.push(true);
          break;
        case Op.NEWFALSE:
          this.push(false);
          break;
        case Op.BININT:
          this.push(this.view.getInt32(this.take(4), true));
          break;
        case Op.BININT1:
          this.push(this.bytes[this.take(1)]);
          break;
        case Op.BININT2:
          this.push(this.view.getUint16(this.take(2), true));
          break;
        case Op.LONG1:
          this.push(longFrom(this.slice(this.bytes[this.take(1)])));
          break;
        case Op.BINFLOAT:
          this.push(this.view.getFloat64(this.take(8), false));
          break;
        case Op.BINUNICODE:
          this.push(decode(this.slice(this.view.getUint32(this.take(4), true))));
          break;
        case Op.SHORT_BINSTRING:
          this.push(textOrBytes(this.slice(this.bytes[this.take(1)])));
          break;
        case Op.BINSTRING:
          this.push(textOrBytes(this.slice(this.view.getUint32(this.take(4), true))));
          break;
        case Op.EMPTY_TUPLE:
          this.push(new PickledTuple([]));
          break;
        case Op.TUPLE:
          this.push(new PickledTuple(this.popMark()));
          break;
        case Op.TUPLE1:
        case Op.TUPLE2:
        case Op.TUPLE3:
          this.push(new PickledTuple(this.popMany(op - Op.TUPLE1 + 1)));
          break;
        case Op.EMPTY_LIST:
          this.push([]);
          break;
        case Op.LIST:
          this.push(this.popMark());
          break;
        case Op.APPEND: {
          const item = this.pop();
          this.list('append to').push(item);
          break;
        }
        case Op.APPENDS: {
          const items = this.popMark();
          const list = this.list('extend');
          for (const item of items) list.push(item);
          break;
        }
        case Op.EMPTY_DICT:
          this.push(new PickledDict(false));
          break;
        case Op.SETITEM: {
          const [key, value] = this.popMany(2);
          setItem(this.dictionary('SETITEM'), key, value);
          break;
        }
        case Op.DICT: {
          const dictionary = new PickledDict(false);
          setItems(dictionary, this.popMark(), 'DICT');
          this.push(dictionary);
          break;
        }
        case Op.SETITEMS: {
          const items = this.popMark();
          setItems(this.dictionary('SETITEMS'), items, 'SETITEMS');
          break;
        }
        case Op.EMPTY_SET:
          this.push(new Set());
          break;
        case Op.FROZENSET:
          this.push(new Set(this.popMark()));
          break;
        case Op.ADDITEMS: {
          const items = this.popMark();
          const set = this.top();
          if (!(set instanceof Set)) throw refused(`Can only add to sets, but got ${describe(set)}`);
          for (const item of items) set.add(item);
          break;
        }
        case Op.MARK:
          this.marks.push(this.stack);
          this.stack = [];
          break;
        default:
          this.rare(op);
      }
    }
  }

  /** Opcodes that PyTorch's own files have not: of protocols 0 and 1, and of those after 2. */
  private rare(op: number): void {
    switch (op) {
      case Op.FRAME:
        this.take(8);
        break;
      case Op.MEMOIZE:
        this.memo.set(this.memo.size, this.top());
        break;
      case Op.STACK_GLOBAL: {
        const [module, name] = this.popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string')
          throw refused('STACK_GLOBAL requires str');
        this.push(this.global(module, name));
        break;
      }
      case Op.NEWOBJ_EX: {
        const named = this.pop();
        if (!(named instanceof PickledDict)) throw refused('the arguments by name are no dict');
        this.newObject(named);
        break;
      }
      case Op.LONG4:
        this.push(longFrom(this.slice(this.view.getUint32(this.take(4), true))));
        break;
      case Op.SHORT_BINUNICODE:
        this.push(decode(this.slice(this.bytes[this.take(1)])));
        break;
      case Op.BINUNICODE8:
        this.push(decode(this.slice(this.size64())));
        break;
      case Op.SHORT_BINBYTES:
        this.push(this.slice(this.bytes[this.take(1)]));
        break;
      case Op.BINBYTES:
        this.push(this.slice(this.view.getUint32(this.take(4), true)));
        break;
      case Op.BINBYTES8:
      case Op.BYTEARRAY8:
        this.push(this.slice(this.size64()));
        break;
      case Op.INT:
      case Op.LONG:
        this.push(wholeNumber(decode(this.line())));
        break;
      case Op.FLOAT:
        this.push(floatNumber(decode(this.line())));
        break;
      case Op.STRING:
        this.push(quotedString(decode(this.line())));
        break;
      case Op.UNICODE:
        this.push(escapedText(this.line()));
        break;
      case Op.PUT:
        this.memo.set(Number(wholeNumber(decode(this.line()))), this.top());
        break;
      case Op.GET:
        this.recall(Number(wholeNumber(decode(this.line()))));
        break;
      case Op.POP:
        if (this.stack.length > 0) this.pop();
        else this.popMark();
        break;
      case Op.POP_MARK:
        this.popMark();
        break;
      case Op.DUP:
        this.push(this.top());
        break;
      case Op.INST: {
        const type = this.global(this.readLine(), this.readLine());
        this.push(this.call(type, this.popMark()));
        break;
      }
      case Op.OBJ: {
        const [type, ...args] = this.popMark();
        if (!(type instanceof PickledGlobal))
          throw refused(`Can only create objects of classes, but got ${describe(type)}`);
        this.push(this.call(type, args));
        break;
      }
      default:
        throw refused(`Unsupported operand ${op}`);
    }
  }

  /** A reference to what is not in the pickle. */
  private refer(id: unknown): void {
    // The class of a module that was saved whole, with its text beside it.
    if (this.rules.inert === true && id instanceof PickledTuple && id.items[0] === 'module') {
      this.push(id.items[1]);
      return;
    }
    const made = (this.rules.reference ?? reference)(id);
    this.references.push(made);
    this.push(made);
  }

  /** A length in eight bytes. */
  private size64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }

  /** The position of the next `length` bytes, which are then behind. */
  private take(length: number): number {
    const at = this.at;
    if (at + length > this.bytes.length) throw new TruncatedPickle();
    this.at = at + length;
    return at;
  }

  private slice(length: number): Uint8Array {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  private line(): Uint8Array {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new TruncatedPickle();
    const line = this.slice(end - this.at);
    this.at = end + 1;
    return line;
  }

  private readLine(): string {
    return decode(this.line());
  }

  private push(value: unknown): void {
    this.stack.push(value);
  }

  private pop(): unknown {
    if (this.stack.length === 0) throw underflow();
    return this.stack.pop();
  }

  private top(): unknown {
    if (this.stack.length === 0) throw underflow();
    return this.stack[this.stack.length - 1];
  }

  private popMany(count: number): unknown[] {
    if (this.stack.length < count) throw underflow();
    return this.stack.splice(this.stack.length - count, count);
  }

  private popMark(): unknown[] {
    const items = this.stack;
    const before = this.marks.pop();
    if (before === undefined) throw underflow();
    this.stack = before;
    return items;
  }

  private recall(key: number): void {
    if (!this.memo.has(key)) throw new KeyError(`Memo value not found at index ${key}`);
    this.push(this.memo.get(key));
  }

  private global(named: string, name: string): PickledGlobal {
    const module = renamedModules.get(named) ?? named;
    const path = `${module}.${name}`;
    const { allowed, inert } = this.rules;
    if (inert !== true) {
      if (blockedModules.has(module)) {
        throw refused(`Trying to load unsupported GLOBAL ${path} whose module ${module} is blocked.`);
      }
      if (!dictionaries.has(path) && !allowed(path)) {
        const shown = module === 'builtins' ? name : path;
        throw refused(
          `Unsupported global: GLOBAL ${shown} was not an allowed global by default. Please use ` +
            `\`torch.serialization.addSafeGlobals([[YourClass, '${path}']])\` to have it made by a class or function of ` +
            'yours, or `weightsOnly: false`, which loads objects of other classes as stand-ins and runs nothing.',
        );
      }
    }
    return new PickledGlobal(module, name);
  }

  private reduce(): void {
    const args = this.pop();
    const callable = this.pop();
    if (
      !(callable instanceof PickledGlobal || (this.rules.inert === true && callable instanceof PickledCall))
    ) {
      throw refused(`Trying to call reduce for unrecognized function ${describe(callable)}`);
    }
    if (!(args instanceof PickledTuple))
      throw refused(`arguments must be a tuple, but got ${describe(args)}`);
    this.push(this.call(callable, args.items));
  }

  private call(
    callable: PickledGlobal | PickledCall,
    args: readonly unknown[],
    named: PickledDict | null = null,
    isNew = false,
  ): unknown {
    const path = callable instanceof PickledGlobal ? String(callable) : '';
    if (!dictionaries.has(path)) return new PickledCall(callable, args, named, isNew);
    const dictionary = new PickledDict(path === ordered);
    for (const [key, value] of pairs(args)) {
      this.budget.spend(1);
      setItem(dictionary, key, value);
    }
    return dictionary;
  }

  private build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof PickledDict && target.ordered) {
      if (!(state instanceof PickledDict)) throw refused(`an OrderedDict's state must be a dict`);
      target.state = state;
    } else if (target instanceof PickledCall) {
      target.state = state;
    } else {
      throw refused(
        'Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, ' +
          `but got ${describe(target)}`,
      );
    }
  }

  private newObject(named: PickledDict | null = null): void {
    const args = this.pop();
    const type = this.pop();
    if (!(type instanceof PickledGlobal) || !(args instanceof PickledTuple)) {
      throw refused(
        'Can only create new object for nn.Parameter or classes allowlisted via `add_safe_globals` ' +
          `but got ${describe(type)}`,
      );
    }
    this.push(this.call(type, args.items, named, true));
  }

  private list(doing: string): unknown[] {
    const list = this.top();
    if (list instanceof PickledCall) {
      list.items ??= [];
      return list.items;
    }
    if (!Array.isArray(list)) throw refused(`Can only ${doing} lists, but got ${describe(list)}`);
    return list;
  }

  private dictionary(opcode: string): PickledDict {
    const target = this.top();
    if (target instanceof PickledDict) return target;
    if (target instanceof PickledCall) {
      target.entries ??= new PickledDict(false);
      return target.entries;
    }
    throw refused(
      `Can only ${opcode} for dict, collections.OrderedDict, collections.Counter, but got ${describe(target)}`,
    );
  }
}

/** Arguments of `OrderedDict(...)` and `Counter(...)`: nothing, a dictionary, or a list of pairs. */
function pairs(args: readonly unknown[]): Iterable<readonly [unknown, unknown]> {
  if (args.length === 0) return [];
  const [from] = args;
  if (args.length === 1 && from instanceof PickledDict) return from.entries;
  if (args.length === 1 && Array.isArray(from)) return listedPairs(from);
  throw refused('a dictionary needs pairs');
}

function* listedPairs(list: readonly unknown[]): Generator<readonly [unknown, unknown]> {
  for (const pair of list) {
    const items = pair instanceof PickledTuple ? pair.items : pair;
    if (!Array.isArray(items) || items.length !== 2) throw refused('a dictionary needs pairs');
    yield [items[0], items[1]];
  }
}

function setItems(dictionary: PickledDict, items: readonly unknown[], opcode: string): void {
  if (items.length % 2 !== 0) throw refused(`odd number of items for ${opcode}`);
  for (let i = 0; i < items.length; i += 2) setItem(dictionary, items[i], items[i + 1]);
}

function setItem(dictionary: PickledDict, key: unknown, value: unknown): void {
  if (Array.isArray(key) || key instanceof PickledDict || key instanceof Set) {
    throw new TypeError(
      `unhashable type: '${Array.isArray(key) ? 'list' : key instanceof Set ? 'set' : 'dict'}'`,
    );
  }
  dictionary.entries.set(key, value);
}

function reference(id: unknown): PickledReference {
  if (!(id instanceof PickledTuple)) {
    throw refused(`persistent_load id must be tuple or int, but got ${describe(id)}`);
  }
  if (id.items[0] !== 'storage') {
    throw refused(`Only persistent_load of storage is allowed, but got ${describe(id.items[0])}`);
  }
  return new PickledReference(id.items);
}

function describe(value: unknown): string {
  const type = (name: string) => `<class '${name}'>`;
  if (value === null) return type('NoneType');
  if (typeof value === 'string') return type('str');
  if (typeof value === 'boolean') return type('bool');
  if (typeof value === 'number') return type(Number.isInteger(value) ? 'int' : 'float');
  if (typeof value === 'bigint') return type('int');
  if (Array.isArray(value)) return type('list');
  if (value instanceof PickledTuple) return type('tuple');
  if (value instanceof PickledDict) return type('dict');
  if (value instanceof Set) return type('set');
  if (value instanceof PickledCall) return type(String(value.callable));
  return String(value);
}

function underflow(): Error {
  return refused('unexpected end of the stack: the pickle is damaged');
}
