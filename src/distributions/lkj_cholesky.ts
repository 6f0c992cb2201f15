import { noGradSync } from '../autograd/modes.js';
import { ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { F } from '../nn/functions.js';
import { Beta } from './beta.js';
import { positive } from './constraints/bounds.js';
import { corrCholesky } from './constraints/matrix_constraints.js';
import { Distribution, distributionClass } from './distribution.js';
import { broadcastAll, define, tiny } from './utils.js';

const lkjCholesky = signature('LKJCholesky(int dim, Value concentration=1.0, bool? validate_args=None)');

/**
 * The LKJ distribution of lower Cholesky factors of matrices of correlation, whose density is proportional to the determinant of the
 * matrix to the power of `concentration` - 1 (Lewandowski, Kurowicka & Joe, 2009).
 */
export class LKJCholesky extends Distribution {
  declare readonly dim: number;
  declare readonly concentration: Tensor;
  declare private readonly beta: Beta;

  /**
   * @param dim how many rows matrices have
   * @param concentration the concentration; with 1 all matrices of correlation are alike
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof lkjCholesky>) {
    const { dim, validateArgs, ...given } = lkjCholesky.bind(args, new.target.name);
    if (dim < 2)
      throw new ValueError(`Expected dim to be an integer greater than or equal to 2. Found dim=${dim}.`);
    const [concentration] = broadcastAll(given.concentration);
    const { dtype, device } = concentration;
    const offset = F.pad(ops.arange(dim - 1, { dtype, device }), [1, 0]);
    const marginal = concentration.add(0.5 * (dim - 2));
    const beta = new Beta(offset.add(0.5), marginal.unsqueeze(-1).sub(offset.mul(0.5)));
    super(concentration.shape, [dim, dim], validateArgs, { concentration });
    define(this, 'dim', dim);
    define(this, 'beta', beta);
  }

  override expand(batchShape: Shape): this {
    return this.expandedWith(batchShape, { beta: this.beta.expand([...batchShape, this.dim]) });
  }

  override get argConstraints() {
    return { concentration: positive };
  }

  override get support() {
    return corrCholesky;
  }

  /** By the onion method: row by row a direction, and how much of a row's length it has. */
  override sample(sampleShape: Shape = []): Tensor {
    return noGradSync(() => {
      const y = this.beta.sample(sampleShape).unsqueeze(-1);
      const { dtype, device } = y;
      const normal = ops.randn(this.extendedShape(sampleShape), { dtype, device }).tril(-1);
      const direction = normal.div(normal.norm(2, -1, true));
      // The first row has no direction.
      direction.select(-2, 0).fill_(0);
      const w = y.sqrt().mul(direction);
      const diagonal = w.square().sum(-1).rsub(1).clamp(tiny(dtype)).sqrt();
      return w.add(diagonal.diagEmbed());
    });
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    const { dim, concentration } = this;
    const less = dim - 1;
    const diagonal = x.diagonal(0, -1, -2).narrow(-1, 1, less);
    const powers = ops.arange(2, dim + 1, { device: concentration.device });
    const order = concentration.sub(1).unsqueeze(-1).mul(2).add(dim).sub(powers);
    const alpha = concentration.add(0.5 * less);
    const normalizer = alpha
      .sub(0.5)
      .mvlgamma(less)
      .add(0.5 * less * Math.log(Math.PI))
      .sub(alpha.lgamma().mul(less));
    return order.mul(diagonal.log()).sum(-1).sub(normalizer);
  }
}

distributionClass(LKJCholesky);
