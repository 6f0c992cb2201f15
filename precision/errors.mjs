// Errors in units in the last place of float32.

/** The distance of neighbours around a float32. */
export function ulp(x) {
  const size = Math.abs(Math.fround(x));
  if (size < 2 ** -126) return 2 ** -149;
  return 2 ** (Math.min(Math.floor(Math.log2(size)), 127) - 23);
}

/** Whether a GPU may take this number for zero. */
export const isDenormal = (x) => x !== 0 && Math.abs(x) < 2 ** -126;

/** Whether two results in float64 are the same as far as float32 could tell. */
export const agree = (a, b) =>
  a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) < ulp(a) / 16;

export const noErrors = () => ({ largest: 0, sum: 0, count: 0, at: null });

/**
 * Adds the errors of some results: `place` says where one is, `unit` in what it is measured, if not in its own last place, and places in
 * doubt are left out.
 */
export function addErrors(errors, found, expected, { inDoubt, place, unit = ulp }) {
  for (let i = 0; i < found.length; i++) {
    if (inDoubt.has(i)) continue;
    const [a, e] = [found[i], expected[i]];
    const near = Math.fround(e);
    if (Object.is(a, near) || a === near || (Number.isNaN(a) && Number.isNaN(e))) {
      errors.count++;
      continue;
    }
    // Beyond the largest number: as if exponents went on.
    const isFinite = Number.isFinite(a) && Number.isFinite(e);
    const error = isFinite ? Math.abs(a - e) / unit(e, i) : Number.POSITIVE_INFINITY;
    if (error > errors.largest) [errors.largest, errors.at] = [error, place(i)];
    if (isFinite) {
      errors.sum += error;
      errors.count++;
    }
  }
}

const number = (x) =>
  x === Number.POSITIVE_INFINITY ? '∞' : x >= 1000 ? x.toExponential(0) : x.toFixed(x < 10 ? 2 : 0);

/** The largest and the mean error. */
export const textOf = (errors) =>
  errors ? `${number(errors.largest)} / ${number(errors.sum / Math.max(errors.count, 1))}` : '–';

/** Whether that is worse than PyTorch and than the promise. */
export const isWorse = (own, theirs) => own.largest > 2 && own.largest > (theirs?.largest ?? 0) * 1.5;

/** One line of the table. */
export const tableRow = (heads, row, names) =>
  `| ${[...heads, ...names.map((n) => textOf(row[n])), row.inDoubt || ''].join(' | ')} |`;

/** The two lines above the others. */
export const tableHead = (heads, names) => {
  const all = [...heads, ...names, 'in doubt'];
  return `| ${all.join(' | ')} |\n| ${all.map(() => '---').join(' | ')} |`;
};

/** One line of the report while it is made. */
export const reportLine = (name, row, names, doubt = '') =>
  `${name.padEnd(40)} ${names.map((n) => `${n} ${textOf(row[n])}`).join('   ')}${names
    .filter((n) => row[n] && n !== 'PyTorch' && isWorse(row[n], row.PyTorch))
    .map((n) => `  ${n} at ${row[n].at}`)
    .join('')}${doubt}`;
