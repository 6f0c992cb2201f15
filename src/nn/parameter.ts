import { checkAlive } from '../core/disposed.js';
import { TypeError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { typeName } from '../core/repr.js';
import { keep } from '../core/scope.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';

const parameter = signature('Parameter(Any data, bool requires_grad=True)');

/**
 * A tensor that a module learns. As a property of a `Module` it is found by `parameters()`. It shares memory with `data`,
 * and scopes leave it: a module may hold it.
 */
export class Parameter extends Tensor {
  /** For the compiler alone: any other tensor is no parameter. */
  declare private readonly kind: 'parameter';

  override get isParameter(): boolean {
    return true;
  }

  /**
   * @param data the values, whose memory it shares
   * @param requiresGrad whether gradients are recorded for it
   */
  constructor(...args: Arguments<typeof parameter, { data: Tensor }>) {
    const { data, requiresGrad } = parameter.bind(args);
    if (!(data instanceof Tensor))
      throw new TypeError(
        `Parameter(): argument 'data' must be Tensor, not ${typeName(data)}; write new nn.Parameter(torch.tensor(data))`,
      );
    checkAlive(data, 'Parameter()');
    super(data.storage, data.dtype, data.shape, data.strides, data.offset);
    if (requiresGrad) this.requiresGrad = true;
    keep(this);
  }
}

/** A parameter or buffer whose sizes are not known yet. */
export interface Uninitialized extends Tensor {
  /** Gives it its sizes, and memory without values. */
  materialize(shape: Shape): void;
  /** @internal Its sizes as far as they are known, with 0 for the one that is not. */
  template: readonly number[];
  /** @internal Moves or casts it, while there is nothing to move. */
  convert(fn: (tensor: Tensor) => Tensor): void;
}

/** Whether a tensor has no sizes yet. */
export const isUninitialized = (tensor: Tensor): tensor is Uninitialized => 'materialize' in tensor;
