/** Tensors among JavaScript's values: what operators, comparisons, JSON, clones and test runners make of them. */

import { checkAlive } from '../core/disposed.js';
import { bool } from '../core/dtype.js';
import { denseCopy, type TypedArray } from '../core/elements.js';
import { AttributeError, RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import { sameShape } from '../core/layout.js';
import { libraryClass } from '../core/object.js';
import { formatTuple } from '../core/repr.js';
import { checkReadable } from '../core/stand_ins.js';
import { giveTensors, Tensor } from '../core/tensor.js';
import { belowAutograd } from '../dispatch/recording.js';

// ---- comparing -----------------------------------------------------------------------------------------------------

/**
 * Whether two tensors have the same dtype, sizes, device and values, as comparisons of JavaScript's values understand it: NaN is
 * NaN, and -0 is not 0. Gradients and strides do not count.
 */
function same(a: Tensor, b: Tensor): boolean {
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape) || String(a.device) !== String(b.device))
    return false;
  const x = denseCopy(a);
  const y = denseCopy(b);
  for (let i = 0; i < x.length; i++) if (!Object.is(x[i], y[i])) return false;
  return true;
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** 128 bits of the values, by which large tensors are told apart. */
function digest(values: TypedArray): string {
  if (values instanceof Float32Array || values instanceof Float64Array)
    for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = Number.NaN;
  const lanes = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
  const mix = (word: number): void => {
    for (let i = 0; i < 4; i++) {
      const mixed = Math.imul(rotate(Math.imul(word ^ lanes[(i + 1) & 3], 0xcc9e2d51), 15), 0x1b873593);
      lanes[i] = (Math.imul(rotate(lanes[i] ^ mixed, 13), 5) + 0xe6546b64) | 0;
    }
  };
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  for (let i = 0; i < words.length; i++) mix(words[i]);
  for (let i = 4 * words.length; i < bytes.length; i++) mix(bytes[i]);
  for (let i = 0; i < 8; i++) mix(bytes.length);
  return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

/** The fewest digits that tell a float from the others of its type. */
function shortest(x: number, single: boolean): string {
  if (Object.is(x, -0)) return '-0';
  if (single && !Number.isInteger(x))
    for (let digits = 6; digits < 10; digits++) {
      const near = Number(x.toPrecision(digits));
      if (Math.fround(near) === x) return String(near);
    }
  return String(x);
}

/** A tensor with more elements than this is told by its printed form and a digest. */
const LISTED = 1000;
/** Where a line ends, if a row is longer. */
const LINE = 90;

/** All that comparisons look at, as text. Two tensors have the same text only if they are the same. */
function exactText(tensor: Tensor): string {
  const { shape, dtype, device } = tensor;
  const values = denseCopy(tensor, 'toString');
  const suffix = `dtype=${dtype}${device.type === 'cpu' ? '' : `, device='${device}'`}`;
  if (tensor.numel() > LISTED) {
    const printed = belowAutograd(() => String(tensor.detach())).replace(/(?:,\s+\w+=\S+)*\)$/, '');
    return `${printed},\n       size=${formatTuple(shape)}, ${suffix}, digest=${digest(values)})`;
  }
  const single = values instanceof Float32Array;
  const number = (i: number): string => {
    const value = values[i];
    if (dtype === bool) return value ? 'true' : 'false';
    return typeof value === 'bigint' ? String(value) : shortest(value, single);
  };
  let next = 0;
  const element = (): string => {
    if (!dtype.isComplex) return number(next++);
    const re = number(next++);
    const im = number(next++);
    return `${re}${im.startsWith('-') ? '' : '+'}${im}j`;
  };
  const nest = (dim: number, indent: number): string => {
    if (dim === shape.length) return element();
    const inner = dim + 1 < shape.length;
    const pad = `\n${' '.repeat(indent + 1)}`;
    let text = '[';
    let column = indent + 1;
    for (let i = 0; i < shape[dim]; i++) {
      const item = nest(dim + 1, indent + 1);
      if (i > 0) {
        const wraps = inner || column + item.length + 2 > LINE;
        text += wraps ? `,${pad}` : ', ';
        column = wraps ? indent + 1 : column + 2;
      }
      text += item;
      column += item.length;
    }
    return `${text}]`;
  };
  const sizes = tensor.numel() === 0 && shape.length !== 1 ? `size=${formatTuple(shape)}, ` : '';
  return `tensor(${nest(0, 7)}, ${sizes}${suffix})`;
}

/** Tells apart tensors whose values cannot be read, so that no two are taken for equal. */
const unread = new WeakMap<Tensor, number>();
let unreadCount = 0;

