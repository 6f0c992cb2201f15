/**
 * Factorizations of stacks of matrices: an invocation for each small matrix, a workgroup for each large one, whose lanes share columns
 * and rows. The text is the same; only what `lanes` is, and whether they wait for each other, differs.
 */
import type { KernelArguments } from '../../kernels.js';
import { type GpuBackend, Launch, type Ref } from '../launch.js';
import { entry } from '../operands.js';

/** Matrices of up to so many elements are one invocation's. */
const SMALL = 256;
export const LANES = 64;
/** The lanes' findings are put together in two steps of so many each. */
export const SIDE = Math.sqrt(LANES);

/** Whether matrices of so many elements are one invocation's each. */
export const isSmall = (elements: number): boolean => elements <= SMALL;

/** The text of a kernel: loops that lanes share, waiting, and numbers of all lanes put together. */
export interface Words {
  /** Runs `body` for each `name` from `begin` to before `end`. */
  each(name: string, begin: string, end: string, body: string): string;
  /** Lets every lane see what the others stored. */
  readonly wait: string;
}

const merges = {
  total: 'a + b',
  largest: 'f_maximum(a, b)',
  least: 'min(a, b)',
};

/**
 * Runs `body` for each matrix `m` of a stack. In it `total(x, lane)` and its kin put the lanes' values together.
 *
 * @param functions what else the body calls
 */
export function runMatrices(
  launch: Launch,
  count: number,
  elements: number,
  body: (words: Words) => string,
  functions = '',
): void {
  const isAlone = isSmall(elements);
  const countName = launch.int(count);
  const words: Words = {
    each: (name, begin, end, text) =>
      `for (var ${name} = ${begin}${isAlone ? '' : ' + lane'}; ${name} < ${end}; ${name} += ${isAlone ? 1 : LANES}u) { ${text} }`,
    wait: isAlone ? '' : 'storageBarrier(); workgroupBarrier();',
  };
  const joined = ([name, merge]: [string, string]): string =>
    isAlone
      ? `fn ${name}(v: f32, lane: u32) -> f32 { return v; }\n`
      : `fn ${name}_of(a: f32, b: f32) -> f32 { return ${merge}; }
fn ${name}(v: f32, lane: u32) -> f32 {
  var part = v;
  cells[lane] = v;
  workgroupBarrier();
  if (lane < ${SIDE}u) {
    for (var i = lane + ${SIDE}u; i < ${LANES}u; i += ${SIDE}u) { part = ${name}_of(part, cells[i]); }
    cells[lane] = part;
  }
  workgroupBarrier();
  if (lane == 0u) {
    for (var i = 1u; i < ${SIDE}u; i++) { part = ${name}_of(part, cells[i]); }
    cells[0] = part;
  }
  return workgroupUniformLoad(&cells[0]);
}
`;
  launch.run(
    `${isAlone}`,
    () => {
      const text = body(words);
      const used = Object.entries(merges).filter(([name]) => text.includes(`${name}(`));
      const cells = isAlone || used.length === 0 ? '' : `var<workgroup> cells: array<f32, ${LANES}>;\n`;
      return `${functions}${cells}${used.map(joined).join('')}${entry(
        `
  let m = ${isAlone ? 'id' : 'group'};
  if (m >= ${countName}) { return; }
  let once = ${isAlone ? 'true' : 'lane == 0u'};
${text}`,
        LANES,
      )}`;
    },
    isAlone ? Math.ceil(count / LANES) : count,
  );
}

/** An element of the matrix `m`. */
const element = (ref: Ref) => ({
  get: (i: string, j: string): string => ref.load(ref.at('m', i, j)),
  set: (i: string, j: string, value: string): string => ref.store(ref.at('m', i, j), value),
});

export function cholesky(backend: GpuBackend, { out, info, input }: KernelArguments<'cholesky'>): void {
  const launch = new Launch(backend, 'cholesky');
  const [a, from] = [element(launch.output(out, 'f32')), element(launch.input(input, 'f32'))];
  const failed = launch.output(info, 'f32');
  const [count, order] = out.shape;
  const n = launch.int(order);
  runMatrices(
    launch,
    count,
    order * order,
    ({ each, wait }) => `
  ${each('e', '0u', `${n} * ${n}`, `let i = e / ${n}; let j = e % ${n}; var x = 0.0; if (j <= i) { x = ${from.get('i', 'j')}; } ${a.set('i', 'j', 'x')}`)}
  var failed = 0.0;
  for (var k = 0u; k < ${n}; k++) {
    ${wait}
    let pivot = ${a.get('k', 'k')};
    if (!(pivot > 0.0) && failed == 0.0) { failed = f32(k + 1u); }
    let isGood = failed == 0.0;
    let root = sqrt(pivot);
    ${wait}
    if (isGood) { ${each('i', 'k', n, a.set('i', 'k', `select(f_div(${a.get('i', 'k')}, root), root, i == k)`))} }
    ${wait}
    let rest = ${n} - k - 1u;
    if (isGood) { ${each('e', '0u', 'rest * rest', `let i = k + 1u + e / rest; let j = k + 1u + e % rest; if (j <= i) { ${a.set('i', 'j', `${a.get('i', 'j')} - ${a.get('i', 'k')} * ${a.get('j', 'k')}`)} }`)} }
  }
  if (once) { ${failed.store(failed.at('m'), 'failed')} }`,
  );
}

