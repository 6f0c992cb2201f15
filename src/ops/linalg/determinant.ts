/** Determinants, from the factors of A = P L U. */
import { int32 } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { op, ops } from '../../dispatch/registry.js';
import { adjoint, checkFloating, checkKernel, checkPrecision, checkSquare } from './factorization.js';
import { factorsOf } from './lu.js';
import { solve } from './solve.js';

/** Numbers whose product is the determinant: the diagonal of U, negative for each row that was swapped. */
function factorsOfDet(a: Tensor): Tensor {
  const [factors, pivots] = factorsOf(a);
  const n = pivots.shape[pivots.ndim - 1];
  const inPlace = pivots.eq(ops.arange(1, n + 1, { dtype: int32, device: pivots.device }));
  const diagonal = factors.diagonal(0, -2, -1);
  return ops.where(inPlace, diagonal, diagonal.neg());
}

/** X with Aᴴ X = s I, for a number s for each matrix. */
function scaledInverse(a: Tensor, scale: Tensor): Tensor {
  const right = scale
    .unsqueeze(-1)
    .expand([...scale.shape, a.shape[a.ndim - 1]])
    .diagEmbed();
  return solve(adjoint(a), right, true, null)[0];
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
    return factorsOfDet(A).prod(-1);
  },
  save: ['A', 'result'],
  holomorphic: false,
  vjp: {
    A: (grad, { A, result }) => scaledInverse(A, grad.mul(result.isComplex() ? result.conj() : result)),
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
    const factors = factorsOfDet(A);
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
