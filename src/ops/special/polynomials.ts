/** Families of orthogonal polynomials, by their recurrences (DLMF 18.9). */
import { backendOf } from '../../core/backends.js';
import { type DType, float32, float64, int64 } from '../../core/dtype.js';
import { type Scalar, scalarCategory, scalarValue } from '../../core/scalar.js';
import { Tensor } from '../../core/tensor.js';
import { promote } from '../../dispatch/promote.js';
import { op, ops } from '../../dispatch/registry.js';
import { scalarTensor } from '../creation.js';

interface Family {
  readonly title: string;
  /** The polynomial of degree 1. */
  readonly first: (x: Tensor) => Tensor;
  /** The polynomial of degree k + 1 from those of degrees k and k - 1. */
  readonly next: (x: Tensor, k: number, current: Tensor, before: Tensor) => Tensor;
  /** Chebyshev polynomials of 2x - 1. */
  readonly shifted?: boolean;
}

const chebyshev = (kind: string, first: Family['first'], shifted = false): Family => ({
  title: `${shifted ? 'shifted ' : ''}Chebyshev polynomials of the ${kind} kind`,
  first,
  next: (x, _, current, before) => x.mul(2).mul(current).sub(before),
  shifted,
});

const kinds: Readonly<Record<string, readonly [kind: string, first: Family['first']]>> = {
  t: ['first', (x) => x],
  u: ['second', (x) => x.mul(2)],
  v: ['third', (x) => x.mul(2).sub(1)],
  w: ['fourth', (x) => x.mul(2).add(1)],
};

const families: Record<string, Family> = {
  hermite_polynomial_h: {
    title: "physicists' Hermite polynomials",
    first: (x) => x.mul(2),
    next: (x, k, current, before) => x.mul(current).sub(before.mul(k)).mul(2),
  },
  hermite_polynomial_he: {
    title: "probabilists' Hermite polynomials",
    first: (x) => x,
    next: (x, k, current, before) => x.mul(current).sub(before.mul(k)),
  },
  laguerre_polynomial_l: {
    title: 'Laguerre polynomials',
    first: (x) => x.rsub(1),
    next: (x, k, current, before) =>
      x
        .rsub(2 * k + 1)
        .mul(current)
        .sub(before.mul(k))
        .div(k + 1),
  },
  legendre_polynomial_p: {
    title: 'Legendre polynomials',
    first: (x) => x,
    next: (x, k, current, before) =>
      x
        .mul(2 * k + 1)
        .mul(current)
        .sub(before.mul(k))
        .div(k + 1),
  },
};
for (const [letter, [kind, first]] of Object.entries(kinds)) {
  families[`chebyshev_polynomial_${letter}`] = chebyshev(kind, first);
  families[`shifted_chebyshev_polynomial_${letter}`] = chebyshev(kind, first, true);
}

function highestOf(n: Tensor | Scalar): number {
  if (n instanceof Tensor && n.isMeta) return 0;
  return n instanceof Tensor ? Number(n.max().itemBigint()) : Math.trunc(Number(scalarValue(n)));
}

/** The polynomial of every degree in `n` at the point in `x` beside it; those of negative degree are 0. */
function evaluate(family: Family, x: Tensor | Scalar, n: Tensor | Scalar): Tensor {
  const forms = [x, n].map((o) => (o instanceof Tensor ? o : scalarCategory(o)));
  const { result } = promote('float', forms, 'polynomial');
  const tensors = [x, n].filter((t) => t instanceof Tensor);
  const { device } = tensors.find((t) => t.ndim > 0) ?? tensors[0];
  const placed = (t: Tensor | Scalar, dtype: DType) =>
    (t instanceof Tensor ? t : scalarTensor(t)).to(device, dtype);
  const degrees = placed(n, int64);
  const given = placed(x, backendOf(device).hasFloat64 ? float64 : float32);
  const point = family.shifted ? given.mul(2).sub(1) : given;
  const [points, wanted] = ops.broadcastTensors([point, degrees]);
  const highest = highestOf(wanted.numel() === 0 ? 0 : n instanceof Tensor ? degrees : n);
  let before = points.onesLike();
  let current = family.first(points);
  let value = ops.where(wanted.eq(0), before, points.zerosLike());
  for (let k = 1; k <= highest; k++) {
    value = ops.where(wanted.eq(k), current, value);
    [before, current] = [current, family.next(points, k, current, before)];
  }
  return value.to(result);
}

for (const [name, family] of Object.entries(families))
  for (const parameters of ['Tensor x|input, Tensor|Scalar n', 'Scalar x|input, Tensor n'] as const)
    op(`${name}(${parameters}) -> Tensor`, {
      doc: `The ${family.title} of degree n at x.`,
      batch: 'broadcast',
      module: 'special',
      reads: true,
      forward: (x, n) => evaluate(family, x, n),
    });
