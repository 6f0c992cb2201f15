// `npm run bench`: times the workloads in Flambeau and in PyTorch, in short rounds by turns, so that a change of the machine's
// pace meets all alike, and reports medians.
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Contestant, torchOf } from './contestant.mjs';
import { limitsOf } from './limits.mjs';
import { isCertain, median, pause, spread, tooUncertain } from './rounds.mjs';
import { shareOfLimit } from './work.mjs';
import { workloads } from './workloads.mjs';

if (process.argv.includes('--ops')) {
  await import('./ops/run.mjs');
  process.exit(0);
}

const usage = `usage: npm run bench -- [REGEX] [options]

  REGEX           times the workloads whose names match it
  --threads N     threads of each contestant (default: 1)
  --wasm          times Flambeau's WebAssembly engine, too
  --peers         times TensorFlow.js and jax-js, too, on one thread (npm install --prefix bench/peers, and Node 22 or later)
  --rounds N      rounds of each workload (default: 15)
  --json FILE     writes the results there
  --python PATH   the Python that has PyTorch (default: FLAMBEAU_PYTHON, or python3); without PyTorch its column is absent
  --counts        counts what a run of each asks of the engine instead, which no other work on the machine changes
  --ops           times the ops of a recorded operator database instead: --ops --help says how
  --help          shows this`;

function fail(message) {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

function readArguments() {
  const options = {
    threads: { type: 'string', default: '1' },
    wasm: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    counts: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    json: { type: 'string' },
    python: { type: 'string' },
    help: { type: 'boolean', default: false },
  };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length > 1) fail(`expected one REGEX, got ${positionals.join(' ')}`);
    for (const name of ['threads', 'rounds'])
      if (!/^[1-9]\d*$/.test(values[name]))
        fail(`--${name} must be a positive number, not '${values[name]}'`);
    return {
      ...values,
      threads: Number(values.threads),
      rounds: Number(values.rounds),
      pattern: new RegExp(positionals[0] ?? ''),
    };
  } catch (error) {
    return fail(error.message);
  }
}

const args = readArguments();
if (args.help) {
  console.log(usage);
  process.exit(0);
}

if (args.counts) {
  const { printCounts } = await import('./counts.mjs');
  printCounts(args.pattern);
  process.exit(0);
}

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const threads = String(args.threads);
const flambeau = (name, engine) =>
  new Contestant(name, process.execPath, [here('worker.mjs'), threads], { FLAMBEAU_CPU: engine });

const contestants = [flambeau('Flambeau', 'native')];
if (args.wasm) contestants.push(flambeau('WebAssembly', 'wasm'));
if (args.peers) {
  if (!existsSync(here('peers/node_modules')))
    fail('The peers are missing: npm install --prefix bench/peers');
  for (const [name, module] of Object.entries({ 'TensorFlow.js': 'tensorflow', 'jax-js': 'jax' }))
    contestants.push(new Contestant(name, process.execPath, [here('peers/worker.mjs'), module]));
}
const python = args.python ?? process.env.FLAMBEAU_PYTHON ?? 'python3';
const torchVersion = torchOf(python);
if (torchVersion !== null)
  contestants.push(
    new Contestant('PyTorch', python, [here('worker.py'), threads], { OMP_NUM_THREADS: threads }),
  );
else if (args.python !== undefined) fail(`${args.python} has no PyTorch`);
else console.error('No PyTorch found (pip install torch, then --python): its column is absent.');

/** Measures a row, and once more where its rounds differ by too much. */
async function measure(name) {
  const row = await measureOnce(name);
  if (isCertainRow(row)) return row;
  const again = await measureOnce(name);
  return isCertainRow(again) ? again : row;
}

const isCertainRow = (row) =>
  Object.values(row).every(({ error, spread }) => error !== undefined || isCertain(spread));

