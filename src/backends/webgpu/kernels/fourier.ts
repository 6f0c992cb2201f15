/**
 * Fourier transforms: passes in the manner of Stockham, each of which takes one factor out of the length, an invocation for the points that meet in
 * it. The first reads the tensor, the last one writes it. Lengths with large prime factors are convolutions with a chirp (Bluestein).
 */
import { float32 } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { type GpuBackend, Launch, type Ref, scratch } from '../launch.js';
import { product } from '../loops.js';
import { entry } from '../operands.js';

/** The factors that there are passes for. */
const FACTORS = [4, 2, 3, 5, 7, 11, 13];

/** The factors of a length, or null if one is too large. */
function factorsOf(length: number): number[] | null {
  const found: number[] = [];
  let rest = length;
  for (const factor of FACTORS)
    while (rest % factor === 0) {
      found.push(factor);
      rest /= factor;
    }
  return rest === 1 ? found : null;
}

/** The shortest length without large factors. */
function smoothLength(least: number): number {
  let length = least;
  while (factorsOf(length) === null) length++;
  return length;
}

const complexFunctions = `
fn times(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> { return vec2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }
fn turned(a: vec2<f32>) -> vec2<f32> { return vec2(a.y, -a.x); }
fn root(k: u32, n: u32) -> vec2<f32> {
  let quarter = (8u * k / n + 1u) / 2u;
  let angle = f_div(f32(i32(4u * k) - i32(quarter * n)), f32(n)) * 1.5707964;
  let c = cos_reduced(angle, 0.0);
  let s = sin_reduced(angle, 0.0);
  let even = select(vec2(c, -s), vec2(-c, s), quarter == 2u);
  let odd = select(vec2(-s, -c), vec2(s, c), quarter == 3u);
  return select(even, odd, (quarter & 1u) == 1u);
}
fn square_modulo(k: u32, n: u32) -> u32 {
  var sum = 0u;
  for (var bit = 0u; bit < 32u; bit++) {
    sum = (2u * sum) % n;
    sum = (sum + select(0u, k, ((k >> (31u - bit)) & 1u) == 1u)) % n;
  }
  return sum;
}
fn chirp(k: u32, n: u32) -> vec2<f32> { return root(square_modulo(k, 2u * n), 2u * n); }
`;

/** Statements that replace a0, a1, … by their transform. */
function butterfly(factor: number): string {
  if (factor === 1) return '';
  if (factor === 2) return 'let b0 = a0 + a1; let b1 = a0 - a1; a0 = b0; a1 = b1;';
  if (factor === 4)
    return `let e = a0 + a2; let o = a0 - a2; let s = a1 + a3; let t = turned(a1 - a3);
  a0 = e + s; a1 = o + t; a2 = e - s; a3 = o - t;`;
  const half = (factor - 1) / 2;
  const lines: string[] = [];
  const number = (x: number): string => (Number.isInteger(x) ? `${x}.0` : `${Math.fround(x)}`);
  for (let j = 1; j <= half; j++)
    lines.push(`let s${j} = a${j} + a${factor - j}; let d${j} = a${j} - a${factor - j};`);
  for (let k = 1; k <= half; k++) {
    const turn = (j: number): number => (2 * Math.PI * ((j * k) % factor)) / factor;
    const sum = (name: string, by: (x: number) => number): string =>
      Array.from({ length: half }, (_, i) => `${number(by(turn(i + 1)))} * ${name}${i + 1}`).join(' + ');
    lines.push(`let e${k} = a0 + ${sum('s', Math.cos)}; let o${k} = turned(${sum('d', Math.sin)});`);
  }
  lines.push(`a0 = a0 + ${Array.from({ length: half }, (_, i) => `s${i + 1}`).join(' + ')};`);
  for (let k = 1; k <= half; k++) lines.push(`a${k} = e${k} + o${k}; a${factor - k} = e${k} - o${k};`);
  return lines.join('\n  ');
}

