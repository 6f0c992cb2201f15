/** Nested states as a flat list, by the names that PyTorch gives their parts: `model.layers.0.weight`. */
import { ValueError } from '../../core/errors.js';
import { isPlainObject } from '../../core/plain.js';
import { Tensor } from '../../core/tensor.js';
import { isSharded } from './sharded_value.js';

/** A part of a state: a tensor, or a value without tensors. */
export interface StateEntry {
  readonly key: string;
  /** Where it is: numbers are places in lists. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** Puts another value in its place. */
  put(value: unknown): void;
}

type Container = readonly unknown[] | ReadonlyMap<unknown, unknown> | Record<string, unknown>;

const isDict = (value: unknown): value is ReadonlyMap<unknown, unknown> | Record<string, unknown> =>
  value instanceof Map || isPlainObject(value);

/** Whether a value is one part: a list is, unless tensors or dicts are in it. */
function isTerminal(value: unknown): boolean {
  if (isDict(value)) return false;
  // A frozen array is Python's tuple, which is one part.
  if (!Array.isArray(value) || Object.isFrozen(value)) return true;
  return value.every(
    (item) =>
      !(item instanceof Tensor) &&
      !isSharded(item) &&
      (!(isDict(item) || Array.isArray(item)) || isTerminal(item)),
  );
}

function* itemsOf(container: Container): Generator<[string | number, unknown, (value: unknown) => void]> {
  if (Array.isArray(container))
    for (const [i, value] of container.entries())
      yield [i, value, (other) => Reflect.set(container, i, other)];
  else if (container instanceof Map)
    for (const [key, value] of container)
      yield [String(key), value, (other) => (container as Map<unknown, unknown>).set(key, other)];
  else
    for (const [key, value] of Object.entries(container))
      yield [key, value, (other) => Reflect.set(container, key, other)];
}

/** The parts of a state; only its own values where it shall not be flat. @throws ValueError if two have one name */
export function entriesOf(
  state: ReadonlyMap<unknown, unknown> | Record<string, unknown>,
  isFlat: boolean,
): StateEntry[] {
  const entries = new Map<string, StateEntry>();
  const visit = (container: Container, path: readonly (string | number)[]): void => {
    for (const [name, value, put] of itemsOf(container)) {
      const own = [...path, name];
      if (isFlat && !isTerminal(value)) {
        visit(value as Container, own);
        continue;
      }
      const key = own.join('.');
      if (entries.has(key)) throw new ValueError(`duplicated flatten key ${key}`);
      entries.set(key, { key, path: own, value, put });
    }
  };
  visit(state, []);
  return [...entries.values()];
}
