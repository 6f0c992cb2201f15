/** Calls of custom functions: recorded, with tangents, and for the stacks of a `vmap`. */
import { context, type ModeStack, withContextSync } from '../core/context.js';
import { cpu } from '../core/device.js';
import { float32 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import type { ResultMeta } from '../core/grad_fn.js';
import { typeName } from '../core/repr.js';
import { keep, type Reach, reach } from '../core/scope.js';
import { standsForSeveral } from '../core/stand_ins.js';
import { Tensor } from '../core/tensor.js';
import { AutogradLevel } from '../dispatch/autograd_level.js';
import { BatchLevel } from '../dispatch/batch_level.js';
import { forbidInPlace } from '../dispatch/check_in_place.js';
import { type ForwardLevel, levelsOf } from '../dispatch/forward_level.js';
import { withModes } from '../dispatch/mode.js';
import { type CustomFunction, FunctionContext, type Outputs, type StackDims } from './function_context.js';
import { type Edge, type Gradient, gradientEdge, metaOf, Node, setHistory } from './node.js';
import { checkTangent } from './tangent_layout.js';
import { rebaseHistory } from './view_history.js';
import { zeros } from './zeros.js';

/** The form of the gradient of what is no tensor: there is none. */
const noTensor: ResultMeta = { shape: [], dtype: float32, device: cpu };

class FunctionNode extends Node {
  constructor(
    private readonly fn: CustomFunction,
    readonly ctx: FunctionContext,
    /** For each edge, which argument it belongs to. */
    private readonly positions: readonly number[],
    private readonly argumentCount: number,
    /** The results; what is no tensor has no gradient. */
    outputs: readonly unknown[],
  ) {
    super();
    this.results = outputs.map((t) => (t instanceof Tensor ? metaOf(t) : noTensor));
  }

  override get exposesGradients(): boolean {
    return true;
  }

  override name(): string {
    return `${this.fn.name}Backward`;
  }

  override apply(grads: readonly Gradient[]): readonly Gradient[] {
    const given = grads.map((g, i) => {
      if (g !== null || !this.ctx.materialize || this.results[i] === noTensor) return g;
      return zeros(this.results[i]);
    });
    const result = this.fn.backward(this.ctx, ...(given as never[]));
    const list: readonly Gradient[] = Array.isArray(result) ? result : [result];
    if (list.length > this.argumentCount && list.slice(this.argumentCount).some((g) => g !== null))
      throw new RuntimeError(
        `function ${this.name()} returned an incorrect number of gradients (expected ${this.argumentCount}, got ${list.length})`,
      );
    if (list.length < this.argumentCount)
      throw new RuntimeError(
        `function ${this.name()} returned an incorrect number of gradients (expected ${this.argumentCount}, got ${list.length})`,
      );
    const stray = list.findIndex((g, p) => g !== null && g !== undefined && !this.positions.includes(p));
    if (stray >= 0)
      throw new RuntimeError(
        `function ${this.name()} returned a gradient different than None at position ${stray + 1}, but the corresponding forward input was not a Variable`,
      );
    return this.positions.map((p, i) => {
      const g = list[p];
      if (g === null || g === undefined) return null;
      if (!(g instanceof Tensor)) throw new RuntimeError(`expected Variable or None (got ${typeName(g)})`);
      return this.edges[i] === null ? null : g;
    });
  }

  override release(): void {
    this.ctx.release();
  }

  override [reach](into: Reach): void {
    super[reach](into);
    into.value(this.ctx);
  }
}

/** Runs a custom function and records it. */
export function callFunction(fn: CustomFunction, args: readonly unknown[]): Outputs {
  const tensors = args.flatMap((a, i) => (a instanceof Tensor ? [{ tensor: a, i }] : []));
  const stack = stackOf(tensors.map(({ tensor }) => tensor));
  const levels = levelsOf(tensors.map(({ tensor }) => tensor));
  const { grad } = context();
  const wants = (tensor: Tensor): boolean =>
    grad &&
    tensor.requiresGrad &&
    (stack === null || (stack.isRecorded && stack.level.known(tensor) !== null));
  const recording = tensors.some(({ tensor }) => wants(tensor));
  if (stack !== null && !recording && levels.length === 0) return callStacked(fn, stack, args);
  const ctx = new FunctionContext();
  ctx.needsInputGrad = args.map((a) => a instanceof Tensor && wants(a));
  const edges = tensors.map(({ tensor }) => (wants(tensor) ? gradientEdge(tensor) : null));
  const { setup } = fn;
  const output =
    stack !== null && setup !== null
      ? setUp(setup, ctx, args, callStacked(fn, stack, args))
      : withContextSync({ grad: false, tangents: false }, () => {
          if (stack !== null) checkSeparate(fn, stack, args);
          return fn.run(ctx, args);
        });
  if (!recording && levels.length === 0) return output;
  const list: readonly unknown[] = Array.isArray(output) ? output : [output];
  const results = list.map((t) => (t instanceof Tensor ? ownResult(ctx, tensors, t) : t));
  if (recording) {
    record(fn, ctx, tensors, edges, args.length, results);
    const several = results.length > 1;
    for (const [i, t] of results.entries())
      if (t !== list[i] && t instanceof Tensor && t.requiresGrad)
        forbidInPlace(
          t,
          `Output ${i} of ${fn.name} is a view and is being modified inplace. ${several ? manyViews : viewInside}`,
        );
  }
  if (levels.length > 0) pushTangents(fn, ctx, levels, args, results as readonly Tensor[]);
  return (Array.isArray(output) ? results : results[0]) as Outputs;
}

const manyViews =
  'This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.';
const viewInside =
  'This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.';

/** A result that has no other history: an input returned as it is, or a view of one, is a tensor of its own over that memory. */
function ownResult(ctx: FunctionContext, tensors: readonly { tensor: Tensor }[], t: Tensor): Tensor {
  if (ctx.dirty.has(t)) return t;
  const isInput = tensors.some(({ tensor }) => tensor === t);
  if (!isInput && !(t.base !== null && tensors.some(({ tensor }) => (tensor.base ?? tensor) === t.base)))
    return t;
  const own = new Tensor(t.storage, t.dtype, t.shape, t.strides, t.offset);
  if (ctx.nonDifferentiable.has(t)) ctx.markNonDifferentiable(own);
  return own;
}

function setUp(
  setup: NonNullable<CustomFunction['setup']>,
  ctx: FunctionContext,
  args: readonly unknown[],
  output: Outputs,
): Outputs {
  withContextSync({ grad: false, tangents: false }, () => setup(ctx, args, output));
  return output;
}

/** A `vmap` in which an argument stands for several. */
interface StackInSight {
  readonly level: BatchLevel;
  /** The modes beneath it. */
  readonly below: ModeStack | null;
  /** Whether calls are recorded there. */
  readonly grad: boolean;
  /** Whether calls are recorded above it, too. */
  readonly isRecorded: boolean;
}

/** Finds the innermost of them in sight. */
function stackOf(tensors: readonly Tensor[]): StackInSight | null {
  if (!tensors.some(standsForSeveral)) return null;
  let { grad } = context();
  let recorded: BatchLevel | null = null;
  for (let stack = context().modes; stack !== null; stack = stack.below) {
    const { mode, below } = stack;
    if (mode instanceof AutogradLevel) {
      grad &&= mode.grad;
      recorded = mode.batch;
    } else if (mode instanceof BatchLevel && tensors.some((t) => mode.isStacked(t)))
      return { level: mode, below, grad, isRecorded: recorded === mode };
  }
  return null;
}

/** Runs a function for all of a stack, with only the modes beneath the `vmap` in sight. */
function callStacked(
  fn: CustomFunction,
  { level, below, grad }: StackInSight,
  args: readonly unknown[],
): Outputs {
  const known = args.map((a) => (a instanceof Tensor ? level.whole(a) : { tensor: a, dim: null }));
  const [outputs, given] = withContextSync({ modes: below, grad }, () =>
    fn.stacked(
      { batchSize: level.size, randomness: level.randomness },
      known.map(({ dim }) => dim),
      known.map(({ tensor }) => tensor),
    ),
  );
  const dimOf = (i: number): number | null =>
    Array.isArray(given) ? (given as StackDims)[i] : (given as number | null);
  return outputs instanceof Tensor
    ? enter(level, outputs, dimOf(0))
    : outputs.map((output, i) => enter(level, output, dimOf(i)));
}

const enter = (level: BatchLevel, output: Tensor, dim: number | null): Tensor =>
  dim === null ? output : level.enter(output, dim < 0 ? dim + output.ndim : dim);

/** @throws RuntimeError in PyTorch's words where results cannot be computed apart from what is kept for gradients, and must be */
function checkSeparate(fn: CustomFunction, { level, grad }: StackInSight, args: readonly unknown[]): void {
  fn.checkStacks();
  if (!fn.generates || (grad && args.some((a) => a instanceof Tensor && level.whole(a).tensor.requiresGrad)))
    throw new RuntimeError(
      'In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must override the setupContext static method. For more details, please see https://pytorch.org/docs/main/notes/extending.func.html',
    );
}

/** Makes the results those of a node. */
function record(
  fn: CustomFunction,
  ctx: FunctionContext,
  tensors: readonly { tensor: Tensor; i: number }[],
  edges: readonly (Edge | null)[],
  argumentCount: number,
  results: readonly unknown[],
): void {
  for (const t of ctx.dirty) checkDirty(t, results.length);
  const dirtyView = tensors.findIndex(({ tensor }) => tensor.base !== null && ctx.dirty.has(tensor));
  // The history of a view's base is made of the first edge.
  const order = tensors.map((_, k) => k).sort((a, b) => +(b === dirtyView) - +(a === dirtyView));
  const positions = order.map((k) => tensors[k].i);
  const node = new FunctionNode(fn, ctx, positions, argumentCount, results);
  node.edges = order.map((k) => edges[k]);
  for (let stack = context().modes; stack !== null; stack = stack.below) stack.mode.recorded?.(node);
  for (const [i, t] of results.entries()) {
    if (!(t instanceof Tensor)) continue;
    if (ctx.dirty.has(t)) {
      t.storage.version++;
      keep(t, t.storage);
    }
    if (ctx.nonDifferentiable.has(t) || !t.dtype.isDifferentiable) continue;
    if (ctx.dirty.has(t)) rebaseHistory(t, node);
    else setHistory(t, node, i);
  }
  ctx.pack(node.name());
}

/** Refuses changes in place that the graph could not follow. @throws RuntimeError in PyTorch's words */
function checkDirty(t: Tensor, resultCount: number): void {
  if (t.requiresGrad && t.isLeaf)
    throw new RuntimeError('a leaf Variable that requires grad has been used in an in-place operation.');
  if (t.base !== null && resultCount > 1)
    throw new RuntimeError(
      'If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single Tensor and a second one that does the other operations). You can ask on the forum https://discuss.pytorch.org/ if you need help to do this change.',
    );
}

/** Gives the results the tangents that `jvp` finds, level by level. */
function pushTangents(
  fn: CustomFunction,
  ctx: FunctionContext,
  levels: readonly ForwardLevel[],
  args: readonly unknown[],
  results: readonly Tensor[],
): void {
  for (const level of levels)
    withModes(level.below, () => {
      const tangents = args.map((a) =>
        a instanceof Tensor ? (level.get(a) ?? (ctx.materialize ? zeros(a) : null)) : null,
      );
      const found = ctx.withForwardTensors(() => fn.jvp(ctx, ...(tangents as never[])));
      const list: readonly Gradient[] = found instanceof Tensor || found === null ? [found] : found;
      if (list.length !== results.length)
        throw new RuntimeError(
          `Function's jvp returned an invalid number of forward gradients (expected ${results.length} but got ${list.length})`,
        );
      for (const [i, result] of results.entries()) {
        const tangent = list[i];
        if (tangent === null || ctx.nonDifferentiable.has(result)) continue;
        if (ctx.dirty.has(result)) {
          if (tangent !== level.get(result))
            throw new RuntimeError(
              'An inplace custom Function is not returning the forward mode gradients as-is. If the forward is modifying an input inplace, then the jvp function must modify the gradient inplace and return it as-is.',
            );
        } else level.set(result, checkTangent(result, tangent));
      }
    });
}
