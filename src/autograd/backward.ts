/** `tensor.backward()` and `torch.autograd.backward`. */

import { checkAlive } from '../core/disposed.js';
import { RuntimeError } from '../core/errors.js';
import { formatShape, numel, sameShape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { runBackward } from './backward_pass.js';
import { edgeOf, formOf, type Target } from './gradient_edge.js';
import { AccumulateGrad, type Edge, type Gradient } from './node.js';
import { zeros } from './zeros.js';

/** One, or several. */
export type OneOrMany<T> = T | readonly T[];

export function list<T>(x: OneOrMany<T>): readonly T[] {
  return Array.isArray(x) ? x : [x as T];
}

/** The edge and first gradient of each output. */
function roots(
  outputs: readonly Target[],
  gradOutputs: readonly (Tensor | null)[],
): { edges: Edge[]; grads: Tensor[] } {
  if (gradOutputs.length !== outputs.length)
    throw new RuntimeError(`got ${outputs.length} tensors and ${gradOutputs.length} gradients`);
  const edges: Edge[] = [];
  const grads: Tensor[] = [];
  for (const [i, output] of outputs.entries()) {
    const edge = edgeOf(output);
    if (output instanceof Tensor) checkAlive(output, 'backward()');
    const form = formOf(output);
    const { isComplex } = form.dtype;
    let grad = gradOutputs[i];
    if (grad !== null) checkAlive(grad, "backward()'s gradient");
    if (grad === null) {
      if (edge === null)
        throw new RuntimeError(`element ${i} of tensors does not require grad and does not have a grad_fn`);
      if (numel(form.shape) !== 1)
        throw new RuntimeError('grad can be implicitly created only for scalar outputs');
      if (isComplex)
        throw new RuntimeError(
          `grad can be implicitly created only for real scalar outputs but got ${form.dtype}`,
        );
      grad = output instanceof Tensor ? output.detach().onesLike() : zeros(form).add(1);
    } else if (!sameShape(grad.shape, form.shape))
      throw new RuntimeError(
        `Mismatch in shape: grad_output[${i}] has a shape of torch.Size(${formatShape(grad.shape)}) and output[${i}] has a shape of torch.Size(${formatShape(form.shape)}).`,
      );
    if (grad.isComplex() !== isComplex)
      throw new RuntimeError(
        `For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: grad_output[${i}] has a dtype of ${grad.dtype} and output[${i}] has a dtype of ${form.dtype}.`,
      );
    if (edge === null)
      throw new RuntimeError(`element ${i} of tensors does not require grad and does not have a grad_fn`);
    edges.push(edge);
    grads.push(grad);
  }
  return { edges, grads };
}

const backwardSignature = signature(
  'backward(Target|Target[] tensors, Tensor|Tensor?[]? grad_tensors=None, bool? retain_graph=None, bool create_graph=False, Tensor|Tensor?[]? grad_variables=None, Target|Target[]? inputs=None)',
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
  readonly inputs: OneOrMany<Target> | null;
}

/** `backward` with its arguments bound. */
export function backwardFrom(
  tensors: OneOrMany<Target>,
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
    const leaf = leafOf(input);
    if (grad !== null && leaf !== null) leaf.grad = leaf.grad === null ? grad.clone() : leaf.grad.add(grad);
  }
}

/** The tensor whose `grad` a place in the graph is. */
function leafOf(target: Target): Tensor | null {
  if (target instanceof Tensor) return target;
  return target.node instanceof AccumulateGrad ? target.node.variable : null;
}

function requireEdge(target: Target): Edge {
  const edge = edgeOf(target);
  if (edge === null) throw new RuntimeError('One of the differentiated Tensors does not require grad');
  return edge;
}

/** Gradients of outputs by inputs, given those of the outputs; null for an input that they do not depend on. */
export function gradientsOf(
  outputs: readonly Target[],
  inputs: readonly Target[],
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
