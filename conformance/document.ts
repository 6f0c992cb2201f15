/** `npm run operators -- [DIR]`: writes `docs/operators.md`. */
import { writeFileSync } from 'node:fs';
import { stemsOf } from './corpus.js';
import { type EntryLike, operatorsDocument, operatorsOf } from './operators.js';
import { runVariant } from './run.js';

interface Registry {
  entries(): { functions: Iterable<EntryLike>; methods: Iterable<EntryLike> };
}

const folder = process.argv[2] ?? '../shared/conformance';
const stems = stemsOf(folder);
if (stems === null) {
  console.error(`There is no recorded operator database in ${folder}.`);
  process.exit(2);
}
// The rows are no part of the package's interface; this file stands beside them in dist/.
const { entries } = (await import(new URL('../ops/registry.js', import.meta.url).href)) as Registry;
const outcomes = [];
for (const stem of stems) outcomes.push(await runVariant(folder, stem));
const { functions, methods } = entries();
writeFileSync('docs/operators.md', operatorsDocument(operatorsOf(functions, methods), outcomes));
