/** Greatest common divisor and least common multiple. */
import { op } from '../../dispatch/registry.js';

op('gcd(Tensor self, Tensor other) -> Tensor', {
  doc: 'The greatest common divisor of two integers; that of 0 and 0 is 0.',
  only: ['gcd_cpu', 'i'],
  pointwise: 'gcd(self, other)',
  derivative: false,
});

op('lcm(Tensor self, Tensor other) -> Tensor', {
  doc: 'The least common multiple of two integers; 0 if one is 0.',
  only: ['lcm_cpu', 'i'],
  pointwise: 'lcm(self, other)',
  derivative: false,
});
