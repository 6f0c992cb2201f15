import type { Tensor } from '../core/tensor.js';

/** Notes that a tensor's elements have changed: gradients refuse what was saved of it before. */
export function noteWritten(self: Tensor): void {
  self.storage.version++;
  if (self.base === null) self.viewVersion = self.storage.version;
}
