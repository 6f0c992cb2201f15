// Property tests on as many inputs as asked for: `npm run test:properties -- --runs 100000 [--seed 7] [--engine native|wasm] [FILE…]`.
// Tests themselves try a fixed sample (see test/properties/property.ts).
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    engine: { type: 'string' },
  },
  allowPositionals: true,
});
console.log(`${values.runs} inputs for every property, seed ${values.seed}`);
const files = positionals.length > 0 ? positionals : ['test/properties'];
const project = values.engine === undefined ? [] : ['--project', values.engine];
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...project, ...files],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, FLAMBEAU_PROPERTY_RUNS: values.runs, FLAMBEAU_PROPERTY_SEED: values.seed },
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
