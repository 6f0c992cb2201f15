/** NumPy in converted programs (`py.numpy`): what NumPy 2.4 prints, its random numbers to the bit. */
import { readFileSync } from 'node:fs';
import { numpy as np } from 'flambeau/python';
import { describe, expect, it } from 'vitest';
import { converted } from './support/converted_programs.js';

const read = (name: string) => readFileSync(new URL(`./convert/${name}`, import.meta.url), 'utf8');

describe('NumPy', () => {
  it('prints what it prints in Python, in a converted program', async () => {
    const found = (await converted('converted-numpy', new Map([['numpy_tour', read('numpy_tour.py')]]))).get(
      'numpy_tour',
    )!;
    expect(found.conversion.diagnostics).toEqual([]);
    expect(found.complaints).toEqual([]);
    expect(found.printed).toBe(read('numpy_tour.txt'));
  }, 120_000);

  it.each<[string, () => unknown, string]>([
    [
      'types of elements that it does not know',
      () => np.zeros(2, { dtype: 'float8' }),
      "data type 'float8' not understood",
    ],
    ['the length of a number', () => np.mean([1, 2]).length, 'len() of unsized object'],
    ['the number of several', () => np.zeros(2).item(), 'can only convert an array of size 1'],
    ['the largest of nothing', () => np.max([]), 'zero-size array to reduction operation maximum'],
    ['fractions in whole numbers', () => np.arange(3).into(np.arange(3).div(2)), 'Cannot cast ufunc output'],
    ['ints to negative powers', () => np.arange(3).pow(-1), 'Integers to negative integer powers'],
    ['no array to join', () => np.concatenate([]), 'need at least one array'],
    ['parts that do not fit', () => np.split(np.arange(5), 2), 'does not result in an equal division'],
    ['an axis that there is not', () => np.sum([1, 2], { axis: 1 }), 'axis 1 is out of bounds'],
    ['negative seeds', () => np.random.seed(-1), 'Seed must be between 0 and 2**32 - 1'],
    ['empty ranges', () => np.random.randint(3, 3), 'low >= high'],
    [
      'more than there is',
      () => np.random.choice(2, { size: 3, replace: false }),
      'larger sample than population',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });

  it('shares memory with tensors', async () => {
    const torch = await import('flambeau');
    const tensor = torch.ones(3);
    const array = np.NDArray.of(tensor);
    tensor.add_(1);
    expect(String(array)).toBe('[2. 2. 2.]');
    array.indexPut_([0], 7);
    expect(tensor.tolist()).toEqual([7, 2, 2]);
    expect(() => np.NDArray.of(torch.ones(1, { requiresGrad: true }))).toThrow("Can't call numpy()");
  });
});
