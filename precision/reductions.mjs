// Functions of whole rows of numbers, and their derivatives, over easy and hard data of many lengths.
import { camelCase } from '../dist/core/camel_case.js';
import { addErrors, agree, isDenormal, noErrors, reportLine, tableHead, tableRow, ulp } from './errors.mjs';

const alongDim = (_, dim) => [dim];
const normOf = (p) => (_, dim) => [p, dim];

/**
 * By path, or path and what tells it from others: the arguments after the tensors, for a length and a dimension. `isSum` are those whose terms may cancel:
 * their errors are measured in units of the sum of sizes; `keeps`: as many numbers come out as go in; `dims` where not both the last and the first
 * will do.
 */
const functions = [
  { key: 'sum', args: alongDim, isSum: true },
  { key: 'nansum', args: alongDim, isSum: true },
  { key: 'mean', args: alongDim, isSum: true },
  { key: 'cumsum', args: alongDim, keeps: true, isSum: true },
  { key: 'linalg.vecdot', arity: 2, args: () => [], dims: [-1], isSum: true },
  { key: 'prod', args: alongDim },
  { key: 'cumprod', args: alongDim, keeps: true },
  { key: 'var', args: alongDim },
  { key: 'std', args: alongDim },
  { key: 'linalg.vector_norm', title: 'linalg.vector_norm of order 1', args: normOf(1) },
  { key: 'linalg.vector_norm', args: normOf(2) },
  { key: 'linalg.vector_norm', title: 'linalg.vector_norm of order 3', args: normOf(3) },
  { key: 'nn.functional.normalize', args: normOf(2), keeps: true },
  { key: 'logsumexp', args: alongDim },
  { key: 'logcumsumexp', args: alongDim, keeps: true },
  { key: 'softmax', args: alongDim, keeps: true },
  { key: 'log_softmax', args: alongDim, keeps: true },
  { key: 'nn.functional.layer_norm', args: (n) => [[n]], dims: [-1], keeps: true },
  { key: 'nn.functional.rms_norm', args: (n) => [[n], null, 1e-6], dims: [-1], keeps: true },
];

/** Numbers in [0, 1) with 24 bits, the same every time. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** A kind of data is a function that makes numbers one after the other, or n of them at once. */
const kinds = {
  'from 0 to 1': (random) => random(),
  'of both signs': (random) => random() + random() + random() + random() - 2,
  'that cancel': (random, i, n, numbers) => {
    const partner = n - 1 - i;
    return partner < i ? -numbers[partner] : random() * 100;
  },
  'of all sizes': (random) => (random() < 0.5 ? -1 : 1) * 2 ** (random() * 40 - 20),
  'all 0.1': () => 0.1,
  'about 10,000': (random) => 1e4 + random(),
  'about 1': (random) => 1 + (random() - 0.5) / 128,
};
const kindNames = Object.keys(kinds);

/** Lengths, and how many rows of each kind. */
const sizes = [
  [1, 32],
  [2, 32],
  [10, 32],
  [1000, 4],
  [30_000, 1],
];
/** Only of what gives one number a row. */
const large = [[1e6, 1]];

/** All kinds, one row after the other: along the last dimension as it is, along the first transposed. */
function data(n, rows, dim, random) {
  const all = kindNames.flatMap((kind) =>
    Array.from({ length: rows }, () => {
      const numbers = new Float32Array(n);
      for (let i = 0; i < n; i++) numbers[i] = kinds[kind](random, i, n, numbers);
      return numbers;
    }),
  );
  const values = new Float32Array(all.length * n);
  for (const [r, numbers] of all.entries())
    if (dim === 0) for (let i = 0; i < n; i++) values[i * all.length + r] = numbers[i];
    else values.set(numbers, r * n);
  return { values, shape: dim === 0 ? [n, all.length] : [all.length, n] };
}

