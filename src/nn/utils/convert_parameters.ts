import { TypeError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../ops/registry.js';

/** All parameters in one vector. */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return ops.cat([...parameters].map((p) => p.reshape([-1])));
}

/** Cuts a vector into the parameters, which then share its memory. */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  if (!(vector instanceof Tensor)) throw new TypeError(`expected torch.Tensor, but got: ${typeName(vector)}`);
  let start = 0;
  for (const parameter of parameters) {
    const count = parameter.numel();
    const part = vector.narrow(0, start, Math.min(count, Math.max(0, vector.shape[0] - start)));
    parameter.data = part.view(parameter.shape).data;
    start += count;
  }
}
