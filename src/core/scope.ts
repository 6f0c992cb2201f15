/**
 * Scopes: memory that is made inside one and that nothing it leaves behind can reach ends with it.
 *
 * JavaScript does not tell what refers to an object, so a scope asks the other way round. Storages are put on its list when
 * they are made. At its end it walks from what it leaves behind: the result, and every object from outside that was given a
 * tensor in a way that passes through the library (`grad`, `data`, a buffer, an optimizer's state, an in-place change that
 * autograd records). What the walk does not meet is ended; whoever still holds such a tensor finds it disposed. The walk
 * meeting too much is safe: that memory stays with the garbage collector, or with the scope around.
 */
import type { Storage } from '../backends/backend.js';
import { context, type OpenScope, withContext } from './context.js';

/** The method by which objects tell what memory and what other objects they hold. Of any other object the own data properties are read. */
export const reach: unique symbol = Symbol('flambeau.reach');

export interface Reach {
  storage(storage: Storage): void;
  value(value: unknown): void;
}

export interface Reachable {
  [reach](into: Reach): void;
}

/** How many scopes are open: as long as none is, nothing is looked up. */
let open = 0;
/** After so many storages the list is cleared of those that have ended meanwhile. */
const FIRST_SWEEP = 1024;

/** The innermost scope of these that has not ended. */
function active(from: OpenScope | null): OpenScope | null {
  let scope = from;
  while (scope?.hasEnded) scope = scope.parent;
  return scope;
}

/** The scope that memory made now is of. */
const current = (): OpenScope | null => active(context().scope);

class Scope implements OpenScope {
  hasEnded = false;
  private made: Storage[] = [];
  private sweepAt = FIRST_SWEEP;
  /** Objects from outside that may hold what was made inside. */
  private readonly owners = new Set<object>();

  constructor(readonly parent: OpenScope | null) {
    open++;
  }

  add(storage: Storage): void {
    if (this.made.length >= this.sweepAt) {
      this.made = this.made.filter(({ ended }) => ended === null);
      this.sweepAt = Math.max(FIRST_SWEEP, 2 * this.made.length);
    }
    storage.scope = this;
    this.made.push(storage);
  }

  keep(owner: object, home: object | null): void {
    if (this === home) return;
    this.owners.add(owner);
    this.parent?.keep(owner, home);
  }

  /** @param left what the scope leaves behind: its result or its error */
  end(left: unknown): void {
    open--;
    this.hasEnded = true;
    const alive = this.made.filter(({ ended }) => ended === null);
    const parent = active(this.parent);
    // Should the walk fail (a proxy of the user's can throw), nothing ends.
    let reached = new Set(alive);
    try {
      reached = this.walk(left, alive.length);
    } finally {
      for (const storage of alive) {
        storage.scope = null;
        if (!reached.has(storage)) storage.backend.release(storage, 'scope');
        else parent?.add(storage);
      }
      this.made = [];
      this.owners.clear();
    }
  }

  /** The scope's storages that can be reached. Iterative, because graphs can be deep. */
  private walk(left: unknown, count: number): Set<Storage> {
    const reached = new Set<Storage>();
    if (count === 0) return reached;
    const seen = new Set<object>();
    const stack: object[] = [];
    const into: Reach = {
      storage: (storage) => {
        if (storage.scope === this) reached.add(storage);
      },
      value: (value) => {
        if (typeof value !== 'object' || value === null || seen.has(value)) return;
        seen.add(value);
        stack.push(value);
      },
    };
    into.value(left);
    for (const owner of this.owners) into.value(owner);
    for (let object = stack.pop(); object !== undefined && reached.size < count; object = stack.pop())
      visit(object, into);
    return reached;
  }
}

function visit(object: object, into: Reach): void {
  if (reach in object) (object as Reachable)[reach](into);
  else if (object instanceof Map)
    for (const [key, value] of object) {
      into.value(key);
      into.value(value);
    }
  else if (Array.isArray(object) || object instanceof Set) for (const item of object) into.value(item);
  else if (!ArrayBuffer.isView(object)) visitProperties(object, into);
}

/** Own data properties, whatever they are called; getters are code of somebody's. */
function visitProperties(object: object, into: Reach): void {
  for (const key of Reflect.ownKeys(object))
    into.value(Reflect.getOwnPropertyDescriptor(object, key)?.value as unknown);
}

/** Puts a new storage on the books of the scope it is made in. */
export function track<S extends Storage>(storage: S): S {
  if (open > 0) current()?.add(storage);
  return storage;
}

/**
 * Notes that an object has been given something to hold: if it is older than the scope, what it holds stays.
 * `home` is the storage that tells a tensor's age; without one the object counts as older than every scope.
 */
export function keep(owner: object, home: Storage | null = null): void {
  if (open > 0) current()?.keep(owner, home === null ? null : home.scope);
}

/** `torch.scope` for a function. */
export function runScope<R>(fn: () => R): R {
  const inner = new Scope(current());
  let result: R;
  try {
    result = withContext({ scope: inner }, fn);
  } catch (error) {
    inner.end(error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    inner.end(result);
    return result;
  }
  return result.then(
    (value: unknown) => {
      inner.end(value);
      return value;
    },
    (error: unknown) => {
      inner.end(error);
      throw error;
    },
  ) as R;
}