/** Where a pass finds numbers, or puts them: the text of a value, or of a statement, for point `j` of `line`. */
interface End {
  readonly key: string;
  /** Called once for each pass that uses it, which tells the launch of what is read or written. */
  open(launch: Launch): (value?: string) => string;
}

/** Runs the passes of a length over lines, between two ends and memory of its own. */
function passes(
  backend: GpuBackend,
  lines: number,
  length: number,
  factors: readonly number[],
  from: End,
  to: End,
): void {
  const steps = factors.length === 0 ? [1] : factors;
  const count = 2 * lines * length;
  const memory = steps.slice(1, 3).map(() => scratch(backend, count, float32));
  let rest = length;
  let width = 1;
  for (const [i, factor] of steps.entries()) {
    rest /= factor;
    const launch = new Launch(backend, 'fft');
    const first = i === 0 ? from : inMemory(memory[(i - 1) % 2], length);
    const isLast = i === steps.length - 1;
    const last = isLast ? to : inMemory(memory[i % 2], length);
    const get = first.open(launch);
    const put = last.open(launch);
    const total = lines * rest * width;
    const [totalName, restName, widthName] = [total, rest, width].map((n) => launch.int(n));
    launch.runEach(`${factor} ${isLast} ${first.key} ${last.key}`, total, () => {
      const each = (text: (k: number) => string): string =>
        Array.from({ length: factor }, (_, k) => text(k)).join('\n  ');
      return `${complexFunctions}${entry(`
  if (id >= ${totalName}) { return; }
  let q = id % ${widthName};
  let p = (id / ${widthName}) % ${restName};
  let line = id / (${widthName} * ${restName});
  ${each((k) => `var a${k}: vec2<f32>; { let j = q + ${widthName} * (p + ${restName} * ${k}u); ${get(`a${k}`)} }`)}
  ${butterfly(factor)}
  ${each((k) => {
    const value = k === 0 || isLast ? `a${k}` : `times(a${k}, root(p * ${k}u, ${restName} * ${factor}u))`;
    return `{ let j = q + ${widthName} * (${factor}u * p + ${k}u); let v = ${value}; ${put('v')} }`;
  })}`)}`;
    });
    width *= factor;
  }
  for (const { storage } of memory) backend.release(storage, 'engine');
}

/** Lines of complex numbers, one after another. */
function inMemory(view: StridedView, length: number): End & { readonly view: StridedView } {
  return {
    view,
    key: 'm',
    open(launch) {
      const size = launch.int(length);
      const ref = launch.output(view, 'f32');
      const at = `2u * (line * ${size} + j)`;
      // Memory that a pass reads is bound as what it writes is: one binding may be both.
      return (value = '') =>
        value === 'v'
          ? `${ref.store(at, 'v.x')} ${ref.store(`${at} + 1u`, 'v.y')}`
          : `${value} = vec2(${ref.load(at)}, ${ref.load(`${at} + 1u`)});`;
    },
  };
}

