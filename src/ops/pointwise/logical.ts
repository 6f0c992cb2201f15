/** Logic on truth values (anything but zero is true), and the choice it makes. */
import { bool, uint8 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { op } from '../../dispatch/registry.js';

op('logical_and(Tensor self, Tensor other) -> Tensor', {
  doc: 'Whether both elements are non-zero.',
  promote: 'bool',
  pointwise: 'self && other',
});

op('logical_or(Tensor self, Tensor other) -> Tensor', {
  doc: 'Whether one of the elements is non-zero.',
  promote: 'bool',
  pointwise: 'self || other',
});

op('logical_xor(Tensor self, Tensor other) -> Tensor', {
  doc: 'Whether exactly one of the elements is non-zero.',
  promote: 'bool',
  pointwise: 'logical_xor(self, other)',
});

op('logical_not(Tensor self) -> Tensor', {
  doc: 'Whether the element is zero.',
  promote: 'bool',
  pointwise: '!self',
});

const choose = op('where.self(Tensor condition, Tensor|Scalar self, Tensor|Scalar other) -> Tensor', {
  doc: 'self where condition holds, else other.',
  inplace: false,
  method: false,
  apart: ['condition'],
  checked: ['self', 'other'],
  checkedIn: 'if',
  check([condition]) {
    if (condition instanceof Tensor && condition.dtype !== bool && condition.dtype !== uint8)
      throw new RuntimeError(
        `where expected condition to be a boolean tensor, but got a tensor with dtype ${condition.dtype.scalarName}`,
      );
  },
  pointwise: 'condition ? self : other',
});

op('where.method(Tensor self, Tensor condition, Tensor|Scalar other) -> Tensor', {
  doc: 'self where condition holds, else other.',
  function: false,
  inplace: false,
  composite: (self, condition, other) => choose(condition, self, other),
});
