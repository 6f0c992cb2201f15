/** The kernels of this device. */
import type { CommonKernelName, KernelArguments } from '../../kernels.js';
import type { GpuBackend } from '../launch.js';
import { index_add, scatter } from './accumulate.js';
import * as creation from './creation.js';
import * as indexing from './indexing.js';
import * as order from './order.js';
import * as pooling from './pooling.js';
import * as products from './products.js';
import * as random from './random.js';
import * as rows from './rows.js';
import * as scans from './scans.js';

/** By their rows' names. */
type Launches = {
  readonly [K in CommonKernelName]: (backend: GpuBackend, args: KernelArguments<K>) => void;
};

export const launches: Launches = {
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
