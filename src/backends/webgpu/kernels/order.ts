/**
 * Sorting, and what follows from an order. Elements become keys whose order as unsigned numbers is theirs. In runs of a few every
 * element counts what goes before it; then runs are merged two by two, each element finding its place in the other run by bisection.
 * Both keep equal elements in order, need no barriers, and an invocation for each element.
 */
import { int32 } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { relaid } from '../../relaid.js';
import { type GpuBackend, Launch, numberKind, type Ref, scratch } from '../launch.js';
import { product } from '../loops.js';
import { entry } from '../operands.js';

/** Runs of this length are sorted by counting. */
const COUNTED = 64;

/** Rows of entries, whose last word is a position; those of rows that were merged have keys before it, the high word first. */
interface Order {
  readonly entries: StridedView;
  readonly words: number;
  readonly rows: number;
  readonly length: number;
}

function lined(view: StridedView): StridedView {
  return view.shape.length > 0 ? view : relaid(view, { shape: [1], strides: [1] });
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
export function ordered(backend: GpuBackend, source: StridedView, dim: number, descending: boolean): Order {
  const length = source.shape[dim];
  const rows = product(source.shape) / length;
  const isWhole = length <= COUNTED;
  const keyWords = source.dtype.itemsize === 8 ? 2 : 1;
  const words = isWhole ? 1 : keyWords + 1;
  const kind = numberKind(source.dtype);
  let entries = scratch(backend, rows * length * words, int32);

  const launch = new Launch(backend, 'sort');
  const x = launch.input(source, kind);
  const e = launch.output(entries, 'raw');
  const total = launch.int(rows * length);
  const lengthName = launch.int(length);
  const place = rowPlace(launch, x, dim, 'begin');
  launch.runEach(`${source.shape.length} ${dim} ${descending} ${isWhole}`, rows * length, () => {
    const isBefore = keyWords === 2 ? 'u_less(k, mine)' : 'k < mine';
    const values = isWhole ? ['j'] : keyWords === 2 ? ['mine.y', 'mine.x', 'j'] : ['mine', 'j'];
    const stores = values.map((v, w) => e.store(`(at * ${words}u + ${w}u)`, v));
    return (
      keyFunction(source, descending) +
      entry(`
  if (id >= ${total}) { return; }
  let row = id / ${lengthName};
  let j = id % ${lengthName};
  ${place.begin}
  let mine = key(${x.load(`begin + j * ${place.step}`)});
  let first = j - j % ${COUNTED}u;
  var at = row * ${lengthName} + first;
  for (var i = first; i < min(first + ${COUNTED}u, ${lengthName}); i++) {
    let k = key(${x.load(`begin + i * ${place.step}`)});
    if (${isBefore} || (all(k == mine) && i < j)) { at++; }
  }
  ${stores.join(' ')}`)
    );
  });
  for (let width = COUNTED; width < length; width *= 2)
    entries = merged(backend, entries, rows, length, words, width);
  return { entries, words, rows, length };
}

/** Merges each two neighbouring runs of entries, `width` long, into other memory, which it returns. */
function merged(
  backend: GpuBackend,
  runs: StridedView,
  rows: number,
  length: number,
  words: number,
  width: number,
): StridedView {
  const result = scratch(backend, rows * length * words, int32);
  const launch = new Launch(backend, 'sort merge');
  const [from, to] = [launch.input(runs, 'raw'), launch.output(result, 'raw')];
  const [total, lengthName, run] = [rows * length, length, width].map((n) => launch.int(n));
  const word = (i: string, w: number) => from.load(`(${i} * ${words}u + ${w}u)`);
  const keyWords = words - 1;
  const key = (i: string) =>
    keyWords === 1
      ? word(i, 0)
      : `vec2<u32>(${[...new Array(keyWords).keys()].map((w) => word(i, keyWords - 1 - w)).join(', ')})`;
  const less = (a: string, b: string) => (keyWords === 1 ? `${a} < ${b}` : `u_less(${a}, ${b})`);
  launch.runEach(`${words}`, rows * length, () =>
    entry(`
  if (id >= ${total}) { return; }
  let j = id % ${lengthName};
  let row = id - j;
  let first = j - j % (2u * ${run});
  let middle = min(first + ${run}, ${lengthName});
  let isLeft = j < middle;
  var low = select(first, middle, isLeft);
  var high = select(middle, min(middle + ${run}, ${lengthName}), isLeft);
  let base = low;
  let mine = ${key('id')};
  while (low < high) {
    let half = (low + high) / 2u;
    let k = ${key('(row + half)')};
    // Equal elements of the left run come first.
    let isBefore = select(!(${less('mine', 'k')}), ${less('k', 'mine')}, isLeft);
    low = select(low, half + 1u, isBefore);
    high = select(half, high, isBefore);
  }
  let at = row + first + (j - select(middle, first, isLeft)) + (low - base);
  ${[...new Array(words).keys()].map((w) => to.store(`(at * ${words}u + ${w}u)`, word('id', w))).join(' ')}`),
  );
  backend.release(runs.storage, 'engine');
  return result;
}

/** Writes the first `count` of each row in order: elements and their positions. */
function emit(
  backend: GpuBackend,
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
  const [total, each, length] = [order.rows * count, count, order.length].map((n) => launch.int(n));
  launch.runEach(
    `${source.shape.length} ${dim} ${order.words} ${v !== null} ${i !== null}`,
    order.rows * count,
    () =>
      entry(`
  if (id >= ${total}) { return; }
  let row = id / ${each};
  let j = id % ${each};
  let p = ${e.load(`((row * ${length} + j) * ${order.words}u + ${order.words - 1}u)`)};
  ${v === null ? '' : `${from.begin} ${toValues!.begin} ${v.store(`value + j * ${toValues!.step}`, x.load(`source + p * ${from.step}`))}`}
  ${i === null ? '' : `${toIndices!.begin} ${i.store(`spot + j * ${toIndices!.step}`, 'vec2<u32>(p, 0u)')}`}`),
  );
}

export function sort(
  backend: GpuBackend,
  { values, indices, input, dim, descending }: KernelArguments<'sort'>,
): void {
  const source = lined(input);
  const order = ordered(backend, source, dim, descending);
  const [v, i] = [values, indices].map((view) => (view === null ? null : lined(view)));
  emit(backend, order, source, dim, v, i, order.length);
  backend.release(order.entries.storage, 'engine');
}

export function topk(
  backend: GpuBackend,
  { values, indices, input, k, dim, largest }: KernelArguments<'topk'>,
): void {
  const source = lined(input);
  const order = ordered(backend, source, dim, largest);
  emit(backend, order, source, dim, lined(values), lined(indices), k);
  backend.release(order.entries.storage, 'engine');
}

export function order_statistic(
  backend: GpuBackend,
  { values, indices, input, dim, kind, k }: KernelArguments<'order_statistic'>,
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
  const [total, length, wanted] = [order.rows, order.length, k].map((n) => launch.int(n));
  const isNan = (j: string) => (held === 'f32' ? `is_nan(element(row, ${j}))` : 'false');
  const same = held === 'f32' ? '(a == b || (is_nan(a) && is_nan(b)))' : 'i_equal(a, b)';
  launch.runEach(`${source.shape.length} ${dim} ${order.words} ${kind}`, order.rows, () => {
    const choose = {
      kthvalue: `at = ${wanted} - 1u;`,
      median: `var nans = 0u;
  while (nans < ${length} && ${isNan(`${length} - 1u - nans`)}) { nans++; }
  at = select((${length} - 1u) / 2u, ${length} - nans, nans > 0u);`,
      nanmedian: `var nans = 0u;
  while (nans < ${length} && ${isNan(`${length} - 1u - nans`)}) { nans++; }
  at = select(0u, (${length} - 1u - nans) / 2u, nans < ${length});`,
      mode: `var longest = 0u;
  var run = 0u;
  for (var j = 0u; j < ${length}; j++) {
    let a = element(row, j);
    let b = element(row, select(j - 1u, 0u, j == 0u));
    run = select(1u, run + 1u, ${same});
    if (run > longest) { longest = run; at = j; }
  }`,
    }[kind];
    return `fn position(row: u32, j: u32) -> u32 { return ${e.load(`((row * ${length} + j) * ${order.words}u + ${order.words - 1}u)`)}; }
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
  backend: GpuBackend,
  { out, sorted, values, right }: KernelArguments<'searchsorted'>,
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
