/** Pooling: an invocation for each result. Gradients are gathered, so that nothing is added to the same place twice. */
import { int32 } from '../../../core/dtype.js';
import type { KernelArguments } from '../../kernels.js';
import type { Program } from '../../program.js';
import type { WebGpuStorage } from '../allocator.js';
import { type GpuBackend, Launch, numberKind, scratch } from '../launch.js';
import { product } from '../loops.js';
import { entry } from '../operands.js';

type List = readonly number[];

/** Statements for the coordinates `name0`, … of `from` in a plane of these sizes. */
function coordinates(name: string, from: string, sizes: readonly string[]): string {
  const lines = [`var ${name}_rest = ${from};`];
  for (let d = sizes.length - 1; d >= 0; d--)
    lines.push(
      d > 0
        ? `let ${name}${d} = i32(${name}_rest % ${sizes[d]}); ${name}_rest /= ${sizes[d]};`
        : `let ${name}0 = i32(${name}_rest);`,
    );
  return lines.join(' ');
}

/** Loops around a body, `name0` outermost. */
function loops(count: number, head: (d: number) => string, body: string): string {
  let text = body;
  for (let d = count - 1; d >= 0; d--) text = `for (${head(d)}) {\n    ${text}\n  }`;
  return text;
}

function flat(name: string, sizes: readonly string[]): string {
  return sizes.reduce(
    (sum, size, d) => (d === 0 ? `u32(${name}0)` : `(${sum} * ${size} + u32(${name}${d}))`),
    '0u',
  );
}

export function max_pool(
  backend: GpuBackend,
  { out, indices, input, kernel, stride, padding, dilation }: KernelArguments<'max_pool'>,
): void {
  const launch = new Launch(backend, 'max_pool');
  const kind = numberKind(out.dtype);
  const [o, i, x] = [launch.output(out, kind), launch.output(indices, 'i64'), launch.input(input, kind)];
  const names = (list: List) => list.map((n) => launch.int(n));
  const [outSizes, inSizes] = [names(out.shape.slice(2)), names(input.shape.slice(2))];
  const [k, s, p, dil] = [names(kernel), names(stride), names(padding), names(dilation)];
  const outPlane = launch.int(product(out.shape.slice(2)));
  const inPlane = launch.int(product(input.shape.slice(2)));
  const count = product(out.shape);
  const total = launch.int(count);
  const dims = kernel.length;
  launch.runEach(`${dims}`, count, () => {
    const wins =
      kind === 'f32'
        ? 'place == 0xffffffffu || (!is_nan(best) && (is_nan(v) || v > best))'
        : 'place == 0xffffffffu || i_less(best, v)';
    const inside = [...new Array(dims).keys()]
      .map((d) => `let y${d} = o${d} * i32(${s[d]}) - i32(${p[d]}) + w${d} * i32(${dil[d]});`)
      .join(' ');
    const valid = [...new Array(dims).keys()]
      .map((d) => `y${d} >= 0 && y${d} < i32(${inSizes[d]})`)
      .join(' && ');
    return entry(`
  if (id >= ${total}) { return; }
  let plane = id / ${outPlane};
  ${coordinates('o', `id % ${outPlane}`, outSizes)}
  var best: ${kind === 'f32' ? 'f32' : 'vec2<u32>'};
  var place = 0xffffffffu;
  ${loops(
    dims,
    (d) => `var w${d} = 0; w${d} < i32(${k[d]}); w${d}++`,
    `${inside}
    if (${valid}) {
      let at = ${flat('y', inSizes)};
      let v = ${x.load(`(plane * ${inPlane} + at)`)};
      if (${wins}) { best = v; place = at; }
    }`,
  )}
  ${o.store('id', 'best')}
  ${i.store('id', 'vec2<u32>(place, 0u)')}`);
  });
}

/**
 * Every result notes itself as the first and the last one that took its place; then every place adds up what took it between these,
 * in order. Where windows do not overlap that is one result, else few.
 */
