/**
 * Settings that follow the flow of control: gradient mode, the scope of new memory, and what later modes add. In Node they follow the async
 * context (the Node entry installs AsyncLocalStorage through `useAsyncContext`). Elsewhere a region that awaits holds
 * its settings until it settles, and one that outlives the region around it is an error: it would have seen the
 * wrong settings.
 */
import type { Storage } from '../backends/backend.js';
import { RuntimeError, TypeError } from './errors.js';
import { typeName } from './repr.js';

/** A mode that calls of ops pass, as the core knows it; `dispatch/mode.ts` adds the rest. */
export interface Mode {
  /** Gives what it knows of a tensor, for scopes. */
  known?(tensor: object): unknown;
  /** Whether it is there because a function is transformed, as `vmap` does. */
  readonly isTransform?: true;
  /** Whether it computes tangents. */
  readonly hasTangents?: true;
  /** Learns that a tensor's values are read. */
  read?(tensor: object): void;
}

/** A mode that was entered, and those that it was entered in. */
export interface ModeStack {
  readonly mode: Mode;
  readonly below: ModeStack | null;
}

/** A `torch.scope` that was entered. */
export interface OpenScope {
  readonly parent: OpenScope | null;
  readonly hasEnded: boolean;
  /** Puts memory on its books. */
  add(storage: Storage): void;
  /** Notes an object that may hold what was made inside, for each scope up to the one that the object is from. */
  keep(owner: object, home: object | null): void;
}

/** A way of keeping tensors for the backward pass that is not as they are; `dispatch/saved_tensor.ts` adds the rest. */
export interface Saving {
  /** The error where hooks are given all the same: none are let in. */
  readonly refusal: string | null;
}

export interface Context {
  /** Whether ops record the graph. */
  readonly grad: boolean;
  /** Whether new tensors are inference tensors. */
  readonly inference: boolean;
  /** Whether levels of forward-mode differentiation compute tangents. */
  readonly tangents: boolean;
  /** The modes that calls of ops pass. */
  readonly modes: ModeStack | null;
  /** How tensors are kept for the backward pass, where not as they are. */
  readonly saving: Saving | null;
  /** The scope that keeps the books of new memory. */
  readonly scope: OpenScope | null;
}

/** The part of Node's AsyncLocalStorage that is used here. */
interface AsyncStore {
  getStore(): Context | undefined;
  run<R>(store: Context, fn: () => R): R;
}

let base: Context = { grad: true, inference: false, tangents: true, modes: null, saving: null, scope: null };
let store: AsyncStore | null = null;
/** Until a region is entered the store need not be asked. */
let entered = false;
/** The settings of the region whose synchronous part runs now: only what has awaited must ask the store. */
let running: Context | null = null;

export function useAsyncContext(asyncStore: AsyncStore): void {
  store = asyncStore;
}

export function context(): Context {
  if (running !== null) return running;
  return entered && store !== null ? (store.getStore() ?? base) : base;
}

/** The settings outside every region. */
export function baseContext(): Context {
  return base;
}

/** Changes the settings outside every region, for good. */
export function setBaseContext(change: Partial<Context>): void {
  base = { ...base, ...change };
}

/** Changes the modes outside every region for good, and those of the regions that are entered. */
export function changeModes(change: (modes: ModeStack | null) => ModeStack | null): void {
  const contexts = new Set([base, context()]);
  for (let region = innermost; region !== null; region = region.around) contexts.add(region.outer);
  for (const settings of contexts) (settings as { modes: ModeStack | null }).modes = change(settings.modes);
}

/** A call of `withContext` that has not ended, where no async store keeps them apart. */
interface Region {
  /** The settings and the region that it was entered in. */
  readonly outer: Context;
  readonly around: Region | null;
  ended: boolean;
  /** Whether another one began inside and outlived it, or it did so itself: both saw settings that were not theirs. */
  overlapped: boolean;
}

let innermost: Region | null = null;

/** @throws TypeError unless there is a function to run, with the words on how to write it */
export function checkFunction(fn: unknown, name: string): void {
  if (typeof fn !== 'function')
    throw new TypeError(
      `${name}(): argument 'fn' must be callable, not ${typeName(fn)}; write ${name}(() => { … }) around what is to run under it`,
    );
}

/** Runs `fn` under changed settings; if it returns a promise, they hold until that settles. */
export function withContext<R>(change: Partial<Context>, fn: () => R): R {
  const inner: Context = { ...context(), ...change };
  return runningUnder(inner, () => carried(inner, fn));
}

/** `withContext` for what never waits, which costs next to nothing. */
export function withContextSync<R>(change: Partial<Context>, fn: () => R): R {
  return runningUnder({ ...context(), ...change }, fn);
}

function runningUnder<R>(settings: Context, fn: () => R): R {
  const outer = running;
  running = settings;
  try {
    return fn();
  } finally {
    running = outer;
  }
}

/** Lets the settings follow `fn` to where it goes on after an await. */
function carried<R>(inner: Context, fn: () => R): R {
  if (store !== null) {
    entered = true;
    return store.run(inner, fn);
  }
  const region: Region = { outer: base, around: innermost, ended: false, overlapped: false };
  innermost = region;
  base = inner;
  let result: R;
  try {
    result = fn();
  } catch (error) {
    end(region);
    throw error;
  }
  if (!(result instanceof Promise)) {
    leave(region);
    return result;
  }
  return result.then(
    (value: unknown) => {
      leave(region);
      return value;
    },
    (error: unknown) => {
      end(region);
      throw error;
    },
  ) as R;
}

function end(region: Region): void {
  region.ended = true;
  for (let inside = innermost; inside !== null && inside !== region; inside = inside.around)
    if (!inside.ended) {
      inside.overlapped = true;
      region.overlapped = true;
    }
  while (innermost?.ended) {
    base = innermost.outer;
    innermost = innermost.around;
  }
}

function leave(region: Region): void {
  end(region);
  if (region.overlapped)
    throw new RuntimeError(
      'async regions (noGrad, enableGrad, inferenceMode, scope) overlapped, which this platform cannot keep apart: ' +
        'await one before entering the next, or set the mode inside each synchronous part',
    );
}
