/**
 * Reads what `checkpoints.py make FOLDER` made, compares it with what Python put there, and writes it again for
 * `checkpoints.py check FOLDER`: node test/checkpoints/compare.mjs FOLDER
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as torch from 'flambeau';
import { loaded } from './described.mjs';

const folder = process.argv[2];
const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'));
mkdirSync(join(folder, 'back'), { recursive: true });
let wrong = 0;
let written = 0;
for (const [i, { name, value, options }] of cases.entries()) {
  const file = join(folder, 'files', `${i}.pt`);
  try {
    const found = await loaded(file, options);
    if (value !== null && !isDeepStrictEqual(found, value)) {
      wrong++;
      console.log(name, JSON.stringify(found).slice(0, 300), JSON.stringify(value).slice(0, 300));
    }
    // Stand-ins, and what had to be changed, are not written.
    if (Object.keys(options).length === 0 && !name.startsWith('numpy')) {
      await torch.save({ value: await torch.load(file) }.value, join(folder, 'back', `${i}.pt`));
      written++;
    }
  } catch (error) {
    wrong++;
    console.log(name, error);
  }
}
console.log(`${cases.length} files, ${wrong} of them read otherwise; ${written} written again`);
process.exitCode = wrong > 0 ? 1 : 0;
