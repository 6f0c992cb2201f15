import type { Storage } from '../backends/backend.js';
import type { Device } from './device.js';
import type { DType } from './dtype.js';
import { inspect } from './inspect.js';
import type { Shape } from './layout.js';
import { libraryClass } from './object.js';
import { type Reach, reach } from './scope.js';
import { takes } from './signature/takes.js';

export type GradientOf<T> = T | null;

/** Where a gradient goes: an input of a node. */
export interface EdgeOf<T> {
  readonly node: GradFn<T>;
  /** Which of the node's results the gradient belongs to. */
  readonly output: number;
}

/** The form that gradients of a result must have. */
export interface ResultMeta {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
}

/** Hooks that are run on gradients as they pass. */
export type GradientHookOf<T> = (grad: T) => T | null | undefined;
export type NodeHookOf<T> = (
  gradInputs: readonly GradientOf<T>[],
  gradOutputs: readonly GradientOf<T>[],
) => ReplacedByHookOf<T>;
export type NodePreHookOf<T> = (gradOutputs: readonly GradientOf<T>[]) => ReplacedByHookOf<T>;
/** Gradients in place of those that a hook was given; nothing leaves them as they are. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
export type ReplacedByHookOf<T> = readonly GradientOf<T>[] | null | undefined | void;

/** The result of registering a hook: a way to take it off again. */
export class RemovableHandle {
  constructor(private readonly undo: () => void) {}

  /** Removes the hook; a second call does nothing. */
  remove(): void {
    this.undo();
  }
}

libraryClass(RemovableHandle, { shown: [] });

let sequence = 0;

/** Hooks of a node; few have any. */
interface Hooks<T> {
  readonly tensor: Map<number, GradientHookOf<T>[]>;
  readonly retain: Map<number, T>;
  readonly post: NodeHookOf<T>[];
  readonly pre: NodePreHookOf<T>[];
}

const none: readonly never[] = [];

/** One recorded op on values of type `T`, the tensors: turns gradients of its results into gradients of its inputs. */
export abstract class GradFn<T> {
  /** @internal Later nodes run first in the backward pass. */
  readonly sequence = sequence++;
  /** @internal One entry per differentiable input; null where no gradient is wanted. */
  edges: readonly (EdgeOf<T> | null)[] = none;
  /** @internal One entry per result. */
  results: readonly ResultMeta[] = none;
  /** @internal */
  hooks: Hooks<T> | null = null;

  /** @internal Whether code of the user's sees the gradients, and may keep them. */
  get exposesGradients(): boolean {
    return false;
  }

  /** PyTorch's name of it: `MulBackward0`. */
  abstract name(): string;

  /** @internal Gradients of the inputs, one per edge. */
  abstract apply(grads: readonly GradientOf<T>[]): readonly GradientOf<T>[];

  /** @internal Whether its result is a part of its one input, in which each element lies once. */
  get isOfPart(): boolean {
    return false;
  }

  /** @internal Adds the gradient of such a part to what has arrived for the whole, which nobody else knows of; false where it cannot. */
  addInPlace(_arrived: T, _grads: readonly GradientOf<T>[]): boolean {
    return false;
  }

  /** @internal Frees what was kept for the backward pass. @param dead takes memory that nobody knows of any more */
  release(_dead: Storage[]): void {}

  /** @internal Everything it holds but code. */
  [reach](into: Reach): void {
    for (const edge of this.edges) into.value(edge?.node);
    if (this.hooks !== null) into.value(this.hooks.retain);
  }

  /** The nodes that made its inputs, PyTorch's `next_functions`. */
  get nextFunctions(): readonly (readonly [GradFn<T> | null, number])[] {
    return this.edges.map((edge) => (edge === null ? [null, 0] : [edge.node, edge.output]));
  }

  /** Calls `hook(gradInputs, gradOutputs)` whenever the node has run; it may return other gradients for the inputs. */
  registerHook(hook: NodeHookOf<T>): RemovableHandle {
    return addTo(this.hooked().post, hook);
  }

  /** Calls `hook(gradOutputs)` before the node runs; it may return others. */
  registerPrehook(hook: NodePreHookOf<T>): RemovableHandle {
    return addTo(this.hooked().pre, hook);
  }

  /** @internal */
  hooked(): Hooks<T> {
    this.hooks ??= { tensor: new Map(), retain: new Map(), post: [], pre: [] };
    return this.hooks;
  }

  toString(): string {
    return `<${this.name().split('::').at(-1)}>`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

takes(GradFn.prototype, ['register_hook(Callable fn)', 'register_prehook(Callable fn)']);

export function addTo<T>(list: T[], item: T): RemovableHandle {
  list.push(item);
  return new RemovableHandle(() => {
    const i = list.indexOf(item);
    if (i >= 0) list.splice(i, 1);
  });
}
