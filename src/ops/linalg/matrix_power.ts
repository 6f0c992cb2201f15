/** Powers of matrices. */
import type { Tensor } from '../../core/tensor.js';
import { op } from '../../dispatch/registry.js';
import { checkSquare, identityLike } from './factorization.js';
import { inv } from './inverse.js';

op('matrix_power(Tensor self, int n) -> Tensor', {
  doc: 'The n-th power of square matrices; a negative one is a power of the inverse.',
  aliases: ['linalg.matrix_power'],
  composite(self, n) {
    checkSquare('linalg.matrix_power', self);
    let square = n < 0 ? inv(self) : self;
    let result: Tensor | null = null;
    for (let k = Math.abs(n); k > 0; k = Math.floor(k / 2)) {
      if (k % 2 === 1) result = result === null ? square : result.matmul(square);
      if (k > 1) square = square.matmul(square);
    }
    // The identity is constant, but part of the graph like any other power.
    return result ?? self.clone().copy_(identityLike(self));
  },
});
