/** Custom functions that follow from others: for stacks, in a `vmap` of their own in each pass. */
import { context } from '../core/context.js';
import { Tensor } from '../core/tensor.js';
import { BatchLevel } from '../dispatch/batch_level.js';
import { withMode } from '../dispatch/mode.js';
import { callFunction } from './function_call.js';
import {
  type CustomFunction,
  FunctionContext,
  type Outputs,
  type StackDims,
  type VmapInfo,
} from './function_context.js';
import type { Gradient } from './node.js';

const dimsOf = (known: readonly { readonly dim: number | null }[]): StackDims => known.map(({ dim }) => dim);

/** Calls a function for a stack: its `forward`, `backward` and `jvp` are each run for all at once. */
export function callVmapped(
  fn: CustomFunction,
  { batchSize, randomness }: VmapInfo,
  dims: StackDims,
  args: readonly unknown[],
): readonly [Outputs, StackDims] {
  const inner = new FunctionContext();
  /** Where the stack's dimension is in results, and in what was kept for `backward` and for `jvp`. */
  let outDims: StackDims = [];
  let kept: { backward: StackDims; forward: StackDims };

  const inLevel = <R>(body: (level: BatchLevel) => R): R => {
    const level = new BatchLevel(context().modes, batchSize, randomness);
    return withMode(level, () => body(level));
  };
  const enter = (level: BatchLevel, value: unknown, dim: number | null): unknown =>
    value instanceof Tensor && dim !== null ? level.enter(value, dim) : value;

  /** Gives tensors that `inner` has kept to it, as a level knows them. */
  const restore = (ctx: FunctionContext, level: BatchLevel, keptDims: StackDims): (Tensor | null)[] =>
    ctx.savedTensors.map((tensor, i) => enter(level, tensor, keptDims[i]) as Tensor | null);

  const run = (ctx: FunctionContext, given: readonly unknown[]): Outputs =>
    inLevel((level) => {
      const entered = given.map((value, i) => enter(level, value, dims[i]));
      inner.needsInputGrad = ctx.needsInputGrad;
      const result = fn.run(inner, entered);
      const list = result instanceof Tensor ? [result] : result;
      const whole = (tensors: readonly (Tensor | null)[]) =>
        tensors.map((tensor) => (tensor === null ? { tensor, dim: null } : level.whole(tensor)));
      const outputs = list.map((output) => level.whole(output));
      const [backward, forward] = [whole(inner.kept.backward), whole(inner.kept.forward)];
      outDims = dimsOf(outputs);
      kept = { backward: dimsOf(backward), forward: dimsOf(forward) };
      ctx.saveForBackward(...backward.map(({ tensor }) => tensor));
      ctx.saveForForward(...forward.map(({ tensor }) => tensor));
      ctx.markDirty(...[...inner.dirty].map((t) => level.whole(t).tensor));
      ctx.markNonDifferentiable(
        ...list.flatMap((t, i) => (inner.nonDifferentiable.has(t) ? [outputs[i].tensor] : [])),
      );
      ctx.setMaterializeGrads(inner.materialize);
      return result instanceof Tensor ? outputs[0].tensor : outputs.map(({ tensor }) => tensor);
    });

  const generated: CustomFunction = {
    name: `Vmapped${fn.name}`,
    run,
    setup: null,
    generates: true,
    checkStacks() {},
    backward: (ctx, ...grads: Gradient[]) =>
      inLevel((level) => {
        inner.saveForBackward(...restore(ctx, level, kept.backward));
        const found = fn.backward(inner, ...(grads.map((g, i) => enter(level, g, outDims[i])) as never[]));
        const list: readonly Gradient[] = found instanceof Tensor || found === null ? [found] : found;
        return list.map((grad, i) => {
          if (!(grad instanceof Tensor)) return grad;
          const dim = dims[i] ?? null;
          if (dim !== null) return level.leave(grad, dim);
          // The argument is the same for all, who add up.
          return level.isStacked(grad) ? level.leave(grad, 0).sum(0) : grad;
        });
      }),
    jvp: (ctx, ...tangents: Gradient[]) =>
      inLevel((level) => {
        inner.saveForForward(...restore(ctx, level, kept.forward));
        const given = tangents.map((t, i) => enter(level, t, dims[i])) as never[];
        const found = inner.withForwardTensors(() => fn.jvp(inner, ...given));
        const list: readonly Gradient[] = found instanceof Tensor || found === null ? [found] : found;
        return list.map((tangent, i) => tangent && level.leave(tangent, outDims[i]));
      }),
    stacked: (info, dims, args) => callVmapped(generated, info, dims, args),
  };
  const result = callFunction(generated, args);
  return [result, outDims];
}
