import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { tensor } = torch;
const x = () => torch.arange(12, { dtype: torch.float32 }).view(3, 4);

describe('indexing', () => {
  it('reads by index', () => {
    expect(
      x()
        .indexSelect(0, tensor([2, 0]))
        .tolist(),
    ).toEqual([
      [8, 9, 10, 11],
      [0, 1, 2, 3],
    ]);
    expect(
      x()
        .gather(
          1,
          tensor([
            [0, 1],
            [1, 1],
            [3, 0],
          ]),
        )
        .tolist(),
    ).toEqual([
      [0, 1],
      [5, 5],
      [11, 8],
    ]);
    expect(
      x()
        .take(tensor([[0, -1]]))
        .tolist(),
    ).toEqual([[0, 11]]);
    expect(
      x()
        .t()
        .take(tensor([1]))
        .tolist(),
    ).toEqual([4]);
    expect(
      x()
        .takeAlongDim(tensor([[0], [-1]]), 0)
        .tolist(),
    ).toEqual([
      [0, 1, 2, 3],
      [8, 9, 10, 11],
    ]);
    expect(x().maskedSelect(x().gt(8)).tolist()).toEqual([9, 10, 11]);
    expect(torch.embedding(x(), tensor([[0, 2]])).shape).toEqual([1, 2, 4]);
  });

  it('finds what is not zero', () => {
    expect(
      tensor([
        [0, 2],
        [3, 0],
      ])
        .nonzero()
        .tolist(),
    ).toEqual([
      [0, 1],
      [1, 0],
    ]);
    const [rows, columns] = tensor([
      [0, NaN],
      [3, 0],
    ]).nonzero({ asTuple: true });
    expect([rows.tolist(), columns.tolist()]).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(tensor(3).nonzero().shape).toEqual([1, 0]);
    expect(tensor(3).nonzero({ asTuple: true })[0].tolist()).toEqual([0]);
    // Counted beyond what float32 counts exactly, and in order whatever the number of threads.
    const many = torch.ones([3, 70000], { dtype: torch.bool });
    expect(many.nonzero().index(140005).tolist()).toEqual([2, 5]);
  });

  it('writes by index, in order', () => {
    expect(
      tensor([0, 0])
        .scatter(0, tensor([1, 1, 0]), tensor([5, 6, 7]))
        .tolist(),
    ).toEqual([7, 6]);
    expect(
      tensor([1, 1])
        .indexAdd(0, tensor([1, 1]), tensor([5, 6]), { alpha: 2 })
        .tolist(),
    ).toEqual([1, 23]);
    expect(
      tensor([1, 2, 3])
        .put(tensor([-1, -1]), tensor([5, 6]), true)
        .tolist(),
    ).toEqual([1, 2, 14]);
    expect(
      x()
        .t()
        .put_(tensor([1]), tensor([0.5]))
        .index(0)
        .tolist(),
    ).toEqual([0, 0.5, 8]);
    expect(torch.indexPut(tensor([1, 2]), [tensor([0, 0])], tensor([3, 4]), true).tolist()).toEqual([8, 2]);
    expect(tensor(1).scatter(0, tensor(0), tensor(5)).tolist()).toEqual(5);
    const large = torch.zeros(50).indexAdd_(0, torch.arange(100000).remainder(50), torch.ones(100000));
    expect(large.eq(2000).all().item()).toBe(1);
  });

  it('gives the same on any number of threads', () => {
    const rows = torch.arange(30000).mul(7919).remainder(500);
    const source = torch
      .arange(30000 * 8)
      .mul(31)
      .remainder(1009)
      .float()
      .sin()
      .view(30000, 8);
    const places = torch
      .arange(30000 * 8)
      .mul(17)
      .remainder(300)
      .view(30000, 8);
    const results = () =>
      [
        torch.zeros(500, 8).indexAdd_(0, rows, source),
        torch.zeros(8, 500).indexAdd_(1, rows, source.t()),
        torch.zeros(500, 8).indexPut_([rows], source, true),
        torch.zeros(500, 8).indexPut_([rows], source),
        torch.zeros(300, 8).scatterAdd(0, places, source),
        source.gather(0, places),
        source.gt(0).t().nonzero(),
        source.maskedSelect(source.gt(0)),
        source.sort(0)[1],
        source.topk(50, 0)[1],
        source.cumsum(0),
      ].map((t) => Buffer.from(t.toArray().buffer));
    const threads = torch.getNumThreads();
    try {
      torch.setNumThreads(1);
      const expected = results();
      torch.setNumThreads(3);
      expect(results().map((bytes, i) => bytes.equals(expected[i]))).toEqual(expected.map(() => true));
    } finally {
      torch.setNumThreads(threads);
    }
  });

  it('converts the values it fills with', () => {
    expect(
      tensor([1, 2])
        .maskedFill(tensor([true, false]), 1.5)
        .tolist(),
    ).toEqual([1, 2]);
    expect(
      tensor([1, 2])
        .indexFill(0, tensor([-1]), 7.9)
        .tolist(),
    ).toEqual([1, 7]);
    expect(
      tensor([false, false])
        .maskedFill(tensor([true, false]), 2)
        .tolist(),
    ).toEqual([true, false]);
  });

  it('changes nothing when it refuses', () => {
    const t = tensor([1, 2, 3]);
    const index = tensor([0, 9]);
    const source = tensor([7, 7]);
    for (const change of [
      () => t.scatter_(0, index, source),
      () => t.scatterAdd_(0, index, source),
      () => t.indexAdd_(0, index, source),
      () => t.indexCopy_(0, index, source),
      () => t.indexFill_(0, index, 7),
      () => t.put_(index, source),
      () => t.maskedScatter_(tensor([true, true, true]), source),
    ])
      expect(change).toThrow();
    expect(t.tolist()).toEqual([1, 2, 3]);
  });

  it.each([
    [() => x().indexSelect(0, tensor([5])), torch.IndexError, 'index out of range in self'],
    [() => x().indexSelect(0, tensor([-1])), torch.IndexError, 'index out of range in self'],
    [
      () => x().indexSelect(0, tensor([0.5])),
      torch.RuntimeError,
      'index_select(): Expected dtype int32 or int64 for index',
    ],
    [
      () => x().gather(0, tensor([[5]])),
      torch.RuntimeError,
      'index 5 is out of bounds for dimension 0 with size 3',
    ],
    [
      () => x().gather(0, tensor([0])),
      torch.RuntimeError,
      'Index tensor must have the same number of dimensions as input tensor',
    ],
    [
      () => x().scatter(0, tensor([[0, 1]]), tensor([[1.5]])),
      torch.RuntimeError,
      'Expected index [1, 2] to be no larger than self [3, 4] apart from dimension 0 and to be no larger size than src [1, 1]',
    ],
    [
      () => x().scatter(0, tensor([[0]]), tensor([[1]])),
      torch.RuntimeError,
      'scatter(): Expected self.dtype to be equal to src.dtype',
    ],
    [
      () => x().take(tensor([12])),
      torch.IndexError,
      'out of range: tried to access index 12 on a tensor of 12 elements.',
    ],
    [
      () => x().indexCopy(0, tensor([5]), x().index(':1')),
      torch.IndexError,
      'index_copy_(): index 5 is out of bounds for dimension 0 with size 3',
    ],
    [
      () => x().maskedFill(x(), 1),
      torch.RuntimeError,
      'masked_fill_ only supports boolean masks, but got mask with dtype float',
    ],
    [
      () => x().index(0).maskedFill_(x().gt(3), 1),
      torch.RuntimeError,
      "output with shape [4] doesn't match the broadcast shape [3, 4]",
    ],
    [
      () => x().maskedScatter(x().gt(8), tensor([1.5])),
      torch.RuntimeError,
      'Number of elements of source < number of ones in mask',
    ],
    [() => x().index(0).tril(), torch.RuntimeError, 'tril: input tensor must have at least 2 dimensions'],
  ])('%s fails in the words of PyTorch', (run, type, message) => {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
  });

  it('scatters by masks into what lies anyhow, whatever it holds', () => {
    const mask = tensor([true, false, true]);
    const columns = torch.zeros(3, 2).t();
    columns.maskedScatter_(mask, tensor([1, 2, 3, 4, 5]).to(torch.float32).flip([0]));
    expect(columns.tolist()).toEqual([
      [5, 0, 4],
      [3, 0, 2],
    ]);
    for (const dtype of [torch.int8, torch.bfloat16, torch.complex64, torch.complex128])
      expect(
        torch
          .zeros(3, { dtype })
          .maskedScatter(mask, tensor([7, 8]).to(dtype))
          .real.tolist(),
      ).toEqual([7, 0, 8]);
    const own = tensor([1, 2, 3]);
    expect(own.maskedScatter_(mask, own.flip([0])).tolist()).toEqual([3, 2, 2]);
  });

  it('finds as many non-zero elements as are asked for', () => {
    const m = tensor([
      [0, 1],
      [2, 0],
    ]);
    expect(torch.nonzeroStatic(m, { size: 3 }).tolist()).toEqual([
      [0, 1],
      [1, 0],
      [-1, -1],
    ]);
    expect(torch.nonzeroStatic(m.t(), { size: 1 }).tolist()).toEqual([[0, 1]]);
    expect(torch.nonzeroStatic(tensor([-0.0, 0.5]), { size: 2, fillValue: 9 }).tolist()).toEqual([[1], [9]]);
  });

  it('assigns by names', () => {
    const indices = [tensor([0, 0]), tensor([1, 1])];
    const values = torch.ones(2);
    const sum = tensor([[0, 2]], { dtype: torch.float32 });
    expect(torch.zeros(1, 2).indexPut_(indices, values, true)).toEqual(sum);
    expect(torch.zeros(1, 2).indexPut_(indices, values, { accumulate: true })).toEqual(sum);
    expect(torch.zeros(1, 2).indexPut({ indices, values, accumulate: true })).toEqual(sum);
    const misspelled = { acumulate: true } as object;
    expect(() => torch.zeros(1, 2).indexPut_(indices, values, misspelled)).toThrow(
      "index_put_() got an unexpected keyword argument 'acumulate'",
    );
  });
});

