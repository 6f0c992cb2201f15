/** `torch.autograd.grad`. */
import { context } from '../core/context.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { formatShape, sameShape } from '../core/layout.js';
import type { Like } from '../core/results.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { BatchLevel } from '../dispatch/batch_level.js';
import { withMode } from '../dispatch/mode.js';
import { gradientsOf, list, type OneOrMany } from './backward.js';
import { formOf, type Target } from './gradient_edge.js';
import type { Gradient } from './node.js';

/** One gradient for each input, also where there is but one input. */
export type Gradients<Inputs, Item = Tensor> = Inputs extends Target ? [Item] : Like<Inputs, Item>;

export interface GradOptions {
  /** Keep the graph for another pass; default: `createGraph`. */
  retainGraph?: boolean | null;
  /** Record the backward pass, so that its results can be differentiated. Default false. */
  createGraph?: boolean;
  /** Give null for an input that the outputs do not depend on, instead of an error. Default false. */
  allowUnused?: boolean | null;
  /** `gradOutputs` are stacks of such vectors, along their first dimension; so are the results then. Default false. */
  isGradsBatched?: boolean;
  /** Give zeros for such an input. Default false. */
  materializeGrads?: boolean;
}

/** Options of `grad`. */
export interface NamedGradOptions extends GradOptions {
  gradOutputs?: OneOrMany<Tensor | null> | null;
}

const gradSignature = signature(
  'grad(Target|Target[] outputs, Target|Target[] inputs, Tensor|Tensor?[]? grad_outputs=None, bool? retain_graph=None, bool create_graph=False, bool? allow_unused=None, bool is_grads_batched=False, bool materialize_grads=False)',
);

/** Runs a backward pass once for a stack of gradients. @throws RuntimeError or ValueError in PyTorch's words */
function batched(
  outputs: readonly Target[],
  given: readonly (Tensor | null)[],
  run: (given: readonly (Tensor | null)[]) => Gradient[],
): Gradient[] {
  const stacks = given.map((grad, i) => {
    const output = formOf(outputs[i]);
    if (grad === null && output.shape.length > 0)
      throw new RuntimeError('grad can be implicitly created only for scalar outputs');
    if (grad === null || grad.ndim === 0)
      throw new ValueError(
        'vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a Tensor of dimensionality 0 so expected in_dim to satisfy 0 <= in_dim < 0.',
      );
    const shape = grad.shape.slice(1);
    if (!sameShape(shape, output.shape))
      throw new RuntimeError(
        `If \`isGradsBatched: true\`, we interpret the first dimension of each grad_output as the batch dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding output, but a mismatch was detected: grad_output[${i}] has a shape of torch.Size(${formatShape(shape)}) and output[${i}] has a shape of torch.Size(${formatShape(output.shape)}). If you only want some tensors in \`grad_output\` to be considered batched, consider using vmap.`,
      );
    return grad;
  });
  const sizes = stacks.map(({ shape }) => shape[0]);
  if (sizes.some((size) => size !== sizes[0]))
    throw new ValueError(
      `vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [${sizes.join(', ')}] for the mapped dimension`,
    );
  const level = new BatchLevel(context().modes, sizes[0], 'error');
  return withMode(level, () =>
    run(stacks.map((grad) => level.enter(grad, 0))).map((grad) =>
      grad === null ? null : level.leave(grad, 0),
    ),
  );
}

/**
 * The sum of gradients of `outputs` with respect to `inputs`, one tensor per input; no `grad` is touched.
 *
 * @param gradOutputs the vector in the vector-Jacobian product, one per output; null for scalars
 * @param retainGraph whether to keep the graph for another pass; default: `createGraph`
 * @param createGraph whether to record the pass, so that its results can be differentiated
 * @param allowUnused whether to give null for an input that the outputs do not depend on, instead of an error
 * @param isGradsBatched whether `gradOutputs` are stacks of such vectors, along their first dimension; then the results are, too
 * @param materializeGrads whether to give zeros for such an input
 *
 * @example
 * const x = torch.tensor([1, 2], { dtype: torch.float32, requiresGrad: true });
 * const [slope] = torch.autograd.grad(x.square().sum(), x); // tensor([2., 4.])
 */
export function grad<const Inputs extends OneOrMany<Target>>(
  outputs: OneOrMany<Target>,
  inputs: Inputs,
  options: NamedGradOptions & { allowUnused: boolean },
): Gradients<Inputs, Tensor | null>;
export function grad<const Inputs extends OneOrMany<Target>>(
  outputs: OneOrMany<Target>,
  inputs: Inputs,
  gradOutputs: OneOrMany<Tensor | null> | null | undefined,
  options: GradOptions & { allowUnused: boolean },
): Gradients<Inputs, Tensor | null>;
export function grad<const Inputs extends OneOrMany<Target>>(
  outputs: OneOrMany<Target>,
  inputs: Inputs,
  gradOutputs?: OneOrMany<Tensor | null> | null | NamedGradOptions,
  options?: GradOptions,
): Gradients<Inputs>;
export function grad<const Inputs extends OneOrMany<Target>>(
  options: { outputs: OneOrMany<Target>; inputs: Inputs } & NamedGradOptions,
): Gradients<Inputs>;
export function grad(...args: Arguments<typeof gradSignature>): Gradient[];
export function grad(...args: unknown[]): unknown {
  const {
    outputs,
    inputs,
    gradOutputs: given,
    retainGraph,
    createGraph,
    allowUnused,
    isGradsBatched,
    materializeGrads,
  } = gradSignature.bind(args);
  if (materializeGrads && allowUnused === false)
    throw new ValueError(
      'Expected allowUnused to be true or not passed when materializeGrads: true, but got: allowUnused: false.',
    );
  const outs = list(outputs);
  const ins = list(inputs);
  if (ins.length === 0) throw new RuntimeError('`inputs` argument to `grad()` cannot be empty.');
  if (materializeGrads && !ins.every((input) => input instanceof Tensor))
    throw new RuntimeError('materialize_grads cannot be used when the given input is a GradientEdge');
  const gradOutputs = given === null ? outs.map(() => null) : list(given);
  const run = (given: readonly (Tensor | null)[]): Gradient[] =>
    gradientsOf(outs, ins, given, { retainGraph, createGraph });
  const result = isGradsBatched ? batched(outs, gradOutputs, run) : run(gradOutputs);
  for (const [i, g] of result.entries()) {
    const input = ins[i];
    if (g !== null && input instanceof Tensor) result[i] = input.asGradient(g);
    if (g !== null) continue;
    if (materializeGrads && input instanceof Tensor) result[i] = input.detach().zerosLike();
    else if (!allowUnused)
      throw new RuntimeError(
        `The differentiated Tensor at index ${i} appears to not have been used in the graph. Set allowUnused: true if this is the desired behavior.`,
      );
  }
  return result;
}
