import type { Gradient } from '../../autograd/node.js';
import type { DType } from '../../core/dtype.js';
import { AttributeError, NotImplementedError, ValueError } from '../../core/errors.js';
import { isPlainObject } from '../../core/plain.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes, takesNothing } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import type { Module } from '../../nn/module.js';
import { withoutGathered } from './gathered_again.js';
import { ParamGroup } from './param_group.js';

/** What `fullyShard` knows of a module. */
export interface ShardState {
  readonly group: ParamGroup | null;
  /** Whether parameters are let go after the forward pass; null: unless the module is the outermost one. */
  reshardAfterForward: boolean | null;
}

const states = new WeakMap<object, ShardState>();

export const stateOf = (module: object): ShardState | null => states.get(module) ?? null;

/** How many sharded modules are being called, one within the other. */
let depth = 0;
/** The last group whose forward pass has ended in this call of the outermost module. */
let last: ParamGroup | null = null;

/** Waits for parameters that `unshard({ asyncOp: true })` gathers. */
export class UnshardHandle {
  /** @internal */
  constructor(private readonly finish: () => void) {}

  /** Waits until the module has its whole parameters. */
  wait(): void {
    this.finish();
  }
}
takesNothing(UnshardHandle.prototype, ['wait']);

/** A module whose parameters are sharded: what `fullyShard` makes of one. */
export interface FSDPModule {
  /**
   * Says whether the backward pass reduces gradients. Without that they are kept whole on each process, and added to the next ones that are reduced: for
   * batches in several steps.
   *
   * @param requiresGradientSync whether it does
   * @param recurse whether that holds for sharded modules inside, too
   */
  setRequiresGradientSync(requiresGradientSync: boolean, recurse?: boolean | { recurse?: boolean }): void;
  /**
   * Says whether the backward pass adds up gradients over the replicas of a mesh of two dimensions. Without that each part of it keeps its own, and adds
   * them to the next ones.
   *
   * @param requiresAllReduce whether it does
   * @param recurse whether that holds for sharded modules inside, too
   */
  setRequiresAllReduce(requiresAllReduce: boolean, recurse?: boolean | { recurse?: boolean }): void;
  /**
   * Says whether parameters are let go after the forward pass, and gathered again for the backward pass.
   *
   * @param reshardAfterForward whether they are
   * @param recurse whether that holds for sharded modules inside, too
   */
  setReshardAfterForward(reshardAfterForward: boolean, recurse?: boolean | { recurse?: boolean }): void;
  /**
   * Says whether parameters are let go after the backward pass. Where they are not, the next forward pass gathers none, unless an optimizer has changed
   * them: for batches in several steps.
   *
   * @param reshardAfterBackward whether they are
   * @param recurse whether that holds for sharded modules inside, too
   */
  setReshardAfterBackward(reshardAfterBackward: boolean, recurse?: boolean | { recurse?: boolean }): void;
  /**
   * Names modules whose parameters are fetched while this one computes its forward pass.
   *
   * @param modules sharded modules, mostly the next one
   */
  setModulesToForwardPrefetch(modules: readonly (Module & FSDPModule)[]): void;
  /**
   * Names modules whose parameters are fetched while this one computes its backward pass; without it that is the one whose forward pass ended before.
   *
   * @param modules sharded modules
   */
  setModulesToBackwardPrefetch(modules: readonly (Module & FSDPModule)[]): void;
  /**
   * Says by what sums of gradients are divided in the place of the number of processes.
   *
   * @param factor the divisor
   */
  setGradientDivideFactor(factor: number): void;
  /**
   * Calls a function with reduced gradients, in one dimension, which it may change: to add them up over further processes, for instance.
   *
   * @param hook the function
   */
  setAllReduceHook(hook: (reduced: Tensor) => void): void;
  /**
   * Gathers the module's parameters, and puts them in their places.
   *
   * @param asyncOp whether it returns at once, with what waits for them
   */
  unshard(asyncOp?: boolean | { asyncOp?: boolean }): UnshardHandle | null;
  /** Lets go what `unshard()` has gathered, and puts the parts in their places. */
  reshard(): void;
  /** Forgets what is left of a pass that has failed, gradients that were not reduced among it. */
  resetIterState(): void;
}

