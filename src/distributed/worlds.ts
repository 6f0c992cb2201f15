/** The backends that there are, by their names, and which one a program shall have that names none. */
import { AssertionError, RuntimeError } from '../core/errors.js';
import type { StartWorld } from './communicator.js';
import { startSingle } from './single_process.js';

const starts = new Map<string, StartWorld>([
  ['single', startSingle],
  // Loaded by those that use it.
  ['mpi', async (timeout) => (await import('./mpi_world.js')).startMpi(timeout)],
]);

/** Makes a backend known. */
export function addBackend(name: string, start: StartWorld): void {
  starts.set(name, start);
}

/** How a backend begins. @throws AssertionError if there is none of that name */
export function backendNamed(name: string): StartWorld {
  const start = starts.get(name);
  if (start !== undefined) return start;
  if (['nccl', 'gloo', 'ucc', 'xccl'].includes(name))
    throw new RuntimeError(
      `Distributed package doesn't have ${name.toUpperCase()} built in: the backends are ${[...starts.keys()].join(', ')}`,
    );
  throw new AssertionError(`Unknown backend type ${name}: the backends are ${[...starts.keys()].join(', ')}`);
}

export const hasBackend = (name: string): boolean => starts.has(name);
