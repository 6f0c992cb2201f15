// Functions that are computed element by element, and their derivatives by the first operand.
import { camelCase } from '../dist/core/camel_case.js';
import { allOps } from '../dist/dispatch/registry.js';
import * as torch from '../dist/index.js';
import { addErrors, agree, isDenormal, noErrors, reportLine, tableHead, tableRow } from './errors.mjs';
import { line, plane } from './sweeps.mjs';

/** Functions of bits, not of numbers. */
const ofBits = ['nextafter', 'nan_to_num'];

const functionOf = (path) => path.split('.').reduce((found, name) => found?.[name], torch);

/** Whether a function of as many vectors gives one of the same size. Found without data: of a whole sweep `outer` would fill the memory. */
function keepsSize(path, arity) {
  const vectors = Array.from({ length: arity }, () => torch.empty(7, { device: 'meta' }));
  try {
    const { shape } = functionOf(path)(...vectors);
    return shape.length === 1 && shape[0] === 7;
  } catch (error) {
    // A row that cannot be read is no call that is refused.
    if (error.name === 'ExpressionError') throw error;
    return false;
  }
}

/** Every op that takes one or two tensors and needs nothing else, once by name. */
function candidates(wanted) {
  const found = new Map();
  for (const { schema, row, isInPlace } of allOps()) {
    const { name, parameters } = schema;
    if (isInPlace || name.startsWith('_') || name.endsWith('_') || ofBits.includes(name)) continue;
    // Their second operand is a degree, up to which they count.
    if (name.includes('polynomial')) continue;
    const needed = parameters.filter(({ optional }) => !optional);
    if (needed.length < 1 || needed.length > 2 || needed.some((p) => !p.takesTensor || p.length > 0))
      continue;
    const path = [...(row.module ? row.module.split('.') : []), name];
    const key = path.join('.');
    const candidate = { key, path: path.map(camelCase).join('.'), arity: needed.length };
    if (wanted.test(key) && keepsSize(candidate.path, candidate.arity)) found.set(key, candidate);
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The operands at a place of a sweep. */
const column = (columns, i) => (i === undefined ? null : columns.map((numbers) => numbers[i]));

export async function elementwise(wanted, { reference, witness, contestants, names }, files) {
  const sweeps = [null, [line()], plane()];
  const write = (name, turned) =>
    sweeps.map((columns, n) =>
      columns?.map((numbers, i) => files.write(`${name}${n}-${i}`, turned(numbers))),
    );
  const inputs = write('in', (numbers) => numbers);
  /** The same backwards: what is computed element by element gives the same backwards. */
  const reversed = write('back', (numbers) => numbers.slice().reverse());

  async function measure({ key, path, arity }, derivative) {
    const question = { inputs: inputs[arity], derivative };
    const ours = await contestants.native.ask({ ...question, path, output: files.name('native') });
    const size = sweeps[arity][0].length;
    if (ours.error || ours.dtype !== 'torch.float32' || String(ours.shape) !== String([size])) return null;
    if (!derivative) {
      const back = { path, derivative, inputs: reversed[arity], output: files.name('back') };
      if ((await contestants.native.ask(back)).error) return null;
      const [there, again] = [files.read('native', Uint32Array), files.read('back', Uint32Array)];
      if (there.some((x, i) => x !== again[size - 1 - i])) return null;
    }
    const answer = await reference.ask({ ...question, path: key, output: files.name('reference') });
    if (answer.error) return null;
    const expected = files.read('reference', Float64Array);
    if (expected.length !== size) return null;
    if ((await witness.ask({ ...question, path, output: files.name('witness') })).error) return null;
    const second = files.read('witness', Float64Array);
    const inDoubt = new Set([...expected.keys()].filter((i) => !agree(expected[i], second[i])));
    const row = { inDoubt: inDoubt.size, doubtful: column(sweeps[arity], inDoubt.values().next().value) };
    for (const name of names) {
      const own = { ...question, path: name === 'PyTorch' ? key : path, output: files.name(name) };
      const { error } = name === 'native' ? ours : await contestants[name].ask(own);
      row[name] = error ? null : noErrors();
      if (error) continue;
      const place = (i) => column(sweeps[arity], i);
      const flushed = [...expected.keys()].filter((i) => [expected[i], ...place(i)].some(isDenormal));
      addErrors(row[name], files.read(name, Float32Array), expected, {
        inDoubt: name === 'WebGPU' ? new Set([...inDoubt, ...flushed]) : inDoubt,
        place,
      });
    }
    return row;
  }

  const rows = [];
  for (const candidate of candidates(wanted))
    for (const derivative of [false, true]) {
      const row = await measure(candidate, derivative);
      // What is not computed element by element has no such derivative either.
      if (row === null) break;
      const name = derivative ? `∂ ${candidate.key}` : candidate.key;
      const doubt = row.inDoubt > 0 ? `  ${row.inDoubt} in doubt, as ${row.doubtful}` : '';
      console.log(reportLine(name, row, names, doubt));
      rows.push(tableRow([`\`${name}\``], row, names));
    }
  return `## Element by element

Every function that is computed element by element and needs one or two tensors: at one number of every 2^16 in memory, at
${sweeps[1][0].length - 2 ** 16} of usual size, near whole and half numbers, and at special ones (zeros, denormals, infinities, NaN); of two
numbers at ${sweeps[2][0].length} pairs. ∂ is the derivative by the first operand. In doubt are places where our float64 and PyTorch's differ by more
than a sixteenth of a unit: they are left out.

${tableHead(['function'], names)}
${rows.join('\n')}
`;
}
