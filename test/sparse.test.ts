import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';
import { evaluate, golden } from './support/golden.js';

const { nn } = torch;
const { gradcheck, gradgradcheck } = torch.autograd;
const double = { dtype: torch.float64 };

interface Recorded {
  /** By expression: what it prints. */
  readonly printed: Readonly<Record<string, string>>;
  /** By expression: the error. */
  readonly refused: Readonly<Record<string, readonly [type: string, message: string]>>;
}

const recorded = golden<Recorded>('sparse');

/** What the expressions speak of: `s` with a place twice, `c` the same coalesced, `r` by rows, `h` with vectors for elements. */
function scope(): Record<string, unknown> {
  const i = torch.tensor([
    [0, 1, 1, 0],
    [2, 0, 2, 2],
  ]);
  const v = torch.tensor([3.5, 4, 5, 6]);
  const s = torch.sparseCooTensor(i, v, [2, 3]);
  return {
    torch,
    i,
    v,
    s,
    c: s.coalesce(),
    r: s.toSparseCsr(),
    d: torch.arange(6).float().reshape(3, 2),
    h: torch.sparseCooTensor(i, torch.arange(8).float().reshape(4, 2), [2, 3, 2]),
    u: torch.sparseCooTensor(
      [
        [0, 0, 1],
        [0, 1, 1],
      ],
      torch.tensor([1, 2, 3]).float(),
      [2, 3],
    ),
    g: torch.sparseCooTensor(i, v.clone().requiresGrad_(), [2, 3]),
    one: torch.ones(2, 3),
  };
}

describe('sparse tensors', () => {
  it.each(Object.entries(recorded.printed))('%s is what PyTorch gives', (expression, text) => {
    expect(String(evaluate(expression, scope()))).toBe(text);
  });

  it.each(Object.entries(recorded.refused))('%s is refused in its words', (expression, [type, message]) => {
    const run = () => evaluate(expression, scope());
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ name: type }) as Error);
  });

  it('tell their layout', () => {
    const { s, r, one } = scope() as Record<string, torch.Tensor>;
    expect([s.layout, r.layout, one.layout].map(String)).toEqual([
      'torch.sparse_coo',
      'torch.sparse_csr',
      'torch.strided',
    ]);
    expect([s.isSparse, s.isSparseCsr, r.isSparse, r.isSparseCsr, one.isSparse]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    expect([s._nnz(), s.sparseDim(), s.denseDim(), one.sparseDim(), one.denseDim()]).toEqual([4, 2, 0, 0, 2]);
    expect([s.isCoalesced(), s.coalesce().isCoalesced()]).toEqual([false, true]);
    expect(String(r.crowIndices())).toBe('tensor([0, 1, 3])');
  });

  it('are checked where that is asked for', () => {
    const wrong = () => torch.sparseCooTensor([[0, 5]], [1, 2], [3]);
    const { checkSparseTensorInvariants: checks } = torch.sparse;
    wrong();
    expect(() => checks(wrong)).toThrow('size is inconsistent with indices');
    checks.enable();
    expect(checks.isEnabled()).toBe(true);
    expect(wrong).toThrow('size is inconsistent with indices');
    expect(() => checks(wrong, false)).not.toThrow();
    checks.disable();
    wrong();
  });

  it('are never taken for strided ones', () => {
    const { s } = scope() as Record<string, torch.Tensor>;
    for (const read of [() => s.toArray(), () => s.numpy(), () => s.nbytes, () => s.view(-1), () => s.max()])
      expect(read).toThrow();
  });
});

/** Places, one of them twice, and the values' sizes. */
const places = torch.tensor([
  [0, 1, 1, 0, 2],
  [2, 0, 2, 2, 1],
]);
const values = (...shape: number[]): torch.Tensor =>
  torch
    .arange(
      shape.reduce((a, b) => a * b),
      double,
    )
    .mul(1.7)
    .sin()
    .reshape(shape)
    .requiresGrad_();
const sparse = (v: torch.Tensor): torch.Tensor =>
  torch.sparseCooTensor(places, v, [3, 3, ...v.shape.slice(1)]);

type Function = (...inputs: torch.Tensor[]) => torch.Tensor;

