/** The figures that have been reached and must be met from then on, by every engine; they may only rise. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ClassCounts } from './classes/report.js';
import type { OpCounts } from './report.js';

export type Floor = Readonly<Record<string, readonly number[]>>;

/** Which counts are held, in the order of a floor's lists, with their names. */
export type Figures<Counts> = readonly (readonly [name: string, of: (counts: Counts) => number])[];

export const opFigures: Figures<OpCounts> = [
  ['samples', ({ passed }) => passed],
  ['gradients', ({ gradPassed }) => gradPassed],
  ['errors', ({ errorsPassed }) => errorsPassed],
];

export const classFigures: Figures<ClassCounts> = [
  ['records', ({ passed }) => passed],
  ['errors', ({ errorsPassed }) => errorsPassed],
];

export function readFloor(file: string): Floor {
  return JSON.parse(readFileSync(file, 'utf8')) as Floor;
}

/** Which of the figures of a variant or a class lie below the floor. */
export function shortfall<Counts>(
  floor: Floor,
  figures: Figures<Counts>,
  stem: string,
  counts: Counts,
): string[] {
  return figures.flatMap(([name, of], i) => {
    const least = floor[stem]?.[i] ?? 0;
    const figure = of(counts);
    return figure < least ? [`${figure} ${name} of ${stem} pass, ${least} did before`] : [];
  });
}

/** Writes the floor with every figure that is better now; a line each, so that changes can be read. */
export function raiseFloor<Counts>(
  file: string,
  figures: Figures<Counts>,
  all: Readonly<Record<string, Counts>>,
): void {
  const floor: Record<string, readonly number[]> = { ...readFloor(file) };
  for (const [stem, counts] of Object.entries(all)) {
    const raised = figures.map(([, of], i) => Math.max(of(counts), floor[stem]?.[i] ?? 0));
    if (raised.some((figure) => figure > 0)) floor[stem] = raised;
  }
  const lines = Object.keys(floor)
    .sort()
    .map((stem) => `  ${JSON.stringify(stem)}: [${floor[stem].join(', ')}]`);
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
}
