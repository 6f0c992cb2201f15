// `npm run bench:start`: what import and first op take beyond an empty process, and a loader's worker beyond an empty one, by turns, in ratios and milliseconds.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const op = 'torch.ones(2).add(1).sum().item();';
const imported = `import * as torch from 'flambeau'; ${op}`;
/** A worker of nothing, and a pass over one number by a loader with one worker, in a program that has loaded the library: how long each took until it answered. */
const workers = `
  import { Worker } from 'node:worker_threads';
  ${imported}
  const { DataLoader, TensorDataset } = torch.utils.data;
  const loader = new DataLoader(new TensorDataset(torch.ones(1)), { numWorkers: 1 });
  const answer = "require('node:worker_threads').parentPort.postMessage(0)";
  let start = performance.now();
  await new Promise((done) => new Worker(answer, { eval: true, execArgv: [] }).once('message', done));
  const empty = performance.now() - start;
  start = performance.now();
  for await (const _ of loader);
  console.log(JSON.stringify([empty, performance.now() - start]));`;
const native = { FLAMBEAU_CPU: 'native' };
const wasm = { FLAMBEAU_CPU: 'wasm' };
const kinds = {
  empty: { program: '', env: {} },
  import: { program: `import 'flambeau';`, env: native },
  native: { program: imported, env: native },
  wasm: { program: imported, env: wasm },
  require: { program: `const torch = require('flambeau'); ${op}`, env: native, type: 'commonjs' },
  'native worker': { program: workers, env: native, tells: true },
  'wasm worker': { program: workers, env: wasm, tells: true },
};

const usage = `usage: npm run bench:start -- [options]

  --node PATH    another Node to start (default: this one)
  --rounds N     processes of each kind (default: 21)
  --only NAMES   some of ${Object.keys(kinds).slice(1).join(', ')}
  --in FOLDER    where 'flambeau' is imported (default: here)
  --help         shows this`;
const { values: args } = parseArgs({
  options: {
    node: { type: 'string', default: process.execPath },
    rounds: { type: 'string', default: '21' },
    only: { type: 'string', default: Object.keys(kinds).join(',') },
    in: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    help: { type: 'boolean', default: false },
  },
});
if (args.help) {
  console.log(usage);
  process.exit(0);
}

/** Milliseconds of an empty process or worker (null where it is not asked for) and of what it is compared with. */
function once({ program, env, type = 'module', tells = false }) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(args.node, [`--input-type=${type}`, '-e', program], {
    cwd: args.in,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(stderr);
  return tells ? JSON.parse(stdout) : [null, ms];
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const chosen = ['empty', ...args.only.split(',').filter((name) => name !== 'empty')];
const times = Object.fromEntries(chosen.map((name) => [name, []]));
for (let i = 0; i < Number(args.rounds); i++) for (const name of chosen) times[name].push(once(kinds[name]));
const emptyProcess = median(times.empty.map(([, ms]) => ms));
console.log(`an empty process takes ${emptyProcess.toFixed(1)} ms (median of ${args.rounds})`);
for (const name of chosen.slice(1)) {
  const own = median(times[name].map(([, ms]) => ms));
  const empty = kinds[name].tells ? median(times[name].map(([ms]) => ms)) : emptyProcess;
  console.log(`${name}: ${(own / empty).toFixed(2)} times as long, ${(own - empty).toFixed(1)} ms more`);
}
