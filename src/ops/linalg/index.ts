/** Every row of `torch.linalg`. */
import '../index.js';
import './triangular_solve.js';
import './cholesky.js';
import './householder.js';
import './multi_dot.js';
import './lu.js';
import './lu_solve.js';
import './solve.js';
import './inverse.js';
import './matrix_power.js';
import './determinant.js';
import './ldl.js';
import './reflections.js';
import './tensor_systems.js';
import './matrix_exp.js';
import './eigh.js';
import './eig.js';
import './svd.js';
import './pinv.js';
import './cond.js';
import './low_rank.js';
import './lobpcg.js';
import './lstsq.js';
import { LinAlgError } from '../../core/errors.js';
import { functionsOf } from '../../dispatch/registry.js';

declare module '../../generated/signatures.js' {
  interface LinalgFunctions {
    /** The error for matrices that do not allow what was to be computed. */
    readonly LinAlgError: typeof LinAlgError;
  }
}

Object.assign(functionsOf('linalg'), { LinAlgError });
