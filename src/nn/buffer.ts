import { checkAlive } from '../core/disposed.js';
import { TypeError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { keep } from '../core/scope.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';

const buffer = signature('Buffer(Any data=None, *, bool persistent=True)');

/**
 * A tensor that is part of a module's state but no parameter. As a property of a `Module` it is found by `buffers()`, where any
 * other tensor has to be registered. It shares memory with `data`.
 *
 * @example
 * class Counter extends nn.Module {
 *   count = new nn.Buffer(torch.zeros(1));
 * }
 */
export class Buffer extends Tensor {
  /** Whether it is part of the state dict. */
  readonly persistent: boolean;

  /**
   * @param data the values, whose memory it shares; default: none
   * @param persistent whether it is part of the state dict
   */
  constructor(...args: Arguments<typeof buffer, { data: Tensor | null }>) {
    const bound = buffer.bind(args);
    const data = bound.data ?? ops.empty([0]);
    if (!(data instanceof Tensor))
      throw new TypeError(
        `Buffer(): argument 'data' must be Tensor, not ${typeName(data)}; write new nn.Buffer(torch.tensor(data))`,
      );
    checkAlive(data, 'Buffer()');
    super(data.storage, data.dtype, data.shape, data.strides, data.offset);
    this.persistent = bound.persistent;
    if (data.requiresGrad) this.requiresGrad = true;
    keep(this);
  }
}
