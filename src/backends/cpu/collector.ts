/** V8's garbage collector, asked to collect. */

/** Collects young objects alone, which takes a tenth of a millisecond where few are alive, or all. */
export type Collector = (type: 'minor' | 'major') => void;

/** V8's function `gc`. */
type Gc = (options: { type: 'minor' | 'major'; execution: 'sync' }) => void;

/** The collector of this thread; null where the host has none that can be asked. */
export function findCollector(): Collector | null {
  const gc = given() ?? exposed();
  if (gc === null) return null;
  const collect: Collector = (type) => gc({ type, execution: 'sync' });
  return isParallel() ? (type) => (type === 'minor' ? alone(() => collect(type)) : collect(type)) : collect;
}

/** Runs a collection of young objects by this thread alone: where few are alive, waking others and waiting for them takes longer than the work. */
function alone(collect: () => void): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--no-parallel-scavenge');
  try {
    collect();
  } finally {
    setFlagsFromString('--parallel-scavenge');
  }
}

/** Whether several threads collect young objects: always, unless the process was started otherwise. */
function isParallel(): boolean {
  if (!isNode()) return false;
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''];
  return !given.some((options) => /parallel.scavenge|single.threaded/.test(options));
}

/** The function of a process that was started with `--expose-gc`. Bun has one of that name which takes nothing of the kind. */
function given(): Gc | null {
  const { gc } = globalThis as { gc?: unknown };
  return typeof gc === 'function' && isNode() ? (gc as Gc) : null;
}

/** The function from a context made while V8 exposes it, which it does no longer afterwards. */
function exposed(): Gc | null {
  if (!isNode()) return null;
  try {
    const { setFlagsFromString } = process.getBuiltinModule('node:v8');
    setFlagsFromString('--expose-gc');
    try {
      const gc: unknown = process.getBuiltinModule('node:vm').runInNewContext('gc');
      return typeof gc === 'function' ? (gc as Gc) : null;
    } finally {
      setFlagsFromString('--no-expose-gc');
    }
  } catch {
    return null;
  }
}

/** Whether this is Node: its flags are V8's, and its collector minds memory outside of the heap, which Deno's does not. */
export function isNode(): boolean {
  const { versions } = globalThis.process ?? {};
  return versions?.v8 !== undefined && !('bun' in versions) && !('deno' in versions);
}
