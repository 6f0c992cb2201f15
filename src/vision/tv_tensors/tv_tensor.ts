/** Tensors that say what they are in a sample. */

import type { DeviceLike } from '../../core/device.js';
import type { DType } from '../../core/dtype.js';
import { inspect } from '../../core/inspect.js';
import { defineParameterType } from '../../core/signature/parameter_types.js';
import { Tensor } from '../../core/tensor.js';
import { asTensor, type TensorData } from '../../ops/from_data.js';

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    TVTensor: TVTensor;
  }
}

/** The values of a tensor, and how they are to be kept. */
interface Given {
  readonly data: unknown;
  readonly dtype: DType | null;
  readonly device: DeviceLike | null;
  readonly requiresGrad: boolean | null;
}

/** The values as a tensor, which shares the memory of one that is given. */
export function tensorOf({ data, dtype, device, requiresGrad }: Given): Tensor {
  const tensor = asTensor(data as TensorData, { dtype, device });
  if (requiresGrad === null || requiresGrad === tensor.requiresGrad) return tensor;
  // A tensor of the caller's stays as it was.
  return (tensor === data ? tensor.detach() : tensor).requiresGrad_(requiresGrad);
}

/**
 * The base of tensors that say what they are. It shares the memory and the history of the tensor that it is made of. What ops make of it
 * is a plain tensor, but for `clone`, `detach`, `to` and `pinMemory`.
 *
 * It is a subclass of `Tensor`: so models, losses and functions take one as it is, and `instanceof` tells what it is. Ops make plain tensors
 * of any subclass, so nothing has to be unwrapped.
 */
export abstract class TVTensor extends Tensor {
  /** A copy. */
  declare clone: (...args: Parameters<Tensor['clone']>) => this;

  /** The same without its history. */
  declare detach: () => this;

  /** @param data the values */
  constructor(data: Tensor) {
    const shown = data.requiresGrad ? data.viewAs(data) : data;
    super(shown.storage, shown.dtype, shown.shape, shown.strides, shown.offset);
    if (!data.requiresGrad) return;
    this.autograd = shown.autograd;
    this.base = shown.base;
    this.viewVersion = shown.viewVersion;
  }

  /** A tensor as what this is, with this one's description. A class with a description of its own hands that on. */
  wrap(tensor: Tensor, ..._changes: readonly object[]): this {
    // Without the constructors of subclasses, which check what users give.
    return Reflect.construct(TVTensor, [asPlain(tensor)], this.constructor) as this;
  }

  /** Its description behind the values, `format=…`; null for none. */
  protected described(): string | null {
    return null;
  }

  override toString(): string {
    const { name } = this.constructor;
    const indent = ' '.repeat(Math.max(name.length - 'tensor'.length, 0));
    const text = asPlain(this).toString().slice('tensor'.length, -1);
    const described = this.described();
    return `${name}${text.replaceAll('\n', `\n${indent}`)}${described === null ? '' : `, ${described}`})`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/** The same as a plain tensor, which shares its memory and history. */
export function asPlain(tensor: Tensor): Tensor {
  if (!(tensor instanceof TVTensor)) return tensor;
  const { storage, dtype, shape, strides, offset, autograd, base, viewVersion } = tensor;
  const plain = new Tensor(storage, dtype, shape, strides, offset);
  plain.autograd = autograd;
  plain.base = base;
  plain.viewVersion = viewVersion;
  return plain;
}

for (const name of ['clone', 'detach', 'to', 'pinMemory'] as const) {
  const method = Tensor.prototype[name] as (this: Tensor, ...args: unknown[]) => Tensor;
  const { [name]: value } = {
    [name](this: TVTensor, ...args: unknown[]): Tensor {
      const result = method.apply(this, args);
      return result === this || result instanceof TVTensor ? result : this.wrap(result);
    },
  };
  Object.defineProperty(TVTensor.prototype, name, { value, writable: true, configurable: true });
}

defineParameterType('TVTensor', { convert: (value) => value });
