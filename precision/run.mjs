// `npm run precision`: errors of every function of one or two numbers and of its derivative, in float32, on all engines and in
// PyTorch, against PyTorch's float64. Writes docs/precision.md.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { camelCase } from '../dist/core/camel_case.js';
import { allOps } from '../dist/dispatch/registry.js';
import '../dist/index.js';
import { line, plane } from './sweeps.mjs';

const usage = `usage: npm run precision -- [REGEX] [options]

  REGEX           the functions whose names match it; the page is written only without it
  --webgpu        tries the GPU, too
  --python PATH   the Python that has PyTorch, the reference (default: FLAMBEAU_PYTHON, or python3)`;

const options = { webgpu: { type: 'boolean', default: false }, python: { type: 'string' } };
let parsed;
try {
  parsed = parseArgs({ options, allowPositionals: true });
} catch (error) {
  console.error(`${error.message}\n\n${usage}`);
  process.exit(2);
}
const { values, positionals } = parsed;
const wanted = new RegExp(positionals[0] ?? '');
const python = values.python ?? process.env.FLAMBEAU_PYTHON ?? 'python3';
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A contestant's process, which answers one question at a time. */
function start(command, args, env = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      return done ? { error: 'the process has ended' } : JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}

const reference = start(python, [here('worker.py'), 'float64']);
/** Where both agree in float64 the reference can be trusted. */
const witness = start(process.execPath, [here('worker.mjs'), 'cpu', 'float64']);
const contestants = {
  native: start(process.execPath, [here('worker.mjs'), 'cpu'], { FLAMBEAU_CPU: 'native' }),
  WebAssembly: start(process.execPath, [here('worker.mjs'), 'cpu'], { FLAMBEAU_CPU: 'wasm' }),
  ...(values.webgpu ? { WebGPU: start(process.execPath, [here('worker.mjs'), 'webgpu']) } : {}),
  PyTorch: start(python, [here('worker.py'), 'float32']),
};

const folder = mkdtempSync(join(tmpdir(), 'precision-'));
const file = (name) => join(folder, name);