function inside(module: Module, recurse: boolean, change: (state: ShardState) => void): void {
  for (const one of recurse ? module.modules() : [module]) {
    const state = stateOf(one);
    if (state !== null) change(state);
  }
}

/** The groups of sharded modules. */
function groupsOf(modules: readonly unknown[]): ParamGroup[] {
  return modules.flatMap((module) => {
    const state = stateOf(module as object);
    if (state === null)
      throw new ValueError(`No FSDP state found on ${String(module)}: modules that are fetched are sharded`);
    return state.group ?? [];
  });
}

const methods = {
  setRequiresGradientSync(this: Module, requiresGradientSync: boolean, recurse: boolean): void {
    inside(this, recurse, ({ group }) => {
      if (group === null) return;
      group.isSynchronized = requiresGradientSync;
      group.reducesReplicas = requiresGradientSync;
    });
  },
  setRequiresAllReduce(this: Module, requiresAllReduce: boolean, recurse: boolean): void {
    inside(this, recurse, ({ group }) => {
      if (group !== null) group.reducesReplicas = requiresAllReduce;
    });
  },
  setReshardAfterForward(this: Module, reshardAfterForward: boolean, recurse: boolean): void {
    inside(this, recurse, (state) => {
      state.reshardAfterForward = reshardAfterForward;
      if (state.group !== null) state.group.keepers = null;
    });
  },
  setReshardAfterBackward(this: Module, reshardAfterBackward: boolean, recurse: boolean): void {
    inside(this, recurse, ({ group }) => {
      if (group !== null) group.reshardsAfterBackward = reshardAfterBackward;
    });
  },
  setModulesToForwardPrefetch(this: Module, modules: readonly unknown[]): void {
    const { group } = stateOf(this)!;
    const groups = groupsOf(modules);
    if (group !== null) group.fetchedForward = groups;
  },
  setModulesToBackwardPrefetch(this: Module, modules: readonly unknown[]): void {
    const { group } = stateOf(this)!;
    const groups = groupsOf(modules);
    if (group !== null) group.fetchedBackward = groups;
  },
  setGradientDivideFactor(this: Module, factor: number): void {
    const { group } = stateOf(this)!;
    if (group !== null) group.divideFactor = factor;
  },
  setAllReduceHook(this: Module, hook: (reduced: Tensor) => void): void {
    const { group } = stateOf(this)!;
    if (group !== null) group.reductionHook = hook;
  },
  unshard(this: Module, asyncOp: boolean): UnshardHandle | null {
    const { group } = stateOf(this)!;
    const wait = group?.hold();
    const handle = new UnshardHandle(() => put(group, wait?.() ?? []));
    if (asyncOp) return handle;
    handle.wait();
    return null;
  },
  reshard(this: Module): void {
    const { group } = stateOf(this)!;
    group?.release();
    put(group, null);
  },
  resetIterState(this: Module): void {
    depth = 0;
    inside(this, true, ({ group }) => {
      group?.reset();
      put(group, null);
    });
  },
};

type Forward = (this: Module, ...args: unknown[]) => unknown;

const prototypes = new WeakMap<object, object>();

