/** Eigenvalues and singular values of stacks of real matrices, from columns made orthogonal by rotations. */
import { float32 } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { type GpuBackend, Launch, type Ref, scratch } from '../launch.js';
import { type Element, element, householder_qr, runMatrices } from './factorizations.js';
import { makeOrthogonal, workingStack } from './jacobi.js';
import { householder_product, runColumns, turned } from './matrix_columns.js';

/** Numbers on the way: so many for each matrix. */
function numbers(backend: GpuBackend, count: number, each: number): StridedView {
  return { ...scratch(backend, count * each, float32), shape: [count, each], strides: [each, 1] };
}

/** Powers of two that bring the largest magnitude near one, and back. Neither is subnormal. */
const scaling = `
fn scale_of(size: f32) -> u32 { return u32(clamp(253 - i32(bitcast<u32>(size) >> 23u), 1, 253)); }
fn power_of(exponent: u32) -> f32 { return bitcast<f32>(exponent << 23u); }
`;

/** Statements that find how many of a row's values come before that of c. */
const ranked = (found: Ref, columns: string, isBefore: '<' | '>'): string => `
  let own = ${found.load(found.at('m', 'c'))};
  var rank = 0u;
  for (var j = 0u; j < ${columns}; j++) {
    let other = ${found.load(found.at('m', 'j'))};
    rank += select(0u, 1u, other ${isBefore} own || (other == own && j < c));
  }`;

const sizeOf = (get: (i: string, j: string) => string): string =>
  `let x = abs(${get('i', 'j')}); size = f_maximum(size, x);`;

const isFinite = 'let isFinite = !(is_nan(size) || is_inf(size));';

/**
 * Eigenvectors are the columns of A + c made orthogonal, where c is twice a bound of what A's eigenvalues are: that matrix is
 * positive definite and so well conditioned that its columns are as good as products with the rotations. Eigenvalues are their
 * Rayleigh quotients.
 */
export function symmetric_eigen(
  backend: GpuBackend,
  { values, vectors, input, info, upper }: KernelArguments<'symmetric_eigen'>,
): void {
  const [count, n] = values.shape;
  const w = workingStack(backend, count, n, n, n * n);
  const scales = numbers(backend, count, 1);
  const triangle = upper ? turned(input) : input;
  const symmetric = (a: Element) => (i: string, j: string) => a.get(`max(${i}, ${j})`, `min(${i}, ${j})`);
  {
    const launch = new Launch(backend, 'symmetric_eigen begin');
    const [to, a] = [element(launch.output(w, 'f32')), symmetric(element(launch.input(triangle, 'f32')))];
    const exponents = launch.output(scales, 'f32');
    const failed = launch.output(info, 'f32');
    const order = launch.int(n);
    const code = launch.float(vectors === null ? 1 : Math.max(1, n - 1));
    runMatrices(
      launch,
      count,
      n * n,
      ({ each }) => `
  var size = 0.0;
  ${each('i', '0u', order, `for (var j = 0u; j <= i; j++) { ${sizeOf(a)} }`)}
  size = largest(size, lane);
  ${isFinite}
  let exponent = scale_of(size);
  let scale = power_of(exponent);
  var bound = 0.0;
  ${each('i', '0u', order, `var sum = 0.0; for (var j = 0u; j < ${order}; j++) { sum += scale * abs(${a('i', 'j')}); } bound = max(bound, sum);`)}
  bound = largest(bound, lane);
  let shift = select(2.0 * bound, 1.0, bound == 0.0);
  ${each('e', '0u', `${order} * ${order}`, `let i = e / ${order}; let j = e % ${order}; let x = scale * ${a('i', 'j')} + select(0.0, shift, i == j); ${to.set('i', 'j', 'select(0.0, x, isFinite)')}`)}
  if (once) {
    ${exponents.store('m', 'f32(exponent)')}
    ${failed.store(failed.at('m'), `select(${code}, 0.0, isFinite)`)}
  }`,
      scaling,
    );
  }
  makeOrthogonal(backend, w, null, info);
  const found = numbers(backend, count, n);
  {
    const launch = new Launch(backend, 'symmetric_eigen values');
    const [v, a] = [element(launch.output(w, 'f32')), symmetric(element(launch.input(triangle, 'f32')))];
    const exponents = launch.input(scales, 'f32');
    const to = launch.output(found, 'f32');
    const order = launch.int(n);
    runColumns(
      launch,
      '',
      w,
      () => `
  var square = 0.0;
  for (var i = 0u; i < ${order}; i++) { let x = ${v.get('i', 'c')}; square += x * x; }
  let length = sqrt(square);
  for (var i = 0u; i < ${order}; i++) { ${v.set('i', 'c', `f_div(${v.get('i', 'c')}, length)`)} }
  let exponent = u32(${exponents.load('m')});
  let scale = power_of(exponent);
  var value = 0.0;
  for (var i = 0u; i < ${order}; i++) {
    var sum = 0.0;
    for (var j = 0u; j < ${order}; j++) { sum += scale * ${a('i', 'j')} * ${v.get('j', 'c')}; }
    value += ${v.get('i', 'c')} * sum;
  }
  ${to.store(to.at('m', 'c'), 'value * power_of(254u - exponent)')}`,
      scaling,
    );
  }
  {
    const launch = new Launch(backend, 'symmetric_eigen end');
    const [from, own] = [launch.input(found, 'f32'), element(launch.input(w, 'f32'))];
    const to = launch.output(values, 'f32');
    const v = vectors && element(launch.output(vectors, 'f32'));
    const order = launch.int(n);
    runColumns(
      launch,
      '',
      w,
      () => `
  ${ranked(from, order, '<')}
  ${to.store(to.at('m', 'rank'), 'own')}
  ${v === null ? '' : `for (var i = 0u; i < ${order}; i++) { ${v.set('i', 'rank', own.get('i', 'c'))} }`}`,
    );
  }
  for (const { storage } of [w, scales, found]) backend.release(storage, 'engine');
}

