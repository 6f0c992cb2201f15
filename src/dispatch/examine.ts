/** A close look at a call's tensors, with PyTorch's words for what is wrong with them. */
import { cpu } from '../core/device.js';
import { checkAlive } from '../core/disposed.js';
import { RuntimeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { checkFamily } from './families.js';
import type { Op } from './op.js';

/** @throws RuntimeError or NotImplementedError for the first tensor that the op does not take */
export function examine(op: Op, args: readonly unknown[]): void {
  const { name, parameters } = op.schema;
  const tensors = op.tensorInputs.flatMap((position) =>
    [args[position]]
      .flat()
      .filter((value) => value instanceof Tensor)
      .map((tensor) => ({ tensor, position, parameter: parameters[position].name })),
  );
  for (const { tensor, position, parameter } of tensors) {
    const what = op.isTensorList[position] ? 'an item of argument' : 'argument';
    checkAlive(tensor, `${name}(): ${what} '${parameter}' (position ${position + 1})`);
    if (tensor.dtype.family !== null) checkFamily(op.support, tensor);
  }
  const isMixed = tensors.some(({ tensor }) => tensor.storage.backend !== tensors[0].tensor.storage.backend);
  if (!isMixed || !op.takesOneDevice) return;
  // As in PyTorch, the CPU's tensors are the odd ones.
  const home = tensors.find(({ tensor }) => tensor.device !== cpu)!;
  const odd = tensors.find(({ tensor }) => tensor.device !== home.tensor.device)!;
  throw new RuntimeError(
    `Expected all tensors to be on the same device, but got ${odd.parameter} is on ${odd.tensor.device}, different from other tensors on ${home.tensor.device} (when checking argument in method ${name.replace(/_$/, '')})`,
  );
}
