import { context, withContextSync } from '../core/context.js';
import { checkAlive } from '../core/disposed.js';
import { NotImplementedError, RuntimeError, TypeError } from '../core/errors.js';
import { libraryClass } from '../core/object.js';
import { typeName } from '../core/repr.js';
import { keep, type Reach, reach } from '../core/scope.js';
import { takes } from '../core/signature/takes.js';
import { standsForSeveral } from '../core/stand_ins.js';
import { Tensor } from '../core/tensor.js';
import { type ForwardLevel, levelsOf } from '../dispatch/forward_level.js';
import { withModes } from '../dispatch/mode.js';
import {
  type Edge,
  freedError,
  type Gradient,
  gradientEdge,
  metaOf,
  Node,
  type ResultMeta,
  setHistory,
} from './node.js';
import { checkTangent } from './tangent_layout.js';

/** Tensors and values that a custom function keeps between its forward and its backward. */
export class FunctionContext {
  private forward: readonly (Tensor | null)[] = [];
  private saved: readonly { tensor: Tensor | null; version: number }[] | null = [];
  /** @internal */
  readonly nonDifferentiable = new Set<Tensor>();
  /** @internal */
  readonly dirty = new Set<Tensor>();
  /** @internal */
  materialize = true;
  /** By argument: whether its gradient is wanted. */
  needsInputGrad: readonly boolean[] = [];
  /** Anything else to keep. */
  [key: string]: unknown;

  /** Keeps inputs or results for `backward`, which finds them in `savedTensors`. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    checkSaved('save_for_backward', tensors);
    this.saved = tensors.map((tensor) => ({ tensor, version: tensor?.storage.version ?? 0 }));
  }

  /** Tensors that were kept. @throws RuntimeError once freed, or if one was changed in place since */
  get savedTensors(): readonly Tensor[] {
    if (this.saved === null) throw freedError();
    return this.saved.map(({ tensor, version }) => {
      if (tensor !== null) checkAlive(tensor, 'savedTensors');
      if (tensor !== null && tensor.storage.version !== version)
        throw new RuntimeError(
          `one of the variables needed for gradient computation has been modified by an inplace operation: a saved tensor is at version ${tensor.storage.version}; expected version ${version} instead.`,
        );
      return tensor as Tensor;
    });
  }

  /** Keeps inputs for `jvp`, which finds them in `savedTensors`. */
  saveForForward(...tensors: (Tensor | null)[]): void {
    checkSaved('save_for_forward', tensors);
    this.forward = tensors;
  }

  /** @internal Runs `jvp` with what was kept for it. */
  withForwardTensors<R>(fn: () => R): R {
    const { saved } = this;
    this.saved = this.forward.map((tensor) => ({ tensor, version: tensor?.storage.version ?? 0 }));
    try {
      return fn();
    } finally {
      this.saved = saved;
    }
  }

  /** Declares results that have no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    for (const t of tensors) this.nonDifferentiable.add(t);
  }

  /** Declares inputs that `forward` changed in place. */
  markDirty(...tensors: Tensor[]): void {
    for (const t of tensors) this.dirty.add(t);
  }

  /** Whether missing gradients reach `backward` as zeros (the default) or as null. */
  setMaterializeGrads(value: boolean): void {
    this.materialize = value;
  }

  /** @internal */
  release(): void {
    this.saved = null;
  }
}

libraryClass(FunctionContext, { shown: ['needsInputGrad'] });
takes(FunctionContext.prototype, [
  'save_for_backward(Any *tensors)',
  'save_for_forward(Any *tensors)',
  'mark_non_differentiable(Any *args)',
  'mark_dirty(Any *args)',
  'set_materialize_grads(bool value)',
]);

/** @throws TypeError for what is no tensor */
function checkSaved(name: string, tensors: readonly unknown[]): void {
  const i = tensors.findIndex((t) => t !== null && !(t instanceof Tensor));
  if (i >= 0)
    throw new TypeError(
      `${name} can only save variables, but argument ${i} is of type ${typeName(tensors[i])}`,
    );
}

class FunctionNode extends Node {
  constructor(
    private readonly fn: typeof Function,
    readonly ctx: FunctionContext,
    /** For each edge, which argument it belongs to. */
    private readonly positions: readonly number[],
    private readonly argumentCount: number,
  ) {
    super();
  }

  override get exposesGradients(): boolean {
    return true;
  }

  override name(): string {
    return `${this.fn.name}Backward`;
  }

