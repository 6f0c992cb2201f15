/** Greatest common divisor and least common multiple: Euclid's algorithm, a step for all elements at a time. */
import { Category } from '../../core/dtype.js';
import { contiguousFormat } from '../../core/memory_format.js';
import type { Tensor } from '../../core/tensor.js';
import { commonDtype, notImplemented } from '../../dispatch/promote.js';
import { op, ops } from '../../dispatch/registry.js';

function checkIntegers(kernel: string, self: Tensor, other: Tensor): void {
  const dtype = commonDtype([self, other]);
  if (dtype.category !== Category.int) throw notImplemented(kernel, dtype);
}

/**
 * The most steps that Euclid's algorithm takes, by the bytes of an integer: for neighbouring Fibonacci numbers. A device that must be
 * waited for takes them all, for it cannot be asked whether it is done.
 */
const mostSteps: Readonly<Record<number, number>> = { 1: 13, 2: 24, 4: 47, 8: 92 };

op('gcd(Tensor self, Tensor other) -> Tensor', {
  doc: 'The greatest common divisor of two integers; that of 0 and 0 is 0.',
  inplace: true,
  composite(self, other) {
    checkIntegers('gcd_cpu', self, other);
    const dtype = commonDtype([self, other]);
    let [a, b] = ops.broadcastTensors([self.to(dtype).abs(), other.to(dtype).abs()]);
    for (let step = 0; step < mostSteps[dtype.itemsize] && (!b.isReadable || b.any().item()); step++) {
      const isDone = b.eq(0);
      const rest = a.remainder(ops.where(isDone, 1, b));
      [a, b] = [ops.where(isDone, a, b), ops.where(isDone, b, rest)];
    }
    // Where one of them was 0 from the start, it still has the strides of a broadcast.
    return a.strides.includes(0) ? a.clone({ memoryFormat: contiguousFormat }) : a;
  },
});

op('lcm(Tensor self, Tensor other) -> Tensor', {
  doc: 'The least common multiple of two integers; 0 if one is 0.',
  inplace: true,
  composite(self, other) {
    checkIntegers('lcm_cpu', self, other);
    const divisor = self.gcd(other);
    const quotient = self.div(ops.where(divisor.eq(0), 1, divisor), { roundingMode: 'trunc' });
    // The product may leave the dtype's range; its sign is taken before.
    return quotient.abs().mul(other.abs());
  },
});
