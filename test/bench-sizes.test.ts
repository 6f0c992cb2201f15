import { describe, expect, it } from 'vitest';

interface Sizes {
  readonly ways: readonly string[];
  readonly repeats: (shapes: readonly number[][], way: string, target: number) => number[][] | null;
}
interface Rounds {
  readonly spread: (values: readonly number[]) => number;
  readonly geometricMean: (values: readonly number[]) => number;
}
const bench = (name: string) => import(new URL(`../bench/${name}`, import.meta.url).href);
const { repeats } = (await bench('ops/sizes.mjs')) as Sizes;
const { spread, geometricMean } = (await bench('rounds.mjs')) as Rounds;

describe('a sample of an op', () => {
  it('grows along every dimension, so that sizes that were equal stay equal', () => {
    expect(repeats([[5, 5], [5], [1, 5]], 'all', 25 * 64)).toEqual([[8, 8], [8], [1, 8]]);
  });

  it('grows as a batch, which weights do not', () => {
    const [input, weight, bias] = [[2, 3, 4], [4, 3, 3], [4]];
    expect(repeats([input, weight, bias], 'first', 36 * 10)).toEqual([[1, 1, 1], [10, 1, 1], [1]]);
    expect(repeats([[8, 3, 4], weight, bias], 'first', 96 * 10)).toEqual([[10, 1, 1], [1, 1, 1], [1]]);
  });

  it('grows by the last dimension', () => {
    expect(repeats([[2, 6], [2, 6], [6]], 'last', 120)).toEqual([[1, 10], [1, 10], [1]]);
  });

  it('stays as it is where it is large enough, and where it has no elements to repeat', () => {
    expect(repeats([[5, 5], [5]], 'all', 0)).toEqual([[1, 1], [1]]);
    expect(repeats([[0, 5]], 'first', 100)).toBeNull();
    expect(repeats([[]], 'all', 100)).toBeNull();
  });
});

describe('rounds', () => {
  it('spread by the range of their middle half in their median', () => {
    expect(spread([10, 10, 10, 10, 90])).toBe(0);
    expect(spread([6, 8, 10, 12, 14])).toBeCloseTo(0.4);
  });

  it('have the mean of ratios, in which twice and half cancel', () => {
    expect(geometricMean([2, 0.5])).toBeCloseTo(1);
  });
});
