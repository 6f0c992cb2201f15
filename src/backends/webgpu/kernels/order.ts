/**
 * Sorting, and what follows from an order. Elements become keys whose order as unsigned numbers is theirs, followed by their
 * positions, so that no two entries are equal and every sorting network is stable. Short rows: every element counts what goes
 * before it. Long ones: Batcher's bitonic network, blocks of it in workgroup memory.
 */
import { int32 } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { WebGpuBackend } from '../backend.js';
import { WORKGROUP } from '../gpu.js';
import { Launch, numberKind, type Ref, scratch } from '../launch.js';
import { product } from '../layout.js';
import { entry } from '../operands.js';
import type { WebGpuStorage } from '../storage.js';

/** Rows up to this length are sorted by counting. */
const COUNTED = 64;
/** Entries that a workgroup sorts in its memory. */
const BLOCK = 2 * WORKGROUP;

/** A row's sorted positions: entry j of row r is word `(r * stride + j) * words + last`. */
interface Order {
  readonly entries: StridedView;
  readonly stride: number;
  readonly words: number;
  readonly rows: number;
  readonly length: number;
}

function lined(view: StridedView): StridedView {
  return view.shape.length > 0 ? view : { ...view, shape: [1], strides: [1] };
}

/** Statements for where element j of a row is: `at` plus `j * step`. */
function rowPlace(launch: Launch, ref: Ref, dim: number, name: string): { begin: string; step: string } {
  const { shape, strides } = ref.view;
  const lines = [`var ${name}_rest = row; var ${name} = 0u;`];
  for (let d = shape.length - 1; d >= 0; d--) {
    if (d === dim) continue;
    const [size, stride] = [launch.int(shape[d]), launch.int(strides[d])];
    lines.push(`${name} += (${name}_rest % ${size}) * ${stride}; ${name}_rest /= ${size};`);
  }
  return { begin: lines.join(' '), step: launch.int(strides[dim]) };
}

/** The function that gives an element's key, one word or two. */
function keyFunction(view: StridedView, descending: boolean): string {
  const flip = descending ? '~' : '';
  if (numberKind(view.dtype) === 'f32')
    return `fn key(v: f32) -> u32 {
  if (is_nan(v)) { return ${flip}0xffffffffu; }
  let u = bitcast<u32>(select(v, 0.0, v == 0.0));
  return ${flip}select(u | 0x80000000u, ~u, (u & 0x80000000u) != 0u);
}
`;
  return view.dtype.itemsize === 8
    ? `fn key(v: vec2<u32>) -> vec2<u32> { return ${flip}vec2<u32>(v.x, v.y ^ 0x80000000u); }\n`
    : `fn key(v: vec2<u32>) -> u32 { return ${flip}(v.x ^ 0x80000000u); }\n`;
}

