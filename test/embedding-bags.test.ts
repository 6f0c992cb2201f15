import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const F = torch.nn.functional;

/** Four rows, three of them in two bags; the values and gradients of these tests are PyTorch's. */
const table = () => torch.arange(8).float().reshape([4, 2]).requiresGrad_();
const list = torch.tensor([1, 2, 1, 3]);
const offsets = torch.tensor([0, 3]);
const third = Math.fround(1 / 3);

function gradients(options: Parameters<typeof F.embeddingBag>[3] & object): unknown {
  const weight = table();
  F.embeddingBag(list, weight, offsets, options).backward(
    torch.tensor([
      [1, 2],
      [3, 4],
    ]),
  );
  return weight.grad!.tolist();
}

describe('bags of embeddings', () => {
  it('leave padding out of sums, means and maxima', () => {
    const bags = (mode: 'sum' | 'mean' | 'max') =>
      F.embeddingBag(list, table(), offsets, { mode, paddingIdx: 1 }).tolist();
    expect(bags('sum')).toEqual([
      [4, 5],
      [6, 7],
    ]);
    expect(bags('mean')).toEqual(bags('sum'));
    expect(
      F.embeddingBag(torch.tensor([1, 1]), table(), torch.tensor([0, 1, 2]), {
        mode: 'max',
        paddingIdx: -3,
      }).tolist(),
    ).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  // PyTorch's documentation and its CUDA kernel; its CPU kernel mistakes the counts of some rows for those of others.
  it('have gradients divided by how often an index occurs, if that is asked for', () => {
    expect(gradients({ mode: 'sum', scaleGradByFreq: true })).toEqual([
      [0, 0],
      [1, 2],
      [1, 2],
      [3, 4],
    ]);
    const [, twice] = gradients({ mode: 'mean', scaleGradByFreq: true }) as number[][];
    expect(twice).toEqual([third, 2 * third].map(Math.fround));
    expect(gradients({ mode: 'sum', scaleGradByFreq: true, paddingIdx: 1 })).toEqual([
      [0, 0],
      [0, 0],
      [1, 2],
      [3, 4],
    ]);
  });

  it('may leave out what lies behind the last bound', () => {
    const weight = table();
    const ends = torch.tensor([0, 2, 3]);
    const out = F.embeddingBag(list, weight, ends, { mode: 'sum', includeLastOffset: true });
    expect(out.tolist()).toEqual([
      [6, 8],
      [2, 3],
    ]);
    out.sum().backward();
    expect(weight.grad!.select(1, 0).tolist()).toEqual([0, 2, 1, 0]);
  });

  it('of maxima give their gradient to the first of equal elements', () => {
    const weight = torch.tensor([[1], [1], [0]], { dtype: torch.float32 }).requiresGrad_();
    F.embeddingBag(torch.tensor([2, 1, 0]), weight, torch.tensor([0]), { mode: 'max' })
      .sum()
      .backward();
    expect(weight.grad!.tolist()).toEqual([[0], [1], [0]]);
  });

  it('refuse what PyTorch refuses', () => {
    expect(() => F.embeddingBag(torch.tensor([3, 4]), table(), torch.tensor([0]))).toThrow(
      'Index 1 of input takes value 4 which is not in the valid range [0, 4)',
    );
    expect(() => F.embeddingBag(list, table().int(), offsets)).toThrow(
      "Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, Float, Double; but got torch.IntTensor instead (while checking arguments for embedding_bag)",
    );
    expect(() =>
      F.embeddingBag(list, table(), offsets, {
        mode: 'sum',
        perSampleWeights: torch.ones(4, { dtype: torch.float64 }),
      }),
    ).toThrow(
      "Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 'per_sample_weights'; but type torch.FloatTensor does not equal torch.DoubleTensor (while checking arguments for embedding_bag)",
    );
    expect(() => F.embeddingBag(list, table(), offsets, { paddingIdx: 7 })).toThrow(
      'padding_idx must be within the number of embeddings, -4 through 3, but got 7',
    );
    expect(() => F.embeddingBag(list, table(), torch.tensor([0, 5]))).toThrow(
      "offsets[-1] can not be greater than input's length 4 but got offsets[-1] of 5",
    );
  });
});

describe('an embedding', () => {
  it('divides gradients by how often an index occurs, if that is asked for', () => {
    const weight = table();
    F.embedding(torch.tensor([[1, 2, 1]]), weight, { scaleGradByFreq: true })
      .sum()
      .backward();
    expect(weight.grad!.select(1, 0).tolist()).toEqual([0, 1, 1, 0]);
  });
});