export function lu(backend: GpuBackend, { out, pivots, info }: KernelArguments<'lu'>): void {
  const launch = new Launch(backend, 'lu');
  const a = element(launch.output(out, 'f32'));
  const [swaps, failed] = [launch.output(pivots, 'f32'), launch.output(info, 'f32')];
  const [count, height, width] = out.shape;
  const [rows, columns, least] = [height, width, Math.min(height, width)].map((n) => launch.int(n));
  runMatrices(
    launch,
    count,
    height * width,
    ({ each, wait }) => `
  var failed = 0.0;
  for (var k = 0u; k < ${least}; k++) {
    ${wait}
    var best = 0.0;
    ${each('i', 'k', rows, `best = f_maximum(best, abs(${a.get('i', 'k')}));`)}
    best = largest(best, lane);
    var first = f32(${rows});
    ${each('i', 'k', rows, `let x = abs(${a.get('i', 'k')}); if (x == best || is_nan(x)) { first = min(first, f32(i)); }`)}
    let p = u32(least(first, lane));
    if (once) { ${swaps.store(swaps.at('m', 'k'), 'f32(p + 1u)')} }
    if (best == 0.0 && failed == 0.0) { failed = f32(k + 1u); }
    ${each('j', '0u', columns, `let x = ${a.get('k', 'j')}; ${a.set('k', 'j', a.get('p', 'j'))} ${a.set('p', 'j', 'x')}`)}
    ${wait}
    let head = ${a.get('k', 'k')};
    if (best != 0.0) { ${each('i', 'k + 1u', rows, a.set('i', 'k', `f_div(${a.get('i', 'k')}, head)`))} }
    ${wait}
    let rest = ${columns} - k - 1u;
    ${each('e', '0u', `(${rows} - k - 1u) * rest`, `let i = k + 1u + e / rest; let j = k + 1u + e % rest; ${a.set('i', 'j', `${a.get('i', 'j')} - ${a.get('i', 'k')} * ${a.get('k', 'j')}`)}`)}
  }
  if (once) { ${failed.store(failed.at('m'), 'failed')} }`,
  );
}

export function householder_qr(backend: GpuBackend, { out, tau }: KernelArguments<'householder_qr'>): void {
  const launch = new Launch(backend, 'householder_qr');
  const a = element(launch.output(out, 'f32'));
  const factors = launch.output(tau, 'f32');
  const [count, height, width] = out.shape;
  const [rows, columns, least] = [height, width, Math.min(height, width)].map((n) => launch.int(n));
  runMatrices(
    launch,
    count,
    height * width,
    ({ each, wait }) => `
  for (var k = 0u; k < ${least}; k++) {
    ${wait}
    let alpha = ${a.get('k', 'k')};
    var size = 0.0;
    ${each('i', 'k + 1u', rows, `size = f_maximum(size, abs(${a.get('i', 'k')}));`)}
    size = largest(size, lane);
    let scale = f_maximum(size, abs(alpha));
    var squares = 0.0;
    ${each('i', 'k + 1u', rows, `let x = f_div(${a.get('i', 'k')}, scale); squares += x * x;`)}
    squares = total(squares, lane);
    let part = f_div(alpha, scale);
    let whole = scale * sqrt(part * part + squares);
    let isNegative = (bitcast<u32>(alpha) >> 31u) == 1u;
    var beta = select(-whole, whole, isNegative);
    var by = 0.0;
    if (size == 0.0) { beta = alpha; } else { by = f_div(beta - alpha, beta); }
    ${each('i', 'k + 1u', rows, `if (by != 0.0) { ${a.set('i', 'k', `f_div(${a.get('i', 'k')}, alpha - beta)`)} }`)}
    if (once) { ${factors.store(factors.at('m', 'k'), 'by')} }
    ${wait}
    if (once) { ${a.set('k', 'k', 'beta')} }
    ${each('j', 'k + 1u', columns, reflected(a, a, rows, 'k', 'j', 'by'))}
  }`,
  );
}

export type Element = ReturnType<typeof element>;

/** Column j of a matrix, reflected by the vector that stands in column k of another. */
export const reflected = (
  to: Element,
  vectors: Element,
  rows: string,
  k: string,
  j: string,
  by: string,
): string => `
      var product = ${to.get(k, j)};
      for (var i = ${k} + 1u; i < ${rows}; i++) { product += ${vectors.get('i', k)} * ${to.get('i', j)}; }
      product *= ${by};
      ${to.set(k, j, `${to.get(k, j)} - product`)}
      for (var i = ${k} + 1u; i < ${rows}; i++) { ${to.set('i', j, `${to.get('i', j)} - product * ${vectors.get('i', k)}`)} }`;

export { element };
