/**
 * Reductions. Few elements for each of many results: an invocation for each result. Otherwise a
 * workgroup for each, or, where results are few and long, several workgroups that leave partial results for a second pass. Where
 * neighbours in memory belong to different results, as in a sum of columns, invocations side by side take them, and several of
 * these a result.
 */
import type { ReductionKind, StridedView } from '../backend.js';
import type { Program } from '../program.js';
import type { Allocator, WebGpuStorage } from './allocator.js';
import { checkCount, type Gpu, WORKGROUP } from './gpu.js';
import { joined, positions, product, stridesIn } from './loops.js';
import { entry, Operands, Parameters } from './operands.js';
import { kindOf, literal, printProgram, programName, programNumber } from './program_text.js';

/** Reductions of so few elements are one invocation's. */
const SERIAL = 64;
/** Where there are many results, so many. */
const SERIAL_OF_MANY = 4096;
const MANY = 8192;
/** A workgroup's lanes put their results together in two rounds of so many. Each level of a tree would cost a barrier. */
const SIDE = Math.sqrt(WORKGROUP);
/** The most that a workgroup takes before others help. */
const CHUNK = 16384;
/** Results whose neighbours are taken side by side are at least so many, and so many invocations keep a device busy. */
const SIDE_BY_SIDE = 32;
const BUSY = 16384;

type Held = 'f32' | 'i64';

/** How numbers are put together while others are still to come. */
interface Joining {
  readonly type: string;
  readonly start: string;
  /** @param v another number */
  take(best: string, v: string): string;
  merge(a: string, b: string): string;
  result(best: string): string;
}

/** Sums and products of floats are held with what rounding has taken from them. */
function joining(kind: ReductionKind, held: Held): Joining {
  if (held === 'f32' && (kind === 'sum' || kind === 'prod')) {
    const merge = (a: string, b: string) => `${kind === 'sum' ? 'sum' : 'product'}_of_parts(${a}, ${b})`;
    return {
      type: 'vec2<f32>',
      start: `vec2(${identity(kind, held)}, 0.0)`,
      take: (best, v) => merge(best, `vec2(${v}, 0.0)`),
      merge,
      result: (best) => `whole(${best})`,
    };
  }
  const merge = combine(kind, held);
  return {
    type: held === 'f32' ? 'f32' : 'vec2<u32>',
    start: identity(kind, held),
    take: merge,
    merge,
    result: (best) => best,
  };
}

/** The joining of two values; NaN wins. */
function combine(kind: ReductionKind, held: Held): (a: string, b: string) => string {
  const f = held === 'f32';
  switch (kind) {
    case 'sum':
      return (a, b) => (f ? `${a} + ${b}` : `i_add(${a}, ${b})`);
    case 'prod':
      return (a, b) => (f ? `${a} * ${b}` : `i_mul(${a}, ${b})`);
    case 'max':
      return (a, b) => `${f ? 'f' : 'i'}_maximum(${a}, ${b})`;
    case 'min':
      return (a, b) => `${f ? 'f' : 'i'}_minimum(${a}, ${b})`;
    case 'any':
      return (a, b) => (f ? `truth(f_true(${a}) || f_true(${b}))` : `i_truth(i_true(${a}) || i_true(${b}))`);
    case 'all':
      return (a, b) => (f ? `truth(f_true(${a}) && f_true(${b}))` : `i_truth(i_true(${a}) && i_true(${b}))`);
  }
}

function identity(kind: ReductionKind, held: Held): string {
  const extreme = kind === 'max' || kind === 'min';
  if (!extreme) return literal(kind === 'prod' || kind === 'all' ? 1 : 0, held);
  if (held === 'f32') return literal(kind === 'max' ? -Infinity : Infinity, held);
  return literal(kind === 'max' ? -(2n ** 63n) : 2n ** 63n - 1n, held);
}

/** A truth value where the reduction gives one. */
const normalised = (kind: ReductionKind, held: Held, value: string): string =>
  kind !== 'any' && kind !== 'all'
    ? value
    : held === 'f32'
      ? `truth(f_true(${value}))`
      : `i_truth(i_true(${value}))`;

