/**
 * Sweeps of rotations that make the columns of matrices orthogonal (one-sided Jacobi: M. R. Hestenes, Inversion of Matrices by
 * Biorthogonalization, 1958). In a round each column has one partner, so that all pairs are turned at once: by the one invocation
 * of a small matrix, by the lanes of a workgroup, or, of a large matrix, each by a workgroup of its own.
 */
import { float32 } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { WebGpuStorage } from '../allocator.js';
import { type GpuBackend, Launch, scratch } from '../launch.js';
import { product } from '../loops.js';
import { entry } from '../operands.js';
import { type Element, element, isSmall, LANES, runMatrices, SIDE } from './factorizations.js';

/** Matrices of more elements take a dispatch for each sweep, so that none takes long, and above `LARGE` for each round. */
const MEDIUM = 4096;
const LARGE = 65536;
/** So many sweeps at most; ten or so are needed. */
const SWEEPS = 20;

/** A new stack of float32 matrices, laid out so that neighbouring invocations read neighbours. */
export function workingStack(
  backend: GpuBackend,
  count: number,
  rows: number,
  columns: number,
  elements: number,
): StridedView {
  const strides = isSmall(elements)
    ? [1, count * columns, count]
    : elements <= LARGE
      ? [rows * columns, columns, 1]
      : [rows * columns, 1, rows];
  return { ...scratch(backend, count * rows * columns, float32), shape: [count, rows, columns], strides };
}

/** The k-th pair of a round, of columns up to the `last`; each pair meets once in as many rounds. */
const pairs = `
fn pair_of(k: u32, round: u32, last: u32) -> vec2<u32> {
  let a = (round + k) % last;
  let b = select((round + last - k) % last, last, k == 0u);
  return vec2(min(a, b), max(a, b));
}
// Cosine and sine of the rotation that makes columns with these products orthogonal; it is never more than an eighth of the circle.
fn rotation(dots: vec3<f32>) -> vec2<f32> {
  let zeta = (dots.y - dots.x) / (2.0 * dots.z);
  let size = abs(zeta);
  let t = select(1.0 / (size + sqrt(1.0 + zeta * zeta)), 0.5 / size, size > 1.0e8);
  let c = 1.0 / sqrt(1.0 + t * t);
  return vec2(c, c * select(t, -t, zeta < 0.0));
}
`;

/** The statements that turn a pair of columns, and note in `seen` how far from orthogonal it was. */
function turn(
  w: Element,
  v: Element | null,
  [rows, columns, tolerance]: readonly string[],
  each: (end: string, body: string) => string,
  total: string,
): string {
  const turned = (of: Element): string => `
      let x = ${of.get('i', 'pair.x')};
      let y = ${of.get('i', 'pair.y')};
      ${of.set('i', 'pair.x', 'by.x * x - by.y * y')}
      ${of.set('i', 'pair.y', 'by.y * x + by.x * y')}`;
  return `
    var dots = vec3<f32>(0.0);
    ${each(rows, `let x = ${w.get('i', 'pair.x')}; let y = ${w.get('i', 'pair.y')}; dots += vec3(x * x, y * y, x * y);`)}
    ${total}
    let size = sqrt(dots.x) * sqrt(dots.y);
    let most = abs(dots.z);
    if (size > 0.0 && most > ${tolerance} * size) {
      seen = max(seen, most / size);
      let by = rotation(dots);
      ${each(rows, turned(w))}
      ${v === null ? '' : each(columns, turned(v))}
    }`;
}

/**
 * Turns the columns of `w`, and those of `v` with them, until those of `w` are orthogonal. Everything must be finite, and no
 * square so large that it is not.
 *
 * @param info becomes 1 where that does not come to an end
 */
