/** Every row of `torch.linalg`. */
import '../index.js';
import './triangular_solve.js';
import './cholesky.js';
import './householder.js';
import './solve.js';
import './matrix_exp.js';
import { LinAlgError } from '../../core/errors.js';
import { functionsOf } from '../../dispatch/registry.js';

declare module '../../generated/signatures.js' {
  interface LinalgFunctions {
    /** The error for matrices that do not allow what was to be computed. */
    readonly LinAlgError: typeof LinAlgError;
  }
}

Object.assign(functionsOf('linalg'), { LinAlgError });
