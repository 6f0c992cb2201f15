import { noGradSync } from '../../autograd/modes.js';
import { int32 } from '../../core/dtype.js';
import { NotImplementedError, ValueError } from '../../core/errors.js';
import { type Shape, Size } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { finfo } from '../../core/type_info.js';
import { ops } from '../../dispatch/registry.js';
import { geqrf, householderProduct } from '../../ops/linalg/householder.js';
import { matrixExp } from '../../ops/linalg/matrix_exp.js';
import { linalgSolve } from '../../ops/linalg/solve.js';
import { Module } from '../module.js';

const maps = ['matrix_exp', 'cayley', 'householder'] as const;
export type OrthogonalMap = (typeof maps)[number];
export const isOrthogonalMap = (name: string): name is OrthogonalMap =>
  (maps as readonly string[]).includes(name);

const diagonalOf = (t: Tensor): Tensor => t.diagonal(0, -2, -1);

function isOrthogonal(q: Tensor): boolean {
  const [n, k] = q.shape.slice(-2);
  const identity = ops.eye(k, { dtype: q.dtype, device: q.device });
  const tolerance = 10 * n * finfo(q.dtype).eps;
  return q.mH.matmul(q).isclose(identity, { atol: tolerance }).all().item() === 1;
}

/** The factor Q of a matrix, with signs such that R's diagonal is positive. */
function madeOrthogonal(a: Tensor): Tensor {
  const [x, tau] = geqrf(a);
  return householderProduct(x, tau).mul(diagonalOf(x).sgn().unsqueeze(-2));
}

class _Orthogonal extends Module {
  declare base: Tensor | null;
  private readonly shape: Shape;

  constructor(
    weight: Tensor,
    private readonly orthogonalMap: OrthogonalMap,
    private readonly useTrivialization: boolean,
  ) {
    super();
    if (weight.isComplex() && orthogonalMap === 'householder')
      throw new ValueError('The householder parametrization does not support complex tensors.');
    this.shape = weight.shape;
    if (useTrivialization) this.registerBuffer('base', null);
  }

  override forward(input: Tensor): Tensor {
    const [rows, columns] = input.shape.slice(-2);
    const isWide = rows < columns;
    const x = isWide ? input.mT : input;
    let q = this.orthogonalMap === 'householder' ? this.byReflections(x) : this.byRotation(x);
    if (this.useTrivialization) q = this.base!.matmul(q);
    return isWide ? q.mT : q;
  }

  private byReflections(x: Tensor): Tensor {
    const a = x.tril(-1);
    const tau = a.square().sum(-2).add(1).reciprocal().mul(2);
    const signs = diagonalOf(x).to(int32).unsqueeze(-2);
    return householderProduct(a, tau).mul(signs);
  }

  private byRotation(given: Tensor): Tensor {
    const [n, k] = given.shape.slice(-2);
    const lower = given.tril();
    const x = n === k ? lower : ops.cat([lower, lower.newZeros([...lower.shape.slice(0, -1), n - k])], -1);
    const a = x.sub(x.mH);
    if (this.orthogonalMap === 'matrix_exp') return matrixExp(a).narrow(-1, 0, k);
    const identity = ops.eye(n, { dtype: a.dtype, device: a.device });
    const half = a.mul(0.5);
    return linalgSolve(identity.sub(half), identity.add(half), true).narrow(-1, 0, k);
  }

  rightInverse(value: Tensor): Tensor {
    if (String(value.shape) !== String(this.shape))
      throw new ValueError(
        `Expected a matrix or batch of matrices of shape ${Size.create(this.shape)}. Got a tensor of shape ${Size.create(value.shape)}.`,
      );
    return noGradSync(() => (this.useTrivialization ? this.moveBase(value) : this.reflectionsOf(value)));
  }

  private reflectionsOf(value: Tensor): Tensor {
    if (this.orthogonalMap !== 'householder')
      throw new NotImplementedError(
        'It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False.',
      );
    const isWide = value.shape[value.ndim - 2] < value.shape[value.ndim - 1];
    const [a, tau] = geqrf(isWide ? value.mT : value);
    const diagonal = diagonalOf(a);
    const signs = diagonal.sign();
    diagonal.copy_(ops.where(tau.eq(0), signs.neg(), signs));
    return isWide ? a.mT : a;
  }

  /** Makes a value the base, from which the identity's negative leads back to it. */
  private moveBase(value: Tensor): Tensor {
    const isWide = value.shape[value.ndim - 2] < value.shape[value.ndim - 1];
    const q = isWide ? value.mT : value;
    const [n, k] = q.shape.slice(-2);
    if (n === k) this.base = isOrthogonal(q) ? q.clone() : madeOrthogonal(q);
    else {
      const { dtype, device } = q;
      const more = ops.randn([...q.shape.slice(0, -2), n, n - k], { dtype, device });
      this.base = madeOrthogonal(ops.cat([q, more], -1));
    }
    const negative = value.zerosLike();
    diagonalOf(negative).fill_(-1);
    return negative;
  }
}

export { _Orthogonal as Orthogonal };
