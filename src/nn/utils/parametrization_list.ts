import { noGradSync } from '../../autograd/modes.js';
import { NotImplementedError, RuntimeError, ValueError } from '../../core/errors.js';
import { Size } from '../../core/layout.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import type { Module } from '../module.js';
import { ModuleList } from '../modules/container.js';
import { Parameter } from '../parameter.js';

const list = signature('ParametrizationList(Any modules, Tensor original, bool unsafe=False)');

/** A module that computes a tensor from others, and perhaps those from the tensor. */
export interface Parametrization extends Module {
  rightInverse?(value: Tensor): Tensor | readonly Tensor[];
}

/** The name in state dicts of a property. */
export const keyOf = (module: Module, name: string): string =>
  (Reflect.get(module, 'stateKey') as (property: string) => string).call(module, name);

/** Whether a module says how its inputs follow from its result. */
export const hasRightInverse = (
  module: Module,
): module is Module & Required<Pick<Parametrization, 'rightInverse'>> =>
  typeof (module as Parametrization).rightInverse === 'function';

/** Gives a tensor another's values and shape. */
export function become(target: Tensor, source: Tensor): void {
  if (target !== source) target.data = source.detach();
}

/** Registers a parameter, or a buffer. */
export function registerTensor(module: Module, name: string, tensor: Tensor): void {
  if (tensor instanceof Parameter) module.registerParameter(name, tensor);
  else module.registerBuffer(name, tensor);
}

