/** `tensor.backward()` and `torch.autograd.backward`. */

import { checkAlive } from '../core/disposed.js';
import { RuntimeError } from '../core/errors.js';
import { formatShape, sameShape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { runBackward } from './backward_pass.js';
import { type Edge, type Gradient, gradientEdge } from './node.js';

/** One, or several. */
export type OneOrMany<T> = T | readonly T[];

export function list<T>(x: OneOrMany<T>): readonly T[] {
  return Array.isArray(x) ? x : [x as T];
}

/** The edge and first gradient of each output. */
function roots(
  outputs: readonly Tensor[],
  gradOutputs: readonly (Tensor | null)[],
): { edges: Edge[]; grads: Tensor[] } {
  if (gradOutputs.length !== outputs.length)
    throw new RuntimeError(`got ${outputs.length} tensors and ${gradOutputs.length} gradients`);
  const edges: Edge[] = [];
  const grads: Tensor[] = [];
  for (const [i, output] of outputs.entries()) {
    const edge = gradientEdge(output);
    checkAlive(output, 'backward()');
    let grad = gradOutputs[i];
    if (grad !== null) checkAlive(grad, "backward()'s gradient");
    if (grad === null) {
      if (!output.requiresGrad)
        throw new RuntimeError(`element ${i} of tensors does not require grad and does not have a grad_fn`);
      if (output.numel() !== 1)
        throw new RuntimeError('grad can be implicitly created only for scalar outputs');
      if (output.isComplex())
        throw new RuntimeError(
          `grad can be implicitly created only for real scalar outputs but got ${output.dtype}`,
        );
      grad = output.detach().onesLike();
    } else if (!sameShape(grad.shape, output.shape))
      throw new RuntimeError(
        `Mismatch in shape: grad_output[${i}] has a shape of torch.Size(${formatShape(grad.shape)}) and output[${i}] has a shape of torch.Size(${formatShape(output.shape)}).`,
      );
    if (grad.isComplex() !== output.isComplex())
      throw new RuntimeError(
        `For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: grad_output[${i}] has a dtype of ${grad.dtype} and output[${i}] has a dtype of ${output.dtype}.`,
      );
    if (edge === null)
      throw new RuntimeError(`element ${i} of tensors does not require grad and does not have a grad_fn`);
    edges.push(edge);
    grads.push(grad);
  }
  return { edges, grads };
}

const backwardSignature = signature(
  'backward(Tensor|Tensor[] tensors, Tensor|Tensor?[]? grad_tensors=None, bool? retain_graph=None, bool create_graph=False, Tensor|Tensor?[]? grad_variables=None, Tensor|Tensor[]? inputs=None)',
);

/**
 * Adds the gradients of `tensors` to the `grad` of the leaves they depend on.
 *
 * @param tensors what to differentiate
 * @param gradTensors a gradient for each, null for scalars
 * @param retainGraph whether to keep the graph for another pass; default: `createGraph`
 * @param createGraph whether to record the pass
 * @param inputs only these leaves
 */
export function backward(...args: Arguments<typeof backwardSignature>): void {
  const { tensors, gradTensors, gradVariables, ...options } = backwardSignature.bind(args);
  if (gradTensors !== null && gradVariables !== null)
    throw new RuntimeError(
      '`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. Please only use `grad_tensors`.',
    );
  backwardFrom(tensors, gradTensors ?? gradVariables, options);
}

/** Settings of a backward pass. */
export interface BackwardSettings {
  readonly retainGraph: boolean | null;
  readonly createGraph: boolean;
  readonly inputs: OneOrMany<Tensor> | null;
}

/** `backward` with its arguments bound. */
export function backwardFrom(
  tensors: OneOrMany<Tensor>,
  gradTensors: OneOrMany<Tensor | null> | null,
  { retainGraph, createGraph, inputs: only }: BackwardSettings,
): void {
  const outputs = list(tensors);
  const given = gradTensors === null ? outputs.map(() => null) : list(gradTensors);
  const { edges, grads } = roots(outputs, given);
  const inputs = only === null ? null : list(only);
  if (inputs?.length === 0) throw new RuntimeError('`inputs` argument to `backward()` cannot be empty.');
  const captured = runBackward(edges, grads, {
    keepGraph: retainGraph ?? createGraph,
    createGraph,
    capture: inputs?.map(requireEdge) ?? null,
  });
  for (const [i, input] of (inputs ?? []).entries()) {
    const grad = captured[i];
    // A copy: one gradient may have arrived at several inputs.
    if (grad !== null) input.grad = input.grad === null ? grad.clone() : input.grad.add(grad);
  }
}

function requireEdge(tensor: Tensor): Edge {
  const edge = gradientEdge(tensor);
  if (edge === null) throw new RuntimeError('One of the differentiated Tensors does not require grad');
  return edge;
}

/** Gradients of outputs by inputs, given those of the outputs; null for an input that they do not depend on. */
export function gradientsOf(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  given: readonly (Tensor | null)[],
  { retainGraph = null, createGraph }: { retainGraph?: boolean | null; createGraph: boolean },
): Gradient[] {
  const { edges, grads } = roots(outputs, given);
  return runBackward(edges, grads, {
    keepGraph: retainGraph ?? createGraph,
    createGraph,
    capture: inputs.map(requireEdge),
  });
}
