/** `torch.nn.utils.prune`: weights that are set to zero, and kept there. */
import { TypeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import type { Module } from '../module.js';
import { parametersToVector } from './convert_parameters.js';
import {
  type Amount,
  CustomFromMask,
  L1Unstructured,
  LnStructured,
  PruningIdentity,
  RandomStructured,
  RandomUnstructured,
} from './pruning_classes.js';
import {
  applyMethod,
  type BasePruningMethod,
  methodOf,
  PruningContainer,
  type PruningMethodClass,
} from './pruning_method.js';

export {
  type Amount,
  CustomFromMask,
  L1Unstructured,
  LnStructured,
  PruningIdentity as Identity,
  RandomStructured,
  RandomUnstructured,
} from './pruning_classes.js';
export { BasePruningMethod, PruningContainer, type PruningType } from './pruning_method.js';

type OfModule<M extends Module> = { module: M };
const identitySignature = signature('identity(Any module, str name)');
const randomUnstructuredSignature = signature('random_unstructured(Any module, str name, Any amount)');
const l1UnstructuredSignature = signature(
  'l1_unstructured(Any module, str name, Any amount, Tensor? importance_scores=None)',
);
const randomStructuredSignature = signature('random_structured(Any module, str name, Any amount, int dim)');
const lnStructuredSignature = signature(
  'ln_structured(Any module, str name, Any amount, float n, int dim, Tensor? importance_scores=None)',
);
const customSignature = signature('custom_from_mask(Any module, str name, Tensor mask)');
const removeSignature = signature('remove(Any module, str name)');
const isPrunedSignature = signature('is_pruned(Any module)');

function pruned<M extends Module>(
  method: BasePruningMethod,
  module: unknown,
  name: string,
  scores: Tensor | null = null,
): M {
  applyMethod(method, module as Module, name, scores);
  return module as M;
}

/** Makes a parameter as if it were pruned, without pruning anything. */
export function identity<M extends Module>(...args: Arguments<typeof identitySignature, OfModule<M>>): M {
  const { module, name } = identitySignature.bind(args);
  return pruned(new PruningIdentity(), module, name);
}

/** Prunes elements of a parameter at random. */
export function randomUnstructured<M extends Module>(
  ...args: Arguments<typeof randomUnstructuredSignature, OfModule<M> & { amount: Amount }>
): M {
  const { module, name, amount } = randomUnstructuredSignature.bind(args);
  return pruned(new RandomUnstructured(amount as Amount), module, name);
}

/** Prunes the elements of a parameter that are nearest to zero, or whose scores are. */
export function l1Unstructured<M extends Module>(
  ...args: Arguments<typeof l1UnstructuredSignature, OfModule<M> & { amount: Amount }>
): M {
  const { module, name, amount, importanceScores } = l1UnstructuredSignature.bind(args);
  return pruned(new L1Unstructured(amount as Amount), module, name, importanceScores);
}

/** Prunes channels of a parameter along a dimension at random. */
export function randomStructured<M extends Module>(
  ...args: Arguments<typeof randomStructuredSignature, OfModule<M> & { amount: Amount }>
): M {
  const { module, name, amount, dim } = randomStructuredSignature.bind(args);
  return pruned(new RandomStructured(amount as Amount, dim), module, name);
}

/** Prunes the channels of a parameter along a dimension whose norm (or that of their scores) is the least. */
export function lnStructured<M extends Module>(
  ...args: Arguments<typeof lnStructuredSignature, OfModule<M> & { amount: Amount }>
): M {
  const { module, name, amount, n, dim, importanceScores } = lnStructuredSignature.bind(args);
  return pruned(new LnStructured(amount as Amount, n, dim), module, name, importanceScores);
}

/** Prunes a parameter where a mask is zero. */
export function customFromMask<M extends Module>(...args: Arguments<typeof customSignature, OfModule<M>>): M {
  const { module, name, mask } = customSignature.bind(args);
  return pruned(new CustomFromMask(mask), module, name);
}

const globalSignature = signature(
  'global_unstructured(Iterable parameters, Any pruning_method, Dict options={})',
);

/** Arguments of the method's constructor, and perhaps scores: pairs of a module and a name, each with its scores. */
type GlobalOptions = Readonly<Record<string, unknown>> & {
  importanceScores?: Iterable<readonly [readonly [Module, string], Tensor]>;
};

/**
 * Prunes several parameters together, as if they were one.
 *
 * @param parameters modules and names of their parameters
 * @param pruningMethod the class of the method, which must be unstructured
 * @param options what the method is constructed with, and perhaps `importanceScores`: pairs of such a pair and its scores
 * @example
 * prune.globalUnstructured([[net.fc1, 'weight'], [net.fc2, 'weight']], prune.L1Unstructured, { amount: 0.2 });
 */
export function globalUnstructured(
  ...args: Arguments<
    typeof globalSignature,
    {
      parameters: Iterable<readonly [Module, string]>;
      pruningMethod: { readonly prototype: BasePruningMethod };
      options: GlobalOptions;
    }
  >
): void {
  const { pruningMethod, ...given } = globalSignature.bind(args);
  const parameters = given.parameters as Iterable<readonly [Module, string]>;
  const options = given.options as GlobalOptions;
  const { importanceScores = [], ...rest } = options;
  const list = [...parameters];
  const scored = [...importanceScores];
  const valueOf = (module: Module, name: string): Tensor => Reflect.get(module, name) as Tensor;
  const scores = list.map(
    ([module, name]) =>
      scored.find(([[m, n]]) => m === module && n === name)?.[1] ?? valueOf(module, name).detach(),
  );
  const masks = list.map(([module, name]) => {
    const mask: unknown = Reflect.get(module, `${name}_mask`);
    return mask instanceof Tensor ? mask : valueOf(module, name).detach().onesLike();
  });
  const Method = pruningMethod as PruningMethodClass<readonly [Readonly<Record<string, unknown>>]>;
  const method = new Method(rest);
  if (method.pruningType !== 'unstructured')
    throw new TypeError(
      `Only "unstructured" PRUNING_TYPE supported for the \`pruning_method\`. Found method ${Method.name} of type ${method.pruningType}`,
    );
  const mask = new PruningContainer(method).computeMask(
    parametersToVector(scores),
    parametersToVector(masks),
  );
  let start = 0;
  for (const [module, name] of list) {
    const { shape } = valueOf(module, name);
    const count = valueOf(module, name).numel();
    customFromMask(module, name, mask.narrow(0, start, count).view(shape));
    start += count;
  }
}

/** Makes the pruning of a parameter permanent: what was taken away is zero, and nothing applies the mask any more. */
export function remove<M extends Module>(...args: Arguments<typeof removeSignature, OfModule<M>>): M {
  const { name, ...given } = removeSignature.bind(args);
  const module = given.module as M;
  const [hook] = module.takeForwardPreHooks((candidate) => methodOf(candidate, name) !== null);
  if (hook === undefined)
    throw new ValueError(
      `Parameter '${name}' of module ${module} has to be pruned before pruning can be removed`,
    );
  methodOf(hook)!.remove(module);
  return module;
}

/** Whether a parameter of a module, or of one inside, is pruned. */
export function isPruned(...args: Arguments<typeof isPrunedSignature, { module: Module }>): boolean {
  const module = isPrunedSignature.bind(args).module as Module;
  return module.modules().some((one) => one.forwardPreHooks().some((hook) => methodOf(hook) !== null));
}
