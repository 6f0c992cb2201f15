/** The kernels of this device. */
import type { Kernels } from '../../kernels.js';
import type { WebGpuBackend } from '../backend.js';
import { index_add, scatter } from './accumulate.js';
import * as creation from './creation.js';
import * as indexing from './indexing.js';
import * as order from './order.js';
import * as pooling from './pooling.js';
import * as products from './products.js';
import * as random from './random.js';
import * as rows from './rows.js';
import * as scans from './scans.js';

type Bound<F> = F extends (...args: infer A) => void ? (backend: WebGpuBackend, ...args: A) => void : never;

/** A kernel of the table, given the device to run on. What an unknown number of draws makes is made on the CPU. */
export type KernelTable = {
  readonly [name in Exclude<keyof Kernels, 'random_poisson'>]: Bound<Kernels[name]>;
};

export const kernelTable: KernelTable = {
  ...products,
  ...pooling,
  ...rows,
  ...indexing,
  index_add,
  scatter,
  ...order,
  ...scans,
  ...creation,
  ...random,
};
