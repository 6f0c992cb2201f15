/** Complex tensors and their parts: views of one as the other, and complex tensors made from parts. */

import { float16, float32, float64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { interleaved, partsOf } from '../core/interleaved.js';
import { broadcastShapes } from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { dispatch } from '../dispatch/dispatch.js';
import { empty, tensorOf } from '../dispatch/empty.js';
import { inPlaceForm } from '../dispatch/in_place_op.js';
import type { Op } from '../dispatch/op.js';
import { op, ops } from '../dispatch/registry.js';
import { copyInto } from './copying.js';

op('view_as_real(Tensor self) -> Tensor', {
  doc: 'A complex tensor as a real one over the same memory; its last dimension, of size 2, has the parts.',
  method: false,
  composite: (self) => self._viewAsReal(),
});

op('view_as_complex(Tensor self) -> Tensor', {
  doc: 'A real tensor whose last dimension, of size 2, has real and imaginary parts as a complex one over the same memory.',
  method: false,
  composite: (self) => self._viewAsComplex(),
});

op('_view_as_real(Tensor self) -> Tensor', {
  doc: '`viewAsReal` as a method.',
  batch: 'leading',
  function: false,
  view: true,
  forward(self) {
    if (!self.isComplex()) throw new RuntimeError('view_as_real is only supported for complex tensors');
    return tensorOf(interleaved(self));
  },
  vjp: { self: (grad) => grad.contiguous()._viewAsComplex() },
});

op('_view_as_complex(Tensor self) -> Tensor', {
  doc: '`viewAsComplex` as a method.',
  batch: 'leading',
  function: false,
  view: true,
  forward(self) {
    const dtype = self.dtype.toComplex();
    if (dtype.toReal() !== self.dtype)
      throw new RuntimeError(
        `view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: ${self.dtype.scalarName}`,
      );
    if (self.ndim === 0) throw new RuntimeError('Input tensor must have one or more dimensions');
    const last = self.ndim - 1;
    if (self.shape[last] !== 2) throw new RuntimeError('Tensor must have a last dimension of size 2');
    if (self.strides[last] !== 1) throw new RuntimeError('Tensor must have a last dimension with stride 1');
    const isEven = (n: number): boolean => n % 2 === 0;
    const strides = self.strides.slice(0, last);
    if (!strides.every((s, d) => isEven(s) || self.shape[d] === 1))
      throw new RuntimeError('Tensor must have a stride divisible by 2 for all but last dimension');
    if (!isEven(self.offset)) throw new RuntimeError('Tensor must have a storage_offset divisible by 2');
    return new Tensor(
      self.storage,
      dtype,
      self.shape.slice(0, last),
      strides.map((s) => Math.floor(s / 2)),
      self.offset / 2,
    );
  },
  vjp: { self: (grad) => grad._viewAsReal() },
});

const part = (index: 0 | 1) => (self: Tensor) => tensorOf(partsOf(self)[index]);

const realPart = op('_real_part(Tensor self) -> Tensor', {
  doc: 'The real parts, as a view.',
  batch: 'leading',
  function: false,
  method: false,
  view: true,
  forward: part(0),
  linear: true,
  vjp: { self: (grad) => ops.complex(grad, grad.zerosLike()) },
  gradName: 'SelectBackward0',
});

const imaginaryPart = op('_imaginary_part(Tensor self) -> Tensor', {
  doc: 'The imaginary parts, as a view.',
  batch: 'leading',
  function: false,
  method: false,
  view: true,
  forward: part(1),
  linear: true,
  vjp: { self: (grad) => ops.complex(grad.zerosLike(), grad) },
  gradName: 'SelectBackward0',
});

op('real(Tensor self) -> Tensor', {
  doc: 'The real parts of a complex tensor, as a view; a real tensor itself.',
  method: false,
  composite: (self) => (self.isComplex() ? realPart(self) : self),
});

op('imag(Tensor self) -> Tensor', {
  doc: 'The imaginary parts of a complex tensor, as a view.',
  method: false,
  composite(self) {
    if (!self.isComplex())
      throw new RuntimeError('imag is not implemented for tensors with non-complex dtypes.');
    return imaginaryPart(self);
  },
});

op('complex(Tensor real, Tensor imag) -> Tensor', {
  doc: 'The complex tensor with these real and imaginary parts.',
  batch: 'broadcast',
  method: false,
  forward(real, imag) {
    const isFloat = ({ dtype }: Tensor): boolean => dtype.toComplex().toReal() === dtype;
    if (!isFloat(real) || !isFloat(imag))
      throw new RuntimeError(
        `Expected both inputs to be Half, Float or Double tensors but got ${real.dtype.scalarName} and ${imag.dtype.scalarName}`,
      );
    if (real.dtype !== imag.dtype)
      throw new RuntimeError(
        `Expected object of scalar type ${real.dtype.scalarName} but got scalar type ${imag.dtype.scalarName} for second argument`,
      );
    const shape = broadcastShapes(real.shape, imag.shape);
    const result = empty(shape, real.dtype.toComplex(), real.storage.backend);
    const [re, im] = partsOf(result).map(tensorOf);
    copyInto(re, real);
    copyInto(im, imag);
    return result;
  },
  vjp: { real: (grad) => ops.real(grad), imag: (grad) => (grad.isComplex() ? ops.imag(grad) : grad.mul(0)) },
});

const isPart = ({ dtype }: Tensor): boolean => dtype === float16 || dtype === float32 || dtype === float64;

op('polar(Tensor abs, Tensor angle) -> Tensor', {
  doc: 'The complex tensor with these absolute values and angles.',
  method: false,
  composite(abs, angle) {
    if (!isPart(abs) || !isPart(angle))
      throw new RuntimeError(
        `Expected both inputs to be Half, Float or Double tensors but got ${abs.dtype.scalarName} and ${angle.dtype.scalarName}`,
      );
    if (abs.dtype !== angle.dtype)
      throw new RuntimeError(
        `Expected object of scalar type ${abs.dtype.scalarName} but got scalar type ${angle.dtype.scalarName} for second argument`,
      );
    return ops.complex(abs.mul(angle.cos()), abs.mul(angle.sin()));
  },
});

const conjugate = op('_conj_physical(Tensor self) -> Tensor', {
  doc: 'The complex conjugate.',
  function: false,
  method: false,
  pointwise: 'conj(self)',
});
let conjugateInPlace: Op | null = null;

op('conj_physical(Tensor self) -> Tensor', {
  doc: 'The complex conjugate; a real tensor itself.',
  composite: (self) => (self.isComplex() ? conjugate(self) : self),
});

op('conj_physical_(Tensor self) -> Tensor', {
  doc: 'In-place `conjPhysical`.',
  composite(self) {
    if (!self.isComplex()) return self;
    conjugateInPlace ??= inPlaceForm(conjugate.op, conjugate.op.schema);
    return dispatch(conjugateInPlace, [self]) as Tensor;
  },
});

op('conj(Tensor self) -> Tensor', {
  doc: 'The complex conjugate; a real tensor itself.',
  composite: (self) => self.conjPhysical(),
});

op('resolve_conj(Tensor self) -> Tensor', {
  doc: 'The tensor itself: conjugates are computed at once here, so there is nothing to resolve.',
  composite: (self) => self,
});

op('resolve_neg(Tensor self) -> Tensor', {
  doc: 'The tensor itself: negatives are computed at once here, so there is nothing to resolve.',
  composite: (self) => self,
});

op('angle(Tensor self) -> Tensor', {
  doc: 'The angle of a complex number in [-π, π]; of a real one 0 or, below zero, π.',
  inplace: false,
  promote: 'float',
  pointwise: 'arg(self)',
});

op('isreal(Tensor self) -> Tensor', {
  doc: 'Whether each element has an imaginary part of zero.',
  inplace: false,
  promote: 'bool',
  pointwise: 'imag(self) == 0',
});

for (const name of ['real', 'imag'] as const)
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    get(this: Tensor): Tensor {
      return ops[name](this);
    },
    set(this: Tensor, value: Tensor) {
      ops[name](this).copy_(value);
    },
  });

declare module '../core/tensor.js' {
  interface Tensor {
    /** The real parts of a complex tensor, as a view; a real tensor itself. What is assigned is copied there. */
    real: Tensor;
    /** The imaginary parts of a complex tensor, as a view. What is assigned is copied there. */
    imag: Tensor;
  }
}
