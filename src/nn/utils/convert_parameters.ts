import { TypeError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';

const toVector = signature('parameters_to_vector(Iterable parameters)');
const toParameters = signature('vector_to_parameters(Any vec, Iterable parameters)');

/** All parameters in one vector. */
export function parametersToVector(
  ...args: Arguments<typeof toVector, { parameters: Iterable<Tensor> }>
): Tensor {
  const parameters = toVector.bind(args).parameters as Iterable<Tensor>;
  return ops.cat([...parameters].map((p) => p.reshape([-1])));
}

/** Cuts a vector into the parameters, which then share its memory. */
export function vectorToParameters(
  ...args: Arguments<typeof toParameters, { vec: Tensor; parameters: Iterable<Tensor> }>
): void {
  const { vec: vector, parameters } = toParameters.bind(args);
  if (!(vector instanceof Tensor)) throw new TypeError(`expected torch.Tensor, but got: ${typeName(vector)}`);
  let start = 0;
  for (const parameter of parameters as Iterable<Tensor>) {
    const count = parameter.numel();
    const part = vector.narrow(0, start, Math.min(count, Math.max(0, vector.shape[0] - start)));
    parameter.data = part.view(parameter.shape).data;
    start += count;
  }
}