export function max_pool_backward(
  backend: GpuBackend,
  { gradInput, gradOut, indices }: KernelArguments<'max_pool_backward'>,
): void {
  const [places, results] = [gradInput, gradOut].map(({ shape }) => product(shape));
  const [inPlane, outPlane] = [gradInput, gradOut].map(({ shape }) => product(shape.slice(2)));
  // For each place how far the first is from the largest number, and one more than the last; 0 is none.
  const notes = scratch(backend, 2 * places, int32);
  const { block } = notes.storage as WebGpuStorage;
  backend.pointwise(zero, notes.shape, [notes], [], []);

  const noting = new Launch(backend, 'max_pool_backward notes');
  const index = noting.input(indices, 'i64');
  const slot = noting.ops.bind(block, 'a');
  const [total, inSize, outSize] = [results, inPlane, outPlane].map((n) => noting.int(n));
  noting.runEach('', results, () =>
    entry(`
  if (id >= ${total}) { return; }
  let o = id % ${outSize};
  let at = (id / ${outSize}) * ${inSize} + ${index.load('id')}.x;
  atomicMax(&b${slot}[2u * at], 0xffffffffu - o);
  atomicMax(&b${slot}[2u * at + 1u], o + 1u);`),
  );

  const launch = new Launch(backend, 'max_pool_backward');
  const [x, g] = [launch.output(gradInput, 'f32'), launch.input(gradOut, 'f32')];
  const [i, n] = [launch.input(indices, 'i64'), launch.input(notes, 'raw')];
  const [count, plane, outs] = [places, inPlane, outPlane].map((size) => launch.int(size));
  launch.runEach('', places, () =>
    entry(`
  if (id >= ${count}) { return; }
  let base = (id / ${plane}) * ${outs};
  let end = ${n.load('(2u * id + 1u)')};
  var sum = 0.0;
  if (end > 0u) {
    for (var o = 0xffffffffu - ${n.load('(2u * id)')}; o < end; o++) {
      if (${i.load('(base + o)')}.x == id % ${plane}) { sum += ${g.load('(base + o)')}; }
    }
  }
  ${x.store('id', 'sum')}`),
  );
  backend.release(notes.storage, 'engine');
}

/** The program that gives zeros. */
const zero: Program = {
  compute: 'int64',
  inputs: 0,
  constants: [0n],
  scalars: 0,
  temporaries: 0,
  code: [],
  outputs: [0],
};

/** Statements for a window's bounds along each dimension and the number it is divided by. */
function averageWindow(
  dims: number,
  inSizes: readonly string[],
  k: readonly string[],
  s: readonly string[],
  p: readonly string[],
  countIncludePad: boolean,
  divisor: string | null,
): string {
  const range = [...new Array(dims).keys()];
  const bounds = range
    .map(
      (d) =>
        `let f${d} = o${d} * i32(${s[d]}) - i32(${p[d]}); let g${d} = min(f${d} + i32(${k[d]}), i32(${inSizes[d]}) + i32(${p[d]})); let b${d} = max(f${d}, 0); let e${d} = min(g${d}, i32(${inSizes[d]}));`,
    )
    .join(' ');
  const size = range.map((d) => (countIncludePad ? `(g${d} - f${d})` : `(e${d} - b${d})`)).join(' * ');
  // A window without elements, where sizes do not belong together, has the sum 0.
  return `${bounds} let size = f32(${divisor === null ? `max(1, ${size})` : `i32(${divisor})`});`;
}

export function avg_pool(
  backend: GpuBackend,
  { out, input, kernel, stride, padding, countIncludePad, divisor }: KernelArguments<'avg_pool'>,
): void {
  const launch = new Launch(backend, 'avg_pool');
  const [o, x] = [launch.output(out, 'f32'), launch.input(input, 'f32')];
  const names = (list: List) => list.map((n) => launch.int(n));
  const [outSizes, inSizes] = [names(out.shape.slice(2)), names(input.shape.slice(2))];
  const [k, s, p] = [names(kernel), names(stride), names(padding)];
  const divisorName = launch.int(divisor);
  const outPlane = launch.int(product(out.shape.slice(2)));
  const inPlane = launch.int(product(input.shape.slice(2)));
  const count = product(out.shape);
  const total = launch.int(count);
  const dims = kernel.length;
  launch.runEach(`${dims} ${countIncludePad} ${divisor !== 0}`, count, () =>
    entry(`
  if (id >= ${total}) { return; }
  let plane = id / ${outPlane};
  ${coordinates('o', `id % ${outPlane}`, outSizes)}
  ${averageWindow(dims, inSizes, k, s, p, countIncludePad, divisor === 0 ? null : divisorName)}
  var sum = 0.0;
  ${loops(dims, (d) => `var y${d} = b${d}; y${d} < e${d}; y${d}++`, `sum += ${x.load(`(plane * ${inPlane} + ${flat('y', inSizes)})`)};`)}
  ${o.store('id', 'sum / size')}`),
  );
}

