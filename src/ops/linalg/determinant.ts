/** Determinants, from the factors of A = P L U. */
import type { Tensor } from '../../core/tensor.js';
import { op, ops } from '../../dispatch/registry.js';
import {
  adjoint,
  checkFloating,
  checkKernel,
  checkPrecision,
  checkSquare,
  identityLike,
} from './factorization.js';
import { solve } from './solve.js';
import { luDiagonal } from './systems.js';

/** X with Aᴴ X = s I, for a number s for each matrix. */
function scaledInverse(a: Tensor, scale: Tensor): Tensor {
  const right = scale
    .unsqueeze(-1)
    .expand([...scale.shape, a.shape[a.ndim - 1]])
    .diagEmbed();
  return solve(adjoint(a), right, true, null)[0];
}

/** Matrices of more rows are taken for regular ones: the coefficients below lose too many digits. */
const MOST_ROWS = 32;

/** Which matrices have no inverse, for the sake of which another formula is needed; null where none is known to. */
function singularOf(a: Tensor, determinant: Tensor): Tensor | null {
  if (a.shape[a.ndim - 1] > MOST_ROWS || !determinant.isReadable || !determinant.eq(0).any().item())
    return null;
  const singular = luDiagonal(a).eq(0).any(-1);
  return singular.any().item() ? singular.unsqueeze(-1).unsqueeze(-1) : null;
}

/** The matrix whose product with A is det A · I, by the coefficients of the characteristic polynomial (Faddeev & LeVerrier). */
function adjugate(a: Tensor): Tensor {
  const n = a.shape[a.ndim - 1];
  const identity = identityLike(a);
  let result = identity.expandAs(a);
  for (let k = 1; k < n; k++) {
    const product = a.matmul(result);
    const trace = product.diagonal(0, -2, -1).sum(-1).div(k);
    result = product.sub(trace.unsqueeze(-1).unsqueeze(-1).mul(identity));
  }
  return n % 2 === 1 ? result : result.neg();
}

const det = op('_linalg_det(Tensor A) -> Tensor', {
  doc: 'The determinants of matrices.',
  function: false,
  method: false,
  batch: 'leading',
  gradName: 'LinalgDetBackward0',
  forward(A) {
    checkSquare('linalg.det', A);
    checkFloating('linalg.det', A);
    checkKernel('lu_cpu', A);
    return luDiagonal(A).prod(-1);
  },
  save: ['A', 'result'],
  holomorphic: false,
  vjp: {
    A(grad, { A, result }) {
      const scale = grad.mul(result.isComplex() ? result.conj() : result);
      const singular = singularOf(A, result);
      if (singular === null) return scaledInverse(A, scale);
      const regular = scaledInverse(ops.where(singular, identityLike(A), A), scale);
      return ops.where(
        singular,
        grad
          .unsqueeze(-1)
          .unsqueeze(-1)
          .mul(adjoint(adjugate(A))),
        regular,
      );
    },
  },
});

op('det(Tensor self) -> Tensor', {
  doc: 'The determinant of square matrices.',
  composite: (self) => det(self),
});

op('det(Tensor A) -> Tensor', {
  doc: 'The determinant of square matrices.',
  module: 'linalg',
  composite: (a) => det(a),
});

const signed = op('_linalg_slogdet(Tensor A, str name) -> (Tensor sign, Tensor logabsdet)', {
  doc: 'The signs of determinants and the logarithms of their absolute values; `name` names who asks.',
  function: false,
  method: false,
  batch: 'leading',
  gradName: 'LinalgSlogdetBackward0',
  forward(A, name): readonly [Tensor, Tensor] {
    checkSquare(name, A);
    checkPrecision(name, A);
    const factors = luDiagonal(A);
    return [factors.sgn().prod(-1), factors.abs().log().sum(-1)];
  },
  save: ['A', 'sign'],
  holomorphic: false,
  vjp: ([bySign, byLog], { A, sign }) => {
    // The imaginary part of the logarithm is the sign's angle.
    const turned = bySign !== null && A.isComplex() ? bySign.conj().mul(sign).imag.neg() : null;
    if (byLog === null && turned === null) return {};
    const real = byLog ?? turned!.zerosLike();
    const scale = turned === null ? real.to(A.dtype) : ops.complex(real, turned);
    return { A: scaledInverse(A, scale) };
  },
});

op('slogdet(Tensor self) -> (Tensor sign, Tensor logabsdet)', {
  doc: 'The sign of the determinant and the logarithm of its absolute value.',
  composite: (self) => signed(self, 'linalg.slogdet'),
});

op('slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet)', {
  doc: 'The sign of the determinant (of complex matrices a number of absolute value 1) and the logarithm of its absolute value.',
  module: 'linalg',
  composite: (a) => signed(a, 'linalg.slogdet'),
});

op('logdet(Tensor self) -> Tensor', {
  doc: 'The logarithm of the determinant; NaN where that is negative.',
  composite(self) {
    const [sign, logarithm] = signed(self, 'logdet');
    return self.isComplex() ? sign.log().add(logarithm) : ops.where(sign.eq(-1), Number.NaN, logarithm);
  },
});

/** The logarithm of the absolute value of determinants. */
export const logAbsDet = (a: Tensor): Tensor => signed(a, 'linalg.slogdet')[1];
