/** `torch.gradient`: derivatives of sampled functions by finite differences. */
import { Category } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { wrapDims } from '../core/layout.js';
import { pyfloat } from '../core/pyfloat.js';
import { type Scalar, scalarValue } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import { op, ops } from '../dispatch/registry.js';

/** The distances between the points along a dimension: one for all, or the tensor of them. */
type Spacing = number | Tensor;

/** The derivative along one dimension: differences of second order inside and of `order` at the ends. */
function differentiate(self: Tensor, d: number, spacing: Spacing, order: number): Tensor {
  const n = self.shape[d];
  const at = (start: number, length: number) => self.narrow(d, start, length);
  const shape = self.shape.map((_, i) => (i === d ? -1 : 1));
  const steps =
    typeof spacing === 'number'
      ? self.newFull([n - 1], pyfloat(spacing), { dtype: realDtype(self) }).view(shape)
      : spacing.diff().view(shape);
  const step = (start: number, length: number) => steps.narrow(d, start, length);
  const [before, after] = [step(0, n - 2), step(1, n - 2)];
  // Weights of the parabola through three points (Fornberg 1988, for unequal steps).
  const middle = at(2, n - 2)
    .mul(before.div(after.mul(before.add(after))))
    .add(at(1, n - 2).mul(after.sub(before).div(after.mul(before))))
    .sub(at(0, n - 2).mul(after.div(before.mul(before.add(after)))));
  const end = (points: readonly number[], near: Tensor, far: Tensor | null, sign: 1 | -1): Tensor => {
    const [p0, p1, p2] = points.map((p) => at(p, 1));
    if (far === null) return p1.sub(p0).div(near).mul(sign);
    const whole = near.add(far);
    return p1
      .mul(whole.div(near.mul(far)))
      .sub(p0.mul(near.add(whole).div(near.mul(whole))))
      .sub(p2.mul(near.div(far.mul(whole))))
      .mul(sign);
  };
  const isFirst = order === 1;
  const left = end([0, 1, 2].slice(0, order + 1), step(0, 1), isFirst ? null : step(1, 1), 1);
  const right = end(
    [n - 1, n - 2, n - 3].slice(0, order + 1),
    step(n - 2, 1),
    isFirst ? null : step(n - 3, 1),
    -1,
  );
  return ops.cat([left, middle, right], d);
}

const realDtype = (self: Tensor) => (self.isComplex() ? self.dtype.toReal() : self.dtype);

function gradient(
  self: Tensor,
  spacing: readonly (Scalar | Tensor)[] | Scalar | null,
  dim: number | readonly number[] | null,
  order: number,
): Tensor[] {
  const given = dim === null ? self.shape.map((_, d) => d) : typeof dim === 'number' ? [dim] : dim;
  const dims = given.map((d) => wrapDims([d], self.ndim)[0]);
  const isOne = spacing === null || !Array.isArray(spacing);
  const spacings: readonly (Scalar | Tensor)[] = isOne
    ? dims.map(() => (spacing as Scalar | null) ?? 1)
    : (spacing as readonly (Scalar | Tensor)[]);
  if (spacings.length !== dims.length)
    throw new RuntimeError(
      `torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, but got a spacing argument of length ${spacings.length} and a dim argument of length ${dims.length}.`,
    );
  if (order !== 1 && order !== 2)
    throw new RuntimeError('torch.gradient only supports edge_order=1 and edge_order=2.');
  wrapDims(dims, self.ndim);
  for (const d of dims)
    if (self.shape[d] < order + 1)
      throw new RuntimeError('torch.gradient expected each dimension size to be at least edge_order+1');
  const x = self.dtype.category < Category.float ? self.float() : self;
  return dims.map((d, i) => {
    const by = spacings[i];
    return differentiate(x, d, by instanceof Tensor ? by : Number(scalarValue(by)), order);
  });
}

for (const [overload, spacing] of [
  ['scalar', 'Scalar? spacing=None'],
  ['scalars', 'Scalar[] spacing'],
  ['tensors', 'Tensor[] spacing'],
] as const)
  for (const [name, dim] of [
    ['one', 'int? dim=None'],
    ['many', 'int[] dim'],
  ] as const)
    op(`gradient.${overload}_${name}(Tensor self, *, ${spacing}, ${dim}, int edge_order=1) -> Tensor[]`, {
      doc: 'Derivatives along dimensions of a function sampled at points `spacing` apart, or at those that tensors give.',
      method: false,
      composite: gradient as never,
    });
