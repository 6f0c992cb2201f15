import { noGradSync } from '../../autograd/modes.js';
import { IndexError, ValueError } from '../../core/errors.js';
import { contiguousFormat } from '../../core/memory_format.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { Module } from '../module.js';

class _SpectralNorm extends Module {
  declare _u: Tensor;
  declare _v: Tensor;
  private readonly dim: number;

  constructor(
    weight: Tensor,
    private readonly nPowerIterations: number,
    dim: number,
    private readonly eps: number,
  ) {
    super();
    const { ndim } = weight;
    if (dim >= ndim || dim < -ndim)
      throw new IndexError(
        `Dimension out of range (expected to be in range of [-${ndim}, ${ndim - 1}] but got ${dim})`,
      );
    if (nPowerIterations <= 0)
      throw new ValueError(
        `Expected n_power_iterations to be positive, but got n_power_iterations=${nPowerIterations}`,
      );
    this.dim = dim >= 0 ? dim : dim + ndim;
    if (ndim <= 1) return;
    const matrix = noGradSync(() => this.asMatrix(weight));
    const [u, v] = matrix.shape.map((n) => matrix.newEmpty([n]).detach().normal_());
    this.registerBuffer('_u', F.normalize(u, { dim: 0, eps }));
    this.registerBuffer('_v', F.normalize(v, { dim: 0, eps }));
    this.iterate(matrix, 15);
  }

  private asMatrix(weight: Tensor): Tensor {
    return weight.movedim(this.dim, 0).flatten(1);
  }

  private iterate(matrix: Tensor, times: number): void {
    noGradSync(() => {
      const { eps } = this;
      for (let i = 0; i < times; i++) {
        this._u.copy_(F.normalize(matrix.mv(this._v), { dim: 0, eps }));
        this._v.copy_(F.normalize(matrix.mH.mv(this._u), { dim: 0, eps }));
      }
    });
  }

  override forward(weight: Tensor): Tensor {
    if (weight.ndim === 1) return F.normalize(weight, { dim: 0, eps: this.eps });
    const matrix = this.asMatrix(weight);
    if (this.training) this.iterate(matrix, this.nPowerIterations);
    // Changes to come must not reach the graph.
    const [u, v] = [this._u, this._v].map((vector) => vector.clone({ memoryFormat: contiguousFormat }));
    return weight.div(u.vdot(matrix.mv(v)));
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

export { _SpectralNorm as SpectralNorm };
