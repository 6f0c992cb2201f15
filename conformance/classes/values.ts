/** Values of a record: those of an op's case, and modules and packed sequences. */
import { compareTensor, compareValue, itemsOf } from '../compare.js';
import type { Descriptor, Json, Store } from '../corpus.js';
import { Inputs } from '../inputs.js';
import { camelCase, lookUp, type torch } from '../library.js';
import type { Given } from './corpus.js';

type Class = new (...args: readonly unknown[]) => unknown;

interface Tolerant {
  readonly tensors: Descriptor[];
  readonly tol?: readonly [rtol: number, atol: number];
}

export class Values extends Inputs {
  constructor(
    private readonly of: Tolerant,
    store: Store,
    device = 'cpu',
  ) {
    super(of, store, device);
  }

  override decode(x: Json): unknown {
    const made = entry(x, 'module');
    if (made !== null) {
      const { module, args, kwargs } = x as unknown as Given & { module: string };
      return new (lookUp(['nn', module]) as Class)(...this.arguments({ args, kwargs }));
    }
    const packed = entry(x, 'packed') as Record<string, Json> | null;
    if (packed === null) return super.decode(x);
    const { data, batch_sizes, sorted_indices, unsorted_indices } = packed;
    // The numbers of sequences are the CPU's wherever the data are.
    const sizes = new Values(this.of, this.store).decode(batch_sizes);
    const [values, sorted, unsorted] = [data, sorted_indices, unsorted_indices].map((x) => this.decode(x));
    return new (lookUp(['nn', 'utils', 'rnn', 'PackedSequence']) as Class)(values, sizes, sorted, unsorted);
  }

  /** The arguments of a call, those by name in one object at the end. */
  arguments({ args, kwargs }: Given): unknown[] {
    const values = args.map((arg) => this.decode(arg));
    return Object.keys(kwargs).length > 0 ? [...values, this.options(kwargs)] : values;
  }

  /** Says what differs between a tensor and the recorded one at that position. */
  compare(actual: unknown, position: number, what: string): Promise<string | null> {
    const { tensors, tol = [0, 0] } = this.of;
    return compareTensor(actual, this.tensor(position), tensors[position], tol, what);
  }

  /** The same of a tree of values. */
  async compareTree(actual: unknown, expected: Json, what: string): Promise<string | null> {
    const items = itemsOf(expected);
    if (items !== null) {
      if (!Array.isArray(actual) || actual.length !== items.length)
        return `${what} is ${Array.isArray(actual) ? `a list of ${actual.length}` : String(actual)} instead of a list of ${items.length}`;
      for (const [i, item] of items.entries()) {
        const problem = await this.compareTree(actual[i], item, `${what}[${i}]`);
        if (problem !== null) return problem;
      }
      return null;
    }
    const packed = entry(expected, 'packed') as Record<string, Json> | null;
    if (packed !== null) {
      for (const [name, part] of Object.entries(packed)) {
        const found = Reflect.get(actual as object, camelCase(name)) as unknown;
        const problem = await this.compareTree(found, part, `${what}.${name}`);
        if (problem !== null) return problem;
      }
      return null;
    }
    const position = entry(expected, 't');
    if (typeof position === 'number') return this.compare(actual, position, what);
    const problem = compareValue(actual, this.decode(expected), this.of.tol ?? [0, 0]);
    return problem === null ? null : problem.replace('the result', what);
  }
}

/** Reads an encoded value's entry of this name; null if it is of another kind. */
export function entry(x: Json, name: string): Json {
  return x !== null && typeof x === 'object' && !Array.isArray(x) ? (x[name] ?? null) : null;
}

/** The tensors of a result by the positions of those that were recorded. */
export function tensorsByPosition(result: unknown, tree: Json): Map<number, torch.Tensor> {
  const found = new Map<number, torch.Tensor>();
  const walk = (value: unknown, of: Json): void => {
    const packed = entry(of, 'packed');
    const position = entry(packed === null ? of : entry(packed, 'data'), 't');
    if (packed !== null) value = (value as { readonly data: unknown }).data;
    if (typeof position === 'number') found.set(position, value as torch.Tensor);
    for (const [i, item] of (itemsOf(of) ?? []).entries()) walk((value as unknown[])[i], item);
  };
  walk(result, tree);
  return found;
}

/** The first thing that differs among several, asked one after the other. */
export async function firstProblem<T>(
  items: Iterable<T>,
  check: (item: T, i: number) => Promise<string | null> | string | null,
): Promise<string | null> {
  let i = 0;
  for (const item of items) {
    const problem = await check(item, i++);
    if (problem !== null) return problem;
  }
  return null;
}

/** Says how a text differs from the expected one, where it first does. */
export function compareText(actual: string, expected: string, what: string): string | null {
  return actual === expected
    ? null
    : `${what} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;
}
