/**
 * Values combined with the elements that indices name, at each place in the order of the values, so that sums are the same every
 * time. A few values to go through: one invocation takes them all in order. Many: the places are sorted, each with the numbers of
 * its values behind it, and there is an invocation for each place. Where many values go to one place, others put pieces of them together
 * before.
 */
import { float32, int32, int64 } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { type GpuBackend, Launch, numberKind, type Ref, scratch } from '../launch.js';
import { product } from '../loops.js';
import { entry, type Kind, typeOf } from '../operands.js';
import { checkedIndex, coordinates, lined, names } from './checked_indices.js';
import { ordered } from './order.js';

type List = readonly number[];

/** So many values are gone through without sorting. */
const SERIAL = 64;
const MANY_LANES = 512;
/** So many sorted values are put together by one invocation. */
const PIECE = 64;
/** The target of a value whose index is out of range. */
const NOWHERE = 0x7fffffff;

interface Accumulation {
  readonly name: string;
  /** Everything that the text depends on beside dtypes and numbers of dimensions. */
  readonly key: string;
  readonly kind: Kind;
  /** The tensor that is changed. */
  readonly self: StridedView;
  readonly values: StridedView;
  /** How much of the values is taken, from the beginning of each dimension. */
  readonly shape: List;
  /** The dimensions that are gone through in order; those before and behind are independent of each other. */
  readonly from: number;
  readonly to: number;
  /** Whether the indices are the same wherever one is in the other dimensions. */
  readonly isShared: boolean;
  /** Statements: the number `spot` that the indices give at the coordinates c; they end the invocation at a bad index. */
  readonly target: (launch: Launch, c: readonly string[]) => string;
  /** The element of `self` at `spot` and the coordinates c of the independent dimensions. */
  readonly place: (self: Ref, c: readonly string[]) => string;
  /** Prepares a value before it is combined. */
  readonly prepare?: (launch: Launch) => (value: string) => string;
  readonly combine: (old: string, value: string) => string;
}

/** The value at the coordinates c as it is combined. */
function prepared(launch: Launch, { prepare }: Accumulation, values: Ref, c: readonly string[]): string {
  const value = values.load(values.at(...c));
  return prepare === undefined ? value : prepare(launch)(value);
}

/** Statements for the coordinates c of a lane (the independent dimensions) and of a step along the others. */
function coordinatesOf(launch: Launch, { shape, from, to }: Accumulation, lane: string) {
  const isStep = (d: number) => d >= from && d < to;
  const alias = (inside: boolean): string =>
    shape
      .map((_, d) => [d, isStep(d) ? `t${d - from}` : `r${d < from ? d : d - (to - from)}`] as const)
      .filter(([d]) => isStep(d) === inside)
      .map(([d, name]) => `let c${d} = ${name};`)
      .join(' ');
  const lanes = coordinates(launch, 'r', lane, [...shape.slice(0, from), ...shape.slice(to)]);
  const steps = coordinates(launch, 't', 'step', shape.slice(from, to));
  return { lanes: `${lanes} ${alias(false)}`, steps: `${steps} ${alias(true)}` };
}

function accumulate(backend: GpuBackend, a: Accumulation): void {
  const { shape, from, to } = a;
  const steps = product(shape.slice(from, to));
  const lanes = product(shape) / steps;
  if (!(steps * lanes > 0)) return;
  // Where each lane has indices of its own, sorting takes memory for each, and many lanes keep the device busy without.
  const isBusy = !a.isShared && lanes >= MANY_LANES;
  if (steps <= SERIAL || isBusy) inOrder(backend, a, lanes, steps);
  else inSegments(backend, a, lanes, steps);
}

const keyOf = ({ key, kind, shape, from, to, isShared }: Accumulation): string =>
  `${key} ${kind} ${shape.length} ${from} ${to} ${isShared}`;

function inOrder(backend: GpuBackend, a: Accumulation, lanes: number, steps: number): void {
  const launch = new Launch(backend, a.name);
  const [self, values] = [launch.output(a.self, a.kind), launch.input(a.values, a.kind)];
  const [total, stepCount] = [launch.int(lanes), launch.int(steps)];
  const at = coordinatesOf(launch, a, 'id');
  const c = names('c', a.shape.length);
  const target = a.target(launch, c);
  const place = a.place(self, c);
  const combined = a.combine(self.load('place'), prepared(launch, a, values, c));
  launch.runEach(`in order ${keyOf(a)}`, lanes, () =>
    entry(`
  if (id >= ${total}) { return; }
  ${at.lanes}
  for (var step = 0u; step < ${stepCount}; step++) {
    ${at.steps}
    ${target}
    let place = ${place};
    ${self.store('place', combined)}
  }`),
  );
}