/** Whether (value, index) b goes before a: larger or smaller, NaN first, then the earlier one. */
function precedes(kind: 'max' | 'min', held: Held): string {
  const type = held === 'f32' ? 'f32' : 'vec2<u32>';
  const [x, y] = kind === 'max' ? ['a', 'b'] : ['b', 'a'];
  const body =
    held === 'f32'
      ? `if (is_nan(b) != is_nan(a)) { return is_nan(b); }
  if (!is_nan(a) && ${x} < ${y}) { return true; }
  return (is_nan(a) || a == b) && j < i;`
      : `if (i_less(${x}, ${y})) { return true; }
  return i_equal(a, b) && j < i;`;
  return `fn precedes(a: ${type}, i: u32, b: ${type}, j: u32) -> bool {\n  ${body}\n}\n`;
}

export function runReduce(
  gpu: Gpu,
  allocator: Allocator,
  kind: ReductionKind,
  program: Program,
  shape: readonly number[],
  reduced: readonly boolean[],
  output: StridedView,
  indices: StridedView | null,
  inputs: readonly StridedView[],
  scalars: readonly (number | bigint)[],
): void {
  const held = kindOf(program);
  const type = held === 'f32' ? 'f32' : 'vec2<u32>';
  const all = inputs.map((v) => stridesIn(v, shape));
  const pick = <T>(list: readonly T[], isReduced: boolean) => list.filter((_, d) => reduced[d] === isReduced);
  /** How far apart neighbours along the reduced or the other dimensions are. */
  const nearest = (strides: readonly number[], isReduced: boolean) =>
    Math.min(...strides.filter((s, d) => reduced[d] === isReduced && s !== 0 && shape[d] > 1).map(Math.abs));
  const results = indices === null ? [output] : [output, indices];
  const outer = joined(
    pick(shape, false),
    [...results.map((v) => stridesIn(v, shape)), ...all].map((s) => pick(s, false)),
  );
  const inner = joined(
    pick(shape, true),
    all.map((s) => pick(s, true)),
  );
  const outs = product(outer.sizes);
  const length = product(inner.sizes);
  if (outs === 0) return;
  checkCount(kind, Math.max(outs, length));
  const isPlain = length <= SERIAL || (outs >= MANY && length <= SERIAL_OF_MANY);
  const isAcross =
    outs >= SIDE_BY_SIDE && all.some((strides) => nearest(strides, false) < nearest(strides, true));
  const isSerial = isPlain || isAcross;
  const chunks = isPlain
    ? 1
    : isAcross
      ? Math.max(1, Math.min(WORKGROUP, Math.floor(length / SERIAL), Math.ceil(BUSY / outs)))
      : Math.max(1, Math.min(WORKGROUP, Math.floor(length / CHUNK), Math.ceil(4096 / outs)));

  const ops = new Operands();
  // Partial results are stored as they are held.
  let partial: WebGpuStorage | null = null;
  let partialIndex: WebGpuStorage | null = null;
  let out: number;
  let outIndex = -1;
  if (chunks > 1) {
    partial = allocator.allocate(outs * chunks * (held === 'f32' ? 4 : 8));
    out = ops.bind(partial.block, 'w');
    if (indices !== null) {
      partialIndex = allocator.allocate(outs * chunks * 4);
      outIndex = ops.bind(partialIndex.block, 'w');
    }
  } else {
    out = ops.write(output, held);
    if (indices !== null) outIndex = ops.write(indices, 'i64');
  }
  const ins = inputs.map((v) => ops.read(v, held));

  const parameters = new Parameters();
  const outCount = parameters.int(outs);
  const lengthName = parameters.int(length);
  const chunk = parameters.int(Math.ceil(length / chunks));
  const chunkCount = parameters.int(chunks);
  const offsets = [...results, ...inputs].map((v) => parameters.int(v.offset));
  const name = (list: readonly number[]) => list.map((n) => parameters.int(n));
  const outerSizes = name(outer.sizes);
  const outerStrides = outer.strides.map(name);
  const innerSizes = name(inner.sizes);
  const innerStrides = inner.strides.map(name);
  const scalarNames = scalars.map((s) => (held === 'f32' ? parameters.float(Number(s)) : parameters.long(s)));

  const source = (): string => {
    const places = results.map((_, k) => `o${k}`);
    const bases = inputs.map((_, k) => `q${k}`);
    const { statements, outputs } = printProgram(
      program,
      ins.map((o, i) => `load${o}(p${i})`),
      scalarNames,
      '',
    );
    const value = `
fn value(r: u32${bases.map((b) => `, ${b}: u32`).join('')}) -> ${type} {
  ${bases.map((b, k) => `var p${k} = ${b};`).join(' ')}
  ${positions(
    'r',
    bases.map((_, k) => `p${k}`),
    innerSizes,
    innerStrides,
  )}
    ${statements}
  return ${normalised(kind, held, outputs[0])};
}
`;
    const begin = `
  ${[...places, ...bases].map((n, k) => `var ${n} = ${offsets[k]};`).join(' ')}
  ${positions('o', [...places, ...bases], outerSizes, outerStrides)}`;
    const valueAt = (r: string) => `value(${[r, ...bases].join(', ')})`;
    const store = (v: string, index: string): string => {
      if (chunks === 1)
        return `store${out}(o0, ${v});${outIndex < 0 ? '' : ` store${outIndex}(o1, vec2<u32>(${index}, 0u));`}`;
      const at = `o * ${chunkCount} + part`;
      const words = held === 'f32' ? [`bitcast<u32>(${v})`] : [`${v}.x`, `${v}.y`];
      const stores = words.map((w, i) =>
        ops.setWord(out, words.length === 1 ? at : `2u * (${at}) + ${i}u`, w),
      );
      if (outIndex >= 0) stores.push(ops.setWord(outIndex, at, index));
      return stores.join(' ');
    };
    return (
      ops.functions() +
      value +
      body(kind, held, indices !== null, isSerial, begin, valueAt, store, {
        outCount,
        length: lengthName,
        chunk,
        chunkCount,
      })
    );
  };
  gpu.run({
    name: program.code.length === 0 ? kind : `${kind}(${programName(program)})`,
    key: `reduce ${kind} ${programNumber(program)} ${outer.sizes.length} ${inner.sizes.length} ${isSerial} ${chunks > 1} ${indices !== null} ${ops.key}`,
    source,
    access: ops.access,
    blocks: ops.blocks,
    parameters: parameters.words,
    groups: isSerial ? Math.ceil((outs * chunks) / WORKGROUP) : outs * chunks,
  });
  if (partial === null) return;
  gather(gpu, kind, held, outs, chunks, partial, partialIndex, output, indices, outer.sizes, outer.strides);
  allocator.release(partial, 'engine');
  if (partialIndex !== null) allocator.release(partialIndex, 'engine');
}