/** Every op that takes one or two tensors and needs nothing else, once by name. */
function candidates() {
  const found = new Map();
  for (const { schema, row, isInPlace } of allOps) {
    const { name, parameters } = schema;
    if (isInPlace || name.startsWith('_') || name.endsWith('_')) continue;
    // Their second operand is a degree, up to which they count.
    if (name.includes('polynomial')) continue;
    const needed = parameters.filter(({ optional }) => !optional);
    if (needed.length < 1 || needed.length > 2 || needed.some((p) => !p.takesTensor || p.length > 0))
      continue;
    const path = [...(row.module ? row.module.split('.') : []), name];
    const key = path.join('.');
    if (wanted.test(key)) found.set(key, { key, path: path.map(camelCase).join('.'), arity: needed.length });
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function writeSweep(name, columns) {
  return columns.map((column, i) => {
    writeFileSync(file(`${name}${i}`), column);
    return file(`${name}${i}`);
  });
}
const sweeps = [null, [line()], plane()];
const inputs = sweeps.map((columns, n) => columns && writeSweep(`in${n}-`, columns));
/** The same backwards: what is computed element by element gives the same backwards. */
const reversed = sweeps.map(
  (columns, n) =>
    columns &&
    writeSweep(
      `back${n}-`,
      columns.map((column) => column.slice().reverse()),
    ),
);

const read = (name, type) => {
  const bytes = readFileSync(file(name));
  return new type(bytes.buffer, bytes.byteOffset, bytes.byteLength / type.BYTES_PER_ELEMENT);
};

/** The distance of neighbours around a float32. */
function ulp(x) {
  const size = Math.abs(Math.fround(x));
  if (size < 2 ** -126) return 2 ** -149;
  return 2 ** (Math.min(Math.floor(Math.log2(size)), 127) - 23);
}

/** Whether two results in float64 are the same as far as float32 could tell. */
const agree = (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) < ulp(a) / 16;

/** The operands at a place of a sweep. */
const column = (columns, i) => (i === undefined || i < 0 ? null : columns.map((numbers) => numbers[i]));

/** The largest and the mean error in units in the last place, and where the largest is. */
function errorsOf(found, expected, columns, inDoubt) {
  let [largest, sum, count, at] = [0, 0, 0, -1];
  for (let i = 0; i < found.length; i++) {
    if (inDoubt.has(i)) continue;
    const [a, e] = [found[i], expected[i]];
    const near = Math.fround(e);
    if (Object.is(a, near) || a === near || (Number.isNaN(a) && Number.isNaN(e))) {
      count++;
      continue;
    }
    // Beyond the largest number: as if exponents went on.
    const error =
      Number.isFinite(a) && Number.isFinite(e) ? Math.abs(a - e) / ulp(e) : Number.POSITIVE_INFINITY;
    if (error > largest) [largest, at] = [error, i];
    if (Number.isFinite(error)) [sum, count] = [sum + error, count + 1];
  }
  return { largest, mean: sum / Math.max(count, 1), at: column(columns, at) };
}

async function measure({ key, path, arity }, derivative) {
  const question = { inputs: inputs[arity], derivative };
  const ours = await contestants.native.ask({ ...question, path, output: file('native') });
  const size = sweeps[arity][0].length;
  if (ours.error || ours.dtype !== 'torch.float32' || String(ours.shape) !== String([size])) return null;
  if (!derivative) {
    const back = { path, derivative, inputs: reversed[arity], output: file('back') };
    if ((await contestants.native.ask(back)).error) return null;
    const [there, again] = [read('native', Uint32Array), read('back', Uint32Array)];
    if (there.some((x, i) => x !== again[size - 1 - i])) return null;
  }
  if ((await reference.ask({ ...question, path: key, output: file('reference') })).error) return null;
  const expected = read('reference', Float64Array);
  if (expected.length !== size) return null;
  const answer = await witness.ask({ ...question, path, output: file('witness') });
  if (answer.error) return null;
  const second = read('witness', Float64Array);
  const inDoubt = new Set([...expected.keys()].filter((i) => !agree(expected[i], second[i])));
  const row = { inDoubt: inDoubt.size, doubtful: column(sweeps[arity], inDoubt.values().next().value) };
  for (const [name, contestant] of Object.entries(contestants)) {
    const own = name === 'PyTorch' ? key : path;
    const answer =
      name === 'native' ? ours : await contestant.ask({ ...question, path: own, output: file(name) });
    row[name] = answer.error ? null : errorsOf(read(name, Float32Array), expected, sweeps[arity], inDoubt);
  }
  return row;
}

const number = (x) =>
  x === Number.POSITIVE_INFINITY ? '∞' : x >= 1000 ? x.toExponential(0) : x.toFixed(x < 10 ? 2 : 0);
const text = (errors) => (errors ? `${number(errors.largest)} / ${number(errors.mean)}` : '–');

const rows = [];
for (const candidate of candidates())
  for (const derivative of [false, true]) {
    const row = await measure(candidate, derivative);
    // What is not computed element by element has no such derivative either.
    if (row === null) break;
    const name = derivative ? `∂ ${candidate.key}` : candidate.key;
    rows.push({ name, ...row });
    const [own, theirs] = [row.native.largest, row.PyTorch?.largest ?? 0];
    const isWorse = own > 2 && own > theirs * 1.5;
    const where = isWorse ? `  at ${row.native.at}` : '';
    const doubt = row.inDoubt > 0 ? `  ${row.inDoubt} in doubt, as ${row.doubtful}` : '';
    console.log(
      `${name.padEnd(40)} ${Object.keys(contestants)
        .map((c) => `${c} ${text(row[c])}`)
        .join('   ')}${where}${doubt}`,
    );
  }
for (const contestant of [reference, witness, ...Object.values(contestants)]) contestant.stop();
rmSync(folder, { recursive: true });

if (positionals.length === 0) {
  const names = Object.keys(contestants);
  const lines = rows.map(
    (row) =>
      `| \`${row.name}\` | ${names.map((name) => text(row[name])).join(' | ')} | ${row.inDoubt || ''} |`,
  );
  const heading = `# Precision

Written by \`npm run precision -- --webgpu\`; do not edit. The largest and the mean error in units in the last place of float32, against
PyTorch's float64, of every function that is computed element by element and needs one or two tensors: at one number of every 2^16 in
memory, at ${sweeps[1][0].length - 2 ** 16} of usual size, near whole and half numbers, and at special ones (zeros, denormals, infinities, NaN); of two numbers
at ${sweeps[2][0].length} pairs. ∂ is the derivative by the first operand. ∞: one is finite, the other is not. In doubt are places where our
float64 and PyTorch's differ by more than a sixteenth of such a unit: they are left out.

| function | ${names.join(' | ')} | in doubt |
| --- | ${names.map(() => '---').join(' | ')} | --- |
`;
  writeFileSync(here('../docs/precision.md'), `${heading}${lines.join('\n')}\n`);
}
