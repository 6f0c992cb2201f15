import type { Gradient } from '../../autograd/node.js';
import type { DType } from '../../core/dtype.js';
import { NotImplementedError } from '../../core/errors.js';
import { isPlainObject } from '../../core/plain.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import type { Module } from '../../nn/module.js';
import { withoutGathered } from './gathered_again.js';
import type { ParamGroup } from './param_group.js';

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

/** A module whose parameters are sharded: what `fullyShard` makes of one. */
export interface FSDPModule {
  /**
   * Says whether the backward pass reduces gradients. Without that they are kept whole on each process, and added to the next ones that are reduced: for
   * batches in several steps.
   *
   * @param requiresGradientSync whether it does
   * @param recurse whether that holds for sharded modules inside, too
   */
  setRequiresGradientSync(requiresGradientSync: boolean, recurse?: boolean): void;
  /**
   * Says whether parameters are let go after the forward pass, and gathered again for the backward pass.
   *
   * @param reshardAfterForward whether they are
   * @param recurse whether that holds for sharded modules inside, too
   */
  setReshardAfterForward(reshardAfterForward: boolean, recurse?: boolean): void;
}

function inside(module: Module, recurse: boolean, change: (state: ShardState) => void): void {
  for (const one of recurse ? module.modules() : [module]) {
    const state = stateOf(one);
    if (state !== null) change(state);
  }
}

const methods = {
  setRequiresGradientSync(this: Module, requiresGradientSync: boolean, recurse = true): void {
    inside(this, recurse, ({ group }) => {
      if (group !== null) group.isSynchronized = requiresGradientSync;
    });
  },
  setReshardAfterForward(this: Module, reshardAfterForward: boolean, recurse = true): void {
    inside(this, recurse, (state) => {
      state.reshardAfterForward = reshardAfterForward;
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
    'set_reshard_after_forward(bool reshard_after_forward, bool recurse=True)',
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
  }
  if (output instanceof Promise)
    throw new NotImplementedError(
      'a sharded module whose forward() is asynchronous: its parameters would be gone',
    );
  return outputDtype === null ? output : cast(output, outputDtype);
}

/** Puts the whole parameters in their places, or the parts. */
function put(group: ParamGroup | null, wholes: readonly Gradient[] | null): void {
  for (const [i, { parameter, slots }] of group?.members.entries() ?? [])
    for (const { module, name } of slots) module.exchange(name, wholes === null ? parameter : wholes[i]);
}
