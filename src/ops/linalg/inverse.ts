/** Inverses of matrices. */
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { checkInfo, checkPrecision, checkSquare, zeroPivot } from './factorization.js';
import { solveSystems } from './systems.js';

const schema = '_inv_ex(Tensor A, str? check) -> (Tensor inverse, Tensor info)';

/** Inverses, and what `linalg.inv_ex` says of them; `check` names who refuses singular matrices. */
export const inverted: OpFunction<typeof schema> = op(schema, {
  doc: 'The inverses of matrices, and what `linalg.inv_ex` says of them; `check` names who refuses singular ones.',
  function: false,
  method: false,
  batch: 'leading',
  gradName: 'LinalgInvExBackward0',
  forward(A, check): readonly [Tensor, Tensor] {
    checkSquare('linalg.inv', A);
    checkPrecision('linalg.inv', A);
    const [inverse, info] = solveSystems(A, null, true);
    if (check !== null) checkInfo(check, info, zeroPivot);
    return [inverse, info];
  },
  save: ['inverse'],
  vjp: ([grad], { inverse }) => {
    if (grad === null) return {};
    const dual = inverse.mT;
    return { A: dual.matmul(grad).matmul(dual).neg() };
  },
  jvp: ({ A }, { inverse, info }) =>
    A === null ? [null, null] : [inverse.matmul(A).matmul(inverse).neg(), info.zerosLike()],
});

op('inv_ex(Tensor A, *, bool check_errors=False) -> (Tensor inverse, Tensor info)', {
  doc: 'As `inv`, without an error for singular matrices: `info` is 0, or the number of the first zero on the diagonal of U.',
  module: 'linalg',
  composite: (a, checkErrors) => inverted(a, checkErrors ? 'linalg.inv_ex' : null),
});

export const inv = op('inv(Tensor A) -> Tensor', {
  doc: 'The inverse of square matrices.',
  module: 'linalg',
  composite: (a) => inverted(a, 'linalg.inv')[0],
});

op('inverse(Tensor self) -> Tensor', {
  doc: 'The inverse of square matrices, as `linalg.inv`.',
  composite: (self) => inverted(self, 'linalg.inv')[0],
});
