import { expect } from 'vitest';
import { hasRelaxedSimd } from '../../src/backends/cpu/relaxed_simd.js';
import type { Result } from '../browser/program.js';

/**
 * Compares what the program of `browser/program.js` found in a browser with what it found here: to the bit, unless only the browser has relaxed SIMD
 * (Node has it from version 22 on), whose products differ in their last digits.
 */
export function expectAlike(found: Result, expected: Result): void {
  if (hasRelaxedSimd()) {
    expect(found).toEqual(expected);
    return;
  }
  const rounded = { losses: [], large: [] };
  expect({ ...found, ...rounded }).toEqual({ ...expected, ...rounded });
  const numbers = ({ losses, large }: Result) => [...losses, ...(large as (number | number[])[]).flat()];
  const wanted = numbers(expected);
  expect(numbers(found)).toHaveLength(wanted.length);
  for (const [i, number] of numbers(found).entries())
    expect(Math.abs(number / wanted[i]! - 1), `${number} in place of ${wanted[i]}`).toBeLessThan(1e-5);
}