const differentiable: readonly (readonly [string, Function, torch.Tensor[]])[] = [
  ['sparse.mm', (v, x) => torch.sparse.mm(sparse(v), x), [values(5), values(3, 2)]],
  ['sparse.mm by rows', (v, x) => torch.sparse.mm(sparse(v).toSparseCsr(), x), [values(5), values(3, 2)]],
  ['a product from the left', (v, x) => x.matmul(sparse(v)), [values(5), values(2, 3)]],
  ['a product of two', (v, w) => torch.sparse.mm(sparse(v), sparse(w)).toDense(), [values(5), values(5)]],
  ['a product with a vector', (v, x) => sparse(v).matmul(x), [values(5), values(3)]],
  [
    'sparse.addmm',
    (y, v, x) => torch.sparse.addmm(y, sparse(v), x, { beta: 2, alpha: 3 }),
    [values(3, 2), values(5), values(3, 2)],
  ],
  ['sparse.sum', (v) => torch.sparse.sum(sparse(v)).square(), [values(5)]],
  ['sparse.sum over a dimension', (v) => torch.sparse.sum(sparse(v), 0).toDense().square(), [values(5)]],
  ['sparse.sum of vectors', (v) => torch.sparse.sum(sparse(v), [1, 2]).toDense().square(), [values(5, 2)]],
  ['sparse.softmax', (v) => torch.sparse.softmax(sparse(v), 1).toDense(), [values(5)]],
  ['sparse.softmax of vectors', (v) => torch.sparse.softmax(sparse(v), 2).toDense(), [values(5, 2)]],
  ['sparse.logSoftmax', (v) => torch.sparse.logSoftmax(sparse(v), 0).toDense(), [values(5)]],
  ['toDense', (v) => sparse(v).toDense().square(), [values(5, 2)]],
  ['toSparse', (x) => x.add(3).toSparse().coalesce().values().square(), [values(3, 2)]],
  ['coalesce', (v) => sparse(v).coalesce().values().square(), [values(5)]],
  ['a sum', (v, w) => sparse(v).add(sparse(w).square(), { alpha: 2 }).toDense(), [values(5), values(5)]],
  ['a sum with a strided one', (x, v) => x.add(sparse(v)).square(), [values(3, 3), values(5)]],
  ['a product of elements', (v, w) => sparse(v).mul(sparse(w)).toDense(), [values(5), values(5)]],
  ['a product with a strided one', (v, x) => sparse(v).mul(x).toDense(), [values(5), values(3, 3)]],
  ['a transpose', (v) => sparse(v).t().toDense().square(), [values(5)]],
  [
    'sparseMask',
    (x) => torch.sparse.sum(x.sparseMask(sparse(values(5).detach())).square(), 0).toDense(),
    [values(3, 3)],
  ],
  [
    'sparse.spdiags',
    (x) =>
      torch.sparse
        .spdiags(x, torch.tensor([0, -1]), [3, 3])
        .toDense()
        .square(),
    [values(2, 3)],
  ],
];

describe('gradients of sparse tensors', () => {
  it.each(differentiable)('of %s are those of differences, twice', (_, f, inputs) => {
    expect(gradcheck(f, inputs)).toBe(true);
    expect(gradgradcheck(f, inputs)).toBe(true);
  });

  it('are sparse for a sparse leaf', () => {
    const x = torch.sparseCooTensor(places, values(5).detach(), [3, 3], { requiresGrad: true });
    torch.sparse.mm(x, torch.arange(6, double).reshape(3, 2)).sum().backward();
    expect(String(x.grad)).toBe(
      `tensor(indices=tensor([[0, 1, 1, 2],
                       [2, 0, 2, 1]]),
       values=tensor([9., 1., 9., 5.]),
       size=(3, 3), nnz=4, dtype=torch.float64, layout=torch.sparse_coo)`,
    );
    const [grad] = torch.autograd.grad(torch.sparse.sum(x), [x]);
    expect(grad.isSparse).toBe(true);
    expect(() => x.add_(x)).toThrow(
      'a leaf Variable that requires grad is being used in an in-place operation.',
    );
  });
});

