import { signed } from '../../core/signature/signed.js';

/** What code in a worker can ask about it. */
export interface WorkerInfo {
  /** Which worker this is, from 0. */
  readonly id: number;
  readonly numWorkers: number;
  /** What the worker's random numbers were seeded with: the loader's seed of this iteration + id. */
  readonly seed: bigint;
  /** The worker's own copy of the data set. */
  readonly dataset: unknown;
}

let info: WorkerInfo | null = null;

/** The worker this code runs in, or null outside of a loader's workers. */
export const getWorkerInfo = signed('get_worker_info()', (): WorkerInfo | null => info);

/** @internal */
export function setWorkerInfo(value: WorkerInfo): void {
  info = value;
}
