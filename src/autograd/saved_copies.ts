/** `allowMutationOnSavedTensors`: tensors that gradients need are copied before they are changed in place. */
import type { Storage } from '../backends/backend.js';
import { checkFunction, context, withContextSync } from '../core/context.js';
import { AssertionError, RuntimeError } from '../core/errors.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { lasting } from '../dispatch/empty.js';
import { type Mode, type Next, withMode } from '../dispatch/mode.js';
import type { Op } from '../dispatch/op.js';
import { withSavedHooks } from './saved_hooks.js';

/** A tensor that the graph needs, or its copy from before a change. */
interface Saved {
  tensor: Tensor;
  isCopy: boolean;
}

class CopiesBeforeChanges implements Mode {
  readonly remembers = true;
  hasEnded = false;
  private readonly saved = new WeakMap<Storage, Set<WeakRef<Saved>>>();

  call(op: Op, args: unknown[], next: Next): unknown {
    if (op.isComposite) return op.execute(args);
    if (op.isInPlace && args[0] instanceof Tensor) this.copy(args[0].storage);
    return next(op, args);
  }

  keep(tensor: Tensor): Saved {
    const saved: Saved = { tensor, isCopy: false };
    const { storage } = tensor;
    let inStorage = this.saved.get(storage);
    if (inStorage === undefined) {
      inStorage = new Set();
      this.saved.set(storage, inStorage);
    }
    inStorage.add(new WeakRef(saved));
    return saved;
  }

  private copy(storage: Storage): void {
    for (const reference of this.saved.get(storage) ?? []) {
      const saved = reference.deref();
      if (saved === undefined || saved.isCopy) continue;
      const { tensor } = saved;
      saved.tensor = lasting(() => withContextSync({ grad: false, modes: null }, () => tensor.clone()));
      saved.isCopy = true;
    }
    this.saved.delete(storage);
  }
}

const allowMutation = signature('allow_mutation_on_saved_tensors(Any fn=None)');

/**
 * Runs `fn` with tensors that gradients need copied before an op changes them in place, so that the backward pass finds what they were.
 * It has to run inside, too. If `fn` is async, it lasts until its promise settles.
 *
 * @throws RuntimeError inside another one
 *
 * @example
 * torch.autograd.graph.allowMutationOnSavedTensors(() => {
 *   const b = a.clone();
 *   const out = b.square().sum();
 *   b.sin_();
 *   out.backward();
 * });
 */
export function allowMutationOnSavedTensors<R>(...args: [fn: (() => R) | { fn: () => R }]): R {
  const { fn } = allowMutation.bind(args);
  checkFunction(fn, 'allowMutationOnSavedTensors');
  for (let stack = context().modes; stack !== null; stack = stack.below)
    if (stack.mode instanceof CopiesBeforeChanges)
      throw new RuntimeError('allow_mutation_on_saved_tensors contexts cannot be nested');
  const mode = new CopiesBeforeChanges();
  const end = () => {
    mode.hasEnded = true;
  };
  const run = () =>
    withSavedHooks(
      (tensor) => mode.keep(tensor),
      (saved) => {
        if (mode.hasEnded)
          throw new AssertionError(
            "Trying to backward outside of the 'allow_mutation_on_saved_tensors' contextin which the graph was originally recorded.",
          );
        return (saved as Saved).tensor;
      },
      fn as () => R,
    );
  let pending = false;
  try {
    const result = withMode(mode, run);
    pending = result instanceof Promise;
    return pending ? ((result as Promise<unknown>).finally(end) as R) : result;
  } finally {
    if (!pending) end();
  }
}