describe('sparse gradients', () => {
  const embedding = (settings = {}) => new nn.Embedding(5, 2, { sparse: true, ...settings });
  const indexed = (text: string, rows: number, numbers: readonly (readonly number[])[]) =>
    `tensor(indices=tensor([[${text}]]),\n       values=tensor([${numbers.map((n) => `[${n.map((x) => `${x}.`).join(', ')}]`).join(',\n                      ')}]),\n       size=(5, 2), nnz=${rows}, layout=torch.sparse_coo)`;

  it('of an Embedding name the rows in use, as in PyTorch', () => {
    const net = embedding({ paddingIdx: 1 });
    const { weight } = net;
    const ones = (n: number) => Array.from({ length: n }, () => [1, 1]);
    net
      .forward(
        torch.tensor([
          [0, 1],
          [3, 0],
        ]),
      )
      .sum()
      .backward();
    expect(String(weight.grad)).toBe(indexed('0, 3, 0', 3, ones(3)));
    net
      .forward(torch.tensor([4]))
      .sum()
      .backward();
    expect(String(weight.grad)).toBe(indexed('0, 3, 0, 4', 4, ones(4)));
    // A strided gradient takes up the sparse one.
    weight.sum().backward();
    expect(weight.grad!.tolist()).toEqual([
      [3, 3],
      [1, 1],
      [1, 1],
      [2, 2],
      [2, 2],
    ]);
    net
      .forward(torch.tensor([4]))
      .sum()
      .backward();
    expect(weight.grad!.select(0, 4).tolist()).toEqual([3, 3]);
  });

  it('of two uses in one pass are put together in PyTorch’s order', () => {
    const net = embedding();
    const first = net.forward(torch.tensor([4, 2, 2])).sum();
    first
      .add(
        net
          .forward(torch.tensor([0, 2]))
          .sum()
          .mul(2),
      )
      .backward();
    const rows = [
      [1, 1],
      [1, 1],
      [1, 1],
      [2, 2],
      [2, 2],
    ];
    expect(String(net.weight.grad)).toBe(indexed('4, 2, 2, 0, 2', 5, rows));
    const other = embedding();
    other
      .forward(torch.tensor([4, 2, 2]))
      .sum()
      .add(other.weight.sum().mul(2))
      .backward();
    expect(other.weight.grad!.select(1, 0).tolist()).toEqual([2, 2, 4, 2, 3]);
  });

  it('of an EmbeddingBag are sparse, too', () => {
    for (const mode of ['sum', 'mean'] as const) {
      const bag = new nn.EmbeddingBag(5, 2, { sparse: true, mode });
      bag
        .forward(torch.tensor([4, 2, 2, 0]), torch.tensor([0, 3]))
        .sum()
        .backward();
      const third = mode === 'sum' ? 1 : Math.fround(1 / 3);
      expect(bag.weight.grad!._indices().tolist()).toEqual([[4, 2, 2, 0]]);
      expect(bag.weight.grad!._values().select(1, 0).tolist()).toEqual([third, third, third, 1]);
    }
    const bag = new nn.EmbeddingBag(5, 2, { sparse: true, mode: 'max' });
    expect(() => bag.forward(torch.tensor([4]), torch.tensor([0]))).toThrow(
      'max mode does not support sparse weights',
    );
  });

  it('can be differentiated', () => {
    const { weight } = embedding();
    const out = nn.functional
      .embedding(torch.tensor([1, 2]), weight, { sparse: true })
      .square()
      .sum();
    const [grad] = torch.autograd.grad(out, [weight], { createGraph: true });
    const [second] = torch.autograd.grad(torch.sparse.sum(grad), [weight]);
    expect(String(second)).toBe(
      indexed('1, 2', 2, [
        [2, 2],
        [2, 2],
      ]),
    );
  });

  it('are not scaled by frequency', () => {
    expect(() => embedding({ scaleGradByFreq: true }).forward(torch.tensor([1]))).toThrow(
      'embedding_backward: scale_grad_by_freq not supported with sparse gradients',
    );
  });
});