async function measureOnce(name) {
  const row = {};
  const times = new Map();
  for (const contestant of contestants) {
    const { error } = await contestant.ask('prepare', { name, warmUp: 300, round: 30 });
    if (error === undefined) times.set(contestant, []);
    else row[contestant.name] = { error };
  }
  for (let round = 0; round < args.rounds; round++) {
    for (const [contestant, list] of times) {
      const { ms, error } = await contestant.ask('round');
      if (error === undefined) list.push(ms);
      else {
        row[contestant.name] = { error };
        times.delete(contestant);
      }
      // Threads that still spin for work, PyTorch's for 4 ms, must not take the next one's core.
      await pause(6);
    }
  }
  for (const [{ name: contestant }, list] of times)
    row[contestant] = {
      ms: median(list),
      min: Math.min(...list),
      max: Math.max(...list),
      spread: spread(list),
    };
  return row;
}

function formatTime({ ms, error, spread }) {
  if (error !== undefined) return 'error';
  const mark = isCertain(spread) ? '' : '~';
  if (ms < 0.1) return `${mark}${(1000 * ms).toPrecision(3)} µs`;
  return `${mark}${ms < 1000 ? ms.toPrecision(3) : Math.round(ms)} ms`;
}

/** A contestant's time in the last one's. */
const ratio = (row, name) => row[name].ms / row.PyTorch?.ms;
const formatShare = (x) => (x === null || Number.isNaN(x) ? '' : `${(100 * x).toFixed(0)} %`);
const formatRatio = (x) => (Number.isFinite(x) ? x.toFixed(2) : '–');

const ours = contestants.map((c) => c.name).filter((name) => name !== 'PyTorch');
const limits = limitsOf(args.threads);
const header = [
  'workload',
  ...contestants.map((c) => c.name),
  ...(torchVersion === null ? [] : ours.map((name) => `${name} / PyTorch`)),
  ...(limits === null ? [] : ['of the limit']),
];
const widths = header.map((title, i) => Math.max(title.length, i === 0 ? 15 : 9));
const line = (cells) =>
  `| ${cells.map((c, i) => (i ? c.padStart(widths[i]) : c.padEnd(widths[i]))).join(' | ')} |`;

console.log(
  `${cpus().length} cores of ${cpus()[0].model}, ${threads} thread${threads === '1' ? '' : 's'}, Node ${process.version}` +
    `${torchVersion === null ? '' : `, PyTorch ${torchVersion}`}; medians of ${args.rounds} rounds by turns` +
    `${limits === null ? '' : `; at most ${(limits.operations / 1e9).toPrecision(3)} GFLOP/s, ${(limits.copied / 1e9).toPrecision(3)} GB/s copied`}\n`,
);
console.log(line(header));
console.log(`|${widths.map((w, i) => (i ? `${'-'.repeat(w + 1)}:` : '-'.repeat(w + 2))).join('|')}|`);
const results = {};
const errors = [];
for (const name of Object.keys(workloads)) {
  if (!args.pattern.test(name)) continue;
  const row = await measure(name);
  results[name] = row;
  const ratios = torchVersion === null ? [] : ours.map((n) => formatRatio(ratio(row, n)));
  const share = limits === null ? [] : [formatShare(shareOfLimit(name, row.Flambeau.ms, limits))];
  console.log(line([name, ...contestants.map((c) => formatTime(row[c.name])), ...ratios, ...share]));
  for (const [who, { error }] of Object.entries(row))
    if (error !== undefined) errors.push(`${name}, ${who}: ${error}`);
}
for (const contestant of contestants) contestant.close();
for (const error of errors) console.log(`\nerror: ${error}`);
if (args.json !== undefined) {
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version, torch: torchVersion };
  const { threads, rounds } = args;
  writeFileSync(args.json, `${JSON.stringify({ machine, threads, rounds, limits, results }, null, 1)}\n`);
}
const uncertain = Object.values(results).filter((row) => !isCertainRow(row)).length;
if (tooUncertain(uncertain, Object.keys(results).length)) {
  console.error(
    `\nThe rounds of ${uncertain} of ${Object.keys(results).length} rows (~) differ by too much to be believed. Let the machine rest.`,
  );
  process.exitCode = 1;
}
