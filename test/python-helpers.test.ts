/** Python's own functions, as converted programs call them (`flambeau/python`): what they refuse, in Python's words. */
import * as py from 'flambeau/python';
import { describe, expect, it } from 'vitest';

describe('Python’s functions refuse', () => {
  it.each<[string, () => unknown, string]>([
    ['a choice of nothing', () => py.random.choice([]), 'Cannot choose from an empty sequence'],
    ['an empty range of whole numbers', () => py.random.randint(5, 1), 'empty range in randrange(5, 2)'],
    ['a range up to 0', () => py.random.randrange(0), 'empty range for randrange()'],
    ['a range of no number', () => py.random.randrange(Number.NaN), 'empty range for randrange()'],
    ['more than there is', () => py.random.sample([1, 2], 3), 'Sample larger than population or is negative'],
    ['a negative number of items', () => py.random.sample([1, 2], -1), 'Sample larger than population'],
    ['fractions', () => py.gcd(1.5, 3), "'float' object cannot be interpreted as an integer"],
    ['what is no number', () => py.gcd(Number.NaN, 3), "'float' object cannot be interpreted as an integer"],
    ['factorials of negative numbers', () => py.factorial(-1), 'factorial() not defined for negative values'],
    ['ways to take from less than nothing', () => py.comb(-1, 2), 'n must be a non-negative integer'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });

  it('what is beyond all numbers is infinite', () => {
    expect(py.factorial(170)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(py.factorial(1e9)).toBe(Number.POSITIVE_INFINITY);
  });
});
