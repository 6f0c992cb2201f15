/** Edges of the graph as users name them. */
import { RuntimeError } from '../core/errors.js';
import type { ResultMeta } from '../core/grad_fn.js';
import { libraryClass } from '../core/object.js';
import { accepting, defineParameterType } from '../core/signature/parameter_types.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { Tensor } from '../core/tensor.js';
import { type Edge, gradientEdge, type Node } from './node.js';

const edge = signature('GradientEdge(Any node, int output_nr, Any ownership_token=None)');

/** Where in the graph a tensor's gradient is computed: `backward` and `grad` take it in place of the tensor. */
export class GradientEdge {
  /** The node whose result the gradient is of. */
  readonly node: Node;
  /** Which of its results. */
  readonly outputNr: number;
  /** For PyTorch's sake: a node keeps its graph alive. */
  readonly ownershipToken: Node | null;

  constructor(...args: Arguments<typeof edge, { node: Node; ownershipToken: Node | null }>) {
    const { node, outputNr, ownershipToken } = edge.bind(args);
    this.node = node as Node;
    this.outputNr = outputNr;
    this.ownershipToken = ownershipToken as Node | null;
  }
}

libraryClass(GradientEdge, { shown: ['node', 'outputNr', 'ownershipToken'] });

declare module '../core/signature/argument_types.js' {
  interface ParameterTypes {
    Target: Target;
  }
}
defineParameterType(
  'Target',
  accepting((value) => value instanceof Tensor || value instanceof GradientEdge, 'Tensor'),
);

/** An end of a derivative, its function or its variable: a tensor, or its place in the graph. */
export type Target = Tensor | GradientEdge;

/** The edge that the gradient arrives at; null where none is wanted. */
export function edgeOf(target: Target): Edge | null {
  return target instanceof Tensor ? gradientEdge(target) : { node: target.node, output: target.outputNr };
}

/** The form that the gradient must have. */
export function formOf(target: Target): ResultMeta {
  return target instanceof Tensor ? target : target.node.results[target.outputNr];
}

/**
 * Where in the graph the gradient of a tensor is computed. `grad(loss, getGradientEdge(input))` is as good as `grad(loss, input)`, and
 * does not keep the tensor alive.
 *
 * @throws RuntimeError for a tensor that does not require gradients
 */
export const getGradientEdge = signed('get_gradient_edge(Tensor tensor)', ({ tensor }) => {
  const edge = gradientEdge(tensor);
  if (edge === null)
    throw new RuntimeError(
      'It is not possible to get the gradient edge for a Tensor that does not require gradients',
    );
  return new GradientEdge(edge.node, edge.output);
});
