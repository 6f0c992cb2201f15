/** The figures that have been reached and must be met from then on, by every engine; they may only rise. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { OpCounts } from './report.js';

type Figures = readonly [passed: number, gradPassed: number, errorsPassed: number];

export type Floor = Readonly<Record<string, Figures>>;

const figuresOf = ({ passed, gradPassed, errorsPassed }: OpCounts): Figures => [
  passed,
  gradPassed,
  errorsPassed,
];

export function readFloor(file: string): Floor {
  return JSON.parse(readFileSync(file, 'utf8')) as Floor;
}

/** Which of a variant's figures lie below the floor. */
export function shortfall(floor: Floor, stem: string, counts: OpCounts): string[] {
  const names = ['samples', 'gradients', 'errors'];
  return figuresOf(counts).flatMap((figure, i) => {
    const least = floor[stem]?.[i] ?? 0;
    return figure < least ? [`${figure} ${names[i]} of ${stem} pass, ${least} did before`] : [];
  });
}

/** Writes the floor with every figure that is better now; a line per op, so that changes can be read. */
export function raiseFloor(file: string, ops: Readonly<Record<string, OpCounts>>): void {
  const floor = { ...readFloor(file) };
  for (const [stem, counts] of Object.entries(ops)) {
    const old = floor[stem] ?? [0, 0, 0];
    const figures = figuresOf(counts).map((figure, i) => Math.max(figure, old[i])) as [
      number,
      number,
      number,
    ];
    if (figures.some((figure) => figure > 0)) floor[stem] = figures;
  }
  const lines = Object.keys(floor)
    .sort()
    .map((stem) => `  ${JSON.stringify(stem)}: [${floor[stem].join(', ')}]`);
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
}
