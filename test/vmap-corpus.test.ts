import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { stemsOf } from '../conformance/corpus.js';
import { compareVariant, type Figures } from './support/vmap_corpus.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const corpus = here('../../shared/conformance');
const recorded = stemsOf(corpus);
const folder = recorded === null ? here('../conformance/sample') : corpus;

/** Cases of each variant, spread over all that there are. */
const MOST = 4;

/** Refusals of `vmap`, by their words: as in PyTorch. */
const refused: Readonly<Record<string, RegExp>> = {
  _batch_norm_with_update: /which will be updated in place, were not batched/,
  _native_batch_norm_legit: /which will be updated in place, were not batched/,
  native_batch_norm: /which will be updated in place, were not batched/,
  'nn.functional.batch_norm': /which will be updated in place, were not batched/,
  'nn.functional.instance_norm': /which will be updated in place, were not batched/,
  argwhere: /can output dynamic shape/,
  nonzero: /can output dynamic shape/,
  unique: /can output dynamic shape/,
  unique_consecutive: /can output dynamic shape/,
  __getitem__: /Attempting to batch over indexing with a boolean mask/,
  index_put: /Attempting to batch over indexing with a boolean mask/,
  masked_select: /Attempted to vmap over `mask` in torch.masked_select/,
  'nn.functional.ctc_loss': /Cannot access data pointer/,
  // The gradients that are compared depend on phases.
  'linalg.eig': /specified up to multiplication by/,
  histogramdd: /calling \.item\(\) on a Tensor/,
  narrow: /calling \.item\(\) on a Tensor/,
  'nn.functional.rrelu': /calling \.item\(\) on a Tensor/,
  repeat_interleave: /Cannot access data pointer/,
  tensor_split: /Cannot access data pointer|calling \.item\(\) on a Tensor/,
  resize_: /we do not yet support aten::resize_/,
  resize_as_: /we do not yet support aten::resize_/,
};

/** Ops that read memory by its position, which is another one where the stack's dimension comes last. */
const positional = /^(as_strided|view_as_complex)/;

/** Ops that are carried out one by one. */
const looped = [
  '_ctc_loss',
  '_ctc_loss_backward',
  '_embedding_bag',
  '_embedding_bag_dense_backward',
  'bincount',
  'histc',
  'histogram',
  'linspace',
  'logspace',
  'masked_scatter',
  'masked_scatter_',
  '_segment_reduce',
];

describe('ops over a stack of inputs', () => {
  const warned = new Set<string>();
  const stems = stemsOf(folder)!;

  const compared = (stem: string): Figures => {
    const warning = vi.spyOn(console, 'warn').mockImplementation((text: string) => {
      const name = /batching rule for aten::(\w+)\./.exec(text)?.[1];
      if (name !== undefined) warned.add(name);
    });
    try {
      return compareVariant(folder, stem, MOST);
    } finally {
      warning.mockRestore();
    }
  };

  it.each(stems)('%s', (stem) => {
    const { problems } = compared(stem);
    const left = problems.filter(
      (problem) =>
        !(refused[stem]?.test(problem) || (positional.test(stem) && /, (last|mixed): /.test(problem))),
    );
    expect(left).toEqual([]);
  });

  it('are few that run one by one', () => {
    expect([...warned].filter((name) => !looped.includes(name))).toEqual([]);
  });
});