function inSegments(backend: GpuBackend, a: Accumulation, lanes: number, steps: number): void {
  const rows = a.isShared ? 1 : lanes;
  const targets: StridedView = {
    ...scratch(backend, rows * steps, int32),
    shape: [rows, steps],
    strides: [steps, 1],
  };
  const c = names('c', a.shape.length);
  const first = new Launch(backend, `${a.name} targets`);
  const t = first.output(targets, 'raw');
  const [total, stepCount] = [first.int(rows * steps), first.int(steps)];
  const at = coordinatesOf(first, a, a.isShared ? '0u' : `id / ${stepCount}`);
  const target = a.target(first, c);
  first.runEach(keyOf(a), rows * steps, () =>
    entry(`
  if (id >= ${total}) { return; }
  ${t.store('id', `${NOWHERE}u`)}
  let step = id % ${stepCount};
  ${at.lanes}
  ${at.steps}
  ${target}
  ${t.store('id', 'spot')}`),
  );
  const order = ordered(backend, targets, 1, false);
  backend.release(targets.storage, 'engine');
  combineSegments(backend, a, lanes, steps, order);
  backend.release(order.entries.storage, 'engine');
}

/** Sorted targets in a launch's text: the key of entry p, and the step whose value it is. */
function sortedTargets(launch: Launch, entries: StridedView, { isShared }: Accumulation, stepCount: string) {
  const e = launch.input(entries, 'raw');
  return {
    base: `let base = ${isShared ? '0u' : `lane_ * ${stepCount}`};`,
    key: (p: string) => e.load(`((base + ${p}) * 2u)`),
    step: (p: string) => e.load(`((base + ${p}) * 2u + 1u)`),
  };
}

/** For every so many entries, what of the targets' first one's values follows there. */
function piecesOf(
  backend: GpuBackend,
  a: Accumulation,
  lanes: number,
  steps: number,
  entries: StridedView,
): StridedView {
  const count = Math.ceil(steps / PIECE) * lanes;
  const isWide = a.kind === 'i64' || (a.kind === 'raw' && a.self.dtype.itemsize === 8);
  const pieces = scratch(backend, count, a.kind === 'f32' ? float32 : isWide ? int64 : int32);
  const launch = new Launch(backend, `${a.name} pieces`);
  const [values, out] = [launch.input(a.values, a.kind), launch.output(pieces, a.kind)];
  const [total, laneCount, stepCount] = [count, lanes, steps].map((n) => launch.int(n));
  const sorted = sortedTargets(launch, entries, a, stepCount);
  const at = coordinatesOf(launch, a, 'lane_');
  const value = prepared(launch, a, values, names('c', a.shape.length));
  launch.runEach(keyOf(a), count, () =>
    entry(`
  if (id >= ${total}) { return; }
  let lane_ = id % ${laneCount};
  let begin = (id / ${laneCount}) * ${PIECE}u;
  ${sorted.base}
  let key = ${sorted.key('begin')};
  ${at.lanes}
  var sum: ${typeOf(a.kind, a.self.dtype)};
  for (var p = begin; p < min(begin + ${PIECE}u, ${stepCount}); p++) {
    if (${sorted.key('p')} != key) { break; }
    let step = ${sorted.step('p')};
    ${at.steps}
    let v = ${value};
    sum = select(${a.combine('sum', 'v')}, v, p == begin);
  }
  ${out.store('id', 'sum')}`),
  );
  return pieces;
}

/** The first of each run of equal targets takes the values of them all. */
function combineSegments(
  backend: GpuBackend,
  a: Accumulation,
  lanes: number,
  steps: number,
  order: ReturnType<typeof ordered>,
): void {
  const pieces = piecesOf(backend, a, lanes, steps, order.entries);
  const launch = new Launch(backend, a.name);
  const [self, values] = [launch.output(a.self, a.kind), launch.input(a.values, a.kind)];
  const rest = launch.input(pieces, a.kind);
  const [laneCount, stepCount] = [lanes, steps].map((n) => launch.int(n));
  const sorted = sortedTargets(launch, order.entries, a, stepCount);
  const at = coordinatesOf(launch, a, 'lane_');
  const c = names('c', a.shape.length);
  const place = a.place(self, c);
  const value = prepared(launch, a, values, c);
  launch.runEach(`in segments ${keyOf(a)}`, lanes * steps, () =>
    entry(`
  if (id >= ${laneCount} * ${stepCount}) { return; }
  let lane_ = id % ${laneCount};
  let begin = id / ${laneCount};
  ${sorted.base}
  let key = ${sorted.key('begin')};
  if (begin > 0u && ${sorted.key('(begin - 1u)')} == key) { return; }
  // Keys are signed integers with the sign turned around, so that they sort as unsigned ones.
  let spot = key ^ 0x80000000u;
  if (spot == ${NOWHERE}u) { return; }
  ${at.lanes}
  let place = ${place};
  var sum = ${self.load('place')};
  let edge = (begin / ${PIECE}u + 1u) * ${PIECE}u;
  for (var p = begin; p < min(edge, ${stepCount}); p++) {
    if (${sorted.key('p')} != key) { break; }
    let step = ${sorted.step('p')};
    ${at.steps}
    sum = ${a.combine('sum', value)};
  }
  for (var p = edge; p < ${stepCount}; p += ${PIECE}u) {
    if (${sorted.key('p')} != key) { break; }
    sum = ${a.combine('sum', rest.load(`((p / ${PIECE}u) * ${laneCount} + lane_)`))};
  }
  ${self.store('place', 'sum')}`),
  );
  backend.release(pieces.storage, 'engine');
}

