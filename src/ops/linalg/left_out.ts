/** Methods of the rows that only pages with `torch.linalg` load. */
import { comesWith } from '../../dispatch/registry.js';

comesWith('linalg', [
  'cholesky',
  'choleskyInverse',
  'choleskySolve',
  'det',
  'geqrf',
  'inverse',
  'logdet',
  'lu',
  'luSolve',
  'matrixExp',
  'matrixPower',
  'orgqr',
  'ormqr',
  'pinverse',
  'qr',
  'slogdet',
  'triangularSolve',
  'svd',
]);
