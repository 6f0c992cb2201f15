/** Hooks on the gradients of several tensors. */
import { AssertionError, ValueError } from '../core/errors.js';
import { RemovableHandle } from '../core/grad_fn.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { currentPass } from './backward_pass.js';
import { type Gradient, gradientEdge } from './node.js';

const registerSignature = signature(
  "register_multi_grad_hook(Tensor[] tensors, Callable fn, *, str mode='all')",
);

/** Called with the gradients of the tensors, null where one has none; or with the first of them. */
export type MultiGradHook = ((grads: readonly Gradient[]) => void) | ((grad: Tensor) => void);

/**
 * Calls `fn` once in each backward pass: with the gradients of all of the tensors when the last of those that the pass computes is
 * there (null for the others), or with `mode: 'any'` with the first that is.
 *
 * @param tensors tensors that require gradients
 * @param fn gets the gradients, which it must not change
 * @param mode `'all'` or `'any'`
 *
 * @example
 * const handle = torch.autograd.graph.registerMultiGradHook([a, b], (grads) => console.log(grads));
 */
export function registerMultiGradHook(
  ...args: Arguments<typeof registerSignature, { fn: MultiGradHook; mode: 'all' | 'any' }>
): RemovableHandle {
  const { tensors, fn, mode } = registerSignature.bind(args);
  if (mode !== 'all' && mode !== 'any')
    throw new ValueError(`Expects mode to be one of ('all', 'any') but got ${mode}`);
  const handles = mode === 'all' ? hookAll(tensors, fn as AllHook) : hookAny(tensors, fn as AnyHook);
  return new RemovableHandle(() => {
    for (const handle of handles) handle.remove();
  });
}

type AllHook = (grads: readonly Gradient[]) => void;
type AnyHook = (grad: Tensor) => void;

function hookAll(tensors: readonly Tensor[], fn: AllHook): RemovableHandle[] {
  const nodes = tensors.map((tensor) => {
    const edge = gradientEdge(tensor);
    if (edge === null) throw new AssertionError('Expected gradient function to be set');
    return edge.node;
  });
  /** By pass: gradients that are there, and how many are yet to come. */
  const passes = new WeakMap<object, { grads: Gradient[]; missing: number }>();
  return tensors.map((tensor, i) =>
    tensor.registerHook((grad) => {
      const pass = currentPass()!;
      let arrived = passes.get(pass);
      if (arrived === undefined) {
        const missing = nodes.filter((node) => pass.runs(node)).length;
        arrived = { grads: tensors.map(() => null), missing };
        passes.set(pass, arrived);
      }
      arrived.grads[i] = grad;
      if (--arrived.missing === 0) fn(arrived.grads);
      return undefined;
    }),
  );
}

function hookAny(tensors: readonly Tensor[], fn: AnyHook): RemovableHandle[] {
  const passes = new WeakSet<object>();
  return tensors
    .filter((tensor) => tensor.requiresGrad)
    .map((tensor) =>
      tensor.registerHook((grad) => {
        const pass = currentPass()!;
        if (!passes.has(pass)) fn(grad);
        passes.add(pass);
        return undefined;
      }),
    );
}