/** The prototype of sharded modules of a class: theirs, with another `forward`. */
function shardedPrototype(of: object): object {
  const known = prototypes.get(of);
  if (known !== undefined) return known;
  const forward = Reflect.get(of, 'forward') as Forward;
  const name = `FSDP${(of.constructor as { name: string }).name}`;
  // Python's class is a new one as well, of that name, so that it is printed.
  const type = { [name]: class {} }[name];
  const made = Object.create(of, {
    constructor: { value: Object.setPrototypeOf(type, of.constructor), configurable: true, writable: true },
    forward: {
      configurable: true,
      writable: true,
      value(this: Module, ...args: unknown[]): unknown {
        return callSharded(this, forward, args);
      },
    },
  }) as object;
  for (const [key, value] of Object.entries(methods))
    Object.defineProperty(made, key, { configurable: true, writable: true, value });
  takes(made, [
    'set_requires_gradient_sync(bool requires_gradient_sync, bool recurse=True)',
    'set_requires_all_reduce(bool requires_all_reduce, bool recurse=True)',
    'set_reshard_after_forward(bool reshard_after_forward, bool recurse=True)',
    'set_reshard_after_backward(bool reshard_after_backward, bool recurse=True)',
    'set_modules_to_forward_prefetch(Any[] modules)',
    'set_modules_to_backward_prefetch(Any[] modules)',
    'set_gradient_divide_factor(float factor)',
    'set_all_reduce_hook(Callable hook)',
    'unshard(bool async_op=False)',
    'reshard()',
    'reset_iter_state()',
  ]);
  prototypes.set(of, made);
  return made;
}

/** Lets a module gather its parameters when it is called. */
export function makeSharded(module: Module, state: ShardState): void {
  states.set(module, state);
  Object.setPrototypeOf(module, shardedPrototype(Object.getPrototypeOf(module) as object));
}

/** Floats in a call's arguments or results, cast. */
function cast(value: unknown, dtype: DType): unknown {
  if (value instanceof Tensor) return value.dtype.isFloatingPoint ? value.to(dtype) : value;
  if (Array.isArray(value)) return value.map((item) => cast(item, dtype));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cast(item, dtype)]));
}

function callSharded(module: Module, forward: Forward, given: unknown[]): unknown {
  const state = states.get(module);
  // A copy of the module has no state: it would share what is sharded.
  if (state === undefined)
    throw new NotImplementedError('FSDP does not support deepcopy: shard a copy of the module itself');
  const { group } = state;
  const { paramDtype = null, outputDtype = null, castForwardInputs = false } = group?.policy ?? {};
  const args = castForwardInputs && paramDtype !== null ? given.map((one) => cast(one, paramDtype)) : given;
  const isLetGo = state.reshardAfterForward ?? depth > 0;
  if (depth === 0) {
    ParamGroup.dropFetched();
    last = null;
  }
  const wholes = group?.unshard() ?? [];
  put(group, wholes);
  depth++;
  let output: unknown;
  try {
    const run = (): unknown => forward.apply(module, args);
    output = isLetGo ? withoutGathered(run) : run();
  } finally {
    depth--;
    put(group, null);
    group?.afterForward(isLetGo);
  }
  if (group !== null && isLetGo) {
    group.before = last;
    last = group;
  }
  if (output instanceof Promise)
    throw new NotImplementedError(
      'a sharded module whose forward() is asynchronous: its parameters would be gone',
    );
  return outputDtype === null ? output : cast(output, outputDtype);
}

const ofRegister = signature('register_fsdp_forward_method(Any module, str method_name)');

/**
 * Lets another method of a sharded module than `forward()` gather the parameters while it runs. A module that is not sharded stays as it is.
 *
 * @param module the module
 * @param methodName the method's name
 */
export function registerFsdpForwardMethod(...args: Arguments<typeof ofRegister, { module: Module }>): void {
  const { module: given, methodName } = ofRegister.bind(args);
  const module = given as Module;
  if (stateOf(module) === null) return;
  const method = Reflect.get(module, methodName) as Forward | undefined;
  if (typeof method !== 'function')
    throw new AttributeError(`${module.constructor.name} does not have a method ${methodName}`);
  const value = (...rest: unknown[]): unknown => callSharded(module, method, rest);
  Object.defineProperty(module, methodName, { value, configurable: true, writable: true });
}

/** Puts the whole parameters in their places, or the parts. */
function put(group: ParamGroup | null, wholes: readonly Gradient[] | null): void {
  for (const [i, { parameter, slots }] of group?.members.entries() ?? [])
    for (const { module, name } of slots) module.exchange(name, wholes === null ? parameter : wholes[i]);
}
