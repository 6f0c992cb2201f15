/**
 * Pickles: all protocols are read, and the part of protocol 2 is written that PyTorch's files use, with stand-ins for what JavaScript has no value of.
 * Neither side knows tensors: `saving.ts` says how they are taken apart, `rebuilder.ts` how they are put together.
 */

/** The opcodes, by their names in Python's `pickle` module. */
export const Op = {
  PROTO: 0x80,
  STOP: 0x2e,
  MARK: 0x28,
  GLOBAL: 0x63,
  REDUCE: 0x52,
  BUILD: 0x62,
  NEWOBJ: 0x81,
  BINPERSID: 0x51,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  NONE: 0x4e,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  BININT: 0x4a,
  BININT1: 0x4b,
  BININT2: 0x4d,
  LONG1: 0x8a,
  BINFLOAT: 0x47,
  BINUNICODE: 0x58,
  SHORT_BINSTRING: 0x55,
  EMPTY_TUPLE: 0x29,
  TUPLE: 0x74,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  EMPTY_LIST: 0x5d,
  APPEND: 0x61,
  APPENDS: 0x65,
  EMPTY_DICT: 0x7d,
  SETITEM: 0x73,
  SETITEMS: 0x75,
  EMPTY_SET: 0x8f,
  // Of protocols 0 and 1, which are text in part.
  POP: 0x30,
  POP_MARK: 0x31,
  DUP: 0x32,
  FLOAT: 0x46,
  INT: 0x49,
  LONG: 0x4c,
  STRING: 0x53,
  UNICODE: 0x56,
  BINSTRING: 0x54,
  DICT: 0x64,
  LIST: 0x6c,
  GET: 0x67,
  PUT: 0x70,
  INST: 0x69,
  OBJ: 0x6f,
  // Of protocols 2 to 5.
  LONG4: 0x8b,
  BINBYTES: 0x42,
  SHORT_BINBYTES: 0x43,
  BINBYTES8: 0x8e,
  BYTEARRAY8: 0x96,
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE8: 0x8d,
  ADDITEMS: 0x90,
  FROZENSET: 0x91,
  NEWOBJ_EX: 0x92,
  STACK_GLOBAL: 0x93,
  MEMOIZE: 0x94,
  FRAME: 0x95,
} as const;

/** A class or function, by name: never looked up, only compared. */
export class PickledGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  toString(): string {
    return `${this.module}.${this.name}`;
  }
}

/** Python's `callable(*args)`, and what it was then given: by `BUILD`, and as a list or a dictionary. */
export class PickledCall {
  state: unknown;
  /** Items that were appended. */
  items: unknown[] | undefined;
  /** Items that were set by keys. */
  entries: PickledDict | undefined;

  constructor(
    /** Of another type only where any class is allowed. */
    readonly callable: PickledGlobal | object,
    readonly args: readonly unknown[],
    /** Arguments by name. */
    readonly named: PickledDict | null = null,
    /** Whether it makes an object of a class without calling its constructor. */
    readonly isNew = false,
  ) {}
}

/** A reference to something that lies outside the pickle, as a storage does. */
export class PickledReference {
  constructor(readonly id: readonly unknown[]) {}
}

/** Python's dictionary, with its keys as they are. */
export class PickledDict {
  readonly entries = new Map<unknown, unknown>();
  /** Attributes that `BUILD` gave an OrderedDict, as `state_dict()` has `_metadata`. */
  state: PickledDict | undefined;

  constructor(readonly ordered: boolean) {}
}

/** Python's tuple; a plain array stands for a list. */
export class PickledTuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** A float even where its value is whole; as a number it would be an int. */
export class PickledFloat {
  constructor(readonly value: number) {}
}
