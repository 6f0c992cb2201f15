/** Pseudo-inverses and ranks of matrices: what rests on which singular values count as nothing. */
import { bfloat16, Category, float16, float32, float64, int64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { finfo } from '../../core/type_info.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { eigh, eigvalsh } from './eigh.js';
import { adjoint } from './factorization.js';
import { singularValues, svd } from './svd.js';

type Tolerance = Tensor | number | null;

/** Absolute and relative tolerances as PyTorch completes them: relative ones hold where no absolute ones are given. */
function tolerances(
  self: Tensor,
  atol: Tolerance,
  rtol: Tolerance,
): readonly [Tensor | number, Tensor | number] {
  const absolute = atol ?? 0;
  if (rtol !== null) return [absolute, rtol];
  const [rows, columns] = self.shape.slice(-2);
  const usual = finfo(self.dtype).eps * Math.max(rows, columns);
  if (typeof absolute === 'number') return [absolute, absolute > 0 ? 0 : usual];
  return [absolute, ops.where(absolute.gt(0), 0, usual)];
}

/** The size that values, along the last dimension, must exceed to count. */
function threshold(most: Tensor, atol: Tensor | number, rtol: Tensor | number): Tensor {
  const along = (t: Tensor | number): Tensor | number => (typeof t === 'number' ? t : t.unsqueeze(-1));
  const relative = most.mul(along(rtol) as Tensor);
  const absolute = along(atol);
  return typeof absolute === 'number' ? relative.clamp({ min: absolute }) : relative.maximum(absolute);
}

function checkTolerances(name: string, ...given: readonly [name: string, value: Tolerance][]): void {
  for (const [which, value] of given)
    if (value !== null && typeof value !== 'number' && value.isComplex())
      throw new RuntimeError(`${name}: ${which} tensor of complex type is not supported.`);
}

// ---- pseudo-inverses ----------------------------------------------------------------------------------------------

const schema =
  '_pinv(Tensor self, Tensor? atol, Tensor? rtol, float absolute, float relative, bool hermitian) -> Tensor';

/** The pseudo-inverse, with tolerances as tensors or, where those are null, as numbers. */
const pseudoInverse: OpFunction<typeof schema> = op(schema, {
  doc: 'The pseudo-inverse of matrices (Moore & Penrose).',
  function: false,
  method: false,
  batch: (self, atol, rtol, absolute, relative, hermitian, { has }) => {
    const spread = (t: Tensor | null, stacked: boolean): Tensor | null =>
      t === null || !stacked
        ? t
        : t.reshape([
            t.shape[0],
            ...new Array(self.ndim - 2 - t.ndim + (has.self ? 0 : 1)).fill(1),
            ...t.shape.slice(1),
          ]);
    const stacked = has.self ? self : self.unsqueeze(0);
    return pseudoInverse(
      stacked,
      spread(atol, has.atol),
      spread(rtol, has.rtol),
      absolute,
      relative,
      hermitian,
    );
  },
  gradName: 'LinalgPinvBackward0',
  forward(self, atol, rtol, absolute, relative, hermitian) {
    const [rows, columns] = self.shape.slice(-2);
    if (self.numel() === 0) return self.newEmpty([...self.shape.slice(0, -2), columns, rows]);
    const keep = (values: Tensor): Tensor => {
      const sizes = values.abs();
      const kept = sizes.gt(threshold(sizes.amax(-1, true), atol ?? absolute, rtol ?? relative));
      return ops.where(kept, values.reciprocal(), 0).to(self.dtype).unsqueeze(-2);
    };
    if (hermitian) {
      const [values, v] = eigh(self, 'L');
      return v.mul(keep(values)).matmul(adjoint(v));
    }
    const [u, s, vh] = svd(self, false);
    return adjoint(vh).mul(keep(s)).matmul(adjoint(u));
  },
  save: ['self', 'result'],
  holomorphic: false,
  vjp: { self: (grad, { self, result }) => gradientByInverse(grad, self, result) },
});

/** The gradient by a matrix from that by its pseudo-inverse p (Golub & Pereyra, 1973). */
function gradientByInverse(grad: Tensor, self: Tensor, p: Tensor): Tensor {
  const [rows, columns] = self.shape.slice(-2);
  const [dual, by] = [adjoint(p), adjoint(grad)];
  if (rows <= columns) {
    const k = by.matmul(p);
    const turned = k.matmul(dual);
    return turned
      .sub(adjoint(p.matmul(k)))
      .sub(self.matmul(p).matmul(turned))
      .add(dual.matmul(p).matmul(by.sub(k.matmul(self))));
  }
  const k = p.matmul(by);
  const turned = dual.matmul(k);
  return turned
    .sub(adjoint(k.matmul(p)))
    .sub(turned.matmul(p).matmul(self))
    .add(by.sub(self.matmul(k)).matmul(p).matmul(dual));
}

/** The pseudo-inverse of a matrix, and how gradients go from it to the matrix. */
export function pseudoInverseOf(self: Tensor) {
  const value = pinv(self, null, null, false);
  return { value, gradient: (grad: Tensor): Tensor => gradientByInverse(grad, self, value) };
}

function pinv(self: Tensor, atol: Tolerance, rtol: Tolerance, hermitian: boolean): Tensor {
  if (self.ndim < 2 || ![float32, float64].includes(self.dtype.toReal()))
    throw new RuntimeError(
      `linalg.pinv(${self.dtype.scalarName}{${formatShape(self.shape)}}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types`,
    );
  checkTolerances('torch.linalg.pinv', ['atol', atol], ['rtol', rtol]);
  const [absolute, relative] = tolerances(self, atol, rtol);
  const [a, b] = [absolute, relative].map((t) =>
    typeof t === 'number' ? ([null, t] as const) : ([t.detach(), 0] as const),
  );
  return pseudoInverse(self, a[0], b[0], a[1], b[1], hermitian);
}

const pinvDoc =
  'The pseudo-inverse of matrices (Moore & Penrose). Singular values (with `hermitian` eigenvalues) not above max(atol, rtol · the largest) count as zero.';

op(
  'pinv.atol_rtol_tensor(Tensor self, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor',
  {
    doc: pinvDoc,
    module: 'linalg',
    composite: pinv,
  },
);
op(
  'pinv.atol_rtol_float(Tensor self, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor',
  {
    doc: pinvDoc,
    module: 'linalg',
    composite: pinv,
  },
);
for (const type of ['float', 'Tensor'] as const)
  op(
    `pinv${type === 'float' ? '' : '.rcond_tensor'}(Tensor self, ${type} rcond, bool hermitian=False) -> Tensor`,
    {
      doc: 'The pseudo-inverse of matrices; `rcond` is `rtol`.',
      module: 'linalg',
      composite: (self: Tensor, rcond: Tolerance, hermitian: boolean) => pinv(self, 0, rcond, hermitian),
    },
  );

op('pinverse(Tensor self, float rcond=1e-15) -> Tensor', {
  doc: 'The pseudo-inverse of matrices; `rcond` times the largest singular value, and what is not above, counts as zero.',
  composite: (self, rcond) => pinv(self, 0, rcond, false),
});

// ---- ranks --------------------------------------------------------------------------------------------------------

function rank(self: Tensor, atol: Tolerance, rtol: Tolerance, hermitian: boolean): Tensor {
  const name = 'torch.linalg.matrix_rank';
  if (self.ndim < 2)
    throw new RuntimeError(`${name}: The input tensor input must have at least 2 dimensions.`);
  checkTolerances(name, ['atol', atol], ['rtol', rtol]);
  if (self.dtype.category < Category.float || [float16, bfloat16].includes(self.dtype))
    throw new RuntimeError("This function doesn't handle types other than float and double");
  const [absolute, relative] = tolerances(self, atol, rtol);
  if (self.numel() === 0) return self.newZeros(self.shape.slice(0, -2), { dtype: int64 });
  const values = hermitian ? eigvalsh(self, 'L').abs() : singularValues(self);
  return values.gt(threshold(values.amax(-1, true), absolute, relative)).sum(-1);
}

const rankDoc =
  'How many singular values (with `hermitian` eigenvalues) of matrices are above max(atol, rtol · the largest).';

op(
  'matrix_rank.atol_rtol_tensor(Tensor input, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor',
  {
    doc: rankDoc,
    module: 'linalg',
    composite: rank,
  },
);
op(
  'matrix_rank.atol_rtol_float(Tensor self, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor',
  {
    doc: rankDoc,
    module: 'linalg',
    composite: rank,
  },
);
for (const type of ['float', 'Tensor'] as const)
  op(
    `matrix_rank${type === 'float' ? '' : '.tol_tensor'}(Tensor ${type === 'float' ? 'self' : 'input'}, ${type} tol, bool hermitian=False) -> Tensor`,
    {
      doc: 'How many singular values (with `hermitian` eigenvalues) of matrices are above `tol`.',
      module: 'linalg',
      composite: (self: Tensor, tol: Tolerance, hermitian: boolean) => rank(self, tol, 0, hermitian),
    },
  );