/** The text for those who may be given anything: it throws no error. */
function safeText(tensor: Tensor): string {
  if (!tensor.isDisposed && tensor.isReadable) return exactText(tensor);
  let number = unread.get(tensor);
  if (number === undefined) {
    number = ++unreadCount;
    unread.set(tensor, number);
  }
  return `${(tensor as unknown as { [inspect](): string })[inspect]()} #${number}`;
}

// ---- what JavaScript calls -----------------------------------------------------------------------------------------

const text = Symbol('text');

function toJson(tensor: Tensor): unknown {
  checkAlive(tensor, 'JSON.stringify()');
  const { dtype } = tensor;
  if (dtype.isComplex)
    throw new TypeError(
      'Object of type complex is not JSON serializable. Write torch.viewAsReal(tensor) instead, or use torch.save().',
    );
  const values = denseCopy(tensor, 'tolist');
  for (const value of values) {
    if (typeof value === 'bigint') {
      if (!Number.isSafeInteger(Number(value)))
        throw new RuntimeError(
          `${value} does not fit a JSON number exactly. Write Array.from(tensor.toArray(), String) instead, or use torch.save().`,
        );
    } else if (!Number.isFinite(value))
      throw new ValueError(
        `Out of range float values are not JSON compliant: ${Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'}. Write tensor.nanToNum() instead, or use torch.save().`,
      );
  }
  return tensor.tolist();
}

Object.defineProperties(Tensor.prototype, {
  [Symbol.toPrimitive]: {
    value(this: Tensor, hint: string): string {
      if (hint === 'string') return this.toString();
      checkReadable(this, 'compare');
      throw new TypeError(
        "JavaScript's operators do not compute with tensors: write a.add(b), a.sub(b), a.mul(b), a.div(b), a.gt(b) or a.eq(b); " +
          // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what to write
          'x.item() is the number in a tensor of one element, `${x}` its text',
      );
    },
  },
  // Not Object's own, so that those who compare by it see that there is none.
  valueOf: {
    value(this: Tensor): Tensor {
      return this;
    },
  },
  /**
   * Node's `assert`, Chai and others compare it before they compare own properties, of which a tensor has none that could tell it
   * apart. So it says what the tensor is.
   */
  [Symbol.toStringTag]: {
    get(this: Tensor): string {
      // Also asked of the prototype.
      return Tensor.isOne(this) ? safeText(this) : 'Tensor';
    },
  },
  toJSON: {
    /** @param key where it stands, as JSON says; who prints it asks without, and gets a text */
    value(this: Tensor, ...key: unknown[]): unknown {
      return key.length === 0 ? this[text as never] : toJson(this);
    },
  },
  // Jest prints copies, which are made of these properties.
  [text]: {
    get(this: Tensor): string {
      return safeText(this);
    },
  },
  [Symbol.for('@jest/serializableProperties')]: { value: [text] },
});

// ---- names ---------------------------------------------------------------------------------------------------------

libraryClass(Tensor, {
  index:
    "write x.index(0), x.index(0, ':', [1, 2]) or x.index(mask) to read, x.indexPut_([0], value) to assign",
});

/** Refuses to set properties that can only be read. */
export function sealNames(): void {
  for (const name of Object.getOwnPropertyNames(Tensor.prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(Tensor.prototype, name)!;
    if (descriptor.get === undefined || descriptor.set !== undefined) continue;
    Object.defineProperty(Tensor.prototype, name, {
      ...descriptor,
      set() {
        throw new AttributeError(`attribute '${name}' of 'torch._C.TensorBase' objects is not writable`);
      },
    });
  }
}

// ---- test runners --------------------------------------------------------------------------------------------------

function compareTensors(a: unknown, b: unknown): boolean | undefined {
  if (!(a instanceof Tensor && b instanceof Tensor)) return undefined;
  for (const tensor of [a, b]) {
    checkAlive(tensor, 'toEqual()');
    if (!tensor.isReadable)
      throw new RuntimeError(
        `toEqual() cannot wait for the device ${tensor.device}; compare (await x.to('cpu').ready()), or use await torch.testing.assertCloseAsync()`,
      );
  }
  return same(a, b);
}

/**
 * Jest and Vitest compare what is iterable by iterating, down to elements, which are not. Where one of them runs, it is told how
 * to compare tensors: this is where `expect.addEqualityTesters()` puts what it is given.
 */
const runner = (globalThis as Record<symbol, unknown>)[Symbol.for('$$jest-matchers-object')] as
  | { readonly customEqualityTesters?: unknown[] }
  | undefined;
if (Array.isArray(runner?.customEqualityTesters)) runner.customEqualityTesters.push(compareTensors);

// Bun's compares enumerable properties of objects' own, and nothing else.
if ('Bun' in globalThis)
  giveTensors({
    [text]: {
      enumerable: true,
      get(this: Tensor): string {
        return safeText(this);
      },
    },
  });
