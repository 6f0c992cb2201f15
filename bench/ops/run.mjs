// `npm run bench -- --ops`: times every op of a recorded operator database in Flambeau and in PyTorch, forward and with gradients, on small tensors,
// on such as caches hold and on larger ones, by turns, and lists where we are furthest behind.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readVariant, stemsOf } from '../../dist/conformance/corpus.js';
import { Contestant, torchOf } from '../contestant.mjs';
import { geometricMean, isCertain, median, pause, spread, tooUncertain } from '../rounds.mjs';
import { repeats, sizes, ways } from './sizes.mjs';

const usage = `usage: npm run bench -- --ops [REGEX] [options]

  REGEX           the ops whose names match it
  --corpus DIR    the recorded operator database (default: ../shared/conformance)
  --threads N     threads of each contestant (default: 1)
  --sizes NAMES   some of ${Object.keys(sizes)} (default: all)
  --rounds N      rounds of each measurement (default: 7)
  --worst N       how many to list (default: 20)
  --json FILE     writes all results there
  --python PATH   the Python that has PyTorch (default: FLAMBEAU_PYTHON, or python3)
  --wasm          times the WebAssembly engine in place of the native one
  --help          shows this`;

function fail(message) {
  console.error(message);
  process.exit(2);
}

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ops: { type: 'boolean' },
    corpus: { type: 'string', default: '../shared/conformance' },
    threads: { type: 'string', default: '1' },
    sizes: { type: 'string', default: Object.keys(sizes).join(',') },
    rounds: { type: 'string', default: '7' },
    worst: { type: 'string', default: '20' },
    json: { type: 'string' },
    python: { type: 'string', default: process.env.FLAMBEAU_PYTHON ?? 'python3' },
    wasm: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (args.help) {
  console.log(usage);
  process.exit(0);
}
const stems = stemsOf(args.corpus);
if (stems === null) fail(`There is no recorded operator database in ${args.corpus}.\n\n${usage}`);
const torchVersion = torchOf(args.python);
if (torchVersion === null) fail(`${args.python} has no PyTorch to compare with.\n\n${usage}`);
const chosenSizes = args.sizes.split(',');
for (const name of chosenSizes) if (!(name in sizes)) fail(`no size '${name}'\n\n${usage}`);
const pattern = new RegExp(positionals[0] ?? '');
const rounds = Number(args.rounds);

/** How often a measurement whose rounds differ by more is taken anew. */
const TRIALS = 3;
/** Milliseconds of running without a gain after which a call is taken for as fast as it gets, and those after which it is left at that. */
const warmUp = { least: 50, most: 400 };
/** Calls that take longer, in milliseconds, are left out. */
const LONGEST = 400;

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const flambeau = new Contestant(
  'Flambeau',
  process.execPath,
  [here('worker.mjs'), args.threads, args.corpus],
  {
    FLAMBEAU_CPU: args.wasm ? 'wasm' : 'native',
  },
);
const pytorch = new Contestant('PyTorch', args.python, [here('worker.py'), args.threads, args.corpus], {
  OMP_NUM_THREADS: args.threads,
});
const both = [flambeau, pytorch];

/** The sample with the largest tensor, of float32 where there is one. */
function sampleOf(variant) {
  const elements = ({ tensors }) =>
    Math.max(0, ...tensors.map(({ s }) => s.reduce((n, size) => n * size, 1)));
  const suited = variant.cases.filter(
    ({ kind, fn, random, id }) => kind === 'sample' && fn !== null && !random && /^\d+$/.test(id),
  );
  const floats = suited.filter(({ dtype }) => dtype === 'float32');
  const [first, ...others] = floats.length > 0 ? floats : suited;
  return first && others.reduce((a, b) => (elements(b) > elements(a) ? b : a), first);
}

const sameShapes = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Prepares a call on both sides. Returns why it cannot be compared; null if it can. */
async function prepare(question) {
  let shapes;
  for (const contestant of both) {
    const answer = await contestant.ask('prepare', { ...question, warmUp, round: 6 });
    if (answer.error !== undefined) return `${contestant.name}: ${answer.error}`;
    if (answer.ms > LONGEST) return `takes ${Math.round(answer.ms)} ms`;
    shapes ??= answer.shapes;
    if (!sameShapes(shapes, answer.shapes)) return 'the shapes of the results differ';
  }
  return null;
}

