/** The singular value decomposition. */
import type { Gradient } from '../../autograd/node.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { holds } from '../checks.js';
import { emptyOn, notConverged, withDiagonal } from './eigen.js';
import {
  adjoint,
  checkFloating,
  checkInfo,
  checkKernel,
  checkMatrix,
  emptyInfo,
  stackOf,
} from './factorization.js';

function checkDriver(driver: string | null): void {
  if (driver !== null)
    throw new RuntimeError(
      'torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.',
    );
}

const describe = (code: number): string =>
  code < 0
    ? 'The algorithm failed to converge because the input matrix contained non-finite values.'
    : notConverged('singular values')(code);

/** The singular values, and the vectors if wanted: all, or as many as there are values. */
function decompose(a: Tensor, vectors: 'all' | 'some' | 'none'): readonly [Tensor, Tensor, Tensor] {
  const name = 'linalg.svd';
  checkMatrix(name, a);
  checkFloating(name, a);
  checkKernel('linalg_svd_cpu', a);
  const [rows, columns] = a.shape.slice(-2);
  const batch = a.shape.slice(0, -2);
  const least = Math.min(rows, columns);
  const values = emptyOn([...batch, least], a.dtype.toReal(), a);
  // Laid out by columns, as LAPACK does.
  const u = emptyOn(
    vectors === 'none' ? [0, 0] : [...batch, vectors === 'all' ? rows : least, rows],
    a.dtype,
    a,
  ).mT;
  const vh = emptyOn(
    vectors === 'none' ? [0, 0] : [...batch, columns, vectors === 'all' ? columns : least],
    a.dtype,
    a,
  ).mT;
  if (values.numel() > 0) {
    const info = emptyInfo(batch, a);
    const wanted = vectors !== 'none';
    a.storage.backend.kernels.svd(
      wanted ? stackOf(u.mT).mT : null,
      stackOf(values, 1),
      wanted ? stackOf(vh.mT).mT : null,
      stackOf(a),
      stackOf(info, 0),
    );
    checkInfo(name, info, describe);
  } else {
    // Of nothing any orthonormal vectors are singular ones.
    for (const side of [u, vh])
      if (side.numel() > 0)
        side.copy_(ops.eye(side.shape[side.ndim - 1], { dtype: a.dtype, device: a.device }));
  }
  return [u, values, vh];
}

const schema = '_svd(Tensor A, bool full_matrices) -> (Tensor U, Tensor S, Tensor Vh)';

/** A = U diag(S) Vh. */
export const svd: OpFunction<typeof schema> = op(schema, {
  doc: 'The singular value decomposition U diag(S) Vh, S descending.',
  function: false,
  method: false,
  batch: 'leading',
  gradName: 'LinalgSvdBackward0',
  forward: (a, full): readonly [Tensor, Tensor, Tensor] => decompose(a, full ? 'all' : 'some'),
  save: ['U', 'S', 'Vh'],
  holomorphic: false,
  vjp: ([byU, byS, byVh], { U, S, Vh }) => {
    const count = S.shape[S.ndim - 1];
    const some = (t: Gradient, dim: number): Gradient => t?.narrow(dim, 0, count) ?? null;
    return { A: gradient(some(U, -1)!, S, some(Vh, -2)!, some(byU, -1), byS, some(byVh, -2)) };
  },
  jvp: ({ A: tangent }, { U, S, Vh }) => {
    const count = S.shape[S.ndim - 1];
    const [u, vh] = [U.narrow(-1, 0, count), Vh.narrow(-2, 0, count)];
    const [dual, v] = [adjoint(u), adjoint(vh)];
    const [column, row] = [S.unsqueeze(-2), S.unsqueeze(-1)];
    const right = tangent!.matmul(v);
    const left = dual.matmul(tangent!);
    const turned = dual.matmul(right);
    const values = turned.diagonal(0, -2, -1);
    const gaps = gapsOf(S);
    const phase = turned.isComplex() ? ops.complex(S.zerosLike(), values.imag.div(S.mul(2))) : null;
    const ofU = withDiagonal(turned.mul(column).add(adjoint(turned).mul(row)).div(gaps), phase);
    const ofV = withDiagonal(
      turned.mul(row).add(adjoint(turned).mul(column)).div(gaps),
      phase?.neg() ?? null,
    );
    const outside = (all: Tensor, basis: Tensor, inner: Tensor): Tensor =>
      all.sub(basis.matmul(inner)).div(column);
    let byU = u.matmul(ofU);
    let byV = v.matmul(ofV);
    if (u.shape[u.ndim - 2] > count) byU = byU.add(outside(right, u, turned));
    if (vh.shape[vh.ndim - 1] > count) byV = byV.add(outside(adjoint(left), v, adjoint(turned)));
    const padded = (some: Tensor, all: Tensor): Tensor => {
      const rest = all.shape[all.ndim - 1] - count;
      return rest === 0 ? some : ops.cat([some, all.narrow(-1, count, rest).zerosLike()], -1);
    };
    return [padded(byU, U), values.isComplex() ? values.real : values, adjoint(padded(byV, adjoint(Vh)))];
  },
});

