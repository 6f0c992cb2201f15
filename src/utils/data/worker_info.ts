import { signed } from '../../core/signature/signed.js';

/** Facts of a worker that code in it can ask for. */
export interface WorkerInfo {
  /** Which worker this is, from 0. */
  readonly id: number;
  readonly numWorkers: number;
  /** The seed of the worker's random numbers: the loader's seed of this iteration + id. */
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