export async function reductions(wanted, { reference, witness, contestants, names }, files) {
  const sets = [];
  for (const dim of [-1, 0])
    for (const [n, rows] of dim === 0 ? sizes : [...sizes, ...large]) {
      const random = randomNumbers(n + 17 + dim);
      const both = [data(n, rows, dim, random), data(n, rows, dim, random)];
      const write = (name, change) =>
        both.map(({ values }, k) => files.write(`${name}${sets.length}-${k}`, change(values)));
      sets.push({
        ...{ n, rows, dim, shape: both[0].shape },
        inputs: write('row', (values) => values),
        sizes: write('size', (values) => values.map(Math.abs)),
      });
    }

  /** Adds the errors over one set of data, by kind. */
  async function measure({ key, args, arity = 1, isSum }, set, derivative, found) {
    const { n, rows, dim, shape, inputs } = set;
    const path = key.split('.').map(camelCase).join('.');
    const question = { inputs: inputs.slice(0, arity), shape, args: args(n, dim), derivative };
    const answer = await reference.ask({ ...question, path: key, output: files.name('reference') });
    if (answer.error) throw new Error(`${key}: ${answer.error}`);
    const expected = files.read('reference', Float64Array);
    const second = await witness.ask({ ...question, path, output: files.name('witness') });
    if (second.error) throw new Error(`${key}: ${second.error}`);
    const inDoubt = new Set();
    const witnessed = files.read('witness', Float64Array);
    const perRow = expected.length / (kindNames.length * rows);
    const kindOf = (i) =>
      Math.floor((dim === 0 ? i % (kindNames.length * rows) : Math.floor(i / perRow)) / rows);
    const places = kindNames.map(() => []);
    for (let i = 0; i < expected.length; i++) places[kindOf(i)].push(i);
    let unit = ulp;
    if (derivative) {
      const units = places.map((of) =>
        ulp(of.reduce((most, i) => Math.max(most, Math.abs(expected[i])), 0) || 1),
      );
      unit = (_, i) => units[kindOf(i)];
    }
    if (isSum && !derivative) {
      const size = { ...question, inputs: set.sizes.slice(0, arity), path: key, output: files.name('unit') };
      await reference.ask(size);
      const units = files.read('unit', Float64Array);
      unit = (_, i) => ulp(units[i]);
    }
    for (let i = 0; i < expected.length; i++)
      if (
        Math.abs(expected[i] - witnessed[i]) >= unit(expected[i], i) / 16 &&
        !agree(expected[i], witnessed[i])
      )
        inDoubt.add(i);
    for (const name of names) {
      const own = { ...question, path: name === 'PyTorch' ? key : path, output: files.name(name) };
      const { error } = await contestants[name].ask(own);
      const results = error ? null : files.read(name, Float32Array);
      for (const [k, of] of places.entries()) {
        if (error) found[k][name] = null;
        if (!found[k][name]) continue;
        const isLeftOut = (i) => inDoubt.has(i) || (name === 'WebGPU' && isDenormal(expected[i]));
        const doubtful = new Set([...of.keys()].filter((j) => isLeftOut(of[j])));
        const pick = (numbers) => of.map((i) => numbers[i]);
        addErrors(found[k][name], pick(results), pick(expected), {
          inDoubt: doubtful,
          place: () => `length ${n} along ${dim}`,
          unit: (e, j) => unit(e, of[j]),
        });
      }
    }
    for (const [k, of] of places.entries()) found[k].inDoubt += of.filter((i) => inDoubt.has(i)).length;
  }

  const lines = [];
  for (const one of functions) {
    const { key, title = key, dims = [-1, 0] } = one;
    if (!wanted.test(key)) continue;
    for (const derivative of [false, true]) {
      const found = kindNames.map(() => ({
        inDoubt: 0,
        ...Object.fromEntries(names.map((name) => [name, noErrors()])),
      }));
      for (const set of sets) {
        if (!dims.includes(set.dim)) continue;
        if (set.n === 1e6 && (derivative || one.keeps)) continue;
        await measure(one, set, derivative, found);
      }
      for (const [k, row] of found.entries()) {
        const name = `${derivative ? '∂ ' : ''}${title}`;
        const doubt = row.inDoubt > 0 ? `  ${row.inDoubt} in doubt` : '';
        console.log(reportLine(`${name} ${kindNames[k]}`, row, names, doubt));
        lines.push(tableRow([`\`${name}\``, kindNames[k]], row, names));
      }
    }
  }
  return `## Of many numbers

Sums and what rests on them, along the last and the first dimension, of ${sizes.map(([n]) => n.toLocaleString('en')).join(', ')} numbers and,
where one number comes of them, a million. Numbers that cancel are pairs ±x, the second halves in reverse; those of all sizes are ±2^-20 … 2^20. Errors of
sums are in units in the last place of the sum of sizes, Σ|x|, since no order of adding is good to more where terms cancel. ∂ is the derivative of a
weighted sum of the results, in units in the last place of its largest element.

${tableHead(['function', 'of numbers'], names)}
${lines.join('\n')}
`;
}
