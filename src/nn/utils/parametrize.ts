/** `torch.nn.utils.parametrize`: tensors of modules that are computed from others. */
import { noGradSync } from '../../autograd/modes.js';
import { NotImplementedError, ValueError } from '../../core/errors.js';
import { Size } from '../../core/layout.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import type { Module } from '../module.js';
import { ModuleDict } from '../modules/container.js';
import { Parameter } from '../parameter.js';
import {
  become,
  checkKept,
  hasRightInverse,
  keyOf,
  ParametrizationList,
  registerTensor,
} from './parametrization_list.js';

export { type Parametrization, ParametrizationList } from './parametrization_list.js';

/** A class of modules, by what its objects are. */
type ModuleClass = abstract new (...args: never[]) => Module;

/** A module with parametrized tensors. */
interface Parametrized extends Module {
  parametrizations: ModuleDict<ParametrizationList>;
}

/** Classes that modules had before their tensors were parametrized, by those that they have since. */
const before = new WeakMap<object, object>();

/** Results that are kept while a function of `cached` runs. */
let kept: WeakMap<Module, Map<string, Tensor>> | null = null;
let depth = 0;

const cachedSignature = signature('cached(Callable fn)');

/**
 * Runs a function (which may be asynchronous) in which every parametrized tensor is computed once, when first asked for.
 *
 * @example
 * nn.utils.parametrize.cached(() => {
 *   for (let t = 0; t < steps; t++) state = cell.forward(x, state);
 * });
 */
export function cached<R>(...args: Arguments<typeof cachedSignature, { fn: () => R }>): R {
  const fn = cachedSignature.bind(args).fn as () => R;
  depth++;
  kept ??= new WeakMap();
  const leave = (): void => {
    if (--depth === 0) kept = null;
  };
  let result: R;
  try {
    result = fn();
  } catch (error) {
    leave();
    throw error;
  }
  if (!(result instanceof Promise)) leave();
  else void result.then(leave, leave);
  return result;
}

function computed(module: Parametrized, key: string): Tensor {
  const list = module.parametrizations.get(key);
  if (kept === null) return list.forward();
  let tensors = kept.get(module);
  if (tensors === undefined) {
    tensors = new Map();
    kept.set(module, tensors);
  }
  let tensor = tensors.get(key);
  if (tensor === undefined) {
    tensor = list.forward();
    tensors.set(key, tensor);
  }
  return tensor;
}

/** Makes a module one of a class of its own, which computes these properties. */
function inject(module: Module, names: readonly string[]): void {
  const present = Object.getPrototypeOf(module) as object;
  const own = before.get(present) ?? present;
  if (names.length === 0) {
    Object.setPrototypeOf(module, own);
    return;
  }
  const Base = own.constructor as new () => Module;
  const name = `Parametrized${Base.name}`;
  const Class = { [name]: class extends Base {} }[name];
  const { prototype } = Class;
  before.set(prototype, own);
  for (const property of names)
    Object.defineProperty(prototype, property, {
      configurable: true,
      get(this: Parametrized) {
        return computed(this, keyOf(this, property));
      },
      set(this: Parametrized, value: Tensor) {
        this.parametrizations.get(keyOf(this, property)).rightInverse(value);
      },
    });
  Object.setPrototypeOf(module, prototype);
}

/** The properties that a module's class computes. */
function injected(module: Module): string[] {
  const prototype = Object.getPrototypeOf(module) as object;
  if (!before.has(prototype)) return [];
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
}

const isParametrizedSignature = signature('is_parametrized(Any module, str? tensor_name=None)');

/** Whether a module has parametrized tensors, or this one is. */
export function isParametrized(
  ...args: Arguments<typeof isParametrizedSignature, { module: Module }>
): boolean {
  const { module, tensorName } = isParametrizedSignature.bind(args);
  const parametrizations: unknown = Reflect.get(module as object, 'parametrizations');
  if (!(parametrizations instanceof ModuleDict)) return false;
  return tensorName === null
    ? parametrizations.length > 0
    : parametrizations.has(keyOf(module as Module, tensorName));
}

const registerSignature = signature(
  'register_parametrization(Any module, str tensor_name, Any parametrization, *, bool unsafe=False)',
);

/**
 * Makes a tensor of a module the result of a parametrization: a module that is given the tensor as it was. It may have a method
 * `rightInverse`, which says from what the tensor is to be computed, be it several tensors; that also makes it possible to assign.
 *
 * @param module the module
 * @param tensorName the name of a parameter or buffer, which may be parametrized already
 * @param parametrization the module that computes the tensor
 * @param unsafe whether dtype and shape may change; then nothing is checked
 * @returns the module
 * @example
 * class Symmetric extends nn.Module {
 *   override forward(x: Tensor) {
 *     return x.triu().add(x.triu(1).mT);
 *   }
 * }
 * const layer = nn.utils.parametrize.registerParametrization(new nn.Linear(3, 3), 'weight', new Symmetric());
 */
