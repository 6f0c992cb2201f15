/** Distances of rows. */
import { Category } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { broadcastShapes } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { empty } from '../../dispatch/empty.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { openGradients, takesKernel, wantsOpenForm } from '../open_form.js';
import { reduce, reducedShape, shaped } from '../reduction.js';
import { powerNormGradient, vectorNorm } from '../reductions.js';

const distance = op('_distance(Tensor self, float p) -> Tensor', {
  doc: 'The p-norm over the last dimension, as distances have it: NaNs are not larger than anything, and every largest difference moves the distance.',
  batch: 'leading',
  function: false,
  method: false,
  gradName: 'CdistBackward0',
  realOnly: (dtype) =>
    new RuntimeError(`cdist only supports floating-point dtypes, X1 got: ${dtype.scalarName}`),
  save: ['self', 'result'],
  forward(self, p) {
    const into = reducedShape(self.shape, [-1], false);
    const compute = self.dtype;
    if (p === 0 || p === Number.POSITIVE_INFINITY) {
      const value = p === 0 ? 'minimum(ceil(abs(self)), 1)' : 'isnan(self) ? 0 : abs(self)';
      return shaped(
        reduce(self, into, { kind: p === 0 ? 'sum' : 'max', value, compute, result: compute }),
        into.shape,
      );
    }
    return vectorNorm(self, p, [-1], false);
  },
  vjp: {
    self(grad, { self, result, p }) {
      const [g, norm] = [grad.unsqueeze(-1), result.unsqueeze(-1)];
      if (p === 0) return self.zerosLike();
      // The sign of NaN is 0.
      const sign = ops.where(self.isnan(), self, self.sign());
      if (p === 1) return sign.mul(g);
      if (p === Number.POSITIVE_INFINITY) return sign.mul(self.abs().eq(norm)).mul(g);
      return powerNormGradient(g, self, norm, p);
    },
  },
});

/** The differences' norms in the open, for what a kernel does not do. */
function openDistances(x1: Tensor, x2: Tensor, p: number): Tensor {
  const difference = x1.unsqueeze(-2).sub(x2.unsqueeze(-3));
  return x1.shape.at(-1) === 0 ? difference.sum(-1) : distance(difference, p);
}

function openPairDistances(self: Tensor, p: number): Tensor {
  const n = self.shape[0];
  const [a, b] = ops.triuIndices(n, n, 1, { device: self.device }).unbind(0);
  return distance(self.indexSelect(0, a).sub(self.indexSelect(0, b)), p);
}

const cdistSchema = '_cdist_forward(Tensor x1, Tensor x2, float p) -> Tensor';

const cdist: OpFunction<typeof cdistSchema> = op(cdistSchema, {
  doc: 'The p-norm distances of the rows of stacked matrices.',
  function: false,
  method: false,
  forward(x1, x2, p) {
    const [batch, n] = x1.shape;
    const out = empty([batch, n, x2.shape[1]], x1.dtype, x1.storage.backend);
    x1.storage.backend.kernels.cdist(out, x1.contiguous(), x2.contiguous(), p);
    return out;
  },
  save: ['x1', 'x2', 'result'],
  vjp([grad], { x1, x2, p, result }, needs) {
    if (grad === null) return {};
    if (wantsOpenForm()) {
      const open = (a: Tensor, b: Tensor) => openDistances(a, b, p);
      const [first, second] = openGradients(open, [x1, x2], [needs.x1, needs.x2], grad);
      return { x1: first, x2: second };
    }
    const by = (a: Tensor, b: Tensor, g: Tensor, lengths: Tensor): Tensor => {
      const out = empty(a.shape, a.dtype, a.storage.backend);
      const dense = [g, a, b, lengths].map((t) => t.contiguous());
      a.storage.backend.kernels.cdist_backward(out, dense[0], dense[1], dense[2], dense[3], p);
      return out;
    };
    return {
      x1: needs.x1 ? by(x1, x2, grad, result) : null,
      x2: needs.x2 ? by(x2, x1, grad.mT, result.mT) : null,
    };
  },
  gradName: 'CdistBackward0',
});

