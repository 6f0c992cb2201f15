/**
 * How many inputs a property is tried on, and which: `npm run test:properties -- --runs 100000 --seed 7`. Without those the seed is
 * fixed and the number that of the property, so that a run of the tests is the same every time.
 */
import fc from 'fast-check';

const seed = Number(process.env.FLAMBEAU_PROPERTY_SEED ?? 20260101);
const asked = Number(process.env.FLAMBEAU_PROPERTY_RUNS ?? 0);

/** Long runs by command may take their time; the others have the time of any test. */
export const timeout = asked > 0 ? 3_600_000 : 60_000;

/** Draws one value of an arbitrary. */
export type Draw = fc.GeneratorValue;

/** Tries `predicate`, which draws its inputs, and shrinks the first input that it throws for. */
export function tryMany(runs: number, predicate: (draw: Draw) => void): void {
  fc.assert(fc.property(fc.gen(), predicate), { seed, numRuns: asked || runs });
}

/** Each number as often as any other: fast-check prefers the ends of a range. */
const evenly = (min: number, max: number) => fc.noBias(fc.integer({ min, max }));

/** One of several, the first being the simplest. */
export function oneOf<T>(draw: Draw, values: readonly T[]): T {
  return values[draw(evenly, 0, values.length - 1)];
}

export function integer(draw: Draw, min: number, max: number): number {
  return draw(evenly, min, max);
}

/** True about once in `n` times. */
export function onceIn(draw: Draw, n: number): boolean {
  return draw(evenly, 0, n - 1) === n - 1;
}
