/** The kernels of this device. */
import type { CommonKernelName, KernelArguments } from '../../kernels.js';
import type { GpuBackend } from '../launch.js';
import { index_add, scatter } from './accumulate.js';
import { ctc_loss, ctc_loss_backward } from './ctc_alignments.js';
import * as indexing from './element_moves.js';
import * as bags from './embedding_bags.js';
import { cholesky, householder_qr, lu } from './factorizations.js';
import { fft } from './fourier.js';
import { dirichlet_grad, incomplete_gamma, standard_gamma_grad } from './gamma_functions.js';
import * as creation from './host_computed.js';
import * as matrixColumns from './matrix_columns.js';
import * as products from './matrix_products.js';
import * as order from './order.js';
import * as random from './philox.js';
import * as pooling from './pools.js';
import { recurrence_backward } from './recurrent_backward.js';
import { recurrence } from './recurrent_forward.js';
import * as rows from './rows.js';
import * as scans from './running_sums.js';
import { svd, symmetric_eigen } from './spectra.js';

/** By their rows' names. */
type Launches = {
  readonly [K in CommonKernelName]: (backend: GpuBackend, args: KernelArguments<K>) => void;
};

export const launches: Launches = {
  ...products,
  ...pooling,
  ...rows,
  ...indexing,
  ...bags,
  ...matrixColumns,
  cholesky,
  lu,
  householder_qr,
  symmetric_eigen,
  svd,
  fft,
  incomplete_gamma,
  standard_gamma_grad,
  dirichlet_grad,
  ctc_loss,
  ctc_loss_backward,
  recurrence,
  recurrence_backward,
  index_add,
  scatter,
  ...order,
  ...scans,
  ...creation,
  ...random,
};
