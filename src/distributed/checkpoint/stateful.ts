/** States as they are given: dicts, and in their places objects that have states of their own. */
import { TypeError } from '../../core/errors.js';
import { isPlainObject } from '../../core/plain.js';

/** An object with a state: a module, an optimizer, a scheduler, or one of yours. */
export interface Stateful {
  stateDict(): object;
  loadStateDict(stateDict: never): unknown;
}

/** A state: names with tensors, values, more states and objects that have states. */
export type StateDict = Record<string, unknown> | Map<unknown, unknown>;

const isStateful = (value: unknown): value is Stateful =>
  typeof (value as Stateful | null)?.stateDict === 'function' &&
  typeof (value as Stateful | null)?.loadStateDict === 'function';

export function checkState(state: unknown): StateDict {
  if (state instanceof Map || isPlainObject(state)) return state as StateDict;
  const remedy = isStateful(state) ? ': write { model }, or its stateDict()' : '';
  throw new TypeError(`a state is an object or a Map of names with values${remedy}`);
}

/** The state with those of objects in their places, and what gives the objects theirs back. */
export function unfold(state: StateDict): {
  readonly plain: Map<unknown, unknown>;
  readonly finish: () => void;
} {
  const plain = new Map<unknown, unknown>();
  const entries = state instanceof Map ? state : new Map<unknown, unknown>(Object.entries(state));
  for (const [key, value] of entries) plain.set(key, isStateful(value) ? value.stateDict() : value);
  const put = (key: unknown, value: unknown): void => {
    if (state instanceof Map) state.set(key, value);
    else state[key as string] = value;
  };
  const finish = (): void => {
    for (const [key, value] of entries)
      if (isStateful(value)) value.loadStateDict(plain.get(key) as never);
      else put(key, plain.get(key));
  };
  return { plain, finish };
}
