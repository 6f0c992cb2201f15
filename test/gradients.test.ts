import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { RecordedOp } from '../src/ops/dispatch.js';
import { PointwiseOp } from '../src/ops/pointwise.js';
import { allOps } from '../src/ops/registry.js';

type Fn = (...inputs: torch.Tensor[]) => torch.Tensor | readonly torch.Tensor[];
type Case = readonly [fn: Fn, ...shapes: (readonly number[])[]];

/** Float64 inputs from a fixed stream, distinct enough that extremes and orders are unique. */
function inputs(shapes: readonly (readonly number[])[]): torch.Tensor[] {
  const generator = new torch.Generator().manualSeed(7);
  return shapes.map((shape) => torch.randn(shape, { dtype: torch.float64, generator }).requiresGrad_());
}

const index = (values: torch.TensorData): torch.Tensor => torch.tensor(values, { dtype: torch.int64 });
const mask = torch.tensor([
  [true, false, true],
  [false, true, true],
]);

/** Every op with formulas of its own, by schema name; pointwise ops are checked from their rows elsewhere. */
const cases: Readonly<Record<string, readonly Case[]>> = {
  copy: [[(x, y) => x.clone().copy_(y), [2, 3], [3]]],
  fill: [[(x, v) => x.fill(v.reshape([])), [2, 3], [1]]],
  zero: [[(x) => x.mul(2).zero_().add(x), [3]]],
  clone: [[(x) => x.t().clone(), [2, 3]]],
  _contiguous_copy: [[(x) => x.t().contiguous(), [2, 3]]],
  _to_copy: [[(x) => x.to(torch.float64, { copy: true }), [2]]],
  alias: [[(x) => x.alias(), [2]]],
  view: [[(x) => x.view(3, 2), [2, 3]]],
  permute: [[(x) => x.permute(2, 0, 1), [2, 3, 4]]],
  transpose: [[(x) => x.transpose(0, -1), [2, 3, 2]]],
  t: [[(x) => x.t(), [2, 3]]],
  expand: [[(x) => x.expand(4, 2, 3), [2, 1]]],
  squeeze: [
    [(x) => x.squeeze(), [2, 1, 3, 1]],
    [(x) => x.squeeze(1), [2, 1, 3]],
  ],
  unsqueeze: [
    [(x) => x.unsqueeze(-1), [2, 3]],
    [(x) => x.unsqueeze(0), [2]],
  ],
  slice: [[(x) => x.index('1:', '::2'), [3, 5]]],
  select: [[(x) => x.select(1, -1), [2, 3]]],
  diagonal: [[(x) => x.diagonal(1, 0, 2), [3, 2, 4]]],
  unfold: [[(x) => x.unfold(1, 3, 2), [2, 7]]],
  as_strided: [
    [(x) => x.asStrided([2, 3], [1, 2], 1), [8]],
    [(x) => x.asStrided([3, 3], [1, 1]), [5]],
  ],
  sum: [
    [(x) => x.sum(), [2, 3]],
    [(x) => x.sum([0, 2], true), [2, 3, 2]],
    [(x) => x.sum(), []],
  ],
  nansum: [[(x) => x.nansum(1), [2, 3]]],
  mean: [[(x) => x.mean([0, -1]), [2, 3, 2]]],
  prod: [
    [(x) => x.prod(), [2, 3]],
    [(x) => x.prod(1, true), [2, 3]],
    [(x) => x.mul(torch.tensor([0, 1, 1], { dtype: torch.float64 })).prod(0), [3]],
  ],
  max: [
    [(x) => x.max(), [2, 3]],
    [(x) => x.max(1)[0], [2, 3]],
  ],
  min: [
    [(x) => x.min(), [2, 3]],
    [(x) => x.min(0, true)[0], [2, 3]],
  ],
  amax: [[(x) => x.amax([0, 1]), [2, 3, 2]]],
  amin: [[(x) => x.amin(-1, true), [2, 3]]],
  _sum_of_squared_deviations: [
    [(x) => x.var(1), [2, 4]],
    [(x) => x.std([0, 1], { correction: 0 }), [2, 4]],
  ],
  logsumexp: [[(x) => x.logsumexp([0, 1]), [2, 3]]],
  _square_norm: [[(x) => x.norm(2, 1), [2, 3]]],
  cat: [[(x, y) => torch.cat([x, y, x], 1), [2, 3], [2, 1]]],
  flip: [[(x) => x.flip(0, 1), [2, 3]]],
  mm: [[(x, y) => x.mm(y), [2, 3], [3, 4]]],
  bmm: [[(x, y) => x.bmm(y), [2, 2, 3], [2, 3, 2]]],
  addmm: [[(b, x, y) => torch.addmm(b, x, y, { beta: 2, alpha: 3 }), [4], [2, 3], [3, 4]]],
  mv: [[(x, y) => x.mv(y), [2, 3], [3]]],
  dot: [[(x, y) => x.dot(y), [3], [3]]],
  _index: [
    [(x) => x.index([0, 2, 2], ':', [1, 0, 1]), [3, 2, 2]],
    [(x) => x.index(mask), [2, 3]],
  ],
  _index_put: [
    [(x, v) => x.indexPut([index([0, 2])], v), [3, 2], [2, 2]],
    [(x, v) => x.indexPut([index([0, 0, 2])], v, true), [3], [3]],
  ],
  _put_index: [[(x, v) => x.clone().indexPut_([mask], v), [2, 3], [1]]],
  index_select: [[(x) => x.indexSelect(1, index([2, 0, 2])), [2, 3]]],
  index_add: [[(x, s) => x.indexAdd(0, index([1, 1]), s, { alpha: 2 }), [3, 2], [2, 2]]],
  index_copy: [[(x, s) => x.indexCopy(0, index([2, 0]), s), [3, 2], [2, 2]]],
  index_fill: [[(x) => x.indexFill(1, index([0]), 3), [2, 3]]],
  take: [[(x) => x.take(index([0, 5, 0])), [2, 3]]],
  put: [[(x, s) => x.put(index([0, 4]), s), [2, 3], [2]]],
  embedding: [
    [
      (w) =>
        torch.nn.functional.embedding(
          index([
            [0, 2],
            [2, 1],
          ]),
          w,
        ),
      [3, 2],
    ],
  ],
  masked_fill: [
    [(x) => x.maskedFill(mask, 2), [2, 3]],
    [(x, v) => x.maskedFill(mask, v.reshape([])), [2, 3], [1]],
  ],
  masked_select: [[(x) => x.maskedSelect(mask), [2, 3]]],
  masked_scatter: [[(x, s) => x.maskedScatter(mask, s), [2, 3], [5]]],
  gather: [
    [
      (x) =>
        x.gather(
          1,
          index([
            [0, 0],
            [2, 1],
          ]),
        ),
      [2, 3],
    ],
  ],
  scatter: [
    [(x, s) => x.scatter(1, index([[0], [2]]), s), [2, 3], [2, 1]],
    [(x) => x.scatter(1, index([[0], [2]]), 1.5), [2, 3]],
  ],
  scatter_add: [
    [
      (x, s) =>
        x.scatterAdd(
          0,
          index([
            [0, 1],
            [0, 1],
          ]),
          s,
        ),
      [3, 2],
      [2, 2],
    ],
  ],
  scatter_reduce: [
    [(x, s) => x.scatterReduce(0, index([0, 0, 1]), s, 'sum'), [3], [3]],
    [(x, s) => x.scatterReduce(0, index([0, 0, 1]), s, 'mean'), [3], [3]],
    [(x, s) => x.scatterReduce(0, index([0, 0, 1]), s, 'amax'), [3], [3]],
    [(x, s) => x.scatterReduce(0, index([0, 0, 1]), s, 'prod'), [3], [3]],
  ],
  sort: [[(x) => x.sort(1, true)[0], [2, 4]]],
  topk: [[(x) => x.topk(2, 1)[0], [2, 4]]],
  kthvalue: [[(x) => x.kthvalue(2, 0)[0], [4, 2]]],
  median: [
    [(x) => x.median(), [5]],
    [(x) => x.median(1)[0], [2, 3]],
  ],
  nanmedian: [
    [(x) => x.nanmedian(), [5]],
    [(x) => x.nanmedian(1)[0], [2, 3]],
  ],
  mode: [[(x) => x.mode(1)[0], [2, 3]]],
  cumsum: [[(x) => x.cumsum(1), [2, 3]]],
  cumprod: [[(x) => x.cumprod(1), [2, 3]]],
  cummax: [[(x) => x.cummax(1)[0], [2, 4]]],
  cummin: [[(x) => x.cummin(0)[0], [4, 2]]],
  logcumsumexp: [[(x) => x.logcumsumexp(1), [2, 3]]],
  tril: [[(x) => x.tril(1), [3, 3]]],
  triu: [[(x) => x.triu(), [2, 3]]],
};

