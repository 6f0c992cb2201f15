import { NotImplementedError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { Module } from '../../nn/module.js';
import type { Parameter } from '../../nn/parameter.js';
import { isUninitialized } from '../../nn/parameter.js';
import { groupOf, type Mesh } from '../tensor/meshes.js';
import { hookState } from '../tensor/sharded_slot.js';
import { shardingOf } from '../tensor/sharding.js';
import { type FSDPModule, makeSharded, stateOf } from './fsdp_module.js';
import { ParamGroup, type Slot } from './param_group.js';
import { MixedPrecisionPolicy } from './policies.js';

const ofFullyShard = signature(
  'fully_shard(Any module, *, Any mesh=None, bool? reshard_after_forward=None, MixedPrecisionPolicy? mp_policy=None, Any ignored_params=None)',
);

/**
 * Shards a module's parameters: each process has some rows of every one, and of its gradient and of what optimizers keep for it. When the module is called
 * they are gathered, and let go afterwards; the backward pass gathers them again and gives each process its part of the averaged gradients.
 *
 * Call it from the inside to the outside: on the layers first, then on the whole. Each call makes one group of the parameters that have none yet, which
 * is gathered at once. Optimizers are made afterwards, of `module.parameters()`: these are the parts then.
 * `stateDict()` has `DTensor`s in the places of sharded parameters; `nn.utils.clipGradNorm_` takes the norm over all processes.
 *
 * @param module the module
 * @param mesh the processes: a group, or a `DeviceMesh` of one dimension; default: all
 * @param reshardAfterForward whether parameters are let go after the forward pass; default: unless the module is the outermost one
 * @param mpPolicy the precision of parameters, gradients and results
 * @param ignoredParams a set of parameters that stay as they are, and whose gradients nobody reduces
 * @returns the module, whose class is one with methods of its own now: see `FSDPModule`
 *
 * @example
 * for (const block of model.blocks) distributed.fsdp.fullyShard(block);
 * distributed.fsdp.fullyShard(model);
 * const optimizer = new torch.optim.AdamW(model.parameters());
 */
export function fullyShard<M extends Module>(
  ...args: Arguments<
    typeof ofFullyShard,
    { module: M; mesh: Mesh | null; ignoredParams: ReadonlySet<Tensor> | null }
  >
): M & FSDPModule {
  const { module, mesh, reshardAfterForward, mpPolicy, ignoredParams } = ofFullyShard.bind(args);
  if (!(module instanceof Module))
    throw new ValueError(`fullyShard expects an nn.Module, but got ${String(module)}`);
  if (['ModuleList', 'ModuleDict'].includes(module.constructor.name))
    throw new ValueError(`fullyShard does not support containers that do not implement forward: ${module}`);
  if (stateOf(module) !== null) throw new ValueError('fullyShard has already been applied to this module');
  const group = groupOf(mesh);
  const ignored = ignoredParams === null ? new Set<Tensor>() : new Set(ignoredParams as Iterable<Tensor>);
  const found = new Map<Parameter, Slot[]>();
  for (const one of module.modules())
    for (const [name, parameter] of one.namedParameters({ recurse: false, removeDuplicate: false })) {
      if (ignored.has(parameter)) continue;
      const sharding = shardingOf(parameter);
      if (sharding !== null && isOfInnerModule(module, parameter)) continue;
      if (sharding !== null)
        throw new NotImplementedError(`${name} is sharded already: by tensor parallelism`);
      if (isUninitialized(parameter))
        throw new ValueError(`${name} has no values yet: call the module once before`);
      found.set(parameter, [...(found.get(parameter) ?? []), { module: one, name }]);
    }
  const params =
    found.size === 0 ? null : new ParamGroup(found, group, mpPolicy ?? new MixedPrecisionPolicy());
  for (const { slots, parameter } of params?.members ?? [])
    for (const { module: owner, name } of slots) hookState(owner, name, parameter);
  makeSharded(module, { group: params, reshardAfterForward });
  return module as M & FSDPModule;
}

function isOfInnerModule(module: Module, parameter: Parameter): boolean {
  return module
    .modules()
    .some((one) => stateOf(one)?.group?.members.some((member) => member.parameter === parameter));
}