/** Refuses a tensor of another dtype or shape than is wanted, in PyTorch's words. */
export function checkKept(
  result: unknown,
  { dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>,
  flag: string,
  names: readonly [before: string, after: string],
): asserts result is Tensor {
  if (!(result instanceof Tensor))
    throw new ValueError(`A parametrization must return a tensor. Got ${typeName(result)}.`);
  const changed = (what: string, before: unknown, after: unknown): ValueError =>
    new ValueError(
      `Registering a parametrization may not change the ${what} of the tensor, unless ${flag} flag is enabled.\n${names[0].replace('#', what)}: ${before}\n${names[1].replace('#', what)}: ${after}`,
    );
  if (result.dtype !== dtype) throw changed('dtype', dtype, result.dtype);
  if (String(result.shape) !== String(shape))
    throw changed('shape', Size.create(shape), Size.create(result.shape));
}

/** The parametrizations of one tensor, and the tensors that it is computed from: `original`, or `original0`, `original1`, …. */
export class ParametrizationList extends ModuleList<Module> {
  /** The tensor that there was, in its present form. */
  declare original: Tensor;
  /** Whether the result is not checked. */
  unsafe: boolean;
  /** Whether it is computed from a single tensor. */
  readonly isTensor: boolean;
  /** Tells how many tensors it is computed from. */
  readonly ntensors: number;

  /**
   * @param modules the parametrizations, in the order in which they are applied
   * @param original the tensor that they are to compute
   * @param unsafe whether dtype and shape may change
   */
  constructor(...args: Arguments<typeof list, { modules: readonly Module[] }>) {
    const given = list.bind(args, new.target.name);
    const { original, unsafe } = given;
    const modules = given.modules as readonly Module[];
    if (modules.length === 0) throw new ValueError('ParametrizationList requires one or more modules.');
    super(modules);
    this.unsafe = unsafe;
    const { shape, dtype } = original;
    const inverse = noGradSync(() => inverted(modules, original));
    if (!(inverse instanceof Tensor) && !Array.isArray(inverse))
      throw new ValueError(
        `'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got ${typeName(inverse)}`,
      );
    this.isTensor = inverse instanceof Tensor;
    this.ntensors = inverse instanceof Tensor ? 1 : inverse.length;
    if (inverse instanceof Tensor) this.#holdOne(original, inverse);
    else this.#holdSeveral(original, inverse);
    if (unsafe) return;
    checkKept(this.forward(), { dtype, shape }, '`unsafe`', ['unparametrized #', 'parametrized #']);
  }

  #holdOne(original: Tensor, inverse: Tensor): void {
    for (const what of ['dtype', 'device'] as const)
      if (String(original[what]) !== String(inverse[what]))
        throw new ValueError(
          `When \`right_inverse\` outputs one tensor, it may not change the ${what}.\noriginal.${what}: ${original[what]}\nright_inverse(original).${what}: ${inverse[what]}`,
        );
    become(original, inverse);
    registerTensor(this, 'original', original);
  }

  #holdSeveral(original: Tensor, inverse: readonly unknown[]): void {
    for (const [i, one] of inverse.entries()) {
      if (!(one instanceof Tensor))
        throw new ValueError(
          `'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got element ${i} of the sequence with type ${typeName(one)}.`,
        );
      const { requiresGrad } = original;
      const held =
        original instanceof Parameter
          ? new Parameter(one.detach(), requiresGrad)
          : one.requiresGrad_(requiresGrad);
      registerTensor(this, `original${i}`, held);
    }
  }

  /** The tensors that the result is computed from. */
  get originals(): readonly Tensor[] {
    if (this.isTensor) return [this.original];
    return Array.from({ length: this.ntensors }, (_, i) => Reflect.get(this, `original${i}`) as Tensor);
  }

  /** Sets the tensors from which the result is computed so that it is this one. */
  rightInverse(value: Tensor): void {
    noGradSync(() => {
      let given: unknown = value;
      for (const module of [...this].reverse()) {
        if (!hasRightInverse(module))
          throw new RuntimeError(
            `parametrization ${module.constructor.name} does not implement right_inverse.`,
          );
        given = module.rightInverse(given as Tensor);
      }
      if (this.isTensor) this.#takeOne(given);
      else this.#takeSeveral(given);
    });
  }

  #takeOne(given: unknown): void {
    if (!(given instanceof Tensor))
      throw new ValueError(`\`right_inverse\` should return a tensor. Got ${typeName(given)}`);
    if (given.dtype !== this.original.dtype)
      throw new ValueError(
        `The tensor returned by \`right_inverse\` has dtype ${given.dtype} while \`original\` has dtype ${this.original.dtype}`,
      );
    become(this.original, given);
  }

  #takeSeveral(given: unknown): void {
    if (!Array.isArray(given))
      throw new ValueError(`'right_inverse' must return a sequence of tensors. Got ${typeName(given)}.`);
    if (given.length !== this.ntensors)
      throw new ValueError(
        `'right_inverse' must return a sequence of tensors of length ${this.ntensors}. Got a sequence of length ${given.length}.`,
      );
    for (const [i, original] of this.originals.entries()) {
      const one: unknown = given[i];
      if (!(one instanceof Tensor))
        throw new ValueError(
          `'right_inverse' must return a sequence of tensors or reference-type opaques. Got element ${i} of type ${typeName(one)}.`,
        );
      if (one.dtype !== original.dtype)
        throw new ValueError(
          `Tensor ${i} returned by \`right_inverse\` has dtype ${one.dtype} while \`original${i}\` has dtype ${original.dtype}`,
        );
      become(original, one);
    }
  }

  override forward(): Tensor {
    const [first, ...others] = this;
    const start = first.forward(...this.originals) as Tensor;
    return others.reduce<Tensor>((x, module) => module.forward(x) as Tensor, start);
  }
}

takes(ParametrizationList.prototype, ['right_inverse(Tensor value)', 'forward()']);

/** Finds what the parametrizations are to be given for a tensor to come out; those that do not say are passed over. */
function inverted(modules: readonly Module[], original: Tensor): unknown {
  let value: unknown = original;
  for (const module of [...modules].reverse()) {
    if (!hasRightInverse(module)) continue;
    try {
      value = module.rightInverse(value as Tensor);
    } catch (error) {
      if (!(error instanceof NotImplementedError)) throw error;
    }
  }
  return value;
}