/** The differences of the values' squares, that of the column less that of the row, with ones on the diagonal. */
function gapsOf(values: Tensor): Tensor {
  const squares = values.square();
  return withDiagonal(squares.unsqueeze(-2).sub(squares.unsqueeze(-1)), values.onesLike());
}

/** A diagonal matrix from the left times a matrix, which has complex elements perhaps. */
const gradientOfValues = (u: Tensor, byS: Tensor, vh: Tensor): Tensor => {
  const isTall = u.shape[u.ndim - 2] >= vh.shape[vh.ndim - 1];
  return isTall ? u.matmul(vh.mul(byS.unsqueeze(-1))) : u.mul(byS.unsqueeze(-2)).matmul(vh);
};

/** The gradient by a matrix from those by its singular values and as many vectors. */
function gradient(u: Tensor, s: Tensor, vh: Tensor, byU: Gradient, byS: Gradient, byVh: Gradient): Gradient {
  if (byU === null && byVh === null) return byS && gradientOfValues(u, byS, vh);
  const count = s.shape[s.ndim - 1];
  const [column, row] = [s.unsqueeze(-2), s.unsqueeze(-1)];
  const ofU = byU && adjoint(u).matmul(byU);
  const ofV = byVh && vh.matmul(adjoint(byVh));
  checkPhases(ofU, ofV);
  const skew = (t: Tensor): Tensor => t.sub(adjoint(t));
  const gaps = gapsOf(s);
  const left = ofU && skew(ofU);
  const right = ofV && skew(ofV);
  const parts = [left?.div(gaps).mul(column), right?.div(gaps).mul(row)].filter((t) => t !== undefined);
  const off = parts.length === 2 ? parts[0].add(parts[1]) : parts[0];
  let diagonal: Gradient = byS;
  if (left?.isComplex()) {
    const phase = left.diagonal(0, -2, -1).div(s.mul(2));
    diagonal = byS === null ? phase : phase.add(byS);
  }
  let inner = withDiagonal(off, diagonal);
  if (byU !== null && u.shape[u.ndim - 2] > count) {
    const scaled = byU.div(column);
    return u
      .matmul(inner)
      .add(scaled)
      .sub(u.matmul(adjoint(u).matmul(scaled)))
      .matmul(vh);
  }
  inner = inner.matmul(vh);
  if (byVh !== null && vh.shape[vh.ndim - 1] > count) {
    const scaled = byVh.div(row);
    inner = inner.add(scaled).sub(scaled.matmul(adjoint(vh)).matmul(vh));
  }
  return u.matmul(inner);
}

/** @throws RuntimeError where what is differentiated depends on phases that nothing determines */
function checkPhases(ofU: Gradient, ofV: Gradient): void {
  const products = ofU !== null && ofV !== null ? ofU.add(ofV) : (ofU ?? ofV!);
  if (!products.isComplex() || products.numel() === 0) return;
  const phases = products.diagonal(0, -2, -1).imag.detach();
  if (!holds(phases, (values) => values.abs().le(1e-2).all()))
    throw new RuntimeError(
      'svd_backward: The singular vectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this phase term, making it ill-defined.',
    );
}

op('svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)', {
  doc: 'The singular value decomposition A = U diag(S) Vh, S descending; without `full_matrices` as many columns of U and rows of Vh as there are singular values.',
  module: 'linalg',
  composite(a, full, driver) {
    checkDriver(driver);
    return svd(a, full);
  },
});

const valuesSchema = '_svdvals(Tensor A) -> Tensor';

/** The singular values, descending. */
export const singularValues: OpFunction<typeof valuesSchema> = op(valuesSchema, {
  doc: 'The singular values, descending.',
  function: false,
  method: false,
  batch: 'leading',
  gradName: 'LinalgSvdBackward0',
  forward: (a) => decompose(a, 'none')[1],
  save: ['A'],
  holomorphic: false,
  vjp: {
    A(grad, { A }) {
      const [u, , vh] = svd(A, false);
      return gradientOfValues(u, grad, vh);
    },
  },
});

op('svdvals(Tensor A, *, str? driver=None) -> Tensor', {
  doc: 'The singular values, descending.',
  module: 'linalg',
  composite(a, driver) {
    checkDriver(driver);
    return singularValues(a);
  },
});

op('svd(Tensor self, bool some=True, bool compute_uv=True) -> (Tensor U, Tensor S, Tensor V)', {
  doc: 'The singular value decomposition self = U diag(S) Vᴴ, S descending; without `compute_uv` U and V are zeros. (Deprecated in PyTorch: `linalg.svd`.)',
  composite(self, some, computeUv): readonly [Tensor, Tensor, Tensor] {
    if (self.ndim < 2)
      throw new RuntimeError(
        `linalg.svd: input should have at least 2 dimensions, but has ${self.ndim} dimensions instead`,
      );
    if (computeUv) {
      const [u, s, vh] = svd(self, !some);
      return [u, s, adjoint(vh)];
    }
    const [rows, columns] = self.shape.slice(-2);
    const batch = self.shape.slice(0, -2);
    const zeros = (n: number): Tensor => self.newZeros([...batch, n, n]);
    return [zeros(rows), singularValues(self), zeros(columns)];
  },
});
