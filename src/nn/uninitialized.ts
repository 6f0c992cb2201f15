/** Parameters and buffers whose sizes are not known yet: those of lazy modules. */
import { copier } from '../core/deepcopy.js';
import { RuntimeError } from '../core/errors.js';
import type { ReadonlyList } from '../core/list.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { Parameter, type Uninitialized } from './parameter.js';

const parameterSignature = signature(
  'UninitializedParameter(bool requires_grad=True, Device? device=None, ScalarType? dtype=None)',
);
const materializing = signature('materialize(int[] shape, Device? device=None, ScalarType? dtype=None)');
const bufferSignature = signature('UninitializedBuffer(Device? device=None, ScalarType? dtype=None)');

function refused(): never {
  throw new RuntimeError(
    "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes.",
  );
}

/** Values in this dtype and place, without elements. */
const nothing = ({ storage, dtype }: Tensor): Tensor => new Tensor(storage, dtype, [0], [1], 0);

/** Gives a tensor its sizes, and memory without values. */
function materialize(tensor: Tensor, prototype: object, args: Arguments<typeof materializing>): void {
  const own = nothing(tensor);
  const { shape, device, dtype } = materializing.bind(args);
  Object.setPrototypeOf(tensor, prototype);
  tensor.data = ops.empty(shape, { dtype: dtype ?? own.dtype, device: device ?? own.device });
}

/** Gives a copy what is known of the original's sizes. */
function likeThis<T extends Uninitialized>({ template }: T, copy: T): T {
  copy.template = template;
  return copy;
}

/** Moves or casts it, while there is nothing to move. */
function convert(tensor: Tensor, fn: (tensor: Tensor) => Tensor): void {
  const { storage, dtype } = fn(nothing(tensor));
  tensor.storage = storage;
  tensor.relayout([0], [1], 0, dtype);
}

/**
 * A parameter whose sizes are not known yet. What asks for them is refused until `materialize` or the first `forward` of its
 * module has made it a plain parameter.
 */
export class UninitializedParameter extends Parameter implements Uninitialized {
  /** @internal */
  template: readonly number[] = [];

  /**
   * @param requiresGrad whether gradients are recorded for it
   * @param device where it is to live
   * @param dtype the type of its elements
   */
  constructor(...args: Arguments<typeof parameterSignature>) {
    const { requiresGrad, device, dtype } = parameterSignature.bind(args);
    super(ops.empty([0], { device, dtype }), requiresGrad);
  }

  override get shape(): ReadonlyList<number> {
    return refused();
  }

  override detach(): this {
    return this;
  }

  /** Makes it a parameter of these sizes, without values. */
  materialize(...args: Arguments<typeof materializing>): void {
    materialize(this, Parameter.prototype, args);
  }

  /** @internal */
  convert(fn: (tensor: Tensor) => Tensor): void {
    convert(this, fn);
  }

  /** @internal */
  [copier](): UninitializedParameter {
    return likeThis(this, new UninitializedParameter(this.requiresGrad, this.device, this.dtype));
  }

  override toString(): string {
    return '<UninitializedParameter>';
  }
}

/** A buffer whose sizes are not known yet, as `UninitializedParameter` is a parameter. */
export class UninitializedBuffer extends Tensor implements Uninitialized {
  /** @internal */
  template: readonly number[] = [];

  /**
   * @param device where it is to live
   * @param dtype the type of its elements
   */
  constructor(...args: Arguments<typeof bufferSignature>) {
    const { storage, dtype } = ops.empty([0], bufferSignature.bind(args));
    super(storage, dtype, [0], [1], 0);
  }

  override get shape(): ReadonlyList<number> {
    return refused();
  }

  override detach(): this {
    return this;
  }

  /** Makes it a tensor of these sizes, without values. */
  materialize(...args: Arguments<typeof materializing>): void {
    materialize(this, Tensor.prototype, args);
  }

  /** @internal */
  convert(fn: (tensor: Tensor) => Tensor): void {
    convert(this, fn);
  }

  /** @internal */
  [copier](): UninitializedBuffer {
    return likeThis(this, new UninitializedBuffer(this.device, this.dtype));
  }

  override toString(): string {
    return '<UninitializedBuffer>';
  }
}

takesNothing(UninitializedParameter.prototype, ['detach']);
takesNothing(UninitializedBuffer.prototype, ['detach']);
