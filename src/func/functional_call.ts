/** Modules as functions of their parameters: calls with others in their place, and the parameters of many modules as stacks. */
import { RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { typeName } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import { asLeaf, Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { Module } from '../nn/module.js';

/** Tensors by the names that they have in a module's state: `'layer.weight'`. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

const functionalCallSignature = signature(
  'functional_call(Any module, Object parameter_and_buffer_dicts, Any args=None, Any kwargs=None, *, bool tie_weights=True, bool strict=False)',
);

export interface FunctionalCallOptions {
  /** Named arguments of the module's `forward`. */
  kwargs?: Readonly<Record<string, unknown>> | null;
  /** Whether a tensor that the module knows by several names is replaced under all of them. Default true. */
  tieWeights?: boolean;
  /** Whether every parameter and buffer must be given, and nothing else. Default false. */
  strict?: boolean;
}

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** One object of all that several give. @throws ValueError in PyTorch's words */
function merged(given: unknown): Record<string, Tensor> {
  if (isPlainObject(given)) return given as Record<string, Tensor>;
  if (!Array.isArray(given))
    throw new ValueError(
      `Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got <class '${typeName(given)}'>`,
    );
  if (!given.every(isPlainObject))
    throw new ValueError('Expected all elements of parameter_and_buffer_dicts to be dictionaries');
  const names = given.flatMap((dict) => Object.keys(dict));
  const repeated = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  if (repeated.length > 0)
    throw new ValueError(
      `[${quoted(repeated)}] appeared in multiple dictionaries; behavior of functional call is ambiguous`,
    );
  return Object.assign({}, ...given) as Record<string, Tensor>;
}

/** All tensors of a module by all their names. */
function tensorsOf(module: Module): Map<string, Tensor> {
  const all = { removeDuplicate: false };
  return new Map<string, Tensor>([...module.namedParameters(all), ...module.namedBuffers(all)]);
}

/** Gives what stands under one name of a tensor under all of them. @throws ValueError where its names are given several values */
function tied(own: ReadonlyMap<string, Tensor>, given: NamedTensors): Record<string, Tensor> {
  const names = new Map<Tensor, string[]>();
  for (const [name, tensor] of own) names.set(tensor, [...(names.get(tensor) ?? []), name]);
  const result: Record<string, Tensor> = { ...given };
  for (const group of names.values()) {
    const values = new Set(group.filter((name) => name in given).map((name) => given[name]));
    if (values.size > 1)
      throw new ValueError(
        `functional_call got multiple values for keys [${quoted([...group].sort())}], which are tied. Consider using tie_weights=False`,
      );
    for (const value of values) for (const name of group) result[name] = value;
  }
  return result;
}

function checkNames(module: Module, own: ReadonlyMap<string, Tensor>, given: NamedTensors): void {
  const unexpected = Object.keys(given).filter((name) => !own.has(name));
  const missing = [...own.keys()].filter((name) => !(name in given));
  const problems = [
    ...(unexpected.length > 0 ? [`Unexpected key(s): ${quoted(unexpected.sort())}.`] : []),
    ...(missing.length > 0 ? [`Missing key(s): ${quoted(missing.sort())}.`] : []),
  ];
  if (problems.length > 0)
    throw new RuntimeError(
      `Error(s) in reparametrizing for ${module.constructor.name}:\n\t${problems.join('\n\t')}`,
    );
}

/**
 * Calls a module with other tensors in the place of its parameters and buffers; afterwards it has its own again.
 *
 * @param module the module to call
 * @param parameterAndBufferDicts the tensors by their names in the module's state, or a list of such objects
 * @param args the arguments of its `forward`: an array of them, or a single one
 *
 * @example
 * const model = new torch.nn.Linear(3, 3);
 * const parameters = Object.fromEntries(model.namedParameters());
 * const loss = (p: typeof parameters, x: torch.Tensor) => torch.func.functionalCall<torch.Tensor>(model, p, x).sum();
 * const gradients = torch.func.grad(loss)(parameters, torch.rand(2, 3));
 */
export function functionalCall<R = Tensor>(
  module: Module,
  parameterAndBufferDicts: NamedTensors | readonly NamedTensors[],
  args?: unknown,
  options?: FunctionalCallOptions,
): R;
export function functionalCall<R = Tensor>(
  options: {
    module: Module;
    parameterAndBufferDicts: NamedTensors | readonly NamedTensors[];
    args?: unknown;
  } & FunctionalCallOptions,
): R;
export function functionalCall(...given: unknown[]): unknown {
  const bound = functionalCallSignature.bind(given);
  const module = bound.module as Module;
  if (!(module instanceof Module))
    throw new TypeError(`${String(module)} is not an instance of torch.nn.Module`);
  const { args, kwargs, tieWeights, strict } = bound;
  const dict = merged(bound.parameterAndBufferDicts);
  const own = tensorsOf(module);
  const values = tieWeights ? tied(own, dict) : dict;
  if (strict) checkNames(module, own, values);
  const inputs = args === null || args === undefined ? [] : Array.isArray(args) ? args : [args];
  const before = new Map<string, unknown>();
  const restore = (): void => {
    for (const [name, value] of before) {
      const now = module.exchange(name, value);
      // The caller owns what the module has put in its place.
      if (name in dict && now !== dict[name]) dict[name] = now as Tensor;
    }
  };
  let pending = false;
  try {
    for (const [name, value] of Object.entries(values)) {
      if (!(value instanceof Tensor))
        throw new TypeError(`${String(value)} is not an instance of torch.Tensor`);
      before.set(name, module.exchange(name, value));
    }
    const named = kwargs === null || kwargs === undefined ? [] : [kwargs];
    const result: unknown = module.forward(...inputs, ...named);
    pending = result instanceof Promise;
    return pending ? (result as Promise<unknown>).finally(restore) : result;
  } finally {
    if (!pending) restore();
  }
}

/** A new leaf of the stacked tensors. @throws RuntimeError in PyTorch's words unless all or none want gradients */
function stackedLeaf(tensors: readonly Tensor[], name: string): Tensor {
  const wanting = tensors.filter((t) => t.requiresGrad).length;
  if (wanting !== 0 && wanting !== tensors.length)
    throw new RuntimeError(`Expected ${name} from each model to have the same .requires_grad`);
  const result = ops.stack(tensors).detach();
  return wanting > 0 ? asLeaf(result) : result;
}

const stackModuleStateSignature = signature('stack_module_state(Object models)');

/**
 * The parameters and the buffers of modules of one class, stacked by name: for ensembles with `vmap`. The stacked parameters are new
 * leaves, which an optimizer takes.
 *
 * @example
 * const models = [1, 2, 3].map(() => new torch.nn.Linear(3, 2));
 * const [parameters, buffers] = torch.func.stackModuleState(models);
 * const call = (p: typeof parameters, b: typeof buffers, x: torch.Tensor) =>
 *   torch.func.functionalCall(models[0], [p, b], x);
 * const outputs = torch.vmap(call, [0, 0, null])(parameters, buffers, torch.rand(4, 3)); // [3, 4, 2]
 */
export function stackModuleState(
  models: Iterable<Module>,
): readonly [params: Record<string, Tensor>, buffers: Record<string, Tensor>];
export function stackModuleState(options: {
  models: Iterable<Module>;
}): readonly [params: Record<string, Tensor>, buffers: Record<string, Tensor>];
export function stackModuleState(
  ...given: unknown[]
): readonly [params: Record<string, Tensor>, buffers: Record<string, Tensor>] {
  const models = [...(stackModuleStateSignature.bind(given).models as Iterable<Module>)];
  const [first] = models;
  if (first === undefined) throw new RuntimeError('stack_module_state: Expected at least one model, got 0.');
  if (models.some((m) => m.training !== first.training))
    throw new RuntimeError('stack_module_state: Expected all models to have the same training/eval mode.');
  if (models.some((m) => m.constructor !== first.constructor))
    throw new RuntimeError('stack_module_state: Expected all models to be of the same class.');
  const stacked = (
    named: (model: Module) => readonly (readonly [string, Tensor])[],
  ): Record<string, Tensor> => {
    const all = models.map((model) => new Map(named(model)));
    return Object.fromEntries(
      [...all[0].keys()].map((name) => [
        name,
        stackedLeaf(
          all.map((state) => state.get(name)!),
          name,
        ),
      ]),
    );
  };
  return [stacked((m) => m.namedParameters()), stacked((m) => m.namedBuffers())];
}
