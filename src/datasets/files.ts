import { NotImplementedError } from '../core/errors.js';

/** Node's modules, synchronously: bundles for browsers must not contain an import of them. */
export function builtin<T>(name: string, reader: string): T {
  const module = globalThis.process?.getBuiltinModule?.(name);
  if (module === undefined) throw new NotImplementedError(`${reader} reads files, which needs Node`);
  return module as T;
}

/** Memory that workers can see without copying, where the platform has it. */
export function sharedBytes(size: number): Uint8Array {
  return typeof SharedArrayBuffer === 'undefined'
    ? new Uint8Array(size)
    : new Uint8Array(new SharedArrayBuffer(size));
}