  override apply(grads: readonly Gradient[]): readonly Gradient[] {
    const given = grads.map((g, i) => {
      if (g !== null || !this.ctx.materialize) return g;
      return zeros(this.results[i]);
    });
    const result = this.fn.backward(this.ctx, ...(given as Tensor[]));
    const list: readonly Gradient[] = result instanceof Tensor || result === null ? [result] : result;
    if (list.length > this.argumentCount && list.slice(this.argumentCount).some((g) => g !== null))
      throw new RuntimeError(
        `function ${this.name()} returned an incorrect number of gradients (expected ${this.argumentCount}, got ${list.length})`,
      );
    if (list.length < this.argumentCount)
      throw new RuntimeError(
        `function ${this.name()} returned an incorrect number of gradients (expected ${this.argumentCount}, got ${list.length})`,
      );
    return this.positions.map((p, i) => {
      const g = list[p];
      if (g === null || g === undefined) return null;
      if (!(g instanceof Tensor))
        throw new RuntimeError(`function ${this.name()} returned a gradient that is no tensor at index ${p}`);
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

let zeros: (meta: ResultMeta) => Tensor;

/** Called once by the ops layer, which can make tensors. */
export function provideZeros(make: typeof zeros): void {
  zeros = make;
}

/**
 * A differentiable function of your own: extend it with static `forward(ctx, …)` and `backward(ctx, …)`, and call `apply`.
 *
 * @example
 * class Exp extends torch.autograd.Function {
 *   static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
 *     const y = x.exp();
 *     ctx.saveForBackward(y);
 *     return y;
 *   }
 *   static override backward(ctx: torch.autograd.FunctionContext, grad: torch.Tensor) {
 *     return grad.mul(ctx.savedTensors[0]);
 *   }
 * }
 * const y = Exp.apply(x);
 */
export class Function {
  /** Computes the result(s); runs without recording. */
  static forward(_ctx: FunctionContext, ..._args: never[]): Tensor | readonly Tensor[] {
    throw new RuntimeError('You must implement the forward function for custom autograd.Function.');
  }

  /** The gradients of all arguments (null for what is no tensor), given those of the results. */
  static backward(_ctx: FunctionContext, ..._grads: Tensor[]): Gradient | readonly Gradient[] {
    throw new RuntimeError(
      'You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.',
    );
  }

  /**
   * The tangents of the results, given those of the arguments (zeros for tensors without, null for what is no tensor).
   */
  static jvp(_ctx: FunctionContext, ..._tangents: never[]): Gradient | readonly Gradient[] {
    throw new NotImplementedError(
      'You must implement the jvp function for custom autograd.Function to use it with forward mode AD.',
    );
  }

  /** @throws RuntimeError in PyTorch's words where this is not for `vmap` */
  private static checkVmap(tensors: readonly { readonly tensor: Tensor }[], recording: boolean): void {
    if (!this.generateVmapRule)
      throw new RuntimeError(
        `You tried to vmap over ${this.name}, but it does not have vmap support. Please set generateVmapRule = true. For more details, please see https://pytorch.org/docs/main/notes/extending.func.html`,
      );
    const { modes, grad } = context();
    if (recording || !grad) return;
    for (let stack = modes; stack !== null; stack = stack.below)
      for (const { tensor } of tensors) {
        const whole = standsForSeveral(tensor) ? stack.mode.known?.(tensor) : null;
        if (whole instanceof Tensor && whole.requiresGrad)
          throw new RuntimeError(
            `${this.name}: gradients from outside of a vmap through a custom Function in it are not supported; take them inside, as vmap(grad(f)) does`,
          );
      }
  }

  /** Whether `forward` and `backward` may be carried out for a whole stack in `torch.func.vmap`. Default false. */
  static readonly generateVmapRule: boolean = false;

  /** Runs `forward` and records it. */
  static apply(...args: unknown[]): Tensor {
    const ctx = new FunctionContext();
    const tensors = args.flatMap((a, i) => (a instanceof Tensor ? [{ tensor: a, i }] : []));
    ctx.needsInputGrad = args.map((a) => a instanceof Tensor && a.requiresGrad);
    const recording = context().grad && tensors.some(({ tensor }) => tensor.requiresGrad);
    if (tensors.some(({ tensor }) => standsForSeveral(tensor))) this.checkVmap(tensors, recording);
    const edges = recording ? tensors.map(({ tensor }) => gradientEdge(tensor)) : [];
    const levels = levelsOf(tensors.map(({ tensor }) => tensor));
    const output = withContextSync({ grad: false, tangents: false }, () =>
      this.forward(ctx, ...(args as never[])),
    );
    if (!recording && levels.length === 0) return output as Tensor;
    const list = output instanceof Tensor ? [output] : output;
    // An input returned as it is must not get this node as its own history.
    const results = list.map((t) =>
      !ctx.dirty.has(t) && tensors.some(({ tensor }) => tensor === t)
        ? new Tensor(t.storage, t.dtype, t.shape, t.strides, t.offset)
        : t,
    );
    if (recording) record(this, ctx, tensors, edges, args.length, results);
    pushTangents(this, ctx, levels, args, results);
    return (output instanceof Tensor ? results[0] : results) as Tensor;
  }
}

/** Makes the results those of a node. */
function record(
  fn: typeof Function,
  ctx: FunctionContext,
  tensors: readonly { tensor: Tensor; i: number }[],
  edges: readonly (Edge | null)[],
  argumentCount: number,
  results: readonly Tensor[],
): void {
  const node = new FunctionNode(
    fn,
    ctx,
    tensors.map(({ i }) => i),
    argumentCount,
  );
  node.edges = edges;
  node.results = results.map(metaOf);
  for (let stack = context().modes; stack !== null; stack = stack.below) stack.mode.recorded?.(node);
  for (const [i, t] of results.entries()) {
    if (ctx.dirty.has(t)) {
      t.storage.version++;
      keep(t, t.storage);
    }
    if (!ctx.nonDifferentiable.has(t) && t.dtype.isDifferentiable) setHistory(t, node, i);
  }
}

/** Gives the results the tangents that `jvp` finds, level by level. */
function pushTangents(
  fn: typeof Function,
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

libraryClass(Function);
