/** Decompositions of matrices of low rank from products with random ones (Halko, Martinsson & Tropp, 2009). */
import { Category, float32 } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { op, ops } from '../../dispatch/registry.js';
import { adjoint } from './factorization.js';
import { qr } from './householder.js';
import { svd } from './svd.js';

/** Orthonormal columns whose span is nearly that of the matrix's. */
function basisOf(a: Tensor, q: number, iterations: number, mean: Tensor | null): Tensor {
  const dtype = a.dtype.category < Category.float ? float32 : a.dtype;
  const orthonormal = (t: Tensor): Tensor => qr(t, 'reduced')[0];
  const times = (x: Tensor): Tensor => (mean === null ? a.matmul(x) : a.matmul(x).sub(mean.matmul(x)));
  const timesAdjoint = (x: Tensor): Tensor => {
    const product = adjoint(a).matmul(x);
    return mean === null ? product : product.sub(adjoint(mean).matmul(x));
  };
  let basis = orthonormal(times(ops.randn([a.shape[a.ndim - 1], q], { dtype, device: a.device })));
  for (let i = 0; i < iterations; i++) {
    basis = orthonormal(timesAdjoint(basis));
    basis = orthonormal(times(basis));
  }
  return basis;
}

function decompose(
  matrix: Tensor,
  q: number,
  iterations: number,
  meanOf: Tensor | null,
): readonly [Tensor, Tensor, Tensor] {
  const [rows, columns] = matrix.shape.slice(-2);
  const isWide = rows < columns;
  const whole = meanOf?.broadcastTo(matrix.shape) ?? null;
  const a = isWide ? adjoint(matrix) : matrix;
  const mean = whole !== null && isWide ? adjoint(whole) : whole;
  const basis = basisOf(a, q, iterations, mean);
  const dual = adjoint(basis);
  const small = mean === null ? dual.matmul(a) : dual.matmul(a).sub(dual.matmul(mean));
  const [inner, s, vh] = svd(small, false);
  const [u, v] = [basis.matmul(inner), adjoint(vh)];
  return isWide ? [v, s, u] : [u, s, v];
}

op('svd_lowrank(Tensor A, int? q=6, int? niter=2, Tensor? M=None) -> (Tensor U, Tensor S, Tensor V)', {
  doc: 'The nearly best approximation U diag(S) Vᴴ of A (less `M`, if given) with `q` singular values, by a randomized algorithm with `niter` iterations.',
  method: false,
  composite: (a, q, iterations, m) => decompose(a, q ?? 6, iterations ?? 2, m),
});

op('pca_lowrank(Tensor A, int? q=None, bool center=True, int niter=2) -> (Tensor U, Tensor S, Tensor V)', {
  doc: "The principal components of A's rows: the nearly best approximation U diag(S) Vᴴ, of A less the mean row if `center`, with `q` singular values (6, or as many as there are, by default).",
  method: false,
  composite(a, given, center, iterations) {
    const [rows, columns] = a.shape.slice(-2);
    const q = given ?? Math.min(6, rows, columns);
    if (!(q >= 0 && q <= Math.min(rows, columns)))
      throw new ValueError(
        `q(=${q}) must be non-negative integer and not greater than min(m, n)=${Math.min(rows, columns)}`,
      );
    if (!(iterations >= 0)) throw new ValueError(`niter(=${iterations}) must be non-negative integer`);
    return decompose(center ? a.sub(a.mean([-2], true)) : a, q, iterations, null);
  },
});
