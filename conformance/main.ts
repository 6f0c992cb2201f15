/**
 * `npm run conformance`: carries out the cases of a recorded operator database and the records of a recording of classes, or
 * one in N of them, and prints what passes, on another device than the CPU also as a share of what the CPU passes.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { classesIn, classStemsOf } from './classes/corpus.js';
import {
  type ClassOutcome,
  classReportOf,
  describeAgreement as describeClassAgreement,
  describeClasses,
} from './classes/report.js';
import { runClass } from './classes/run.js';
import { stemsOf } from './corpus.js';
import { classFigures, opFigures, raiseFloor } from './floor.js';
import { torch } from './library.js';
import { describe, describeAgreement, type Outcome, reportOf } from './report.js';
import { runVariant } from './run.js';

const help = `npm run conformance -- [DIR] [OPTION ...]

DIR holds a recorded operator database, of classes in its subfolder classes/, or is such a recording of classes itself.
Default: ../shared/conformance.

  --op REGEX         only operators, those whose names match
  --dtype NAMES      only operators, their samples of these dtypes
  --device NAME      on this device; operators alone, unless --classes is given, too
  --classes [REGEX]  only classes, those whose names match (as in nn.Conv2d, optim.SGD, lr_scheduler.StepLR)
  --every N          one case in N of each operator and class
  --json FILE        writes figures and failures
  --raise-floor      keeps the figures that are better than before as those to be met`;

// An option whose value may be left out.
const args = process.argv.slice(2);
const bare = args.indexOf('--classes');
if (bare >= 0 && (args[bare + 1] ?? '-').startsWith('-')) args[bare] = '--classes=';
const { values, positionals } = parseArgs({
  args,
  allowPositionals: true,
  options: {
    op: { type: 'string' },
    dtype: { type: 'string' },
    device: { type: 'string' },
    classes: { type: 'string' },
    every: { type: 'string', default: '1' },
    json: { type: 'string' },
    'raise-floor': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const folder = positionals[0] ?? '../shared/conformance';
const every = Number(values.every);
const isOfOps = [values.op, values.dtype, values.device].some((value) => value !== undefined);
const stems = stemsOf(folder);
const classes = classesIn(folder);
const runsOps = stems !== null && (isOfOps || values.classes === undefined);
const runsClasses = classes !== null && (values.classes !== undefined || !isOfOps);
if (!runsOps && !runsClasses) {
  const wanted = stems !== null ? 'recording of classes' : 'recorded operator database';
  console.error(`There is no ${wanted} in ${folder}.`);
  process.exit(2);
}

// Refuses what is no device before anything is counted as failed on it.
const { type } = torch.device(values.device ?? 'cpu');
if (type === 'webgpu') await torch.webgpu.init();
const texts: string[] = [];
const report = { totals: {}, failures: [] as object[] };

if (runsOps) {
  const choice = { dtypes: values.dtype?.split(','), device: values.device, every };
  const outcomes: Outcome[] = [];
  const onCpu: Outcome[] = [];
  for (const stem of chosen(stems, values.op)) {
    outcomes.push(await runVariant(folder, stem, choice));
    if (type !== 'cpu') onCpu.push(await runVariant(folder, stem, { ...choice, device: 'cpu' }));
  }
  texts.push(describe(outcomes));
  if (type !== 'cpu') texts.push(describeAgreement(onCpu, outcomes));
  const { totals, ops, failures } = reportOf(outcomes);
  Object.assign(report.totals, totals);
  Object.assign(report, { ops });
  report.failures.push(...failures);
  // The floor is that of the CPU's engines.
  if (values['raise-floor'] && type === 'cpu') raiseFloor('conformance/floor.json', opFigures, ops);
}

if (runsClasses) {
  const outcomes: ClassOutcome[] = [];
  const onCpu: ClassOutcome[] = [];
  // What another device is asked is also asked of the CPU.
  const isPortable = type !== 'cpu';
  for (const stem of chosen(classStemsOf(classes), values.classes)) {
    outcomes.push(await runClass(classes, stem, { every, device: type, isPortable }));
    if (isPortable) onCpu.push(await runClass(classes, stem, { every, isPortable }));
  }
  texts.push(isPortable ? describeClassAgreement(onCpu, outcomes) : describeClasses(outcomes));
  const { totals, classes: counts, failures } = classReportOf(outcomes);
  Object.assign(report.totals, totals);
  Object.assign(report, { classes: counts });
  report.failures.push(...failures);
  if (values['raise-floor'] && type === 'cpu')
    raiseFloor('conformance/classes/floor.json', classFigures, counts);
}

console.log(texts.join('\n\n'));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report)}\n`);

function chosen(names: readonly string[], regex = ''): string[] {
  const wanted = new RegExp(regex);
  const found = names.filter((name) => wanted.test(name));
  if (found.length > 0) return found;
  console.error(`Nothing recorded in ${folder} is called ${regex}.`);
  process.exit(2);
}