async function measure() {
  let found;
  for (let trial = 0; trial < TRIALS; trial++) {
    const times = both.map(() => []);
    for (let round = 0; round < rounds; round++)
      for (const [i, contestant] of both.entries()) {
        const { ms, error } = await contestant.ask('round');
        if (error !== undefined) return null;
        times[i].push(ms);
        if (args.threads !== '1') await pause(6);
      }
    const [ours, theirs] = times.map(median);
    const widest = Math.max(...times.map(spread));
    if (found === undefined || widest < found.spread)
      found = { ours, theirs, ratio: theirs / ours, spread: widest };
    if (isCertain(widest)) break;
  }
  return found;
}

const describeTime = (ms) => (ms < 1 ? `${(1000 * ms).toPrecision(3)} µs` : `${ms.toPrecision(3)} ms`);
const describe = ({ name, ours, theirs, ratio }) =>
  `${name.padEnd(56)} ${describeTime(ours).padStart(9)} ${describeTime(theirs).padStart(9)} ${ratio.toFixed(2).padStart(6)}`;

const results = [];
async function add(name, size, gradients) {
  const found = await measure();
  if (found !== null) results.push({ name, size, gradients, ...found });
  if (process.stdout.isTTY) process.stdout.write(`\r${results.length} ${name.padEnd(60)}`);
}

const leftOut = [];
for (const stem of stems) {
  if (!pattern.test(stem)) continue;
  const record = sampleOf(readVariant(args.corpus, stem));
  if (record === undefined) continue;
  const shapes = record.tensors.map(({ s }) => s);
  const inputs = record.tensors.map(({ r }) => r === 'in' || r === 'const');
  for (const size of chosenSizes) {
    let why = 'no way to enlarge it';
    for (const way of size === 'small' ? ['all'] : ways) {
      const grown = repeats(
        shapes.filter((_, i) => inputs[i]),
        way,
        sizes[size],
      );
      if (grown === null) continue;
      let next = 0;
      const times = inputs.map((isInput, i) => (isInput ? grown[next++] : shapes[i].map(() => 1)));
      const question = { stem, id: record.id, dtype: record.dtype, repeats: times };
      why = await prepare({ ...question, gradients: false });
      if (why !== null) continue;
      await add(`${stem} ${size}`, size, false);
      if ((await prepare({ ...question, gradients: true })) === null)
        await add(`${stem} ${size} with gradients`, size, true);
      break;
    }
    if (why !== null) leftOut.push(`${stem} ${size}: ${why}`);
  }
}
for (const contestant of both) contestant.close();

if (args.json !== undefined) {
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version, torch: torchVersion };
  writeFileSync(
    args.json,
    `${JSON.stringify({ machine, threads: args.threads, rounds, results, leftOut }, null, 1)}\n`,
  );
}
const certain = results.filter(({ spread }) => isCertain(spread));
const uncertain = results.length - certain.length;
console.log(
  `${cpus().length} cores of ${cpus()[0].model}, ${args.threads} thread${args.threads === '1' ? '' : 's'}, Node ${process.version}, PyTorch ${torchVersion}; ` +
    `medians of ${rounds} rounds by turns. Ratios are PyTorch's time in ours.\n`,
);
if (results.length === 0) fail(leftOut.join('\n') || `no op matches '${positionals[0] ?? ''}'`);
if (tooUncertain(uncertain, results.length))
  fail(
    `Nothing is reported: the rounds of ${uncertain} of ${results.length} measurements differ by too much. Let the machine rest.`,
  );
for (const size of chosenSizes)
  for (const gradients of [false, true]) {
    const ratios = certain
      .filter((r) => r.size === size && r.gradients === gradients)
      .map(({ ratio }) => ratio);
    if (ratios.length === 0) continue;
    const slow = ratios.filter((ratio) => ratio < 0.7).length;
    console.log(
      `${`${size}${gradients ? ' with gradients' : ''}`.padEnd(24)} ${String(ratios.length).padStart(4)} ops, geometric mean ${geometricMean(ratios).toFixed(2)}, ` +
        `${slow} below 0.7 (${((100 * slow) / ratios.length).toFixed(1)} %)`,
    );
  }
const all = certain.map(({ ratio }) => ratio);
const slow = all.filter((ratio) => ratio < 0.7).length;
console.log(
  `${'all'.padEnd(24)} ${String(all.length).padStart(4)} measurements, geometric mean ${geometricMean(all).toFixed(2)}, ${slow} below 0.7 (${((100 * slow) / all.length).toFixed(1)} %); ` +
    `${uncertain} were too uncertain to count\n`,
);
const worst = certain.toSorted((a, b) => a.ratio - b.ratio).slice(0, Number(args.worst));
console.log(
  `${'the furthest behind'.padEnd(56)} ${'ours'.padStart(9)} ${'PyTorch'.padStart(9)} ${'ratio'.padStart(6)}`,
);
for (const row of worst) console.log(describe(row));
process.exit(0);