/** Sorts the rows of a view along `dim`. */
export function ordered(
  backend: WebGpuBackend,
  source: StridedView,
  dim: number,
  descending: boolean,
): Order {
  const length = source.shape[dim];
  const rows = product(source.shape) / length;
  const isCounted = length <= COUNTED;
  const keyWords = source.dtype.itemsize === 8 ? 2 : 1;
  const words = isCounted ? 1 : keyWords + 1;
  const stride = isCounted ? length : Math.max(BLOCK, 2 ** Math.ceil(Math.log2(length)));
  const entries = scratch(backend, rows * stride * words, int32);
  const kind = numberKind(source.dtype);

  const launch = new Launch(backend, 'sort');
  const x = launch.input(source, kind);
  const slot = launch.ops.bind((entries.storage as WebGpuStorage).block, 'w');
  const total = launch.int(rows * stride);
  const lengthName = launch.int(length);
  const strideName = launch.int(stride);
  const place = rowPlace(launch, x, dim, 'begin');
  const key = `${source.shape.length} ${dim} ${descending} ${isCounted}`;
  launch.runEach(key, rows * stride, () => {
    const head = `
  if (id >= ${total}) { return; }
  let row = id / ${strideName};
  let j = id % ${strideName};
  ${place.begin}`;
    const isBefore = keyWords === 2 ? 'u_less(k, mine)' : 'k < mine';
    if (isCounted)
      return (
        keyFunction(source, descending) +
        entry(`${head}
  let mine = key(${x.load(`begin + j * ${place.step}`)});
  var rank = 0u;
  for (var i = 0u; i < ${lengthName}; i++) {
    let k = key(${x.load(`begin + i * ${place.step}`)});
    if (${isBefore} || (all(k == mine) && i < j)) { rank++; }
  }
  ${launch.ops.setWord(slot, `row * ${strideName} + rank`, 'j')}`)
      );
    return (
      keyFunction(source, descending) +
      entry(`${head}
  var k = ${keyWords === 2 ? 'vec2<u32>(0xffffffffu)' : '0xffffffffu'};
  if (j < ${lengthName}) { k = key(${x.load(`begin + j * ${place.step}`)}); }
  ${
    keyWords === 2
      ? `${launch.ops.setWord(slot, 'id * 3u', 'k.y')} ${launch.ops.setWord(slot, 'id * 3u + 1u', 'k.x')} ${launch.ops.setWord(slot, 'id * 3u + 2u', 'j')}`
      : `${launch.ops.setWord(slot, 'id * 2u', 'k')} ${launch.ops.setWord(slot, 'id * 2u + 1u', 'j')}`
  }`)
    );
  });
  if (!isCounted) bitonic(backend, entries, rows, stride, words);
  return { entries, stride, words, rows, length };
}

/** Sorts rows of entries, the first word the highest; their number is a power of two. */
function bitonic(
  backend: WebGpuBackend,
  entries: StridedView,
  rows: number,
  stride: number,
  words: number,
): void {
  const type = `array<u32, ${words}>`;
  const less = `fn less(a: ${type}, b: ${type}) -> bool {
  ${[...new Array(words - 1).keys()].map((w) => `if (a[${w}] != b[${w}]) { return a[${w}] < b[${w}]; }`).join('\n  ')}
  return a[${words - 1}] < b[${words - 1}];
}
`;
  const range = [...new Array(words).keys()];
  /** Stages `from` to `to` within blocks, in workgroup memory; the last of a larger stage where `from` is beyond the block. */
  const within = (first: number, last: number) => {
    const launch = new Launch(backend, 'sort blocks');
    const e = launch.output(entries, 'raw');
    const blocks = (rows * stride) / BLOCK;
    const [rowLength, from, to, blockCount] = [stride, first, last, blocks].map((n) => launch.int(n));
    launch.run(
      `${words}`,
      () => `${less}
var<workgroup> cells: array<${type}, ${BLOCK}>;
${entry(`
  if (group >= ${blockCount}) { return; }
  let base = group * ${BLOCK}u;
  for (var i = lane; i < ${BLOCK}u; i += ${WORKGROUP}u) {
    cells[i] = ${type}(${range.map((w) => e.load(`((base + i) * ${words}u + ${w}u)`)).join(', ')});
  }
  workgroupBarrier();
  for (var k = ${from}; k <= ${to}; k <<= 1u) {
    for (var step = min(k, ${BLOCK}u) >> 1u; step > 0u; step >>= 1u) {
      let i = 2u * lane - (lane & (step - 1u));
      let up = (((base + i) % ${rowLength}) & k) == 0u;
      let a = cells[i];
      let b = cells[i + step];
      if (less(b, a) == up) { cells[i] = b; cells[i + step] = a; }
      workgroupBarrier();
    }
  }
  for (var i = lane; i < ${BLOCK}u; i += ${WORKGROUP}u) {
    let c = cells[i];
    ${range.map((w) => e.store(`((base + i) * ${words}u + ${w}u)`, `c[${w}]`)).join(' ')}
  }`)}`,
      blocks,
    );
  };
  const between = (stage: number, distance: number) => {
    const launch = new Launch(backend, 'sort step');
    const e = launch.output(entries, 'raw');
    const [rowLength, k, step] = [stride, stage, distance].map((n) => launch.int(n));
    const pairs = (rows * stride) / 2;
    const total = launch.int(pairs);
    const load = (i: string) =>
      `${type}(${range.map((w) => e.load(`(${i} * ${words}u + ${w}u)`)).join(', ')})`;
    const store = (i: string, v: string) =>
      range.map((w) => e.store(`(${i} * ${words}u + ${w}u)`, `${v}[${w}]`)).join(' ');
    launch.runEach(
      `${words}`,
      pairs,
      () =>
        less +
        entry(`
  if (id >= ${total}) { return; }
  let i = 2u * id - (id & (${step} - 1u));
  let o = i + ${step};
  let up = ((i % ${rowLength}) & ${k}) == 0u;
  let a = ${load('i')};
  let b = ${load('o')};
  if (less(b, a) == up) { ${store('i', 'b')} ${store('o', 'a')} }`),
    );
  };
  within(2, Math.min(BLOCK, stride));
  for (let k = 2 * BLOCK; k <= stride; k *= 2) {
    for (let step = k / 2; step >= BLOCK; step /= 2) between(k, step);
    within(k, k);
  }
}

