/** The context that a custom function keeps between its passes, and its parts. */
import { TypeError } from '../core/errors.js';
import { libraryClass } from '../core/object.js';
import { typeName } from '../core/repr.js';
import { takes } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import type { Randomness } from '../dispatch/batch_level.js';
import { type Kept, keepTensor } from '../dispatch/saved_tensor.js';
import { freedError, type Gradient } from './node.js';

/** Tensors and values that a custom function keeps between its forward and its backward. */
export class FunctionContext {
  private user = '';
  private forward: readonly (Tensor | null)[] = [];
  /** Tensors for `backward`, and the form in which the graph keeps them, once there is a graph. */
  private saved: readonly (Tensor | null)[] = [];
  private packed: readonly (Kept | null)[] | null = null;
  private released = false;
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
    this.saved = tensors;
  }

  /** Tensors that were kept. @throws RuntimeError once freed, or if one was changed in place since */
  get savedTensors(): readonly Tensor[] {
    if (this.released) throw freedError();
    return (this.packed?.map((kept) => kept?.unpack(this.user) ?? null) ?? this.saved) as Tensor[];
  }

  /** @internal Keeps what was saved for the backward pass of a function. */
  pack(user: string): void {
    this.user = user;
    this.packed = this.saved.map((tensor) => (tensor === null ? null : keepTensor(tensor)));
    this.saved = [];
  }

  /** Keeps inputs for `jvp`, which finds them in `savedTensors`. */
  saveForForward(...tensors: (Tensor | null)[]): void {
    checkSaved('save_for_forward', tensors);
    this.forward = tensors;
  }

  /** @internal What was kept for `backward`, and for `jvp`. */
  get kept(): { backward: readonly (Tensor | null)[]; forward: readonly (Tensor | null)[] } {
    return { backward: this.saved, forward: this.forward };
  }

  /** @internal Runs `jvp` with what was kept for it. */
  withForwardTensors<R>(fn: () => R): R {
    const { saved, packed } = this;
    this.saved = this.forward;
    this.packed = null;
    try {
      return fn();
    } finally {
      this.saved = saved;
      this.packed = packed;
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
    for (const kept of this.packed ?? []) kept?.release([]);
    this.packed = [];
    this.released = true;
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

/** Facts of a `vmap`, for a custom function's own rule. */
export interface VmapInfo {
  /** How many tensors are stacked. */
  readonly batchSize: number;
  readonly randomness: Randomness;
}

/** Results of a custom function. */
export type Outputs = Tensor | readonly Tensor[];

/** By argument or result: where the stack's dimension is; null where there is none. */
export type StackDims = readonly (number | null)[];

/** The parts of a custom function. */
export interface CustomFunction {
  readonly name: string;
  /** Computes the results; the context is written on the way, or by `setupContext`. */
  readonly run: (ctx: FunctionContext, args: readonly unknown[]) => Outputs;
  /** As `run`, but with results that are there already; null where those are not computed apart. */
  readonly setup: ((ctx: FunctionContext, args: readonly unknown[], output: Outputs) => void) | null;
  readonly backward: (ctx: FunctionContext, ...grads: never[]) => Gradient | readonly Gradient[];
  readonly jvp: (ctx: FunctionContext, ...tangents: never[]) => Gradient | readonly Gradient[];
  /** Whether its parts may be run for all of a stack at once. */
  readonly generates: boolean;
  /** @throws RuntimeError in PyTorch's words where it does not say how it runs for a stack */
  readonly checkStacks: () => void;
  /** Runs it for a stack. */
  readonly stacked: (
    info: VmapInfo,
    dims: StackDims,
    args: readonly unknown[],
  ) => readonly [Outputs, unknown];
}