describe('optimizers with sparse gradients', () => {
  interface Settings {
    readonly [name: string]: unknown;
  }
  /** Rows 2 and 4 of a table of five after three steps; the others must stay. */
  function trained(name: keyof typeof torch.optim, settings: Settings): number[] {
    torch.manualSeed(0);
    const net = new nn.Embedding(5, 2, { sparse: true });
    const before = net.weight.detach().clone();
    const Class = torch.optim[name] as new (
      params: Iterable<torch.Tensor>,
      options: Settings,
    ) => torch.optim.Optimizer;
    const optimizer = new Class(net.parameters(), { lr: 0.1, ...settings });
    const closure = () => {
      optimizer.zeroGrad();
      const loss = net
        .forward(torch.tensor([4, 2, 2]))
        .square()
        .sum();
      loss.backward();
      return loss;
    };
    for (let i = 0; i < 3; i++)
      if (name === 'LBFGS') optimizer.step(closure);
      else {
        closure();
        optimizer.step();
      }
    const others = torch.tensor([0, 1, 3]);
    expect(net.weight.indexSelect(0, others).tolist()).toEqual(before.indexSelect(0, others).tolist());
    return net.weight
      .detach()
      .indexSelect(0, torch.tensor([2, 4]))
      .flatten()
      .tolist();
  }

  it.each([
    ['SGD', {}, [-0.23425684869289398, -0.3020966053009033, -0.36825987696647644, -0.20651188492774963]],
    [
      'SGD',
      { momentum: 0.9 },
      [0.5856420993804932, 0.7552415728569031, -0.04459397867321968, -0.025007296353578568],
    ],
    [
      'SGD',
      { momentum: 0.9, nesterov: true },
      [0.46991923451423645, 0.606005847454071, 0.07793298363685608, 0.04370309039950371],
    ],
    [
      'SGD',
      { momentum: 0.9, dampening: 0.5 },
      [0.3643995225429535, 0.4699280261993408, -0.18125292658805847, -0.10164255648851395],
    ],
    [
      'SGD',
      { maximize: true },
      [-2.9759294986724854, -3.8377461433410645, -1.2428771257400513, -0.6969776749610901],
    ],
    ['Adagrad', {}, [-0.8642311096191406, -1.1763635873794556, -0.5035997033119202, -0.19982083141803741]],
    [
      'Adagrad',
      { lrDecay: 0.1, maximize: true },
      [-1.3027969598770142, -1.615627646446228, -0.9401874334329224, -0.6296999454498291],
    ],
    ['SparseAdam', {}, [-0.7859331369400024, -1.099586844444275, -0.42188379168510437, -0.1106201633810997]],
    [
      'SparseAdam',
      { betas: [0.5, 0.9], eps: 1e-3, maximize: true },
      [-1.388276219367981, -1.7016143798828125, -1.0242295265197754, -0.7106924653053284],
    ],
    [
      'LBFGS',
      {},
      [-0.0020858398638665676, -0.002689890330657363, -0.0014880446251481771, -0.0008344618836417794],
    ],
  ] as const)('%s %j steps as in PyTorch', (name, settings, expected) => {
    torch.testing.assertClose(torch.tensor(trained(name, settings)), torch.tensor(expected), {
      rtol: 1e-5,
      atol: 1e-6,
    });
  });

  it.each([
    ['SGD', { weightDecay: 0.1 }, 'add(sparse, dense) is not supported. Use add(dense, sparse) instead.'],
    ['Adagrad', { weightDecay: 0.1 }, 'weight_decay option is not compatible with sparse gradients'],
    ...(['Adam', 'AdamW'] as const).map(
      (name) =>
        [name, {}, 'Adam does not support sparse gradients, please consider SparseAdam instead'] as const,
    ),
    ...(
      ['RMSprop', 'Adadelta', 'NAdam', 'RAdam', 'Adamax', 'ASGD', 'Rprop', 'Adafactor', 'Muon'] as const
    ).map((name) => [name, {}, `${name} does not support sparse gradients`] as const),
  ] as const)('%s %j refuses in PyTorch’s words', (name, settings, message) => {
    expect(() => trained(name, settings)).toThrow(message);
  });

  it('SparseAdam takes nothing else', () => {
    const net = new nn.Linear(2, 2);
    net.forward(torch.ones(2)).sum().backward();
    expect(() => new torch.optim.SparseAdam(net.parameters()).step()).toThrow(
      'SparseAdam does not support dense gradients, please consider Adam instead',
    );
    const leaf = torch.sparseCooTensor([2, 3], { requiresGrad: true });
    expect(() => new torch.optim.SparseAdam([leaf])).toThrow(
      'Sparse params at indices [[0, 0]]: SparseAdam requires dense parameter tensors',
    );
    expect(() => new torch.optim.SparseAdam(net.parameters(), { lr: 0 })).toThrow('Invalid learning rate: 0');
    expect(() => new torch.optim.SparseAdam(net.parameters(), { eps: 0 })).toThrow(
      'Invalid epsilon value: 0',
    );
  });
});

describe('A file of sparse tensors', () => {
  const pairs = torch.sparseCooTensor(
    [
      [1, 0, 1],
      [2, 0, 2],
    ],
    [3, 4, 5],
    [2, 3],
  );

  it.each([true, false])('gives back what was saved (zip: %s)', async (_useNewZipfileSerialization) => {
    const saved = {
      pairs,
      ordered: pairs.coalesce(),
      rows: pairs.toDense().toSparseCsr(),
      layout: torch.sparseCsr,
    };
    const options: object = { _useNewZipfileSerialization };
    const loaded = (await torch.load(await torch.save(saved, null, options))) as typeof saved;
    expect(Object.values(loaded).map(String)).toEqual(Object.values(saved).map(String));
    expect([loaded.pairs.isCoalesced(), loaded.ordered.isCoalesced()]).toEqual([false, true]);
  });

  it('does not bring places outside of the tensor', async () => {
    const outside = torch.sparseCooTensor([[0, 5]], [1, 2], [3], { checkInvariants: false });
    await expect(torch.load(await torch.save(outside))).rejects.toThrow(
      'size is inconsistent with indices: for dim 0, size is 3 but found index 5',
    );
    const rows = torch.sparseCsrTensor([0, 1, 2], [0, 7], [1, 2], [2, 3], { checkInvariants: false });
    await expect(torch.load(await torch.save(rows))).rejects.toThrow('0 <= col_indices < ncols');
    const twice = torch.sparseCooTensor([[0, 0]], [1, 2], [3], { isCoalesced: true });
    await expect(torch.load(await torch.save(twice))).rejects.toThrow('cannot set is_coalesced to true');
  });
});
