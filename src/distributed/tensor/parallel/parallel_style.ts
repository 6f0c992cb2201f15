import { noGradSync } from '../../../autograd/modes.js';
import { ValueError } from '../../../core/errors.js';
import { accepting, defineParameterType } from '../../../core/signature/parameter_types.js';
import type { Tensor } from '../../../core/tensor.js';
import type { Module } from '../../../nn/module.js';
import { Parameter } from '../../../nn/parameter.js';
import type { DeviceMesh } from '../../device_mesh.js';
import { broadcast } from '../../moving_collectives.js';
import type { ProcessGroup } from '../../process_group.js';
import { cut } from '../cuts.js';
import { Placement, Shard } from '../placements.js';
import { hookState } from '../sharded_slot.js';
import { setSharding } from '../sharding.js';

/** How a module is computed by several processes together. */
export abstract class ParallelStyle {
  /** @internal Makes a module so. @param source the rank whose parameters count; null: those of each */
  abstract apply(module: Module, mesh: DeviceMesh, source: number | null): void;
}

declare module '../../../core/signature/argument_types.js' {
  interface ParameterTypes {
    Placement: Placement;
  }
}
defineParameterType(
  'Placement',
  accepting((value) => value instanceof Placement),
);

/** The values of one rank, or of each. */
function values(parameter: Tensor, group: ProcessGroup, source: number | null): Tensor {
  return noGradSync(() => {
    const whole = parameter.detach().clone().contiguous();
    if (source !== null && group.size() > 1)
      broadcast(whole, { groupSrc: source, group, asyncOp: true }).waitSync();
    return whole;
  });
}

/** Gives a module a part of a parameter in the place of the whole. */
export function shardParameter(
  module: Module,
  name: string,
  dim: number,
  mesh: DeviceMesh,
  source: number | null,
): void {
  const group = mesh.getGroup();
  const whole = module.getParameter(name);
  if (whole.shape[dim] < group.size())
    throw new ValueError(`${name} has ${whole.shape[dim]} rows for ${group.size()} processes`);
  const part = noGradSync(() => cut(values(whole, group, source), dim, group).clone());
  const parameter = new Parameter(part, whole.requiresGrad);
  setSharding(parameter, { mesh, placements: [new Shard(dim)], shape: [...whole.shape] });
  module.exchange(name, parameter);
  hookState(module, name);
}

/** Lets all processes have the same values of a parameter. */
export function replicateParameter(
  module: Module,
  name: string,
  group: ProcessGroup,
  source: number | null,
): void {
  const parameter = module.getParameter(name);
  noGradSync(() => parameter.detach().copy_(values(parameter, group, source)));
}