/**
 * With V the product of the rotations, A V = U S has orthogonal columns, whose lengths are the singular values. U is the Q of
 * those columns in the order of their lengths, and so is orthonormal whatever the rank, and as wide as is wanted.
 */
export function svd(backend: GpuBackend, { u, values, vh, input, info }: KernelArguments<'svd'>): void {
  const isTall = input.shape[1] >= input.shape[2];
  const a = isTall ? input : turned(input);
  // Vectors in columns, of A or of its transpose.
  const [left, right] = isTall ? [u, vh && turned(vh)] : [vh && turned(vh), u];
  const [count, height, width] = a.shape;
  const stack = (rows: number) => workingStack(backend, count, rows, width, height * width);
  const w = stack(height);
  const v = left === null ? null : stack(width);
  const scales = numbers(backend, count, 1);
  {
    const launch = new Launch(backend, 'svd begin');
    const [from, to] = [element(launch.input(a, 'f32')), element(launch.output(w, 'f32'))];
    const product = v && element(launch.output(v, 'f32'));
    const exponents = launch.output(scales, 'f32');
    const failed = launch.output(info, 'f32');
    const [rows, columns] = [height, width].map((n) => launch.int(n));
    const split = `let i = e / ${columns}; let j = e % ${columns};`;
    runMatrices(
      launch,
      count,
      height * width,
      ({ each }) => `
  var size = 0.0;
  ${each('e', '0u', `${rows} * ${columns}`, `${split} ${sizeOf(from.get)}`)}
  size = largest(size, lane);
  ${isFinite}
  let exponent = scale_of(size);
  ${each('e', '0u', `${rows} * ${columns}`, `${split} let x = power_of(exponent) * ${from.get('i', 'j')}; ${to.set('i', 'j', 'select(0.0, x, isFinite)')}`)}
  ${product === null ? '' : each('e', '0u', `${columns} * ${columns}`, `${split} ${product.set('i', 'j', 'truth(i == j)')}`)}
  if (once) {
    ${exponents.store('m', 'f32(exponent)')}
    ${failed.store(failed.at('m'), 'select(-1.0, 0.0, isFinite)')}
  }`,
      scaling,
    );
  }
  makeOrthogonal(backend, w, v, info);
  const found = numbers(backend, count, width);
  {
    const launch = new Launch(backend, 'svd values');
    const from = element(launch.input(w, 'f32'));
    const product = v && element(launch.output(v, 'f32'));
    const to = launch.output(found, 'f32');
    const [rows, columns] = [height, width].map((n) => launch.int(n));
    // Rotations are not quite exact: what they made of the lengths of V's columns they made of those of W's as well.
    const mend = (of: Element): string => `
  var square = 0.0;
  for (var i = 0u; i < ${columns}; i++) { let x = ${of.get('i', 'c')}; square += x * x; }
  let drift = sqrt(square);
  value /= drift;
  for (var i = 0u; i < ${columns}; i++) { ${of.set('i', 'c', `${of.get('i', 'c')} / drift`)} }`;
    runColumns(
      launch,
      '',
      w,
      () => `
  var size = 0.0;
  for (var i = 0u; i < ${rows}; i++) { size = max(size, abs(${from.get('i', 'c')})); }
  var squares = 0.0;
  if (size > 0.0) { for (var i = 0u; i < ${rows}; i++) { let x = ${from.get('i', 'c')} / size; squares += x * x; } }
  var value = size * sqrt(squares);
  ${product === null ? '' : mend(product)}
  ${to.store(to.at('m', 'c'), 'value')}`,
    );
  }
  const sorted = left && stack(height);
  {
    const launch = new Launch(backend, 'svd order');
    const [from, own] = [launch.input(found, 'f32'), element(launch.input(w, 'f32'))];
    const exponents = launch.input(scales, 'f32');
    const to = launch.output(values, 'f32');
    const columns = sorted && element(launch.output(sorted, 'f32'));
    const [rows, number] = [height, width].map((n) => launch.int(n));
    runColumns(
      launch,
      '',
      w,
      () => `
  ${ranked(from, number, '>')}
  ${to.store(to.at('m', 'rank'), `own * power_of(254u - u32(${exponents.load('m')}))`)}
  ${columns === null ? '' : `for (var i = 0u; i < ${rows}; i++) { ${columns.set('i', 'rank', own.get('i', 'c'))} }`}`,
      scaling,
    );
  }
  if (left !== null) {
    const tau = numbers(backend, count, width);
    householder_qr(backend, { out: sorted!, tau });
    householder_product(backend, { out: left, input: sorted!, tau });
    const launch = new Launch(backend, 'svd end');
    const [from, own] = [launch.input(found, 'f32'), element(launch.input(v!, 'f32'))];
    const triangle = element(launch.input(sorted!, 'f32'));
    const to = element(launch.output(right!, 'f32'));
    const number = launch.int(width);
    // Lengths on the diagonal of R have signs.
    runColumns(
      launch,
      '',
      v!,
      () => `
  ${ranked(from, number, '>')}
  let sign = ${triangle.get('rank', 'rank')};
  for (var i = 0u; i < ${number}; i++) { ${to.set('i', 'rank', `flip_sign(${own.get('i', 'c')}, sign)`)} }`,
    );
    backend.release(tau.storage, 'engine');
  }
  for (const view of [w, v, scales, found, sorted])
    if (view !== null) backend.release(view.storage, 'engine');
}
