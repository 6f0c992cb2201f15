/**
 * The exponential of matrices, by Taylor polynomials with few products (Bader, Blanes & Casas, "Computing the Matrix Exponential with an
 * Optimized Taylor Polynomial Approximation", 2019) of a scaled matrix, which is squared as often as it was halved.
 */
import { complex64, float32 } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { adjoint, checkFloating, checkSquare } from './factorization.js';

/** The largest norms for which polynomials of the degrees 1, 2, 4, 8, 12 and 18 are exact to rounding. */
const bounds = {
  single: [
    1.192092800768788e-7, 0.0005978858893805233, 0.05116619363445086, 0.5800524627688768, 1.461661507209034,
    3.010066362817634,
  ],
  double: [
    2.220446049250313e-16, 2.580956802971767e-8, 0.0003397168839976962, 0.04991228871115323,
    0.299615891381158, 1.090863719290036,
  ],
};

const root177 = Math.sqrt(177);
const third = 2 / 3;
/** Of degree 8: factors of the powers 1 and 2, then of the powers 0 to 3 of the second product. */
const degree8 = {
  first: [(third * (1 + root177)) / 88, (third * (1 + root177)) / 352],
  second: [
    (-271 + 29 * root177) / (315 * third),
    (-11 + 11 * root177) / (1260 * third),
    (-99 + 11 * root177) / (5040 * third),
    (89 - root177) / (5040 * third),
  ],
  square: (857 - 58 * root177) / 630,
};

/** Of degree 12: factors of the powers 0 to 3 in four polynomials. */
const degree12 = [
  [9.0198e-16, 0.4693211759541824, -0.20099424927047285, -0.046239461340630714],
  [5.315978957598713, 1.1992679041713223, 0.01179296240992997, 0.01108844528519168],
  [0.18188869982170436, 0.05502798439925399, 0.09351590770535415, 0.006107005288980582],
  [-2.086132e-13, -0.13181061013830184, -0.02027855540589259, -0.006759518468630863],
];

/** Of degree 18: factors of the powers 0, 1, 2, 3 and 6 in five polynomials. */
const degree18 = [
  [0, -0.10036558103014462, -0.00802924648241157, -0.00089213849804573, 0],
  [0, 0.3978497494996451, 1.3678377846041172, 0.49828962252538267, -0.0006378981945947233],
  [-10.967639605296206, 1.680158138789062, 0.05717798464788655, -0.0069821012248805206, 3.349750170860705e-5],
  [
    -0.09043168323908106, -0.06764045190713819, 0.06759613017704598, 0.029555257042931552,
    -1.391802575160607e-5,
  ],
  [0, 0, -0.09233646193671186, -0.016936493900208172, -1.400867981820361e-5],
];

/** Σ factors[i] · terms[i] */
function combined(terms: readonly Tensor[], factors: readonly number[]): Tensor {
  let sum: Tensor | null = null;
  for (const [i, factor] of factors.entries()) {
    if (factor === 0) continue;
    const term = factor === 1 ? terms[i] : terms[i].mul(factor);
    sum = sum === null ? term : sum.add(term);
  }
  return sum!;
}

function taylor(a: Tensor, identity: Tensor, degree: number): Tensor {
  if (degree === 1) return identity.add(a);
  const a2 = a.matmul(a);
  if (degree === 2) return combined([identity, a, a2], [1, 1, 0.5]);
  if (degree === 4)
    return identity.add(a).add(a2.matmul(combined([identity, a, a2], [1 / 2, 1 / 6, 1 / 24])));
  if (degree === 8) {
    const { first, second, square } = degree8;
    const a4 = a2.matmul(combined([a, a2], first));
    const a8 = a2
      .mul(third)
      .add(a4)
      .matmul(combined([identity, a, a2, a4], second));
    return combined([identity, a, a2, a8], [1, 1, square, 1]);
  }
  const a3 = a.matmul(a2);
  if (degree === 12) {
    const [b0, b1, b2, b3] = degree12.map((factors) => combined([identity, a, a2, a3], factors));
    const a6 = b2.add(b3.matmul(b3));
    return b0.add(b1.add(a6).matmul(a6));
  }
  const powers = [identity, a, a2, a3, a3.matmul(a3)];
  const [b0, b1, b2, b3, b4] = degree18.map((factors) => combined(powers, factors));
  const a9 = b3.add(b0.matmul(b4));
  return b1.add(b2.add(a9).matmul(a9));
}

function exponential(a: Tensor): Tensor {
  const n = a.shape[a.ndim - 1];
  if (n <= 1) return a.exp();
  const { dtype, device } = a;
  const identity = ops.eye(n, { dtype, device }).expandAs(a);
  const limits = dtype === float32 || dtype === complex64 ? bounds.single : bounds.double;
  const norm = a.abs().sum(-2).amax(-1);
  // One matrix takes the least degree that will do; a stack, or what cannot be read, the greatest.
  if (norm.numel() === 1 && norm.isReadable) {
    const size = norm.item() as number;
    if (Number.isNaN(size)) return a.fullLike(Number.NaN);
    const degree = [1, 2, 4, 8, 12].find((_, i) => size <= limits[i]);
    if (degree !== undefined) return taylor(a, identity, degree);
  }
  const isFinite = norm.isfinite();
  const halvings = ops.where(isFinite, norm.div(limits[5]).log2().ceil().clamp(0), 0);
  const scaled = a.mul(ops.pow(2, halvings.neg()).to(dtype).unsqueeze(-1).unsqueeze(-1));
  let result = taylor(scaled, identity, 18);
  const square = (left: Tensor): void => {
    const more = left.gt(0).unsqueeze(-1).unsqueeze(-1);
    result = ops.where(more, result.matmul(result), result);
  };
  if (norm.isReadable) {
    const most = halvings.max().item() as number;
    for (let k = 0; k < most; k++) square(k === 0 ? halvings : halvings.sub(k));
    return result.maskedFill(isFinite.logicalNot().unsqueeze(-1).unsqueeze(-1), Number.NaN);
  }
  // Where nobody can wait, as often as precision allows: of larger norms no digit would be right.
  for (let k = 0; k < MOST_SQUARINGS; k++) square(halvings.sub(k));
  return result.maskedFill(halvings.gt(MOST_SQUARINGS).unsqueeze(-1).unsqueeze(-1), Number.NaN);
}

const MOST_SQUARINGS = 16;

const schema = 'matrix_exp(Tensor self) -> Tensor';

export const matrixExp: OpFunction<typeof schema> = op(schema, {
  doc: 'The exponential of square matrices, I + A + A² / 2 + A³ / 6 + ….',
  aliases: ['linalg.matrix_exp'],
  batch: 'leading',
  gradName: 'LinalgMatrixExpBackward0',
  forward(self) {
    checkSquare('linalg.matrix_exp', self);
    checkFloating('linalg.matrix_exp', self);
    return self.numel() === 0 ? self.clone() : exponential(self);
  },
  save: ['self'],
  holomorphic: false,
  vjp: {
    // exp [[Aᴴ, G], [0, Aᴴ]] has it above the diagonal.
    self(grad, { self }) {
      const n = self.shape[self.ndim - 1];
      const a = adjoint(self);
      const upper = ops.cat([a, grad], -1);
      const lower = ops.cat([a.zerosLike(), a], -1);
      return matrixExp(ops.cat([upper, lower], -2))
        .narrow(-2, 0, n)
        .narrow(-1, n, n);
    },
  },
});
