/** `npm run classes -- [DIR]`: writes `docs/modules.md`. */
import { writeFileSync } from 'node:fs';
import { classesIn, classStemsOf } from './corpus.js';
import type { ClassOutcome } from './report.js';
import { runClass } from './run.js';
import { classesDocument, libraryClasses } from './table.js';

const folder = process.argv[2] ?? '../shared/conformance';
const classes = classesIn(folder);
if (classes === null) {
  console.error(`There is no recording of classes in ${folder}.`);
  process.exit(2);
}
const outcomes: ClassOutcome[] = [];
for (const stem of classStemsOf(classes)) outcomes.push(await runClass(classes, stem));
writeFileSync('docs/modules.md', classesDocument(libraryClasses(), outcomes));
