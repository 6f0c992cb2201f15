/** `torch.hash_tensor`: a tensor's bits in one number. */
import { float64, int64, uint64 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { numel } from '../core/layout.js';
import { refuseFamily } from '../dispatch/families.js';
import { noKernel } from '../dispatch/real_only.js';
import { op } from '../dispatch/registry.js';
import { reducedShape } from './reduction.js';

op('hash_tensor(Tensor self, int[1] dim=[], *, bool keepdim=False, int mode=0) -> Tensor', {
  doc: 'The bits of the elements along the dimensions `dim` (default: all), as int64 or float64 has them, joined by exclusive or to uint64. `mode` is 0: there is no other way to join them.',
  realOnly: noKernel('xor_sum_cpu'),
  composite(self, dim, keepdim, mode) {
    if (mode !== 0) throw new RuntimeError(`Unknown hash_tensor mode: ${mode}`);
    refuseFamily('xor_sum_cpu', self.dtype);
    const into = reducedShape(self.shape, dim, keepdim);
    if (self.numel() === 0 && dim.length === 0)
      throw new RuntimeError(
        "hash_tensor: Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.",
      );
    for (const d of into.dims)
      if (self.shape[d] === 0)
        throw new IndexError(`hash_tensor: Expected reduction dim ${d} to have non-zero size.`);
    const from = self.detach();
    const bits = from.isFloatingPoint() ? from.to(float64).view(int64) : from.to(int64);
    const kept = into.flags.flatMap((isReduced, d) => (isReduced ? [] : [d]));
    const sizes = kept.map((d) => self.shape[d]);
    let words = bits
      .permute([...kept, ...into.flags.flatMap((isReduced, d) => (isReduced ? [d] : []))])
      .reshape([numel(sizes), into.count]);
    // Both halves are joined until one word is left; an odd one joins the first.
    for (let n = into.count; n > 1; n = words.shape[1]) {
      const half = Math.floor(n / 2);
      const joined = words.narrow(1, 0, half).bitwiseXor(words.narrow(1, half, half));
      if (n % 2 === 1) joined.narrow(1, 0, 1).bitwiseXor_(words.narrow(1, n - 1, 1));
      words = joined;
    }
    return (words.storage === self.storage ? words.clone() : words).reshape(into.shape).view(uint64);
  },
});