/** Writes the first `count` of each row in order: elements and their positions. */
function emit(
  backend: WebGpuBackend,
  order: Order,
  source: StridedView,
  dim: number,
  values: StridedView | null,
  indices: StridedView | null,
  count: number,
): void {
  const launch = new Launch(backend, 'sorted');
  const e = launch.input(order.entries, 'raw');
  const x = launch.input(source, 'raw');
  const v = values === null ? null : launch.output(values, 'raw');
  const i = indices === null ? null : launch.output(indices, 'i64');
  const from = rowPlace(launch, x, dim, 'source');
  const toValues = v === null ? null : rowPlace(launch, v, dim, 'value');
  const toIndices = i === null ? null : rowPlace(launch, i, dim, 'spot');
  const [total, each, stride] = [order.rows * count, count, order.stride].map((n) => launch.int(n));
  launch.runEach(
    `${source.shape.length} ${dim} ${order.words} ${v !== null} ${i !== null}`,
    order.rows * count,
    () =>
      entry(`
  if (id >= ${total}) { return; }
  let row = id / ${each};
  let j = id % ${each};
  let p = ${e.load(`((row * ${stride} + j) * ${order.words}u + ${order.words - 1}u)`)};
  ${v === null ? '' : `${from.begin} ${toValues!.begin} ${v.store(`value + j * ${toValues!.step}`, x.load(`source + p * ${from.step}`))}`}
  ${i === null ? '' : `${toIndices!.begin} ${i.store(`spot + j * ${toIndices!.step}`, 'vec2<u32>(p, 0u)')}`}`),
  );
}

export function sort(
  backend: WebGpuBackend,
  values: StridedView | null,
  indices: StridedView | null,
  input: StridedView,
  dim: number,
  descending: boolean,
): void {
  const source = lined(input);
  const order = ordered(backend, source, dim, descending);
  const [v, i] = [values, indices].map((view) => (view === null ? null : lined(view)));
  emit(backend, order, source, dim, v, i, order.length);
  backend.release(order.entries.storage, 'engine');
}

export function topk(
  backend: WebGpuBackend,
  values: StridedView,
  indices: StridedView,
  input: StridedView,
  k: number,
  dim: number,
  largest: boolean,
): void {
  const source = lined(input);
  const order = ordered(backend, source, dim, largest);
  emit(backend, order, source, dim, lined(values), lined(indices), k);
  backend.release(order.entries.storage, 'engine');
}

