/** Operations on the bits of integers; on bools they are logic. */
import { op } from '../../dispatch/registry.js';
import { isBoolTensor, scalarFirst } from './row_parts.js';

const and = {
  doc: 'The bits set in both.',
  only: ['bitwise_and_cpu', 'bi'],
  pointwise: 'bit_and(self, other)',
} as const;
op('bitwise_and.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', and);
op('bitwise_and.Scalar_Tensor(Tensor|Scalar self, Tensor other) -> Tensor', { ...and, ...scalarFirst });

const or = {
  doc: 'The bits set in one or both.',
  only: ['bitwise_or_cpu', 'bi'],
  pointwise: 'bit_or(self, other)',
} as const;
op('bitwise_or.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', or);
op('bitwise_or.Scalar_Tensor(Tensor|Scalar self, Tensor other) -> Tensor', { ...or, ...scalarFirst });

const xor = {
  doc: 'The bits set in exactly one.',
  only: ['bitwise_xor_cpu', 'bi'],
  pointwise: 'bit_xor(self, other)',
} as const;
op('bitwise_xor.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', xor);
op('bitwise_xor.Scalar_Tensor(Tensor|Scalar self, Tensor other) -> Tensor', { ...xor, ...scalarFirst });

op('bitwise_not(Tensor self) -> Tensor', {
  doc: 'Every bit inverted; on bools the opposite.',
  only: ['bitwise_not_cpu', 'bi'],
  pointwise: ({ self }) => (isBoolTensor(self) ? '!self' : 'bit_not(self)'),
});

const leftShift = {
  doc: 'The bits moved up by other places, self * 2 ** other modulo the dtype.',
  only: ['lshift_cpu', 'i'],
  pointwise: 'shift_left(self, other)',
} as const;
op('bitwise_left_shift.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', leftShift);
op('bitwise_left_shift.Scalar_Tensor(Tensor|Scalar self, Tensor other) -> Tensor', {
  ...leftShift,
  ...scalarFirst,
});

const rightShift = {
  doc: 'The bits moved down by other places, keeping the sign: floor(self / 2 ** other).',
  only: ['rshift_cpu', 'i'],
  pointwise: 'shift_right(self, other)',
} as const;
op('bitwise_right_shift.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', rightShift);
op('bitwise_right_shift.Scalar_Tensor(Tensor|Scalar self, Tensor other) -> Tensor', {
  ...rightShift,
  ...scalarFirst,
});
