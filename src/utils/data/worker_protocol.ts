/** Messages between a loader and its workers. */
import type { CompiledEngine } from '../../backends/cpu/load_engine.js';

/** Given to a worker when it starts; `dataset` and `init` are packed. */
export interface WorkerStart {
  readonly id: number;
  readonly numWorkers: number;
  readonly seed: bigint;
  readonly dataset: unknown;
  readonly init: unknown;
  readonly isBatched: boolean;
  readonly dropLast: boolean;
  /** Whether the worker puts batches together; a collate function of the user's own cannot travel. */
  readonly collates: boolean;
  /** The loader's engine, where that is WebAssembly: to compile it anew would take longer than all else. */
  readonly engine: CompiledEngine | null;
}

/** A batch that was asked for. Passes over the data are numbered: what belongs to one that was left is of no use. */
export interface Task {
  readonly pass: number;
  readonly number: number;
}

export type ToWorker =
  | { readonly kind: 'fetch'; readonly task: Task; readonly indices: readonly number[] | number }
  /** A new iteration: streams begin again. */
  | { readonly kind: 'restart' };

export type FromWorker =
  | { readonly kind: 'result'; readonly task: Task; readonly value: unknown }
  | { readonly kind: 'end'; readonly task: Task }
  | { readonly kind: 'error'; readonly task: Task; readonly error: ErrorMessage };

/** An error's class does not survive structured cloning. */
export interface ErrorMessage {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}