/** Kinds: 0 the k-th smallest, 1 median, 2 median without NaN, 3 the most frequent. */
export function order_statistic(
  backend: WebGpuBackend,
  values: StridedView,
  indices: StridedView,
  input: StridedView,
  dim: number,
  kind: number,
  k: number,
): void {
  const source = lined(input);
  const order = ordered(backend, source, dim, false);
  const held = numberKind(source.dtype);
  const launch = new Launch(backend, 'order_statistic');
  const e = launch.input(order.entries, 'raw');
  const x = launch.input(source, held);
  const [v, i] = [launch.output(lined(values), held), launch.output(lined(indices), 'i64')];
  const from = rowPlace(launch, x, dim, 'source');
  const toValues = rowPlace(launch, v, dim, 'value');
  const toIndices = rowPlace(launch, i, dim, 'spot');
  const [total, length, stride, wanted] = [order.rows, order.length, order.stride, k].map((n) =>
    launch.int(n),
  );
  const isNan = (j: string) => (held === 'f32' ? `is_nan(element(row, ${j}))` : 'false');
  const same = held === 'f32' ? '(a == b || (is_nan(a) && is_nan(b)))' : 'i_equal(a, b)';
  launch.runEach(`${source.shape.length} ${dim} ${order.words} ${kind}`, order.rows, () => {
    const choose = [
      `at = ${wanted} - 1u;`,
      `var nans = 0u;
  while (nans < ${length} && ${isNan(`${length} - 1u - nans`)}) { nans++; }
  at = select((${length} - 1u) / 2u, ${length} - nans, nans > 0u);`,
      `var nans = 0u;
  while (nans < ${length} && ${isNan(`${length} - 1u - nans`)}) { nans++; }
  at = select(0u, (${length} - 1u - nans) / 2u, nans < ${length});`,
      `var longest = 0u;
  var run = 0u;
  for (var j = 0u; j < ${length}; j++) {
    let a = element(row, j);
    let b = element(row, select(j - 1u, 0u, j == 0u));
    run = select(1u, run + 1u, ${same});
    if (run > longest) { longest = run; at = j; }
  }`,
    ][kind];
    return `fn position(row: u32, j: u32) -> u32 { return ${e.load(`((row * ${stride} + j) * ${order.words}u + ${order.words - 1}u)`)}; }
fn element(row: u32, j: u32) -> ${held === 'f32' ? 'f32' : 'vec2<u32>'} {
  ${from.begin}
  return ${x.load(`source + position(row, j) * ${from.step}`)};
}
${entry(`
  if (id >= ${total}) { return; }
  let row = id;
  var at = 0u;
  ${choose}
  ${toValues.begin} ${toIndices.begin}
  ${v.store('value', 'element(row, at)')}
  ${i.store('spot', 'vec2<u32>(position(row, at), 0u)')}`)}`;
  });
  backend.release(order.entries.storage, 'engine');
}

export function searchsorted(
  backend: WebGpuBackend,
  out: StridedView,
  sorted: StridedView,
  values: StridedView,
  right: boolean,
): void {
  const kind = numberKind(sorted.dtype);
  const launch = new Launch(backend, 'searchsorted');
  const [target, wanted] = [lined(out), lined(values)];
  const [o, s, v] = [launch.output(target, 'i64'), launch.input(sorted, kind), launch.input(wanted, kind)];
  const last = sorted.shape.length - 1;
  const count = product(target.shape);
  const total = launch.int(count);
  const length = launch.int(sorted.shape[last]);
  const n = target.shape.length;
  const sizes = target.shape.map((size) => launch.int(size));
  launch.runEach(`${n} ${last} ${right}`, count, () => {
    const c = [...new Array(n).keys()].map((d) => `c${d}`);
    const lines = ['var rest = id;'];
    for (let d = n - 1; d >= 0; d--) lines.push(`let c${d} = rest % ${sizes[d]}; rest /= ${sizes[d]};`);
    const at = s.at(...(last === 0 ? ['middle'] : [...c.slice(0, last), 'middle']));
    // Neither NaN nor anything after it is below a value.
    const stays =
      kind === 'f32'
        ? right
          ? 'f_lt(value, x) != 0.0'
          : 'f_le(value, x) != 0.0'
        : right
          ? 'i_less(value, x)'
          : '!i_less(x, value)';
    return entry(`
  if (id >= ${total}) { return; }
  ${lines.join(' ')}
  let value = ${v.load(v.at(...c))};
  var low = 0u;
  var high = ${length};
  while (low < high) {
    let middle = (low + high) / 2u;
    let x = ${s.load(at)};
    if (${stays}) { high = middle; } else { low = middle + 1u; }
  }
  ${o.store(o.at(...c), 'vec2<u32>(low, 0u)')}`);
  });
}