export function makeOrthogonal(
  backend: GpuBackend,
  w: StridedView,
  v: StridedView | null,
  info: StridedView,
): void {
  const [count, height, width] = w.shape;
  if (width < 2) return;
  const tolerance = 2 ** -24 * Math.max(2, Math.sqrt(height));
  const last = width + (width % 2) - 1;
  const elements = height * width;
  if (elements > LARGE) {
    turnApart(backend, w, v, info, tolerance, last);
    return;
  }
  const parts = elements > MEDIUM ? SWEEPS : 1;
  const going = { ...scratch(backend, count, float32), shape: [count], strides: [1] };
  const each = (to: string, body: string): string => `for (var i = 0u; i < ${to}; i++) { ${body} }`;
  for (let part = 0; part < parts; part++) {
    const launch = new Launch(backend, 'jacobi');
    const [a, b] = [w, v].map((of) => of && element(launch.output(of, 'f32')));
    const [state, failed] = [launch.output(going, 'f32'), launch.output(info, 'f32')];
    const sizes = [launch.int(height), launch.int(width), launch.float(tolerance)];
    const enough = launch.float(8 * tolerance);
    const [end, sweeps] = [last, SWEEPS / parts].map((n) => launch.int(n));
    const [isFirst, isLast] = [part === 0, part === parts - 1].map((is) => launch.int(is ? 1 : 0));
    runMatrices(
      launch,
      count,
      elements,
      (words) => `
  var most = 1.0;
  if (${isFirst} == 0u) { most = ${state.load('m')}; }
  most = largest(most, lane);
  for (var sweep = 0u; sweep < ${sweeps} && most > ${enough}; sweep++) {
    var seen = 0.0;
    for (var round = 0u; round < ${end}; round++) {
      ${words.wait}
      ${words.each(
        'k',
        '0u',
        `(${end} + 1u) / 2u`,
        `let pair = pair_of(k, round, ${end}); if (pair.y < ${sizes[1]}) { ${turn(a!, b, sizes, each, '')} }`,
      )}
    }
    most = largest(seen, lane);
  }
  if (once) {
    ${state.store('m', 'most')}
    if (${isLast} != 0u && most > ${enough}) { ${failed.store(failed.at('m'), '1.0')} }
  }`,
      pairs,
    );
  }
  backend.release(going.storage, 'engine');
}

/** The same with a workgroup for each pair. What a sweep has seen decides whether the next one does anything. */
function turnApart(
  backend: GpuBackend,
  w: StridedView,
  v: StridedView | null,
  info: StridedView,
  tolerance: number,
  last: number,
): void {
  const [count, height, width] = w.shape;
  const seen: StridedView = {
    ...scratch(backend, (SWEEPS + 1) * count, float32),
    shape: [SWEEPS + 1, count],
    strides: [count, 1],
  };
  const begin = new Launch(backend, 'jacobi begin');
  const first = begin.output(seen, 'f32');
  const [total, matrices] = [product(seen.shape), count].map((n) => begin.int(n));
  begin.runEach('', product(seen.shape), () =>
    entry(`if (id < ${total}) { ${first.store('id', `truth(id < ${matrices})`)} }`),
  );
  const each = (to: string, body: string): string =>
    `for (var i = lane; i < ${to}; i += ${LANES}u) { ${body} }`;
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (let round = 0; round < last; round++) {
      const launch = new Launch(backend, 'jacobi round');
      const [a, b] = [w, v].map((of) => of && element(launch.output(of, 'f32')));
      const sizes = [launch.int(height), launch.int(width), launch.float(tolerance)];
      const enough = launch.float(8 * tolerance);
      const state = launch.output(seen, 'f32');
      // Whichever pair has seen the most.
      const slot = launch.ops.bind((seen.storage as WebGpuStorage).block, 'a');
      const numbers = [last, round, sweep, count].map((n) => launch.int(n));
      const [end, turnNumber, sweepNumber, matrixCount] = numbers;
      launch.run(
        '',
        () => `${pairs}
var<workgroup> goes: u32;
var<workgroup> parts: array<vec3<f32>, ${LANES}>;
${entry(
  `
  let size = (${end} + 1u) / 2u;
  let m = group / size;
  if (m >= ${matrixCount}) { return; }
  if (lane == 0u) { goes = select(0u, 1u, ${state.load(state.at(sweepNumber, 'm'))} > ${enough}); }
  if (workgroupUniformLoad(&goes) == 0u) { return; }
  let pair = pair_of(group % size, ${turnNumber}, ${end});
  if (pair.y >= ${sizes[1]}) { return; }
  var seen = 0.0;
  {
  ${turn(
    a!,
    b,
    sizes,
    each,
    `
    parts[lane] = dots;
    workgroupBarrier();
    if (lane < ${SIDE}u) {
      for (var i = lane + ${SIDE}u; i < ${LANES}u; i += ${SIDE}u) { dots += parts[i]; }
      parts[lane] = dots;
    }
    workgroupBarrier();
    dots = parts[0];
    for (var i = 1u; i < ${SIDE}u; i++) { dots += parts[i]; }`,
  )}
  }
  if (lane == 0u) { atomicMax(&b${slot}[${state.at(`(${sweepNumber} + 1u)`, 'm')}], bitcast<u32>(seen)); }`,
  LANES,
)}`,
        (count * (last + 1)) / 2,
      );
    }
  const finish = new Launch(backend, 'jacobi end');
  const [state, failed] = [finish.input(seen, 'f32'), finish.output(info, 'f32')];
  const [number, sweeps] = [count, SWEEPS].map((n) => finish.int(n));
  const enough = finish.float(8 * tolerance);
  finish.runEach('', count, () =>
    entry(
      `if (id < ${number} && ${state.load(state.at(sweeps, 'id'))} > ${enough}) { ${failed.store(failed.at('id'), '1.0')} }`,
    ),
  );
  backend.release(seen.storage, 'engine');
}
