import { readFileSync } from 'node:fs';

/** A file of `test/golden`: what PyTorch 2.13 gave. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json.golden`, import.meta.url), 'utf8')) as T;
}

/** The value of an expression of the golden files, which use the API's own syntax. */
export function evaluate<T>(source: string, scope: Readonly<Record<string, unknown>>): T {
  return new Function(...Object.keys(scope), `return ${source}`)(...Object.values(scope)) as T;
}

/** The largest difference between two lists of numbers, relative to 1 or the second's magnitude. */
export function difference(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...actual.map((a, i) => Math.abs(a - expected[i]) / Math.max(1, Math.abs(expected[i]))));
}
