import { addTo, type RemovableHandle } from '../core/grad_fn.js';
/** Methods of tensors that are no ops: printing, iteration, gradients, the bridge to arrays. */

import { backwardFrom } from '../autograd/backward.js';
import { provideConcatenation } from '../autograd/concatenation.js';
import {
  AccumulateGrad,
  type AccumulateHook,
  type GradientHook,
  gradientEdge,
  type Node,
} from '../autograd/node.js';
import { provideZeros } from '../autograd/zeros.js';
import type { HostMemory, Storage } from '../backends/backend.js';
import { backendOf } from '../core/backends.js';
import { getDefaultDtype } from '../core/defaults.js';
import { checkAlive } from '../core/disposed.js';
import { complexReader, elementReader } from '../core/elements.js';
import { RuntimeError, TypeError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import { formatShape } from '../core/layout.js';
import { libraryClass } from '../core/object.js';
import { formatTensor, type PrintedTensor } from '../core/printing.js';
import { formatFloat, typeName } from '../core/repr.js';
import { track } from '../core/scope.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { standsForSeveral } from '../core/stand_ins.js';
import { gradNode, moveTo, onHost, Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { currentLevel } from '../dispatch/forward_level.js';
import { shownByMode } from '../dispatch/mode.js';
import { belowAutograd } from '../dispatch/recording.js';
import { ops } from '../dispatch/registry.js';
import { fillInto } from './copying.js';
import { type NumpyArray, toNumpy } from './from_data.js';

const backward = signature(
  'backward(Tensor? gradient=None, bool? retain_graph=None, bool create_graph=False, Tensor|Tensor[]? inputs=None)',
);
const hook = signature('register_hook(Callable hook)');
const numpy = signature('numpy(*, bool force=False)');

/** The bytes that tensors show parts of. */
export class UntypedStorage {
  readonly #storage: Storage;

  /** @internal */
  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** How many bytes there are. */
  get nbytes(): number {
    return this.#storage.nbytes;
  }

  /** The same for tensors that share memory, and for those only. */
  dataPtr(): number {
    const memory = this.#storage.host() as (HostMemory & { readonly address?: number }) | null;
    return memory?.address ?? memory?.byteOffset ?? 0;
  }

  /** The last line of what Python prints. */
  toString(): string {
    return `[torch.storage.UntypedStorage(device=${this.#storage.backend.device}) of size ${this.nbytes}]`;
  }
}

libraryClass(UntypedStorage);

declare module '../core/tensor.js' {
  interface Tensor {
    /** The node that made it; null for leaves. */
    readonly gradFn: Node | null;
    /** The same values outside of autograd: changes through it are seen here, but not by autograd. */
    data: Tensor;
    /** Which of its node's results it is. */
    readonly outputNr: number;
    /** Whether its gradient is kept although it is no leaf. */
    readonly retainsGrad: boolean;
    /** The bytes it lives in. */
    untypedStorage(): UntypedStorage;
    /** Adds the gradients of this tensor to the `grad` of the leaves it depends on. */
    backward(...args: Arguments<typeof backward>): void;
    /** Keeps the gradient of a tensor that is no leaf in its `grad`. */
    retainGrad(): void;
    /** Calls `hook(grad)` when the gradient is known; what it returns, if anything, replaces it. */
    registerHook(...args: Arguments<typeof hook, { hook: GradientHook }>): RemovableHandle;
    /** Calls `hook(tensor)` after a leaf's `grad` has been added to. */
    registerPostAccumulateGradHook(
      ...args: Arguments<typeof hook, { hook: AccumulateHook }>
    ): RemovableHandle;
    /** An ndarray-like object over the same memory: a write on either side is seen on the other. */
    numpy(...args: Arguments<typeof numpy>): NumpyArray;
    /** The slices along the first dimension. */
    [Symbol.iterator](): IterableIterator<Tensor>;
    /** Exactly what Python prints. */
    toString(): string;
    /** `toString()`, on devices that must be waited for too. */
    toStringAsync(): Promise<string>;
    /** `dispose()` at the end of a block: `using x = torch.ones(3)`. */
    [Symbol.dispose](): void;
  }
}

function define(properties: PropertyDescriptorMap & ThisType<Tensor>): void {
  for (const descriptor of Object.values(properties)) descriptor.configurable = true;
  Object.defineProperties(Tensor.prototype, properties);
}

/** Gathers what is printed beside the values: all that can change or end while these are waited for. */
function description(tensor: Tensor) {
  checkAlive(tensor, 'toString()');
  return {
    shape: tensor.shape,
    dtype: tensor.dtype,
    defaultDtype: getDefaultDtype(),
    device: String(tensor.device),
    hasValues: tensor.storage.backend.hasValues,
    requiresGrad: tensor.requiresGrad,
    gradFnName: gradNode(tensor)?.name() ?? null,
    isParameter: tensor.isParameter,
  };
}

/** @param values the tensor's values on the host */
function print(about: Omit<PrintedTensor, 'tangent'>, values: Tensor, tangent: string | null): string {
  const scattered = values.isReadable && !values.isContiguous();
  const dense = scattered ? belowAutograd(() => values.contiguous()) : values;
  return formatTensor({ ...about, tangent }, (positions) => {
    const read = (dense.dtype.isComplex ? complexReader : elementReader)(dense, 'toString');
    return positions.map((p) => read(dense.offset + p));
  });
}

const tangentOf = (tensor: Tensor): Tensor | null => currentLevel()?.get(tensor) ?? null;

/** As Python formats a tangent: a scalar as a float. */
function printed(tensor: Tensor): string {
  const shown = shownByMode(tensor, printed);
  if (shown !== null) return shown;
  const about = description(tensor);
  const tangent = tangentOf(tensor);
  if (tangent === null) return print(about, tensor, null);
  return print(about, tensor, tangent.ndim === 0 ? formatFloat(tangent.item()) : printed(tangent));
}

const endedText = (tensor: Tensor): string =>
  `tensor(<one of a stack whose vmap has ended>, size=${formatShape(tensor.shape)}, dtype=${tensor.dtype})`;

/** The same, waiting. The values are those of now, and what ends meanwhile does not matter. */
async function printedLater(tensor: Tensor): Promise<string> {
  const about = description(tensor);
  if (!about.hasValues) return printed(tensor);
  const tangent = tangentOf(tensor);
  const text =
    tangent === null
      ? null
      : tangent.ndim === 0
        ? onHost(tangent).then((t) => formatFloat(t.item()))
        : printedLater(tangent);
  const [values, tangentText] = await Promise.all([onHost(tensor), text]);
  return print(about, values, tangentText);
}

define({
  gradFn: {
    get() {
      return gradNode(this);
    },
  },
  outputNr: {
    get() {
      return gradNode(this) === null ? 0 : this.autograd!.output;
    },
  },
  retainsGrad: {
    get() {
      return gradNode(this)?.hooks?.retain.has(this.autograd!.output) ?? false;
    },
  },
  data: {
    get() {
      checkAlive(this, 'data');
      const { storage } = this;
      const alias = storage.alias();
      if (storage.scope !== null) track(alias);
      return new Tensor(alias, this.dtype, this.shape, this.strides, this.offset);
    },
    set(value: Tensor) {
      if (!(value instanceof Tensor))
        throw new TypeError(`Variable data has to be a tensor, but got ${typeName(value)}`);
      if (this.requiresGrad && !value.dtype.isDifferentiable)
        throw new RuntimeError(
          'data set to a tensor that requires gradients must be floating point or complex dtype',
        );
      checkAlive(value, "data's assignment");
      moveTo(this, value.storage);
      this.relayout(value.shape, value.strides, value.offset, value.dtype);
    },
  },
  untypedStorage: {
    value(this: Tensor) {
      checkAlive(this, 'untypedStorage()');
      return new UntypedStorage(this.storage);
    },
  },
  backward: {
    value(this: Tensor, ...args: unknown[]) {
      const { gradient, ...options } = backward.bind(args);
      if (standsForSeveral(this))
        throw new RuntimeError(
          'backward() called inside a functorch transform. This is not supported, please use functorch.grad or functorch.vjp instead or call backward() outside of functorch transforms.',
        );
      backwardFrom(this, gradient, options);
    },
  },
  retainGrad: {
    value(this: Tensor) {
      if (!this.requiresGrad)
        throw new RuntimeError("can't retainGrad on Tensor that has requiresGrad: false");
      const node = gradNode(this);
      node?.hooked().retain.set(this.autograd!.output, this);
    },
  },
  registerHook: {
    value(this: Tensor, ...args: unknown[]) {
      const given = hook.bind(args).hook as GradientHook;
      const edge = gradientEdge(this);
      if (edge === null)
        throw new RuntimeError("cannot register a hook on a tensor that doesn't require gradient");
      const { tensor } = edge.node.hooked();
      let list = tensor.get(edge.output);
      if (list === undefined) {
        list = [];
        tensor.set(edge.output, list);
      }
      return addTo(list, given);
    },
  },
  registerPostAccumulateGradHook: {
    value(this: Tensor, ...args: unknown[]) {
      const given = hook.bind(args, 'register_post_accumulate_grad_hook').hook as AccumulateHook;
      const edge = gradientEdge(this);
      if (edge === null)
        throw new RuntimeError("cannot register a hook on a tensor that doesn't require gradient");
      if (!(edge.node instanceof AccumulateGrad))
        throw new RuntimeError('post accumulate grad hooks cannot be registered on non-leaf tensors');
      return addTo(edge.node.afterHooks, given);
    },
  },
  numpy: {
    value(this: Tensor, ...args: unknown[]) {
      return toNumpy(numpy.bind(args).force ? this.detach().cpu() : this);
    },
  },
  [Symbol.iterator]: {
    *value(this: Tensor) {
      if (this.ndim === 0) throw new TypeError('iteration over a 0-d tensor');
      for (let i = 0; i < this.shape[0]; i++) yield this.select(0, i);
    },
  },
  toString: {
    value(this: Tensor) {
      return printed(this);
    },
  },
  toStringAsync: {
    value(this: Tensor) {
      return printedLater(this);
    },
  },
  [inspect]: {
    value(this: Tensor) {
      // Who looks for a mistake must not meet an error for looking.
      if (this.isDisposed) return `tensor(<disposed>, size=${formatShape(this.shape)})`;
      if (standsForSeveral(this)) return shownByMode(this, printed) ?? endedText(this);
      if (this.isReadable || !this.storage.backend.hasValues) return String(this);
      return `tensor(<await toStringAsync() to see it>, size=${formatShape(this.shape)}, dtype=${this.dtype}, device='${this.device}')`;
    },
  },
});

// Where the platform has it: without, `using` is no syntax either.
if (Symbol.dispose !== undefined)
  define({
    [Symbol.dispose]: {
      value(this: Tensor) {
        this.dispose();
      },
    },
  });

takesNothing(Tensor.prototype, ['untypedStorage', 'retainGrad', 'toStringAsync']);

provideConcatenation((rows, like) => (rows.length === 0 ? like.newZeros([0]) : ops.cat(rows)));
provideZeros(({ shape, dtype, device }) => {
  const zeros = empty(shape, dtype, backendOf(device));
  fillInto(zeros, 0);
  return zeros;
});
