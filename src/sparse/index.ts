/** `torch.sparse`: functions of sparse tensors. */
import type { DType } from '../core/dtype.js';
import { NotImplementedError, RuntimeError } from '../core/errors.js';
import { signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import './sparse_methods.js';
import './rules.js';
import { invariants } from './invariants.js';
import { coalesced } from './places.js';
import { addedProduct, product } from './sparse_products.js';
import { softmaxOf } from './sparse_softmax.js';
import { SparseCooTensor, SparseTensor } from './sparse_tensor.js';
import { summed } from './sums.js';

export { spdiags } from './spdiags.js';

/** @throws RuntimeError in PyTorch's words unless it has coordinates */
function withCoordinates(x: Tensor): SparseCooTensor {
  if (x instanceof SparseCooTensor) return x;
  throw new RuntimeError(
    `coalesce expected sparse coordinate tensor layout but got ${x instanceof SparseTensor ? 'SparseCsr' : 'Strided'}`,
  );
}

/** The product of two matrices, of which the first is sparse; sparse if both are. */
export const mm = signed(
  'mm(Tensor sparse, Tensor dense)',
  ({ sparse, dense }): Tensor =>
    sparse instanceof SparseTensor || dense instanceof SparseTensor
      ? product(sparse, dense)
      : sparse.mm(dense),
);

/** beta · mat + alpha · (mat1 @ mat2), of which `mat1` is sparse. */
export const addmm = signed(
  'addmm(Tensor mat, Tensor mat1, Tensor mat2, *, float beta=1, float alpha=1)',
  ({ mat, mat1, mat2, beta, alpha }): Tensor => addedProduct(mat, mat1, mat2, beta, alpha),
);

/** The sum of all elements, or over some dimensions: sparse where coordinates remain. */
export const sum = signed(
  'sum(Tensor input, int[1]? dim=None, ScalarType? dtype=None)',
  ({ input, dim, dtype }): Tensor => {
    const x = withCoordinates(dtype === null ? input : input.to(dtype));
    return dim === null ? coalesced(x).elements.sum() : summed(x, dim);
  },
);

function softmaxLike(name: string, input: Tensor, dim: number, dtype: DType | null): Tensor {
  if (!(input instanceof SparseCooTensor))
    throw new NotImplementedError(
      `Could not run 'aten::_sparse_${name}' with arguments from the '${input instanceof SparseTensor ? input.backendName : 'CPU'}' backend.`,
    );
  const x = dtype === null ? input : (input.to(dtype) as SparseCooTensor);
  return softmaxOf(x, dim, name !== 'softmax');
}

/** Softmax over a dimension; elements that are not there are taken for -infinity, and are not there in the result. */
export const softmax = signed(
  'softmax(Tensor input, int dim, *, ScalarType? dtype=None)',
  ({ input, dim, dtype }): Tensor => softmaxLike('softmax', input, dim, dtype),
);

/** The logarithm of `softmax`. */
export const logSoftmax = signed(
  'log_softmax(Tensor input, int dim, *, ScalarType? dtype=None)',
  ({ input, dim, dtype }): Tensor => softmaxLike('log_softmax', input, dim, dtype),
);

const checking = signature('check_sparse_tensor_invariants(Callable fn, bool enable=True)');

/**
 * Runs `fn` with the parts of new sparse tensors checked, or not; `enable`, `disable` and `isEnabled` do so for good.
 *
 * @example
 * torch.sparse.checkSparseTensorInvariants.enable();
 */
export const checkSparseTensorInvariants = Object.assign(
  <R>(
    ...args:
      | [fn: () => R, enable?: boolean | { enable?: boolean }]
      | [options: { fn: () => R; enable?: boolean }]
  ): R => {
    const { fn, enable } = checking.bind(args);
    const before = invariants.enabled;
    invariants.enabled = enable;
    try {
      return fn() as R;
    } finally {
      invariants.enabled = before;
    }
  },
  {
    enable(): void {
      invariants.enabled = true;
    },
    disable(): void {
      invariants.enabled = false;
    },
    isEnabled(): boolean {
      return invariants.enabled;
    },
  },
);
