/** Which parameters an output depends on. */
import { AccumulateGrad, gradientEdge, type Node } from '../../autograd/node.js';
import { isPlainObject } from '../../core/plain.js';
import { Tensor } from '../../core/tensor.js';

/** The tensors in the result of a module: it itself, or in lists, maps and plain objects of any depth. */
export function* tensorsIn(value: unknown): Iterable<Tensor> {
  if (value instanceof Tensor) yield value;
  else if (value instanceof Map || value instanceof Set || Array.isArray(value))
    for (const one of value.values()) yield* tensorsIn(one);
  else if (isPlainObject(value)) for (const one of Object.values(value)) yield* tensorsIn(one);
}

/** The leaves whose gradients a backward pass from these would reach. */
export function leavesOf(outputs: Iterable<Tensor>): Set<Tensor> {
  const leaves = new Set<Tensor>();
  const seen = new Set<Node>();
  const stack: Node[] = [];
  const visit = (node: Node | undefined): void => {
    if (node === undefined || seen.has(node)) return;
    seen.add(node);
    if (node instanceof AccumulateGrad) leaves.add(node.variable);
    else stack.push(node);
  };
  for (const output of outputs) visit(gradientEdge(output)?.node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop())
    for (const edge of node.edges) visit(edge?.node);
  return leaves;
}
