import type { Device } from '../core/device.js';
import { NotImplementedError } from '../core/errors.js';

/** A device lacks a kernel that an op needs. */
export class MissingKernelError extends NotImplementedError {
  constructor(
    op: string,
    readonly device: Device,
  ) {
    const backend = device.type.toUpperCase();
    super(
      `Could not run 'aten::${op}' with arguments from the '${backend}' backend. This could be because the operator doesn't exist for this backend. 'aten::${op}' is only available for these backends: [CPU]. Move its arguments there: input.to('cpu').`,
    );
  }
}
