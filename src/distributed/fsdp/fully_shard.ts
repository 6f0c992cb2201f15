import { AssertionError, NotImplementedError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { Module } from '../../nn/module.js';
import { isUninitialized, type Parameter } from '../../nn/parameter.js';
import type { DeviceMesh } from '../device_mesh.js';
import { makeGroupSync } from '../made_groups.js';
import type { ProcessGroup } from '../process_group.js';
import { type Mesh, meshOf } from '../tensor/meshes.js';
import { Shard } from '../tensor/placements.js';
import { hookState } from '../tensor/sharded_slot.js';
import { type FSDPModule, makeSharded, stateOf } from './fsdp_module.js';
import { ParamGroup } from './param_group.js';
import { CPUOffloadPolicy, MixedPrecisionPolicy } from './policies.js';
import { type Processes, type Slot, shardParameter } from './sharded_parameter.js';

const ofFullyShard = signature(
  'fully_shard(Any module, *, Any mesh=None, bool|int? reshard_after_forward=None, Callable? shard_placement_fn=None, MixedPrecisionPolicy? mp_policy=None, OffloadPolicy? offload_policy=None, Any ignored_params=None)',
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
 * With a mesh of two dimensions, parameters are shared out along the second and are the same along the first: within machines and across them, for instance.
 * Where `parallelizeModule` has cut parameters along another dimension of the same mesh, the parts are cut again.
 *
 * @param mesh the processes: a group, or a `DeviceMesh` of one dimension or of two; default: all
 * @param reshardAfterForward whether parameters are let go after the forward pass; default: unless the module is the outermost one. A number: so many
 *   processes keep them together, so that the backward pass gathers them from fewer
 * @param shardPlacementFn tells of each parameter along which dimension it is cut, `new Shard(1)`, where that is not the first; such dimensions can be divided
 *   by the number of processes
 * @param mpPolicy the precision of parameters, gradients and results
 * @param offloadPolicy where parameters lie between calls
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
    {
      module: M;
      mesh: Mesh | null;
      ignoredParams: ReadonlySet<Tensor> | null;
      shardPlacementFn: ((parameter: Parameter) => Shard | null) | null;
    }
  >
): M & FSDPModule {
  const {
    module,
    mesh,
    reshardAfterForward: reshard,
    shardPlacementFn,
    mpPolicy,
    offloadPolicy,
    ignoredParams,
  } = ofFullyShard.bind(args);
  if (!(module instanceof Module))
    throw new ValueError(`fullyShard expects an nn.Module, but got ${String(module)}`);
  if (['ModuleList', 'ModuleDict'].includes(module.constructor.name))
    throw new ValueError(`fullyShard does not support containers that do not implement forward: ${module}`);
  if (stateOf(module) !== null) throw new ValueError('fullyShard has already been applied to this module');
  const processes = processesOf(meshOf(mesh));
  const keepers = keepersOf(reshard, processes.shards);
  const ignored = ignoredParams === null ? new Set<Tensor>() : new Set(ignoredParams as Iterable<Tensor>);
  const found = new Map<Parameter, Slot[]>();
  for (const one of module.modules())
    for (const [name, parameter] of one.namedParameters({ recurse: false, removeDuplicate: false })) {
      if (ignored.has(parameter)) continue;
      if (isOfInnerModule(module, parameter)) continue;
      if (shared.has(parameter)) throw new ValueError(`${name} is sharded already, by an outer module`);
      if (offloadPolicy instanceof CPUOffloadPolicy && parameter.device.type !== 'cpu')
        throw new NotImplementedError(
          `${name} is on ${parameter.device}: CPUOffloadPolicy is for modules on the CPU`,
        );
      if (isUninitialized(parameter))
        throw new ValueError(`${name} has no values yet: call the module once before`);
      found.set(parameter, [...(found.get(parameter) ?? []), { module: one, name }]);
    }
  const group = found.size === 0 ? null : grouped(found, processes, mpPolicy, shardPlacementFn);
  if (group !== null) group.keepers = keepers;
  const reshardAfterForward = typeof reshard === 'number' ? reshard > 1 : reshard;
  makeSharded(module, { group, reshardAfterForward });
  return module as M & FSDPModule;
}

/** Parameters that some module shares out. */
const shared = new WeakSet<Parameter>();

function grouped(
  found: ReadonlyMap<Parameter, readonly Slot[]>,
  processes: Processes,
  policy: MixedPrecisionPolicy | null,
  placementOf: unknown,
): ParamGroup {
  const members = [...found].map(([whole, slots]) => {
    const placement = (placementOf as ((parameter: Parameter) => Shard | null) | null)?.(whole) ?? null;
    if (placement !== null && !(placement instanceof Shard))
      throw new ValueError(`shardPlacementFn gives a Shard or null, not ${String(placement)}`);
    return shardParameter(whole, slots, processes, placement);
  });
  for (const { slots, parameter } of members) {
    shared.add(parameter);
    for (const { module, name } of slots) hookState(module, name);
  }
  return new ParamGroup(members, processes, policy ?? new MixedPrecisionPolicy());
}

function processesOf(mesh: DeviceMesh): Processes {
  if (mesh.ndim !== 1 && mesh.ndim !== 2)
    throw new ValueError(`fullyShard expects a 1D or 2D DeviceMesh but got ${mesh}`);
  if (mesh.ndim === 2 && mesh.meshDimNames === null)
    throw new AssertionError('Please init the 2D mesh for HSDP with meshDimNames specified');
  const groups = mesh.getAllGroups();
  return { mesh, shards: groups.at(-1)!, replicas: mesh.ndim === 2 ? groups[0] : null };
}

/** The group that keeps parameters after the forward pass, where that is a smaller one. */
function keepersOf(size: boolean | number | null, shards: ProcessGroup): ProcessGroup | null {
  if (typeof size !== 'number') return null;
  const count = shards.size();
  if (size < 1 || size > count || count % size !== 0)
    throw new ValueError(
      `If passing reshardAfterForward as an int, it should be a factor of ${count}, not ${size}`,
    );
  if (size === 1)
    warn(
      'reshardAfterForward=1 (int) means resharding parameters to world size 1, instead of reshardAfterForward=true (bool)',
    );
  if (size === 1 || size === count) return null;
  const known = keeperGroups.get(shards)?.get(size);
  if (known?.isAlive) return known;
  let own: ProcessGroup | null = null;
  for (let first = 0; first < count; first += size) {
    const members = Array.from({ length: size }, (_, i) => first + i);
    const made = makeGroupSync(shards, members, `reshard_${size}`);
    if (made.isMember) own = made;
  }
  keeperGroups.set(shards, new Map(keeperGroups.get(shards)).set(size, own!));
  return own;
}

const keeperGroups = new WeakMap<ProcessGroup, ReadonlyMap<number, ProcessGroup>>();

function isOfInnerModule(module: Module, parameter: Parameter): boolean {
  return module
    .modules()
    .some((one) => stateOf(one)?.group?.members.some((member) => member.parameter === parameter));
}