describe('gradients', () => {
  /** Distinct positive numbers in no order. */
  const leaf = (...shape: number[]) => {
    const n = shape.reduce((a, b) => a * b, 1);
    return torch.arange(n, { dtype: torch.float64 }).mul(2.3).sin().add(1.5).reshape(shape).requiresGrad_();
  };
  const rows = tensor([2, 0, 2]);
  const places = tensor([
    [0, 2, 1, 0],
    [2, 2, 0, 1],
  ]);
  const mask = tensor([
    [true, false, true, false],
    [false, true, true, false],
    [true, false, false, false],
  ]);
  type F = (a: torch.Tensor, b: torch.Tensor) => torch.Tensor;
  const cases: Record<string, readonly [f: F, shape: number[]]> = {
    index_select: [(a) => a.indexSelect(0, rows), [1]],
    index_add: [(a, b) => a.indexAdd(0, rows, b, { alpha: 2 }), [3, 4]],
    index_copy: [(a, b) => a.indexCopy(0, tensor([2, 0]), b), [2, 4]],
    index_fill: [(a, b) => a.indexFill(1, tensor([1, -1, 1]), b), []],
    index_put: [(a, b) => torch.indexPut(a, [null, tensor([1, 3])], b), [2]],
    index_put_accumulate: [(a, b) => torch.indexPut(a, [tensor([1, 1, 0])], b, true), [3, 4]],
    gather: [(a) => a.gather(0, places), [1]],
    take: [
      (a) =>
        a.take(
          tensor([
            [3, 3],
            [0, -1],
          ]),
        ),
      [1],
    ],
    take_along_dim: [(a) => a.takeAlongDim(tensor([[1], [1], [0]]), 1), [1]],
    put: [(a, b) => a.put(tensor([3, 0]), b), [2]],
    put_accumulate: [(a, b) => a.put(tensor([3, 3]), b, true), [2]],
    scatter: [(a, b) => a.scatter(0, tensor([[0, 2, 1, 0]]), b), [2, 4]],
    scatter_value: [(a) => a.scatter(0, places, 2), [1]],
    scatter_add: [(a, b) => a.scatterAdd(0, places, b), [3, 4]],
    scatter_sum: [(a, b) => a.scatterReduce(0, places, b, 'sum', { includeSelf: false }), [2, 4]],
    scatter_mean: [(a, b) => a.scatterReduce(0, places, b, 'mean'), [2, 4]],
    scatter_prod: [(a, b) => a.scatterReduce(0, places, b, 'prod'), [3, 4]],
    scatter_amax: [(a, b) => a.scatterReduce(0, places, b, 'amax'), [2, 4]],
    scatter_amin: [(a, b) => a.scatterReduce(0, places, b, 'amin', { includeSelf: false }), [2, 4]],
    select_scatter: [(a, b) => torch.selectScatter(a, b, 0, 1), [4]],
    slice_scatter: [(a, b) => torch.sliceScatter(a, b, 1, 0, 4, 2), [3, 2]],
    diagonal_scatter: [(a, b) => torch.diagonalScatter(a, b, 1), [3]],
    index_reduce: [(a, b) => a.indexReduce(0, rows, b, 'prod'), [3, 4]],
    masked_fill: [(a, b) => a.maskedFill(mask, b), []],
    masked_fill_broadcast: [(a, b) => b.maskedFill(mask, 2).mul(a), [4]],
    masked_select: [(a) => a.maskedSelect(mask), [1]],
    masked_scatter: [(a, b) => a.maskedScatter(mask, b), [7]],
    embedding: [
      (a) =>
        torch.embedding(
          a,
          tensor([
            [0, 2],
            [2, 1],
          ]),
        ),
      [1],
    ],
    tril: [(a) => a.tril(1), [1]],
    triu: [(a) => a.triu(-1), [1]],
    diag: [(a) => a.diag(1), [1]],
    diag_embed: [(a) => a.diagEmbed(-1), [1]],
    trace: [(a, b) => b.trace().mul(a), [2, 3]],
    in_place: [(a, b) => a.clone().indexAdd_(0, rows, b).maskedFill_(mask, 0).scatter_(0, places, 1), [3, 4]],
  };

  it.each(Object.entries(cases))('of %s', (_, [f, shape]) => {
    const inputs = [
      leaf(3, 4),
      leaf(...shape)
        .mul(0.7)
        .detach()
        .requiresGrad_(),
    ];
    expect(torch.autograd.gradcheck(f as never, inputs)).toBe(true);
    expect(torch.autograd.gradgradcheck(f as never, inputs)).toBe(true);
  });

  it('do not reach the padding of an embedding', () => {
    const weight = torch.ones(3, 2).requiresGrad_();
    torch
      .embedding(weight, tensor([0, 1, 1, 2]), 1)
      .sum()
      .backward();
    expect(weight.grad!.tolist()).toEqual([
      [1, 1],
      [0, 0],
      [1, 1],
    ]);
    const scaled = torch.ones(3, 2).requiresGrad_();
    torch
      .embedding(scaled, tensor([0, 1, 1]), -1, true)
      .sum()
      .backward();
    expect(scaled.grad!.tolist()).toEqual([
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
  });
});
