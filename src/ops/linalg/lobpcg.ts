/**
 * A few of the largest or smallest eigenvalues by the locally optimal block preconditioned conjugate gradient method (Knyazev, 2001; with
 * orthogonal bases Duersch, Shao, Yang & Gu, 2018).
 */
import { float64 } from '../../core/dtype.js';
import { AssertionError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { cholesky } from './cholesky.js';
import { eigh } from './eigh.js';
import { qr } from './householder.js';
import { solveTriangular } from './triangular_solve.js';

interface Problem {
  readonly a: Tensor;
  readonly b: Tensor | null;
  /** An approximate inverse, by which residuals are multiplied. */
  readonly preconditioner: Tensor | null;
  readonly k: number;
  readonly tolerance: number;
  readonly largest: boolean;
  readonly steps: number;
}

const times = (a: Tensor | null, x: Tensor): Tensor => (a === null ? x : a.matmul(x));
const form = (a: Tensor | null, s: Tensor): Tensor => s.mT.matmul(times(a, s));
const length = (t: Tensor): number => t.norm().item() as number;
const columns = (t: Tensor, from: number, to = t.shape[1]): Tensor => t.narrow(1, from, to - from);

function sortedEigen(a: Tensor, largest: boolean): readonly [Tensor, Tensor] {
  const [values, vectors] = eigh(a, 'U');
  return largest ? [values.flip([-1]), vectors.flip([-1])] : [values, vectors];
}

/** The factor that makes the columns of s orthonormal with respect to B: (s r)ᵀ B (s r) = 1. */
function orthonormalizer(b: Tensor | null, s: Tensor): Tensor {
  const products = form(b, s);
  const scale = products.diagonal().pow(-0.5);
  const factor = cholesky(products.mul(scale).mul(scale.unsqueeze(1)), true);
  return solveTriangular(factor, scale.diagEmbed(), true, false, false);
}

/** Columns with the same span that are orthonormal with respect to B (Stathopoulos & Wu, 2002). */
function orthonormalized(b: Tensor | null, given: Tensor, tolerance: number): Tensor {
  const isThere = form(b, given).diagonal().ne(0);
  const u = isThere.all().item() ? given : given.indexSelect(1, isThere.nonzero().squeeze(-1));
  if (u.numel() === 0) return u;
  const products = form(b, u);
  const scale = products.diagonal().pow(-0.5);
  const [values, vectors] = sortedEigen(products.mul(scale.unsqueeze(1)).mul(scale), false);
  const least = values.abs().max().mul(tolerance);
  return u.mul(scale).matmul(vectors.mul(values.maximum(least).pow(-0.5)));
}

/** The columns of u, orthonormal and orthogonal to those of v, with respect to B. */
function orthogonalTo({ a, b, tolerance }: Problem, given: Tensor, v: Tensor): Tensor {
  const size = length(times(b, v));
  let u = given;
  let across = v.mT.matmul(times(b, u));
  for (let i = 0; i < 3; i++) {
    u = u.sub(v.matmul(across));
    let bu = times(b, u);
    for (let j = 0; j < 3; j++) {
      u = orthonormalized(b, u, tolerance);
      if (u.numel() === 0) return u;
      bu = times(b, u);
      const products = u.mT.matmul(bu);
      const identity = ops.eye(u.shape[1], { dtype: u.dtype, device: u.device });
      if (length(products.sub(identity)) / (length(bu) * length(u)) < tolerance) break;
    }
    across = v.mT.matmul(bu);
    if (length(across) / (size * length(u)) < tolerance) break;
    if (a.shape[0] < u.shape[1] + v.shape[1])
      throw new ValueError(
        `Overdetermined shape of U: #B-cols(=${a.shape[1]}) >= #U-cols(=${u.shape[1]}) + #V-cols(=${v.shape[1]}) must hold`,
      );
  }
  return u;
}

/** Runs one of the two methods from the columns of `start` on. */
function iterate(problem: Problem, start: Tensor, isOrthogonal: boolean): readonly [Tensor, Tensor] {
  const { a, b, k, largest, tolerance } = problem;
  const n = start.shape[1];
  const sizes = { a: length(times(a, start)) / length(start), b: length(times(b, start)) / length(start) };
  const first = orthonormalizer(b, start);
  const [, turn] = sortedEigen(form(form(a, start), first), largest);
  let x = start.matmul(first.matmul(turn));
  let values = form(a, x).diagonal();
  let converged = 0;
  let directions: Tensor | null = null;
  for (let left = problem.steps - 1; ; left--) {
    const residuals = times(a, x).sub(times(b, x).mul(values));
    const errors = residuals.norm(2, 0).div(x.norm(2, 0).mul(values.abs().mul(sizes.b).add(sizes.a)));
    const isDone = errors.lt(tolerance).tolist() as boolean[];
    const until = isDone.indexOf(false);
    converged = Math.max(converged, until < 0 ? n : until);
    if (converged >= k || left <= 0) return [values, x];
    const known = directions === null ? x : ops.cat([x, directions], 1);
    const open = columns(residuals, converged);
    const added = isOrthogonal
      ? orthogonalTo(problem, times(problem.preconditioner, open), known)
      : times(problem.preconditioner, open);
    const s = columns(ops.cat([known, added], 1), converged);
    const basis = isOrthogonal ? null : orthonormalizer(b, s);
    const projected = form(a, s);
    const [found, z] = sortedEigen(basis === null ? projected : form(projected, basis), largest);
    const wanted = n - converged;
    const step = basis === null ? s : s.matmul(basis);
    const next = step.matmul(columns(z, 0, wanted));
    const rest = columns(z, wanted);
    if (isOrthogonal) {
      // Of what is not wanted only that part which changes x.
      const [q] = qr(rest.narrow(0, 0, wanted).mT, 'reduced');
      directions = step.matmul(rest.matmul(q));
    } else {
      const width = z.shape[1];
      directions = step.matmul(columns(z, Math.min(n, width), Math.min(2 * n - converged, width)));
    }
    x = ops.cat([columns(x, 0, converged), next], 1);
    values = ops.cat([values.narrow(0, 0, converged), found.narrow(0, 0, wanted)]);
  }
}

const schema =
  '_lobpcg(Tensor A, Tensor? B, Tensor X, Tensor? iK, int k, int niter, float tol, bool largest, bool ortho) -> (Tensor values, Tensor vectors)';

const lobpcg: OpFunction<typeof schema> = op(schema, {
  doc: 'A few eigenvalues and eigenvectors of a symmetric matrix, A x = λ B x.',
  function: false,
  method: false,
  gradName: 'LOBPCGAutogradFunctionBackward',
  forward(a, b, start, preconditioner, k, steps, tolerance, largest, ortho): readonly [Tensor, Tensor] {
    const problem = { a, b, preconditioner, k, tolerance, largest, steps };
    const [values, vectors] = iterate(problem, start, ortho);
    return [values.narrow(0, 0, k), columns(vectors, 0, k)];
  },
  save: ['A', 'B', 'values', 'vectors'],
  holomorphic: false,
  vjp: ([byValues, byVectors], { A, B, values, vectors: u }) => {
    if (B !== null) throw new ValueError('lobpcg.backward does not support backward with B != I yet.');
    const parts: Tensor[] = [];
    if (byValues !== null) parts.push(u.mul(byValues).matmul(u.mT));
    if (byVectors !== null) {
      const [all, v] = eigh(A, 'L');
      // From eigenvalues to themselves there is no way.
      const gaps = values.sub(all.unsqueeze(-1));
      const own = gaps.abs().eq(gaps.abs().amin([0], true));
      const inner = ops.where(own, 0, v.mT.matmul(byVectors).div(ops.where(own, 1, gaps)));
      parts.push(v.matmul(inner).matmul(u.mT));
    }
    if (parts.length === 0) return {};
    return { A: parts.length === 2 ? parts[0].add(parts[1]) : parts[0] };
  },
});

op(
  "lobpcg(Tensor A, int? k=None, Tensor? B=None, Tensor? X=None, int? n=None, Tensor? iK=None, int? niter=None, float? tol=None, bool? largest=None, 'ortho'|'basic'? method=None) -> (Tensor E, Tensor X)",
  {
    doc: 'The `k` largest (or, unless `largest`, smallest) eigenvalues and eigenvectors of the symmetric generalized problem A x = λ B x, iterated from `X` (random columns by default, `n` of them) with the preconditioner `iK` until residuals are below `tol` or `niter` steps are done. A must have three times as many rows as there are columns.',
    method: false,
    composite(a, given, b, start, columnCount, preconditioner, steps, tol, largest, method) {
      const m = a.shape[a.ndim - 1];
      if (a.shape[a.ndim - 2] !== m)
        throw new AssertionError(`A must be square, got shape ${formatShape(a.shape)}`);
      if (b !== null && String(a.shape) !== String(b.shape))
        throw new AssertionError(
          `A and B must have same shape, got ${formatShape(a.shape)} vs ${formatShape(b.shape)}`,
        );
      const k = given ?? start?.shape.at(-1) ?? 1;
      const n = start?.shape.at(-1) ?? columnCount ?? k;
      if (m < 3 * n)
        throw new ValueError(
          `LOBPCG algorithm is not applicable when the number of A rows (=${m}) is smaller than 3 x the number of requested eigenpairs (=${n})`,
        );
      const tolerance = tol ?? Math.sqrt(a.dtype === float64 ? 2.23e-16 : 1.2e-7);
      const symmetric = (t: Tensor): Tensor => (t.requiresGrad ? t.add(t.mT).div(2) : t);
      const one = (matrix: Tensor, other: Tensor | null, x: Tensor | null): readonly [Tensor, Tensor] => {
        const from = x ?? ops.randn([m, n], { dtype: a.dtype, device: a.device });
        if (from.ndim !== 2 || from.shape[0] !== m || from.shape[1] !== n)
          throw new AssertionError(`X shape mismatch: got ${formatShape(from.shape)}, expected (${m}, ${n})`);
        return lobpcg(
          symmetric(matrix),
          other && symmetric(other),
          from,
          preconditioner,
          k,
          steps ?? 1000,
          tolerance,
          largest ?? true,
          (method ?? 'ortho') === 'ortho',
        );
      };
      if (a.ndim === 2) return one(a, b, start);
      const batch = a.shape.slice(0, -2);
      const matrices = (t: Tensor): readonly Tensor[] => t.flatten(0, -3).unbind(0);
      const [others, starts] = [b && matrices(b), start && matrices(start)];
      const found = matrices(a).map((matrix, i) => one(matrix, others?.[i] ?? null, starts?.[i] ?? null));
      return [
        ops.stack(found.map(([values]) => values)).reshape([...batch, k]),
        ops.stack(found.map(([, vectors]) => vectors)).reshape([...batch, m, k]),
      ] as const;
    },
  },
);
