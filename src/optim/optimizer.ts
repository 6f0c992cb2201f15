import { clearGradient } from '../autograd/clear_gradient.js';
import type { HookList } from '../autograd/hook_list.js';
import { enableGrad, noGradSync } from '../autograd/modes.js';
import { camelCase, snakeCase } from '../core/camel_case.js';
import { checkAlive } from '../core/disposed.js';
import { float32 } from '../core/dtype.js';
import {
  NotImplementedError,
  RuntimeError,
  TypeError,
  unexpectedKeyword,
  ValueError,
} from '../core/errors.js';
import type { RemovableHandle } from '../core/grad_fn.js';
import { inspect } from '../core/inspect.js';
import { withKnownValue } from '../core/known_values.js';
import type { List } from '../core/list.js';
import { strided } from '../core/memory_format.js';
import { libraryClass } from '../core/object.js';
import { asRecord, isPlainObject } from '../core/plain.js';
import { PyFloat } from '../core/pyfloat.js';
import { formatFloat, formatValue, typeName } from '../core/repr.js';
import { keep } from '../core/scope.js';
import type { Bound } from '../core/signature/argument_types.js';
import { defineParameterType, MISMATCH } from '../core/signature/parameter_types.js';
import { type Arguments, floats, type Signature, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { together } from '../dispatch/fused_update.js';
import { annotated } from '../dispatch/mode.js';
import { scalarTensor } from '../ops/creation.js';
import { hookedStep, OptimizerHooks, type OptimizerHookTypes } from './optimizer_hooks.js';
import { setRateDtype } from './rate.js';

/** Parameters that share options: `optimizer.paramGroups[0].lr = 0.01` changes the learning rate of these. */
export type ParamGroup<Options> = Options & {
  params: Tensor[];
  paramNames?: string[];
  /** Set by learning-rate schedulers. */
  initialLr?: number;
  /** Set by `SWALR`. */
  swaLr?: number;
};

/** Input of an optimizer's constructor: parameters, named parameters, or groups with options of their own. */
export type Params<Options> =
  | Iterable<Tensor>
  | Iterable<readonly [string, Tensor]>
  | Iterable<GivenGroup<Options>>;

export type GivenGroup<Options> = Partial<Options> & {
  params: Tensor | Iterable<Tensor> | Iterable<readonly [string, Tensor]>;
};

declare module '../core/signature/argument_types.js' {
  interface ParameterTypes {
    Params: Params<{ lr: number }>;
    Betas: readonly [number, number];
    Optimizer: Optimizer;
  }
}
// The constructor says in PyTorch's words what it must be.
defineParameterType('Params', { convert: (value) => value });
// The constructors of schedulers say so, too.
defineParameterType('Optimizer', { convert: (value) => value });
defineParameterType('Betas', {
  name: 'tuple of two floats',
  convert: (value) => {
    if (!Array.isArray(value) || value.length !== 2) return MISMATCH;
    const betas = value.map((beta: unknown) => (beta instanceof PyFloat ? beta.value : beta));
    return betas.every((beta) => typeof beta === 'number' || beta instanceof Tensor) ? betas : MISMATCH;
  },
});

/** The options of an optimizer: what its constructor takes beside the parameters. */
export type OptionsOf<T extends Signature<string>> =
  T extends Signature<infer S>
    ? { -readonly [K in keyof Omit<Bound<S>, 'params' | 'lr'>]: Bound<S>[K] } & { lr: number }
    : never;

/** State of one parameter between steps: tensors and numbers. */
export type ParameterState = Record<string, Tensor | number>;

/**
 * An optimizer's state as Python lays it out: parameters are numbered through all groups. `state` is a Map because Python
 * tells numbers from strings as keys, and passes over state that is filed under the strings of numbers.
 */
export interface OptimizerStateDict {
  state: ReadonlyMap<number, Record<string, unknown>>;
  param_groups: Record<string, unknown>[];
}

const step = signature('step(Callable? closure=None)');
const zeroGrad = signature('zero_grad(bool set_to_none=True)');
const addParamGroup = signature('add_param_group(Object param_group)');
const loadStateDict = signature('load_state_dict(Object state_dict)');

const stepHook = signature('register_step_post_hook(Callable hook)');
const stateHook = signature('register_hook(Callable hook, bool prepend=False)');

/** The hooks of an optimizer. */
export type OwnHooks = OptimizerHookTypes<Optimizer, OptimizerStateDict>;

/** Members of groups beside their options: parameters, their names, and what schedulers put there. */
const groupKeys = [
  'params',
  'paramNames',
  'initialLr',
  'maxLr',
  'minLr',
  'maxMomentum',
  'baseMomentum',
  'swaLr',
];

/** Updates that keep no gradient. What the update of a user's subclass does with it is not known. */
const frugalUpdates = new WeakSet<object>();

/** Declares that an optimizer's update keeps no gradient, so that the memory can be reused by the next step. */
export function keepsNoGradient(optimizer: { readonly prototype: object }): void {
  frugalUpdates.add(Reflect.get(optimizer.prototype, 'update') as object);
}

/** Advice on what to give to an optimizer instead of a module or one tensor. */
function remedyFor(params: unknown): string {
  if (params instanceof Tensor) return '; write [tensor]';
  const isModule = typeof params === 'object' && params !== null && 'parameters' in params;
  return isModule ? '; write model.parameters()' : '';
}

/** The base class of all optimizers. A subclass says how one parameter is updated. */
export abstract class Optimizer<
  State extends Record<string, unknown> = ParameterState,
  Options extends { lr: number } = { lr: number },
> {
  /** Parameters with their options; both may be read and changed. */
  readonly paramGroups = [] as ParamGroup<Options>[] as List<ParamGroup<Options>>;
  /** State of each parameter between steps. */
  readonly state = new Map<Tensor, State>();
  /** @internal Whether `step()` was called: schedulers warn when they are stepped first. */
  stepCalled = false;

  #hooks: OptimizerHooks<Optimizer, OptimizerStateDict> | null = null;
  readonly #signature: Signature<string> | null;
  /** The options of each group whose numbers are Python's floats though they may be whole. */
  readonly #floats = new WeakMap<object, ReadonlySet<string>>();
  readonly #floatDefaults: ReadonlySet<string>;

  /** @param signature the constructor's, by which groups' options are checked; default: they are those of `defaults` */
  protected constructor(
    params: Params<Options>,
    readonly defaults: Options,
    signature: Signature<string> | null = null,
  ) {
    if (params instanceof Tensor || typeof params !== 'object' || !(Symbol.iterator in params))
      throw new TypeError(
        `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${typeName(params)}${remedyFor(params)}`,
      );
    if ('differentiable' in defaults && defaults.differentiable)
      throw new NotImplementedError('differentiable: true is not supported');
    this.#signature = signature;
    this.#floatDefaults = (Reflect.get(defaults, floats) as ReadonlySet<string> | undefined) ?? new Set();
    const given = [...(params as Iterable<Tensor | readonly [string, Tensor] | GivenGroup<Options>>)];
    if (given.length === 0) throw new ValueError('optimizer got an empty parameter list');
    const groups = isPlainObject(given[0]) ? given : [{ params: given }];
    for (const group of groups) this.addParamGroup(group as GivenGroup<Options>);
  }

  /** Updates one parameter by its gradient, without recording. `group` is the one it belongs to, `state` what is kept for it; empty at first. */
  protected abstract update(parameter: Tensor, grad: Tensor, group: Options, state: Partial<State>): void;

  // Overloads of generic methods can be overridden by any `step` that may be called like them: `step(closure?: () => Tensor)`,
  // whatever it returns.
  /** Updates every parameter that has a gradient. */
  step<None extends null = null>(): None;
  /** Calls `closure` with gradients on, updates every parameter that has a gradient, and returns what the closure did: the loss. */
  step<Loss>(closure: () => Loss): Loss;
  step<Loss>(closure: (() => Loss) | { closure: () => Loss } | null | undefined): Loss | null;
  step<Loss>(...args: [closure?: (() => Loss) | { closure: () => Loss } | null]): Loss | null {
    return this.hooked(args, (given) => {
      const { closure } = step.bind(given);
      this.stepCalled = true;
      const loss = closure === null ? null : enableGrad(closure as () => Loss);
      keep(this);
      // Nor is it known what the update of a user's subclass reads.
      annotated(`Optimizer.step#${this.constructor.name}.step`, () => {
        if (frugalUpdates.has(this.update)) together(() => this.#updateAll(true));
        else noGradSync(() => this.#updateAll(false));
      });
      return loss;
    });
  }

  /** @internal Runs a step with the hooks around it. */
  protected hooked<R>(args: readonly unknown[], run: (args: readonly unknown[]) => R): R {
    return hookedStep(this as unknown as Optimizer, this.#hooks, args, run);
  }

  #addHook<K extends keyof OwnHooks>(kind: K, hook: unknown, prepend = false): RemovableHandle {
    this.#hooks ??= new OptimizerHooks();
    return (this.#hooks[kind] as HookList<unknown>).add(hook, { prepend });
  }

  /** Calls `hook(optimizer, args, kwargs)` before every `step()`; it may return other arguments: `[args, kwargs]`. */
  registerStepPreHook(...args: Arguments<typeof stepHook, { hook: OwnHooks['stepPre'] }>): RemovableHandle {
    return this.#addHook('stepPre', stepHook.bind(args, 'register_step_pre_hook').hook);
  }

  /** Calls `hook(optimizer, args, kwargs)` after every `step()`. */
  registerStepPostHook(...args: Arguments<typeof stepHook, { hook: OwnHooks['stepPost'] }>): RemovableHandle {
    return this.#addHook('stepPost', stepHook.bind(args).hook);
  }

  /** Calls `hook(optimizer)` before the state is gathered by `stateDict()`. */
  registerStateDictPreHook(
    ...args: Arguments<typeof stateHook, { hook: OwnHooks['stateDictPre'] }>
  ): RemovableHandle {
    const { hook, prepend } = stateHook.bind(args, 'register_state_dict_pre_hook');
    return this.#addHook('stateDictPre', hook, prepend);
  }

  /** Calls `hook(optimizer, stateDict)` with what `stateDict()` gives; it may change it, or return another. */
  registerStateDictPostHook(
    ...args: Arguments<typeof stateHook, { hook: OwnHooks['stateDictPost'] }>
  ): RemovableHandle {
    const { hook, prepend } = stateHook.bind(args, 'register_state_dict_post_hook');
    return this.#addHook('stateDictPost', hook, prepend);
  }

  /** Calls `hook(optimizer, stateDict)` before a state is loaded, with a shallow copy of it; it may change that, or return another. */
  registerLoadStateDictPreHook(
    ...args: Arguments<typeof stateHook, { hook: OwnHooks['loadPre'] }>
  ): RemovableHandle {
    const { hook, prepend } = stateHook.bind(args, 'register_load_state_dict_pre_hook');
    return this.#addHook('loadPre', hook, prepend);
  }

  /** Calls `hook(optimizer)` after a state has been loaded. */
  registerLoadStateDictPostHook(
    ...args: Arguments<typeof stateHook, { hook: OwnHooks['loadPost'] }>
  ): RemovableHandle {
    const { hook, prepend } = stateHook.bind(args, 'register_load_state_dict_post_hook');
    return this.#addHook('loadPost', hook, prepend);
  }

  /** @internal Updates one parameter by a sparse gradient. @throws RuntimeError in PyTorch's words where none is taken */
  protected updateSparse(_parameter: Tensor, _grad: Tensor, _group: Options, _state: Partial<State>): void {
    throw new RuntimeError(`${this.constructor.name} does not support sparse gradients`);
  }

  #updateSparse(parameter: Tensor, grad: Tensor, options: Options, state: Partial<State>): void {
    noGradSync(() => this.updateSparse(parameter, grad, options, state));
  }

  #updateAll(frugal: boolean): void {
    for (const group of this.paramGroups) {
      const options = withNumbers(group);
      for (const parameter of group.params) {
        const grad = frugal ? (parameter.autograd?.grad ?? null) : parameter.grad;
        if (grad === null) continue;
        checkAlive(parameter, `${this.constructor.name}.step()`);
        checkAlive(grad, `${this.constructor.name}.step()`);
        let state = this.state.get(parameter);
        if (state === undefined) {
          state = {} as State;
          this.state.set(parameter, state);
        }
        if (grad.layout === strided) this.update(parameter, grad, options, state);
        else this.#updateSparse(parameter, grad, options, state);
      }
    }
  }

  /** Drops the gradients of all parameters, or with `setToNone: false` sets them to zero. */
  zeroGrad(...args: Arguments<typeof zeroGrad>): void {
    const { setToNone } = zeroGrad.bind(args);
    for (const group of this.paramGroups)
      for (const parameter of group.params) clearGradient(parameter, setToNone);
  }

  /** Adds parameters with options of their own, such as layers that are unfrozen during training. */
  addParamGroup(...args: Arguments<typeof addParamGroup, { paramGroup: GivenGroup<Options> }>): void {
    const { paramGroup } = addParamGroup.bind(args);
    if (!isPlainObject(paramGroup))
      throw new TypeError(`param_group must be a dict, but got <class '${typeName(paramGroup)}'>`);
    const given = this.#checkGroup(paramGroup) as unknown as GivenGroup<Options>;
    if (given.params instanceof Set)
      throw new TypeError(
        'optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between runs. Please use a list instead.',
      );
    const list = given.params instanceof Tensor ? [given.params] : [...given.params];
    const names = list.filter((p) => Array.isArray(p)).map((p) => (p as readonly [string, Tensor])[0]);
    if (names.length > 0 && names.length < list.length)
      throw new ValueError('all optimizer params should be with/without names. Some param names are missing');
    const params = list.map((p) => (Array.isArray(p) ? p[1] : p) as Tensor);
    for (const parameter of params) {
      if (!(parameter instanceof Tensor))
        throw new TypeError(
          `optimizer can only optimize Tensors, but one of the params is ${typeName(parameter)}`,
        );
      if (!parameter.isLeaf) throw new ValueError("can't optimize a non-leaf Tensor");
    }
    if (new Set(params).size < params.length)
      warn(
        'optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; see github.com/pytorch/pytorch/issues/40967 for more information',
      );
    const group = { ...given, params } as ParamGroup<Options>;
    if (names.length > 0) group.paramNames = names;
    for (const [name, value] of Object.entries(this.defaults))
      if (Reflect.get(group, name) === undefined) Reflect.set(group, name, value);
    const present = new Set<Tensor>();
    for (const other of this.paramGroups) {
      for (const parameter of other.params) present.add(parameter);
      if ((other.paramNames === undefined) !== (group.paramNames === undefined))
        throw new ValueError(
          `all optimizer param groups should be with/without names. cannot add param group ${group.paramNames ? 'with names' : 'without names'} to the optimizer`,
        );
    }
    if (params.some((parameter) => present.has(parameter)))
      throw new ValueError('some parameters appear in more than one parameter group');
    const own = Object.keys(paramGroup).filter((name) => Reflect.get(paramGroup, name) instanceof PyFloat);
    const inherited = [...this.#floatDefaults].filter((name) => !Object.hasOwn(paramGroup, name));
    this.#floats.set(group, new Set([...own, ...inherited]));
    this.paramGroups.push(group);
  }

  /** The group, each of its options as the constructor would take it. */
  #checkGroup(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const owner = this.constructor.name;
    const options = this.#signature?.parameters.map((p) => p.camel) ?? Object.keys(this.defaults);
    const names = [...new Set([...groupKeys, ...options])];
    const checked: Record<string, unknown> = { ...given };
    for (const [name, value] of Object.entries(given)) {
      if (!names.includes(name)) throw unexpectedKeyword(`${owner}'s param group`, name, names);
      if (name !== 'params' && value !== undefined && this.#signature !== null)
        checked[name] = this.#signature.fitNamed(name, value, owner);
    }
    if (checked.params === undefined)
      throw new TypeError(`${owner}'s param group needs 'params': a tensor, a list of them, or named ones`);
    return checked;
  }

  /** State and options in the layout of Python's `state_dict()`, with its names. */
  stateDict(): OptimizerStateDict {
    for (const hook of this.#hooks?.stateDictPre.hooks() ?? []) hook(this as unknown as Optimizer);
    const numbers = new Map<Tensor, number>();
    const param_groups = this.paramGroups.map(({ params, ...options }) => {
      for (const parameter of params) if (!numbers.has(parameter)) numbers.set(parameter, numbers.size);
      const packed: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(options))
        packed[snakeCase(name)] = Array.isArray(value) ? [...(value as unknown[])] : value;
      packed.params = params.map((parameter) => numbers.get(parameter)!);
      return packed;
    });
    const state = new Map<number, Record<string, unknown>>();
    for (const [parameter, kept] of this.state) {
      const packed: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(kept))
        packed[snakeCase(name)] = typeof value === 'number' ? this.packNumber(value) : value;
      const number = numbers.get(parameter);
      if (number !== undefined && Object.keys(packed).length > 0) state.set(number, packed);
    }
    let stateDict: OptimizerStateDict = { state, param_groups };
    for (const hook of this.#hooks?.stateDictPost.hooks() ?? [])
      stateDict = hook(this as unknown as Optimizer, stateDict) ?? stateDict;
    return stateDict;
  }

  /** A number of the state as Python keeps it: counts are 0-d tensors of float32. */
  protected packNumber(value: number): unknown {
    return scalarTensor(value, float32);
  }

  /** Takes over what `stateDict()` returned, here or in Python, of an optimizer of the same kind over like parameters. */
  loadStateDict(...args: Arguments<typeof loadStateDict, { stateDict: OptimizerStateDict }>): void {
    let stateDict = asRecord(loadStateDict.bind(args).stateDict as OptimizerStateDict);
    for (const hook of this.#hooks?.loadPre.hooks() ?? []) {
      stateDict = { ...stateDict };
      stateDict = hook(this as unknown as Optimizer, stateDict) ?? stateDict;
    }
    const groups: unknown = stateDict?.param_groups;
    const saved = Array.isArray(groups)
      ? groups.map((group) => asRecord(group as Record<string, unknown>))
      : null;
    if (saved === null || typeof stateDict.state !== 'object' || stateDict.state === null)
      throw new TypeError(
        `loadStateDict() needs what stateDict() of an optimizer gives, with 'state' and 'param_groups', but got ${typeName(stateDict)}`,
      );
    if (saved.length !== this.paramGroups.length)
      throw new ValueError('loaded state dict has a different number of parameter groups');
    const numbersOf = (group: Record<string, unknown>): readonly (number | string)[] =>
      group.params as (number | string)[];
    for (const [i, group] of this.paramGroups.entries())
      if (numbersOf(saved[i])?.length !== group.params.length)
        throw new ValueError(
          "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
        );
    const parameters = new Map<string, Tensor>();
    for (const [i, group] of this.paramGroups.entries())
      for (const [j, number] of numbersOf(saved[i]).entries())
        parameters.set(String(number), group.params[j]);
    // An optimizer that has not stepped yet has an empty state, which a file gives as a plain object.
    const entries: Iterable<readonly [unknown, Record<string, unknown>]> =
      stateDict.state instanceof Map ? stateDict.state : Object.entries(stateDict.state);
    const states: [Tensor, State][] = [];
    for (const [number, kept] of entries) {
      const parameter = parameters.get(String(number));
      if (parameter !== undefined) states.push([parameter, this.#unpackState(parameter, asRecord(kept))]);
    }
    keep(this);
    this.state.clear();
    for (const [parameter, state] of states) this.state.set(parameter, state);
    for (const [i, group] of this.paramGroups.entries())
      for (const [name, value] of Object.entries(saved[i]))
        if (name !== 'params')
          Reflect.set(group, camelCase(name), Array.isArray(value) ? [...(value as unknown[])] : value);
    for (const hook of this.#hooks?.loadPost.hooks() ?? []) hook(this as unknown as Optimizer);
  }

  #unpackState(parameter: Tensor, kept: Readonly<Record<string, unknown>>): State {
    const state: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(kept)) {
      // Older versions have not got these yet.
      if (value === null || value === undefined) continue;
      const isCount = counts.has(name) && value instanceof Tensor && value.numel() === 1;
      state[camelCase(name)] = isCount ? withKnownValue(value).item() : this.#fit(parameter, value);
    }
    return state as State;
  }

  /** State follows its parameter's dtype and device, also in lists and dicts. */
  #fit(parameter: Tensor, value: unknown): unknown {
    if (value instanceof Tensor) {
      const there = parameter.dtype.isFloatingPoint ? value.to(parameter.dtype) : value;
      return there.to(parameter.device);
    }
    if (Array.isArray(value)) return value.map((item) => this.#fit(parameter, item));
    if (value instanceof Map)
      return new Map([...value].map(([key, item]) => [key, this.#fit(parameter, item)]));
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#fit(parameter, item)]));
  }

  /** The class and each group's options, as Python prints them. */
  toString(): string {
    let text = `${this.constructor.name} (`;
    const lr = this.#signature?.parameters.find(({ camel }) => camel === 'lr');
    const isWhole = lr?.optional === true && !lr.floatDefault;
    for (const [i, { params: _, ...options }] of this.paramGroups.entries()) {
      text += `\nParameter Group ${i}\n`;
      const isFloat = this.#floats.get(this.paramGroups[i]);
      const lines = Object.entries(options).map(
        ([name, value]) =>
          `    ${snakeCase(name)}: ${formatOption(isWhole ? '' : name, value, isFloat?.has(name) ?? false)}\n`,
      );
      text += lines.sort().join('');
    }
    return `${text})`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

takesNothing(Optimizer.prototype, ['stateDict']);
libraryClass(Optimizer);

/** Lists whose numbers are always floats. */
const floatLists = new Set(['betas', 'nsCoefficients']);

/** Learning rates and betas are floats whatever their value; other numbers are taken as they are written. */
function formatOption(name: string, value: unknown, isFloat: boolean): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number')
    return isFloat || /lr$/i.test(name) ? formatFloat(value) : formatValue(value);
  // Python formats a tensor of no dimensions as its number, unless it stands in a tuple.
  if (value instanceof Tensor && value.ndim === 0 && value.isReadable) return formatFloat(value.item());
  if (floatLists.has(name) && Array.isArray(value))
    return `(${value.map((beta) => (typeof beta === 'number' ? formatFloat(beta) : String(beta))).join(', ')})`;
  return formatValue(value);
}

/** State that Python keeps in 0-d tensors and we in numbers. */
const counts = new Set(['step', 'mu_product', 'eta', 'mu']);

/** A group whose options are numbers where tensors of one element may stand for them. */
function withNumbers<Options>(group: ParamGroup<Options>): ParamGroup<Options> {
  let read: Record<string, unknown> | null = null;
  for (const [name, value] of Object.entries(group) as [string, unknown][]) {
    if (name === 'params') continue;
    if (value instanceof Tensor) {
      read = { ...(read ?? group), [name]: value.item() };
      if (name === 'lr') setRateDtype(read, value.dtype);
    } else if (Array.isArray(value) && value.some((part) => part instanceof Tensor))
      read = {
        ...(read ?? group),
        [name]: value.map((part: unknown) => (part instanceof Tensor ? part.item() : part)),
      };
  }
  return (read as ParamGroup<Options> | null) ?? group;
}
