/** Checks of a call's tensors that hold for every op. */
import type { Backend } from '../backends/backend.js';
import { cpu } from '../core/device.js';
import { checkAlive } from '../core/disposed.js';
import { RuntimeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { checkFamily } from './families.js';
import type { Op } from './op.js';
import type { Schema } from './schema.js';

/** Refuses disposed tensors, and tensors of several devices where the op takes those of one, by the name of the parameter. */
export function checkArguments(op: Op, args: readonly unknown[]): void {
  const positions = op.tensorInputs;
  let home: Backend | null = null;
  let isMixed = false;
  for (let k = 0; k < positions.length; k++) {
    const arg = args[positions[k]];
    if (arg instanceof Tensor) {
      const { storage } = arg;
      if (storage.ended !== null) refuse(op.schema, positions[k], arg);
      if (arg.dtype.family !== null) checkFamily(op.support, arg);
      if (home === null) home = storage.backend;
      else if (storage.backend !== home) isMixed = true;
    } else if (Array.isArray(arg)) {
      for (const item of arg)
        if (item instanceof Tensor) {
          const { storage } = item;
          if (storage.ended !== null) refuse(op.schema, positions[k], item);
          if (item.dtype.family !== null) checkFamily(op.support, item);
          if (home === null) home = storage.backend;
          else if (storage.backend !== home) isMixed = true;
        }
    }
  }
  if (isMixed && op.takesOneDevice) refuseDevices(op.schema, args, positions);
}

/** PyTorch's words; as there, the CPU's tensors are the odd ones. */
function refuseDevices(
  { name, parameters }: Schema,
  args: readonly unknown[],
  positions: readonly number[],
): never {
  const tensors = positions.flatMap((i) =>
    [args[i]]
      .flat()
      .flatMap((t) => (t instanceof Tensor ? [{ name: parameters[i].name, device: t.device }] : [])),
  );
  const home = tensors.find(({ device }) => device !== cpu)!;
  const odd = tensors.find(({ device }) => device !== home.device)!;
  throw new RuntimeError(
    `Expected all tensors to be on the same device, but got ${odd.name} is on ${odd.device}, different from other tensors on ${home.device} (when checking argument in method ${name.replace(/_$/, '')})`,
  );
}

function refuse({ name, parameters }: Schema, position: number, tensor: Tensor): void {
  const { name: parameter, type } = parameters[position];
  const what = type === 'Tensor[]' || type === 'Tensor?[]' ? 'an item of argument' : 'argument';
  checkAlive(tensor, `${name}(): ${what} '${parameter}' (position ${position + 1})`);
}
