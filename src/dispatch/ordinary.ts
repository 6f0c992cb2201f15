/** One look at a call's tensors, which nearly always is enough. */
import type { Backend } from '../backends/backend.js';
import { Tensor } from '../core/tensor.js';
import type { Op } from './op.js';

/** Whether all tensors are alive, of types that every op takes, and on one device. */
export function areOrdinary({ tensorInputs }: Op, args: readonly unknown[]): boolean {
  let home: Backend | null = null;
  for (let k = 0; k < tensorInputs.length; k++) {
    const arg = args[tensorInputs[k]];
    if (arg instanceof Tensor) {
      home ??= arg.storage.backend;
      if (!isOrdinary(arg, home)) return false;
    } else if (Array.isArray(arg)) {
      for (const item of arg) {
        if (!(item instanceof Tensor)) continue;
        home ??= item.storage.backend;
        if (!isOrdinary(item, home)) return false;
      }
    }
  }
  return true;
}

function isOrdinary({ storage, dtype }: Tensor, home: Backend): boolean {
  return storage.ended === null && dtype.family === null && storage.backend === home;
}