const pdistSchema = '_pdist_forward(Tensor self, float p) -> Tensor';

const pdist: OpFunction<typeof pdistSchema> = op(pdistSchema, {
  doc: 'The p-norm distances of all pairs of rows.',
  function: false,
  method: false,
  forward(self, p) {
    const n = self.shape[0];
    const out = empty([(n * (n - 1)) / 2], self.dtype, self.storage.backend);
    self.storage.backend.kernels.cdist(out, self.contiguous().unsqueeze(0), null, p);
    return out;
  },
  save: ['self', 'result'],
  vjp: {
    self(grad, { self, p, result }) {
      if (wantsOpenForm()) return openGradients((x) => openPairDistances(x, p), [self], [true], grad)[0];
      const out = empty(self.shape, self.dtype, self.storage.backend);
      self.storage.backend.kernels.cdist_backward(
        out.unsqueeze(0),
        grad.contiguous(),
        self.contiguous().unsqueeze(0),
        null,
        result,
        p,
      );
      return out;
    },
  },
  gradName: 'PdistBackward0',
});

/** `cdist` of checked operands. */
function distances(x1: Tensor, x2: Tensor, p: number): Tensor {
  if (!takesKernel(x1, x2)) return openDistances(x1, x2, p);
  const batch = broadcastShapes(x1.shape.slice(0, -2), x2.shape.slice(0, -2));
  const stacked = (x: Tensor): Tensor =>
    x.expand([...batch, ...x.shape.slice(-2)]).reshape([-1, ...x.shape.slice(-2)]);
  const out = cdist(stacked(x1), stacked(x2), p);
  return batch.length === 1 ? out : out.reshape([...batch, ...out.shape.slice(1)]);
}

const pairDistances = (self: Tensor, p: number): Tensor =>
  takesKernel(self) && self.shape[0] > 1 ? pdist(self, p) : openPairDistances(self, p);

/** How the Euclidean distance may be computed; here it is one way. */
const distanceModes = [
  'use_mm_for_euclid_dist_if_necessary',
  'use_mm_for_euclid_dist',
  'donot_use_mm_for_euclid_dist',
];

for (const type of ['int', 'str'])
  op(
    `cdist${type === 'int' ? '' : '.mode'}(Tensor x1, Tensor x2, float p=2.0, ${type}? compute_mode=None) -> Tensor`,
    {
      doc: 'The p-norm distances of every row of one matrix to every row of the other.',
      method: false,
      composite(x1: Tensor, x2: Tensor, p: number, mode: unknown) {
        if (mode !== null && !distanceModes.includes(mode as string))
          throw new ValueError(`${mode} is not a valid value for compute_mode`);
        if (x1.ndim < 2 || x2.ndim < 2)
          throw new RuntimeError(
            `cdist only supports at least 2D tensors, X1 got: ${Math.min(x1.ndim, x2.ndim)}D`,
          );
        if (x1.shape.at(-1) !== x2.shape.at(-1))
          throw new RuntimeError(
            `X1 and X2 must have the same number of columns. X1: ${x1.shape.at(-1)} X2: ${x2.shape.at(-1)}`,
          );
        for (const [i, { dtype }] of [x1, x2].entries())
          if (dtype.category !== Category.float)
            throw new RuntimeError(
              `cdist only supports floating-point dtypes, X${i + 1} got: ${dtype.scalarName}`,
            );
        if (!(p >= 0)) throw new RuntimeError('cdist only supports non-negative p values');
        return distances(x1, x2, p);
      },
    },
  );

for (const module of ['', 'nn.functional'])
  op('pdist(Tensor self, float p=2) -> Tensor', {
    doc: 'The p-norm distances of all pairs of rows, the upper triangle of their table row by row.',
    module,
    method: false,
    composite(self, p) {
      if (self.ndim !== 2) throw new RuntimeError(`pdist only supports 2D tensors, got: ${self.ndim}D`);
      if (!self.isFloatingPoint()) throw new RuntimeError('pdist only supports floating-point dtypes');
      if (!(p >= 0)) throw new RuntimeError('pdist only supports non-negative p values');
      return pairDistances(self, p);
    },
  });
