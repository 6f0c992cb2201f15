/** Kernels that do one thing to every column of a stack of matrices: an invocation for each. */
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { type GpuBackend, Launch } from '../launch.js';
import { entry } from '../operands.js';
import { type Element, element, reflected } from './factorizations.js';

/** A stack of matrices, each transposed. */
export const turned = ({ storage, dtype, shape, strides, offset }: StridedView): StridedView => ({
  storage,
  dtype,
  shape: [shape[0], shape[2], shape[1]],
  strides: [strides[0], strides[2], strides[1]],
  offset,
});

/** Runs `body`, which calls `functions` perhaps, for each column `c` of each matrix `m`. */
export function runColumns(
  launch: Launch,
  key: string,
  { shape }: StridedView,
  body: () => string,
  functions = '',
): void {
  const total = shape[0] * shape[2];
  const [count, columns] = [launch.int(total), launch.int(shape[2])];
  launch.runEach(
    key,
    total,
    () =>
      functions +
      entry(`
  if (id >= ${count}) { return; }
  let m = id / ${columns};
  let c = id % ${columns};
${body()}`),
  );
}

/** Solves for column c with a triangle, from its first row on or from its last. */
function solved(a: Element, x: Element, n: string, upper: boolean, unit: boolean): string {
  const value = `sum${upper ? 'Up' : 'Down'}`;
  const [begin, end] = upper ? ['i + 1u', n] : ['0u', 'i'];
  const sum = `var ${value} = ${x.get('i', 'c')};
    for (var j = ${begin}; j < ${end}; j++) { ${value} -= ${a.get('i', 'j')} * ${x.get('j', 'c')}; }`;
  return `
  for (var step = 0u; step < ${n}; step++) {
    let i = ${upper ? `${n} - 1u - step` : 'step'};
    ${sum}
    ${x.set('i', 'c', unit ? value : `f_div(${value}, ${a.get('i', 'i')})`)}
  }`;
}

export function triangular_solve(
  backend: GpuBackend,
  { out, a, upper, left, unit }: KernelArguments<'triangular_solve'>,
): void {
  const launch = new Launch(backend, 'triangular_solve');
  // X A = B is Aᵀ Xᵀ = Bᵀ.
  const columns = left ? out : turned(out);
  const x = element(launch.output(columns, 'f32'));
  const triangle = element(launch.input(left ? a : turned(a), 'f32'));
  const n = launch.int(a.shape[1]);
  const isUpper = left === upper;
  runColumns(launch, `${isUpper} ${unit}`, columns, () => solved(triangle, x, n, isUpper, unit));
}

export function lu_solve(
  backend: GpuBackend,
  { out, factors, pivots, left, adjoint }: KernelArguments<'lu_solve'>,
): void {
  const launch = new Launch(backend, 'lu_solve');
  const columns = left ? out : turned(out);
  const x = element(launch.output(columns, 'f32'));
  const isTurned = left === adjoint;
  const a = element(launch.input(isTurned ? turned(factors) : factors, 'f32'));
  const swaps = launch.input(pivots, 'f32');
  const n = launch.int(factors.shape[1]);
  const swapped = `
  for (var step = 0u; step < ${n}; step++) {
    let k = ${isTurned ? `${n} - 1u - step` : 'step'};
    let p = min(u32(${swaps.load(swaps.at('m', 'k'))}) - 1u, ${n} - 1u);
    let v = ${x.get('k', 'c')};
    ${x.set('k', 'c', x.get('p', 'c'))}
    ${x.set('p', 'c', 'v')}
  }`;
  runColumns(launch, `${isTurned}`, columns, () =>
    isTurned
      ? solved(a, x, n, false, false) + solved(a, x, n, true, true) + swapped
      : swapped + solved(a, x, n, false, true) + solved(a, x, n, true, false),
  );
}

/** The reflections that stand in columns of `input`, from the last one on or, `forward`, from the first. */
function reflect(
  backend: GpuBackend,
  name: string,
  out: StridedView,
  input: StridedView,
  tau: StridedView,
  forward: boolean,
  isIdentity: boolean,
): void {
  const launch = new Launch(backend, name);
  const x = element(launch.output(out, 'f32'));
  const vectors = element(launch.input(input, 'f32'));
  const factors = launch.input(tau, 'f32');
  const [rows, count] = [out.shape[1], tau.shape[1]].map((n) => launch.int(n));
  const identity = `for (var i = 0u; i < ${rows}; i++) { ${x.set('i', 'c', 'select(0.0, 1.0, i == c)')} }`;
  runColumns(
    launch,
    `${forward} ${isIdentity}`,
    out,
    () => `
  ${isIdentity ? identity : ''}
  for (var step = 0u; step < ${count}; step++) {
    let k = ${forward ? 'step' : `${count} - 1u - step`};
    ${reflected(x, vectors, rows, 'k', 'c', factors.load(factors.at('m', 'k')))}
  }`,
  );
}

export function householder_product(
  backend: GpuBackend,
  { out, input, tau }: KernelArguments<'householder_product'>,
): void {
  reflect(backend, 'householder_product', out, input, tau, false, true);
}

export function householder_apply(
  backend: GpuBackend,
  { out, input, tau, left, adjoint }: KernelArguments<'householder_apply'>,
): void {
  // (C Q)ᵀ = Qᵀ Cᵀ
  reflect(backend, 'householder_apply', left ? out : turned(out), input, tau, left === adjoint, false);
}

export function lu_permutation(
  backend: GpuBackend,
  { out, pivots }: KernelArguments<'lu_permutation'>,
): void {
  const launch = new Launch(backend, 'lu_permutation');
  const order = launch.output(out, 'f32');
  const swaps = launch.input(pivots, 'f32');
  const total = out.shape[0];
  const [count, rows, swapCount] = [total, out.shape[1], pivots.shape[1]].map((n) => launch.int(n));
  const at = (i: string): string => order.at('m', i);
  launch.runEach('', total, () =>
    entry(`
  let m = id;
  if (m >= ${count}) { return; }
  for (var i = 0u; i < ${rows}; i++) { ${order.store(at('i'), 'f32(i)')} }
  for (var k = 0u; k < ${swapCount}; k++) {
    let p = min(u32(${swaps.load(swaps.at('m', 'k'))}) - 1u, ${rows} - 1u);
    let v = ${order.load(at('k'))};
    ${order.store(at('k'), order.load(at('p')))}
    ${order.store(at('p'), 'v')}
  }`),
  );
}
