// Gives mutants of good files to every reader of files, and tells what is not as it should be: a crash, a hang, memory that
// does not follow from the file's size, an error that is not the library's, a tensor that reaches beyond its memory.
//
//   npm run fuzz -- [--inputs N] [--seed S] [--format NAME] [--json] [--stall SECONDS OF PROCESSOR TIME]
//   npm run fuzz -- --format NAME --index I [--seed S]      one input again; its file is left in out/
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faulty, formats, makeInput } from './formats.mjs';

const { values: options } = parseArgs({
  options: {
    inputs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string' },
    index: { type: 'string' },
    stall: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
const known = { ...formats, ...faulty };
if (options.format !== undefined && !Object.hasOwn(known, options.format)) {
  console.error(`unknown format '${options.format}'; the formats are ${Object.keys(formats).join(', ')}`);
  process.exit(2);
}
const names = options.format === undefined ? Object.keys(formats) : [options.format];
const folder = mkdtempSync(join(tmpdir(), 'flambeau-fuzz-'));
const positionFile = join(folder, 'position');

/** Runs inputs `from` to `to` in a child, and says how far it came. */
function runChild(name, from, to) {
  writeFileSync(positionFile, '');
  const task = JSON.stringify({
    name,
    seed: options.seed,
    from,
    to,
    stall: Number(options.stall),
    positionFile,
  });
  const child = fork(new URL('child.mjs', import.meta.url), [task], {
    // A reader that runs wild must end in an error here, not on the whole machine.
    execArgv: ['--max-old-space-size=512'],
    stdio: ['ignore', 'inherit', options.json ? 'ignore' : 'inherit', 'ipc'],
  });
  return new Promise((resolve) => {
    let result = null;
    child.on('message', (message) => {
      result = message;
    });
    child.on('exit', (code, signal) => {
      const kind = readFileSync(positionFile).length > 8 ? 'hang' : 'crash';
      resolve(result ?? { kind, detail: `exit code ${code}, signal ${signal}`, at: position() ?? from });
    });
  });
}

/** The input that the child is at, or undefined before the first. */
function position() {
  const bytes = readFileSync(positionFile);
  return bytes.length < 8 ? undefined : bytes.readDoubleBE(0);
}

async function runFormat(name, from, to) {
  const total = { format: name, inputs: 0, loaded: 0, refused: {}, failures: [], memory: 0, heap: 0, rss: 0 };
  // In pieces, so that a crash costs little of what was counted before it.
  const piece = options.index === undefined ? 20_000 : 1;
  while (from < to) {
    const end = Math.min(to, from + piece);
    let result = await runChild(name, from, end);
    if ('kind' in result) {
      const { kind, detail, at } = result;
      total.failures.push({ format: name, index: at, kind, detail });
      total.inputs++;
      // Earlier inputs are run again, to count them.
      result = at > from ? await runChild(name, from, at) : null;
      from = at + 1;
    } else from = end;
    if (result === null || 'kind' in result) continue;
    total.inputs += result.inputs;
    total.loaded += result.loaded;
    for (const [error, count] of Object.entries(result.refused)) {
      total.refused[error] = (total.refused[error] ?? 0) + count;
    }
    total.failures.push(...result.failures);
    for (const key of ['memory', 'heap', 'rss']) total[key] = Math.max(total[key], result[key]);
  }
  return total;
}

const results = [];
try {
  for (const [i, name] of names.entries()) {
    const only = options.index === undefined ? null : Number(options.index);
    const share = Math.floor(Number(options.inputs) / names.length);
    const count = i === 0 ? Number(options.inputs) - share * (names.length - 1) : share;
    const result = await runFormat(name, only ?? 0, only === null ? count : only + 1);
    results.push(result);
    if (!options.json) report(result);
  }
  if (options.index !== undefined) await keepInput(names[0], Number(options.index));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const failures = results.flatMap((result) => result.failures);
const inputs = results.reduce((sum, result) => sum + result.inputs, 0);
if (options.json) console.log(JSON.stringify({ seed: options.seed, inputs, results, failures }));
else console.log(`${inputs} inputs, ${failures.length} failures (seed ${options.seed})`);
process.exitCode = failures.length > 0 ? 1 : 0;

function report({ format, inputs: count, loaded, refused, failures: found, memory, heap, rss }) {
  const errors = Object.entries(refused).sort(([, a], [, b]) => b - a);
  console.log(
    `${format}: ${count} inputs, ${loaded} loaded, ${errors.map(([name, n]) => `${n} ${name}`).join(', ')}; ` +
      `buffers at most ${percent(memory)}, objects ${percent(heap)} of their bounds; peak ${Math.round(rss)} MB`,
  );
  for (const { index, kind, detail } of found) console.log(`  input ${index}: ${kind}: ${detail}`);
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}

async function keepInput(name, index) {
  mkdirSync('out', { recursive: true });
  const path = `out/fuzz-${name}-${index}.bin`;
  writeFileSync(path, await makeInput(name, await known[name](), options.seed, index));
  console.log(`the file is ${path}`);
}