export function avg_pool_backward(
  backend: GpuBackend,
  {
    gradInput,
    gradOut,
    kernel,
    stride,
    padding,
    countIncludePad,
    divisor,
  }: KernelArguments<'avg_pool_backward'>,
): void {
  const launch = new Launch(backend, 'avg_pool_backward');
  const [x, g] = [launch.output(gradInput, 'f32'), launch.input(gradOut, 'f32')];
  const names = (list: List) => list.map((n) => launch.int(n));
  const [outSizes, inSizes] = [names(gradOut.shape.slice(2)), names(gradInput.shape.slice(2))];
  const [k, s, p] = [names(kernel), names(stride), names(padding)];
  const divisorName = launch.int(divisor);
  const outPlane = launch.int(product(gradOut.shape.slice(2)));
  const inPlane = launch.int(product(gradInput.shape.slice(2)));
  const count = product(gradInput.shape);
  const total = launch.int(count);
  const dims = kernel.length;
  launch.runEach(`${dims} ${countIncludePad} ${divisor !== 0}`, count, () => {
    const first = [...new Array(dims).keys()]
      .map(
        (d) =>
          `let u${d} = i${d} + i32(${p[d]}); let l${d} = max(0, (u${d} - i32(${k[d]}) + i32(${s[d]})) / i32(${s[d]})); let h${d} = min(u${d} / i32(${s[d]}), i32(${outSizes[d]}) - 1);`,
      )
      .join(' ');
    return entry(`
  if (id >= ${total}) { return; }
  let plane = id / ${inPlane};
  ${coordinates('i', `id % ${inPlane}`, inSizes)}
  ${first}
  var sum = 0.0;
  ${loops(
    dims,
    (d) => `var o${d} = l${d}; o${d} <= h${d}; o${d}++`,
    `${averageWindow(dims, inSizes, k, s, p, countIncludePad, divisor === 0 ? null : divisorName)}
    sum += ${g.load(`(plane * ${outPlane} + ${flat('o', outSizes)})`)} / size;`,
  )}
  ${x.store('id', 'sum')}`);
  });
}

export function adaptive_avg_pool(
  backend: GpuBackend,
  { out, input }: KernelArguments<'adaptive_avg_pool'>,
): void {
  const launch = new Launch(backend, 'adaptive_avg_pool');
  const [o, x] = [launch.output(out, 'f32'), launch.input(input, 'f32')];
  const names = (list: List) => list.map((n) => launch.int(n));
  const [outSizes, inSizes] = [names(out.shape.slice(2)), names(input.shape.slice(2))];
  const outPlane = launch.int(product(out.shape.slice(2)));
  const inPlane = launch.int(product(input.shape.slice(2)));
  const count = product(out.shape);
  const total = launch.int(count);
  const dims = outSizes.length;
  launch.runEach(`${dims}`, count, () => {
    const range = [...new Array(dims).keys()];
    const bounds = range
      .map(
        (d) =>
          `let b${d} = o${d} * i32(${inSizes[d]}) / i32(${outSizes[d]}); let e${d} = ((o${d} + 1) * i32(${inSizes[d]}) + i32(${outSizes[d]}) - 1) / i32(${outSizes[d]});`,
      )
      .join(' ');
    return entry(`
  if (id >= ${total}) { return; }
  let plane = id / ${outPlane};
  ${coordinates('o', `id % ${outPlane}`, outSizes)}
  ${bounds}
  var sum = 0.0;
  ${loops(dims, (d) => `var y${d} = b${d}; y${d} < e${d}; y${d}++`, `sum += ${x.load(`(plane * ${inPlane} + ${flat('y', inSizes)})`)};`)}
  ${o.store('id', `sum / f32(${range.map((d) => `(e${d} - b${d})`).join(' * ')})`)}`);
  });
}

export function adaptive_avg_pool_backward(
  backend: GpuBackend,
  { gradInput, gradOut }: KernelArguments<'adaptive_avg_pool_backward'>,
): void {
  const launch = new Launch(backend, 'adaptive_avg_pool_backward');
  const [x, g] = [launch.output(gradInput, 'f32'), launch.input(gradOut, 'f32')];
  const names = (list: List) => list.map((n) => launch.int(n));
  const [outSizes, inSizes] = [names(gradOut.shape.slice(2)), names(gradInput.shape.slice(2))];
  const outPlane = launch.int(product(gradOut.shape.slice(2)));
  const inPlane = launch.int(product(gradInput.shape.slice(2)));
  const count = product(gradInput.shape);
  const total = launch.int(count);
  const dims = outSizes.length;
  launch.runEach(`${dims}`, count, () => {
    const range = [...new Array(dims).keys()];
    const span = (d: number) => [`i32(${inSizes[d]})`, `i32(${outSizes[d]})`];
    const bounds = range.map((d) => {
      const [n, m] = span(d);
      return `let l${d} = i${d} * ${m} / ${n}; let h${d} = ((i${d} + 1) * ${m} + ${n} - 1) / ${n};`;
    });
    const size = range.map((d) => {
      const [n, m] = span(d);
      return `(((o${d} + 1) * ${n} + ${m} - 1) / ${m} - o${d} * ${n} / ${m})`;
    });
    return entry(`
  if (id >= ${total}) { return; }
  let plane = id / ${inPlane};
  ${coordinates('i', `id % ${inPlane}`, inSizes)}
  ${bounds.join(' ')}
  var sum = 0.0;
  ${loops(dims, (d) => `var o${d} = l${d}; o${d} < h${d}; o${d}++`, `sum += ${g.load(`(plane * ${outPlane} + ${flat('o', outSizes)})`)} / f32(${size.join(' * ')});`)}
  ${x.store('id', 'sum')}`);
  });
}