export function fft(backend: GpuBackend, { out, input, dim, inverse, factor }: KernelArguments<'fft'>): void {
  // Complex operands have one more dimension, of their parts.
  const kind =
    out.shape.length === input.shape.length ? 'c2c' : out.shape.length < input.shape.length ? 'c2r' : 'r2c';
  const n = kind === 'c2r' ? out.shape[dim] : input.shape[dim];
  const shape = (kind === 'r2c' ? input.shape : out.shape).slice(
    0,
    Math.min(out.shape.length, input.shape.length),
  );
  if (kind === 'c2c') shape.pop();
  const lines = product(shape) / shape[dim];

  /** The place of point `j` of `line`. */
  const place = (launch: Launch, ref: Ref, isComplex: boolean): { before: string; at: string } => {
    const before = ['var left = line;'];
    for (let d = shape.length - 1; d >= 0; d--)
      if (d !== dim) {
        const size = launch.int(shape[d]);
        before.push(`let c${d} = left % ${size}; left /= ${size};`);
      }
    const coordinates = shape.map((_, d) => (d === dim ? 'j' : `c${d}`));
    return { before: before.join(' '), at: ref.at(...coordinates, ...(isComplex ? ['0u'] : [])) };
  };
  const swap = (v: string): string => (inverse ? `${v}.yx` : v);
  const source: End = {
    key: `in ${kind} ${inverse} ${shape.length} ${dim}`,
    open(launch) {
      const ref = launch.input(input, 'f32');
      const length = launch.int(n);
      const isComplex = kind !== 'r2c';
      const { before, at } = place(launch, ref, isComplex);
      return (to = '') => {
        if (!isComplex) return `${before} ${to} = vec2(${ref.load(at)}, 0.0);`;
        const pair = (where: string): string => `vec2(${ref.load(where)}, ${ref.load(`(${where} + 1u)`)})`;
        if (kind === 'c2c') return `${before} let x = ${pair(at)}; ${to} = ${swap('x')};`;
        // The second half is the conjugate of the first.
        return `${before} let all = j; let isSecond = 2u * all > ${length};
    { let j = select(all, ${length} - all, isSecond); let x = ${pair(at)};
      let y = select(x.y, -x.y, isSecond); ${to} = ${swap(`vec2(x.x, select(y, 0.0, all == 0u || 2u * all == ${length}))`)}; }`;
      };
    },
  };
  const target: End = {
    key: `out ${kind} ${inverse} ${shape.length} ${dim}`,
    open(launch) {
      const ref = launch.output(out, 'f32');
      const by = launch.float(factor);
      const size = launch.int(out.shape[dim]);
      const { before, at } = place(launch, ref, kind !== 'c2r');
      return (value = '') => {
        const body = `${before} let y = ${swap(value)} * ${by}; ${ref.store(at, 'y.x')}`;
        return `if (j < ${size}) { ${body} ${kind === 'c2r' ? '' : ref.store(`(${at} + 1u)`, 'y.y')} }`;
      };
    },
  };

  const factors = factorsOf(n);
  if (factors !== null) {
    passes(backend, lines, n, factors, source, target);
    return;
  }
  const m = smoothLength(2 * n - 1);
  const steps = factorsOf(m)!;
  const spectrum = inMemory(scratch(backend, 2 * m, float32), m);
  const between = inMemory(scratch(backend, 2 * lines * m, float32), m);
  const wave: End = {
    key: 'wave',
    open(launch) {
      const [length, size] = [launch.int(n), launch.int(m)];
      return (to = '') =>
        `let k = min(j, ${size} - j); let x = chirp(min(k, ${length}), ${length});
    ${to} = select(vec2(0.0, 0.0), vec2(x.x, -x.y), k < ${length});`;
    },
  };
  passes(backend, 1, m, steps, wave, spectrum);
  const chirped: End = {
    key: `chirped ${source.key}`,
    open(launch) {
      const get = source.open(launch);
      const length = launch.int(n);
      return (to = '') => `if (j < ${length}) { ${get(to)} ${to} = times(${to}, chirp(j, ${length})); }`;
    },
  };
  const filtered: End = {
    key: 'filtered',
    open(launch) {
      const put = between.open(launch);
      const ref = launch.input(spectrum.view, 'f32');
      return (value = '') =>
        `let w = times(${value}, vec2(${ref.load('2u * j')}, ${ref.load('2u * j + 1u')})); { let v = w.yx; ${put('v')} }`;
    },
  };
  passes(backend, lines, m, steps, chirped, filtered);
  const finished: End = {
    key: `finished ${target.key}`,
    open(launch) {
      const put = target.open(launch);
      const length = launch.int(n);
      const by = launch.float(1 / m);
      return (value = '') =>
        `if (j < ${length}) { let w = times(${value}.yx, chirp(j, ${length})) * ${by}; ${put('w')} }`;
    },
  };
  passes(backend, lines, m, steps, between, finished);
  backend.release(spectrum.view.storage, 'engine');
  backend.release(between.view.storage, 'engine');
}