export function registerParametrization<M extends Module>(
  ...args: Arguments<typeof registerSignature, { module: M; parametrization: Module }>
): M {
  const { tensorName: name, unsafe, ...given } = registerSignature.bind(args);
  const [module, parametrization] = [given.module as M, given.parametrization as Module];
  parametrization.train(module.training);
  if (isParametrized(module, name)) {
    if (!unsafe) checkAnother(module, name, parametrization);
    const list = (module as Module as Parametrized).parametrizations.get(keyOf(module, name));
    list.append(parametrization);
    list.unsafe ||= unsafe;
    return module;
  }
  const original: unknown = Object.hasOwn(module, name) ? Reflect.get(module, name) : null;
  const isHeld =
    original instanceof Parameter || module.buffers({ recurse: false }).includes(original as Tensor);
  if (!isHeld)
    throw new ValueError(
      `Module '${module}' does not have a parameter, a buffer, or a parametrized element with name '${name}'`,
    );
  const list = new ParametrizationList([parametrization], original as Tensor, { unsafe });
  Reflect.deleteProperty(module, name);
  if (!isParametrized(module)) Reflect.set(module, 'parametrizations', new ModuleDict());
  inject(module, [...injected(module), name]);
  (module as Module as Parametrized).parametrizations.set(keyOf(module, name), list);
  return module;
}

/** @throws ValueError unless one more parametrization keeps dtype and shape */
function checkAnother(module: Module, name: string, parametrization: Module): void {
  const y = Reflect.get(module, name) as Tensor;
  const x: unknown = parametrization.forward(y);
  checkKept(x, y, 'the `unsafe`', [`module.${name}.#`, `parametrization(module.${name}).#`]);
  if (!hasRightInverse(parametrization)) return;
  let z: unknown;
  try {
    z = parametrization.rightInverse(x);
  } catch (error) {
    if (error instanceof NotImplementedError) return;
    throw error;
  }
  if (!(z instanceof Tensor))
    throw new ValueError(`parametrization.right_inverse must return a tensor. Got: ${typeName(z)}`);
  const differs = (what: string, expected: unknown, found: unknown): ValueError =>
    new ValueError(
      `The tensor returned by parametrization.right_inverse must have the same ${what} as module.${name}, unless the \`unsafe\` flag is enabled.\nmodule.${name}.${what}: ${expected}\nreturned ${what}: ${found}`,
    );
  if (z.dtype !== y.dtype) throw differs('dtype', y.dtype, z.dtype);
  if (String(z.shape) !== String(y.shape)) throw differs('shape', Size.create(y.shape), Size.create(z.shape));
}

const removeSignature = signature(
  'remove_parametrizations(Any module, str tensor_name, bool leave_parametrized=True)',
);

/**
 * Makes a parametrized tensor a parameter or buffer again.
 *
 * @param module the module
 * @param tensorName the tensor's name
 * @param leaveParametrized whether it has the values that were computed; otherwise those that they were computed from
 * @returns the module
 */
export function removeParametrizations<M extends Module>(
  ...args: Arguments<typeof removeSignature, { module: M }>
): M {
  const { tensorName: name, leaveParametrized, ...given } = removeSignature.bind(args);
  const module = given.module as M;
  if (!isParametrized(module, name))
    throw new ValueError(`Module ${module} does not have a parametrization on ${name}`);
  const { parametrizations } = module as Module as Parametrized;
  const list = parametrizations.get(keyOf(module, name));
  let tensor: Tensor;
  if (list.isTensor) {
    tensor = list.original;
    if (leaveParametrized)
      become(
        tensor,
        noGradSync(() => Reflect.get(module, name) as Tensor),
      );
  } else {
    if (!leaveParametrized)
      throw new ValueError(
        'Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors.',
      );
    const value = Reflect.get(module, name) as Tensor;
    tensor = value.requiresGrad ? new Parameter(value.detach()) : value;
  }
  inject(
    module,
    injected(module).filter((other) => other !== name),
  );
  parametrizations.pop(keyOf(module, name));
  registerTensor(module, name, tensor);
  if (parametrizations.length === 0) Reflect.deleteProperty(module, 'parametrizations');
  return module;
}

const typeSignature = signature('type_before_parametrizations(Any module)');

/** The class that a module had before its tensors were parametrized. */
export function typeBeforeParametrizations(
  ...args: Arguments<typeof typeSignature, { module: Module }>
): ModuleClass {
  const prototype = Object.getPrototypeOf(typeSignature.bind(args).module) as object;
  return (before.get(prototype) ?? prototype).constructor as ModuleClass;
}

const transferSignature = signature(
  'transfer_parametrizations_and_params(Any from_module, Any to_module, str? tensor_name=None)',
);

/**
 * Gives another module a module's parametrizations, and the tensors that they compute from.
 *
 * @param fromModule the module that has them
 * @param toModule the module that gets them
 * @param tensorName the name of the tensor; all parametrized ones unless given
 * @returns the module that got them
 */
export function transferParametrizationsAndParams<M extends Module>(
  ...args: Arguments<typeof transferSignature, { fromModule: Module; toModule: M }>
): M {
  const { tensorName, ...given } = transferSignature.bind(args);
  const [from, to] = [given.fromModule as Module, given.toModule as M];
  if (!isParametrized(from)) return to;
  for (const name of tensorName === null ? injected(from) : [tensorName]) {
    const list = (from as Parametrized).parametrizations.get(keyOf(from, name));
    if (Reflect.get(to, name) === undefined)
      to.registerParameter(name, new Parameter((Reflect.get(from, name) as Tensor).detach()));
    for (const parametrization of list) registerParametrization(to, name, parametrization);
    const target = (to as Module as Parametrized).parametrizations.get(keyOf(to, name));
    for (const [i, original] of list.originals.entries())
      Reflect.set(target, list.isTensor ? 'original' : `original${i}`, original);
  }
  return to;
}
