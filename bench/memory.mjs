// `npm run bench:memory`: the peak of resident memory of training, in and without a scope, on both engines and in PyTorch.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const usage = `usage: npm run bench:memory -- [options]

  --workload NAME  one of bench/workloads.mjs (default: 16b_cnn64, the tutorial's network at batch 64)
  --steps N        how often it runs (default: 500)
  --threads N      threads of each contestant (default: 1)
  --python PATH    the Python that has PyTorch (default: FLAMBEAU_PYTHON, or python3); without PyTorch its row is absent
  --help           shows this`;

let args;
try {
  args = parseArgs({
    options: {
      workload: { type: 'string', default: '16b_cnn64' },
      steps: { type: 'string', default: '500' },
      threads: { type: 'string', default: '1' },
      python: { type: 'string', default: process.env.FLAMBEAU_PYTHON ?? 'python3' },
      help: { type: 'boolean', default: false },
    },
  }).values;
} catch (error) {
  console.error(`${error.message}\n\n${usage}`);
  process.exit(2);
}
if (args.help) {
  console.log(usage);
  process.exit(0);
}

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Reads what a contestant prints; null if it fails. */
function measure(command, commandArgs, env = {}) {
  try {
    const options = { encoding: 'utf8', env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] };
    return JSON.parse(execFileSync(command, commandArgs, options));
  } catch (error) {
    console.error(String(error.stderr ?? error.message).trim());
    return null;
  }
}

const { workload, steps, threads, python } = args;
const flambeau = (engine, how) => () =>
  measure(process.execPath, [here('memory_worker.mjs'), workload, steps, threads, how], {
    FLAMBEAU_CPU: engine,
  });
const contestants = {
  'Flambeau, native': flambeau('native', 'plain'),
  'Flambeau, native, scope': flambeau('native', 'scope'),
  'Flambeau, WebAssembly': flambeau('wasm', 'plain'),
  'Flambeau, WebAssembly, scope': flambeau('wasm', 'scope'),
  PyTorch: () =>
    measure(python, [here('memory_worker.py'), workload, steps, threads], { OMP_NUM_THREADS: threads }),
};

const mebibytes = (x) => (x === undefined ? '–' : `${Math.round(x)} MiB`);
const line = ([first, ...rest]) => `| ${first.padEnd(28)} | ${rest.map((c) => c.padStart(12)).join(' | ')} |`;
console.log(
  `${workload}, ${steps} steps, ${threads} thread${threads === '1' ? '' : 's'}, Node ${process.version}\n`,
);
console.log(line(['', 'at the peak', 'after import', 'alive', 'pooled']));
console.log(`|${'-'.repeat(30)}|${`${'-'.repeat(13)}:|`.repeat(4)}`);
for (const [name, run] of Object.entries(contestants)) {
  const found = run();
  if (found !== null)
    console.log(line([name, ...[found.peak, found.imported, found.alive, found.pooled].map(mebibytes)]));
}