interface Counts {
  readonly outCount: string;
  readonly length: string;
  readonly chunk: string;
  readonly chunkCount: string;
}

/** The loops of a pass, and how its invocations put their results together. */
function body(
  kind: ReductionKind,
  held: Held,
  hasIndices: boolean,
  isSerial: boolean,
  begin: string,
  valueAt: (r: string) => string,
  store: (value: string, index: string) => string,
  counts: Counts,
  indexAt: (r: string) => string = (r) => r,
): string {
  const { type, start, take: taken, merge, result } = joining(kind, held);
  const { outCount, length, chunk, chunkCount } = counts;
  const withIndex = hasIndices ? precedes(kind as 'max' | 'min', held) : '';
  const take = hasIndices
    ? `let v = ${valueAt('r')}; let j = ${indexAt('r')}; if (index == 0xffffffffu || precedes(best, index, v, j)) { best = v; index = j; }`
    : `best = ${taken('best', valueAt('r'))};`;
  if (isSerial) {
    return (
      withIndex +
      entry(`
  if (id >= ${outCount} * ${chunkCount}) { return; }
  let o = id % ${outCount};
  let part = id / ${outCount};${begin}
  let end = min((part + 1u) * ${chunk}, ${length});
  var best = ${start};
  var index = 0xffffffffu;
  for (var r = part * ${chunk}; r < end; r++) { ${take} }
  ${store(result('best'), 'index')}`)
    );
  }
  const merged = (into: string, from: string): string =>
    hasIndices
      ? `{ let v = values[${from}]; let j = places[${from}]; if (j != 0xffffffffu && (places[${into}] == 0xffffffffu || precedes(values[${into}], places[${into}], v, j))) { values[${into}] = v; places[${into}] = j; } }`
      : `values[${into}] = ${merge(`values[${into}]`, `values[${from}]`)};`;
  return (
    withIndex +
    `var<workgroup> values: array<${type}, ${WORKGROUP}>;\n` +
    (hasIndices ? `var<workgroup> places: array<u32, ${WORKGROUP}>;\n` : '') +
    entry(`
  if (group >= ${outCount} * ${chunkCount}) { return; }
  let o = group / ${chunkCount};
  let part = group % ${chunkCount};${begin}
  var best = ${start};
  var index = 0xffffffffu;
  let end = min((part + 1u) * ${chunk}, ${length});
  for (var r = part * ${chunk} + lane; r < end; r += ${WORKGROUP}u) { ${take} }
  values[lane] = best;
  ${hasIndices ? 'places[lane] = index;' : ''}
  workgroupBarrier();
  if (lane < ${SIDE}u) {
    for (var i = lane + ${SIDE}u; i < ${WORKGROUP}u; i += ${SIDE}u) { ${merged('lane', 'i')} }
  }
  workgroupBarrier();
  if (lane == 0u) {
    for (var i = 1u; i < ${SIDE}u; i++) { ${merged('0u', 'i')} }
  }
  if (lane == 0u) { ${store(result('values[0]'), hasIndices ? 'places[0]' : '0u')} }`)
  );
}