const add = (kind: Kind) => (old: string, value: string) =>
  kind === 'f32' ? `${old} + ${value}` : `i_add(${old}, ${value})`;

/** `self[indices] += values`; the indices span the dimensions of `values` from `before` on. */
export function index_put_accumulate(
  backend: GpuBackend,
  self: StridedView,
  values: StridedView,
  indices: readonly StridedView[],
  sizes: List,
  strides: List,
  before: number,
): void {
  const kind = numberKind(self.dtype);
  const to = before + indices[0].shape.length;
  accumulate(backend, {
    name: 'index_put',
    key: `${indices.length}`,
    kind,
    self,
    values,
    shape: values.shape,
    from: before,
    to,
    isShared: true,
    target: (launch, c) => {
      const lines = indices.map((view, k) => {
        const index = launch.input(view, 'i64');
        const value = index.load(index.at(...c.slice(before, to)));
        const checked = checkedIndex(launch, `x${k}`, value, launch.int(sizes[k]), `${k}u`, true);
        return `${checked} spot += x${k} * ${launch.int(strides[k])};`;
      });
      return `var spot = 0u; ${lines.join('\n  ')}`;
    },
    place: (ref, c) => `${ref.at(...c.slice(0, before), ...c.slice(to))} + spot`,
    combine: self.dtype.name === 'bool' ? (old, value) => `(${old} | ${value})` : add(kind),
  });
}

export function index_add(
  backend: GpuBackend,
  { self, dim, index, source, alpha }: KernelArguments<'index_add'>,
): void {
  const kind = numberKind(self.dtype);
  const [target, values, where] = [lined(self), lined(source), lined(index)];
  accumulate(backend, {
    name: 'index_add',
    key: '',
    kind,
    self: target,
    values,
    shape: values.shape,
    from: dim,
    to: dim + 1,
    isShared: true,
    target: (launch, c) => {
      const x = launch.input(where, 'i64');
      const [size, dimName] = [launch.int(target.shape[dim]), launch.int(dim)];
      return checkedIndex(launch, 'spot', x.load(x.at(c[dim])), size, dimName, false);
    },
    place: (ref, c) => ref.at(...c.with(dim, 'spot')),
    prepare: (launch) => {
      const factor = kind === 'f32' ? launch.float(alpha) : launch.parameters.long(Math.trunc(alpha));
      return (value) => (kind === 'f32' ? `${factor} * ${value}` : `i_mul(${factor}, ${value})`);
    },
    combine: add(kind),
  });
}

export function scatter(
  backend: GpuBackend,
  { self, dim, index, src, reduce }: KernelArguments<'scatter'>,
): void {
  const kind: Kind = reduce === 'assign' ? 'raw' : numberKind(self.dtype);
  const [target, values, where] = [lined(self), lined(src), lined(index)];
  const prefix = kind === 'f32' ? 'f' : 'i';
  accumulate(backend, {
    name: 'scatter',
    key: reduce,
    kind,
    self: target,
    values,
    shape: where.shape,
    from: dim,
    to: dim + 1,
    isShared: false,
    target: (launch, c) => {
      const x = launch.input(where, 'i64');
      const [size, dimName] = [launch.int(target.shape[dim]), launch.int(dim)];
      return checkedIndex(launch, 'spot', x.load(x.at(...c)), size, dimName, false);
    },
    place: (ref, c) => ref.at(...c.with(dim, 'spot')),
    combine: (old, value) =>
      ({
        assign: value,
        add: add(kind)(old, value),
        multiply: kind === 'f32' ? `${old} * ${value}` : `i_mul(${old}, ${value})`,
        amax: `${prefix}_maximum(${old}, ${value})`,
        amin: `${prefix}_minimum(${old}, ${value})`,
      })[reduce],
  });
}
