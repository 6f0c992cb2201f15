import { checkAlive } from '../core/disposed.js';
import { keep } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';

/**
 * A tensor that a module learns. As a property of a `Module` it is found by `parameters()`. It shares memory with `data`,
 * and scopes leave it: a module may hold it.
 */
export class Parameter extends Tensor {
  override get isParameter(): boolean {
    return true;
  }

  constructor(data: Tensor, requiresGrad = true) {
    checkAlive(data, 'Parameter()');
    super(data.storage, data.dtype, data.shape, data.strides, data.offset);
    if (requiresGrad) this.requiresGrad_();
    keep(this);
  }
}
