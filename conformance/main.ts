/**
 * `npm run conformance -- [DIR] [--op REGEX] [--dtype NAMES] [--device NAME] [--every N] [--json FILE] [--raise-floor]`:
 * carries out the cases of a recorded operator database (or one in N) and prints what passes, on another device than the CPU also
 * as a share of what the CPU passes.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { stemsOf } from './corpus.js';
import { raiseFloor } from './floor.js';
import { torch } from './library.js';
import { describe, describeAgreement, type Outcome, reportOf } from './report.js';
import { runVariant } from './run.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    op: { type: 'string', default: '' },
    dtype: { type: 'string' },
    device: { type: 'string', default: 'cpu' },
    every: { type: 'string', default: '1' },
    json: { type: 'string' },
    'raise-floor': { type: 'boolean', default: false },
  },
});
const folder = positionals[0] ?? '../shared/conformance';
const stems = stemsOf(folder);
if (stems === null) {
  console.error(`There is no recorded operator database in ${folder}.`);
  process.exit(2);
}
// Refuses what is no device before anything is counted as failed on it.
const { type } = torch.device(values.device);
if (type === 'webgpu') await torch.webgpu.init();

const wanted = new RegExp(values.op);
const choice = { dtypes: values.dtype?.split(','), device: values.device, every: Number(values.every) };
const outcomes: Outcome[] = [];
const onCpu: Outcome[] = [];
for (const stem of stems.filter((name) => wanted.test(name))) {
  outcomes.push(await runVariant(folder, stem, choice));
  if (type !== 'cpu') onCpu.push(await runVariant(folder, stem, { ...choice, device: 'cpu' }));
}
console.log(describe(outcomes));
if (type !== 'cpu') console.log(`\n${describeAgreement(onCpu, outcomes)}`);
const report = reportOf(outcomes);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report)}\n`);
// The floor is that of the CPU's engines.
if (values['raise-floor'] && type === 'cpu') raiseFloor('conformance/floor.json', report.ops);
