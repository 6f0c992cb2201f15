import { readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
// @ts-expect-error: a script without types
import { kernelTable } from '../scripts/generate-kernels.mjs';
import type { StridedView } from '../src/backends/backend.js';
import { parseKernel } from '../src/backends/kernel_row.js';
// The sources themselves: texts for readers are left out of what is built.
import { kernels } from './../src/backends/kernels.js';
import type { KernelArguments, Kernels } from '../src/backends/kernels.js';
import { launches } from '../src/backends/webgpu/kernels/index.js';
import * as torch from '../src/index.js';

describe('a row of a kernel', () => {
  it('gives its parameters', () => {
    expect(parseKernel('View? grad_input, View[] indices, stride[] strides, sum|max kind')).toEqual([
      { name: 'grad_input', camel: 'gradInput', type: 'View', isList: false, isNullable: true, words: [] },
      { name: 'indices', camel: 'indices', type: 'View', isList: true, isNullable: false, words: [] },
      { name: 'strides', camel: 'strides', type: 'stride', isList: true, isNullable: false, words: [] },
      { name: 'kind', camel: 'kind', type: 'words', isList: false, isNullable: false, words: ['sum', 'max'] },
    ]);
    expect(() => parseKernel('Tensor self')).toThrow("not a kernel's parameter: 'Tensor self'");
  });

  it('gives the types of a call, by position and by name', () => {
    expectTypeOf<Parameters<Kernels['scan']>>().toEqualTypeOf<
      [StridedView, StridedView | null, StridedView, number, 'sum' | 'product' | 'max' | 'min' | 'logsumexp']
    >();
    expectTypeOf<KernelArguments<'avg_pool_backward'>>().toEqualTypeOf<{
      readonly gradInput: StridedView;
      readonly gradOut: StridedView;
      readonly kernel: readonly number[];
      readonly stride: readonly number[];
      readonly padding: readonly number[];
      readonly countIncludePad: boolean;
      readonly divisor: number;
    }>();
  });

  it('is well formed, each of them', () => {
    for (const { parameters, row } of kernels) {
      expect(new Set(parameters.map((p) => p.name)).size).toBe(parameters.length);
      // Results that are refused in part, and words that there are.
      const words = parameters.flatMap((p) => p.words);
      if (typeof row.complex === 'object')
        expect(words).toEqual(expect.arrayContaining(Object.keys(row.complex)));
    }
  });

  it('says on which devices the kernel is', () => {
    const missing = kernels.filter(({ name }) => !(name in launches)).map(({ name }) => name);
    expect(missing).toEqual(kernels.filter(({ row }) => row.on === 'cpu').map(({ name }) => name));
  });

  it('stands in docs/kernels.md', () => {
    expect(readFileSync(new URL('../docs/kernels.md', import.meta.url), 'utf8')).toBe(kernelTable(kernels));
  });

  it('refuses a word that it does not have', () => {
    const x = torch.zeros(3);
    const { scan } = x.storage.backend.kernels;
    expect(() => scan(x, null, x, 0, 'median' as 'sum')).toThrow('scan has no kind median');
  });
});