/** The gradient of filling with chance is zero; there is no smooth function to compare with. */
const random = new Set([
  'uniform',
  'normal',
  'bernoulli',
  'exponential',
  'geometric',
  'cauchy',
  'log_normal',
]);
/** Reached through the second derivative of the op that they belong to. */
const throughAnother = (name: string) => /_backward$|^_restride$/.test(name);
/** Checked with the modules they make up. */
const ofNetworks = (op: RecordedOp) =>
  (op.row.module ?? '').startsWith('nn') || op.schema.name.startsWith('_nn');

describe('gradcheck and gradgradcheck', () => {
  for (const [name, list] of Object.entries(cases))
    it.each(list.map((c, i) => [`${name} ${i}`, ...c] as const))('%s', (_, fn, ...shapes) => {
      const tensors = inputs(shapes as readonly (readonly number[])[]);
      expect(torch.autograd.gradcheck(fn as Fn, tensors)).toBe(true);
      expect(torch.autograd.gradgradcheck(fn as Fn, tensors)).toBe(true);
    });

  it('leave no op with formulas out', () => {
    const missing = allOps
      .filter((op) => op instanceof RecordedOp && op.differentiable && !(op instanceof PointwiseOp))
      .filter((op) => !ofNetworks(op as RecordedOp))
      .map((op) => op.schema.name)
      .filter((name) => !(name in cases) && !random.has(name) && !throughAnother(name));
    expect([...new Set(missing)]).toEqual([]);
  });
});