/** The second pass: puts partial results together. */
function gather(
  gpu: Gpu,
  kind: ReductionKind,
  held: Held,
  outs: number,
  chunks: number,
  partial: WebGpuStorage,
  partialIndex: WebGpuStorage | null,
  output: StridedView,
  indices: StridedView | null,
  sizes: readonly number[],
  strides: readonly (readonly number[])[],
): void {
  const isSerial = chunks <= SERIAL;
  const ops = new Operands();
  const out = ops.write(output, held);
  const outIndex = indices === null ? -1 : ops.write(indices, 'i64');
  const from = ops.bind(partial.block, 'r');
  const fromIndex = partialIndex === null ? -1 : ops.bind(partialIndex.block, 'r');
  const parameters = new Parameters();
  const counts: Counts = {
    outCount: parameters.int(outs),
    length: parameters.int(chunks),
    chunk: parameters.int(chunks),
    chunkCount: parameters.int(1),
  };
  const results = indices === null ? [output] : [output, indices];
  const offsets = results.map((v) => parameters.int(v.offset));
  const sizeNames = sizes.map((n) => parameters.int(n));
  const strideNames = strides.slice(0, results.length).map((s) => s.map((n) => parameters.int(n)));
  const source = (): string => {
    const places = results.map((_, k) => `o${k}`);
    const begin = `
  ${places.map((n, k) => `var ${n} = ${offsets[k]};`).join(' ')}
  ${positions('o', places, sizeNames, strideNames)}`;
    const at = (r: string) => `(o * ${counts.length} + ${r})`;
    const value = (r: string) =>
      held === 'f32'
        ? `bitcast<f32>(${ops.word(from, at(r))})`
        : `vec2<u32>(${ops.word(from, `2u * ${at(r)}`)}, ${ops.word(from, `2u * ${at(r)} + 1u`)})`;
    const store = (v: string, index: string) =>
      `store${out}(o0, ${v});${outIndex < 0 ? '' : ` store${outIndex}(o1, vec2<u32>(${index}, 0u));`}`;
    return (
      ops.functions() +
      body(kind, held, indices !== null, isSerial, begin, value, store, counts, (r) =>
        fromIndex < 0 ? r : ops.word(fromIndex, at(r)),
      )
    );
  };
  gpu.run({
    name: `${kind} of parts`,
    key: `gather ${kind} ${held} ${sizes.length} ${isSerial} ${indices !== null} ${ops.key}`,
    source,
    access: ops.access,
    blocks: ops.blocks,
    parameters: parameters.words,
    groups: isSerial ? Math.ceil(outs / WORKGROUP) : outs,
  });
}
