/** Elements moved by index. What is added to one place is added in order, by one invocation. */
import type { StridedView } from '../../backend.js';
import type { WebGpuBackend } from '../backend.js';
import { faults } from '../gpu.js';
import { Launch, numberKind, type Ref } from '../launch.js';
import { product } from '../layout.js';
import { entry, type Kind } from '../operands.js';
import { noteFault } from '../pointwise.js';

type List = readonly number[];

/** Statements for the coordinates `name0`, … of the row-major number `from`. */
function coordinates(launch: Launch, name: string, from: string, shape: List): string {
  const sizes = shape.map((n) => launch.int(n));
  const lines = [`var ${name}_rest = ${from};`];
  for (let d = shape.length - 1; d >= 0; d--)
    lines.push(
      d > 0
        ? `let ${name}${d} = ${name}_rest % ${sizes[d]}; ${name}_rest /= ${sizes[d]};`
        : `let ${name}0 = ${name}_rest;`,
    );
  return lines.join(' ');
}

const names = (name: string, count: number): string[] =>
  [...new Array(count).keys()].map((d) => `${name}${d}`);

/** Statements: `name` is an index below the size, or the fault is noted and the invocation ends. */
function checkedIndex(
  launch: Launch,
  name: string,
  value: string,
  size: string,
  dim: string,
  wraps: boolean,
): string {
  const { ops } = launch;
  const fault = ops.bind(launch.backend.gpu.fault, 'a');
  const wide = `${name}_wide`;
  return `var ${wide} = ${value};
  ${wraps ? `if (i_negative(${wide})) { ${wide} = i_add(${wide}, vec2<u32>(${size}, 0u)); }` : ''}
  if (${wide}.y != 0u || ${wide}.x >= ${size}) { ${noteFault(ops, fault, faults.indexOutOfRange, [`(${value}).x`, dim, size])} return; }
  let ${name} = ${wide}.x;`;
}

// ---- index_get, index_put ------------------------------------------------------------------------------------------

/** How the two sides of advanced indexing lie to each other. */
interface Advanced {
  readonly launch: Launch;
  readonly kind: Kind;
  /** The side that the indices shape. */
  readonly shaped: Ref;
  /** The side that is indexed. */
  readonly indexed: Ref;
  /** Statements: where in the indexed side the element with coordinates c0, … is, as `place`. */
  readonly place: string;
}

function advanced(
  backend: WebGpuBackend,
  name: string,
  shaped: StridedView,
  indexed: StridedView,
  indices: readonly StridedView[],
  sizes: List,
  strides: List,
  before: number,
  written: 'shaped' | 'indexed',
  kind: Kind,
): Advanced {
  const launch = new Launch(backend, name);
  const s = written === 'shaped' ? launch.output(shaped, kind) : launch.input(shaped, kind);
  const x = written === 'indexed' ? launch.output(indexed, kind) : launch.input(indexed, kind);
  const is = indices.map((v) => launch.input(v, 'i64'));
  const span = indices[0].shape.length;
  const sizeNames = sizes.map((n) => launch.int(n));
  const strideNames = strides.map((n) => launch.int(n));
  const c = names('c', shaped.shape.length);
  const rest = [...c.slice(0, before), ...c.slice(before + span)];
  const lines = is.map((ref, k) => {
    const checked = checkedIndex(
      launch,
      `x${k}`,
      ref.load(ref.at(...c.slice(before, before + span))),
      sizeNames[k],
      `${k}u`,
      true,
    );
    return `${checked} place += x${k} * ${strideNames[k]};`;
  });
  return {
    launch,
    kind,
    shaped: s,
    indexed: x,
    place: `var place = ${x.at(...rest)};\n  ${lines.join('\n  ')}`,
  };
}

export function index_get(
  backend: WebGpuBackend,
  out: StridedView,
  input: StridedView,
  indices: readonly StridedView[],
  sizes: List,
  strides: List,
  before: number,
): void {
  const { launch, shaped, indexed, place } = advanced(
    backend,
    'index',
    out,
    input,
    indices,
    sizes,
    strides,
    before,
    'shaped',
    'raw',
  );
  const count = product(out.shape);
  const total = launch.int(count);
  const decoded = coordinates(launch, 'c', 'id', out.shape);
  launch.runEach(`${out.shape.length} ${indices.length} ${indices[0].shape.length} ${before}`, count, () =>
    entry(`
  if (id >= ${total}) { return; }
  ${decoded}
  ${place}
  ${shaped.store(shaped.at(...names('c', out.shape.length)), indexed.load('place'))}`),
  );
}

export function index_put(
  backend: WebGpuBackend,
  self: StridedView,
  values: StridedView,
  indices: readonly StridedView[],
  sizes: List,
  strides: List,
  before: number,
  accumulate: boolean,
): void {
  const kind = accumulate ? numberKind(self.dtype) : 'raw';
  const { launch, shaped, indexed, place } = advanced(
    backend,
    'index_put',
    values,
    self,
    indices,
    sizes,
    strides,
    before,
    'indexed',
    kind,
  );
  const span = indices[0].shape.length;
  const { shape } = values;
  const c = names('c', shape.length);
  const key = `${shape.length} ${indices.length} ${span} ${before} ${accumulate}`;
  const value = shaped.load(shaped.at(...c));
  const count = product(shape);
  if (!accumulate) {
    const total = launch.int(count);
    const decoded = coordinates(launch, 'c', 'id', shape);
    launch.runEach(key, count, () =>
      entry(`
  if (id >= ${total}) { return; }
  ${decoded}
  ${place}
  ${indexed.store('place', value)}`),
    );
    return;
  }
  // One invocation for each element of what the indices do not span.
  const spanned = shape.slice(before, before + span);
  const others = [...shape.slice(0, before), ...shape.slice(before + span)];
  const lanes = product(others);
  const total = launch.int(lanes);
  const steps = launch.int(product(spanned));
  const outer = coordinates(launch, 'r', 'id', others);
  const inner = coordinates(launch, 't', 'step', spanned);
  const alias = c.map((name, d) => {
    const from = d < before ? `r${d}` : d < before + span ? `t${d - before}` : `r${d - span}`;
    return `let ${name} = ${from};`;
  });
  const sum =
    kind === 'f32'
      ? `${indexed.load('place')} + ${value}`
      : self.dtype.name === 'bool'
        ? `(${indexed.load('place')} | ${value})`
        : `i_add(${indexed.load('place')}, ${value})`;
  launch.runEach(key, lanes, () =>
    entry(`
  if (id >= ${total}) { return; }
  ${outer}
  for (var step = 0u; step < ${steps}; step++) {
    ${inner}
    ${alias.join(' ')}
    ${place}
    ${indexed.store('place', sum)}
  }`),
  );
}

// ---- along one dimension -------------------------------------------------------------------------------------------

/** The shape of a view as one of at least one dimension. */
function lined(view: StridedView): StridedView {
  return view.shape.length > 0 ? view : { ...view, shape: [1], strides: [1] };
}

export function index_select(
  backend: WebGpuBackend,
  out: StridedView,
  input: StridedView,
  dim: number,
  index: StridedView,
): void {
  const launch = new Launch(backend, 'index_select');
  const [target, source, where] = [lined(out), lined(input), lined(index)];
  const [o, x, i] = [launch.output(target, 'raw'), launch.input(source, 'raw'), launch.input(where, 'i64')];
  const count = product(target.shape);
  const total = launch.int(count);
  const size = launch.int(source.shape[dim]);
  const dimName = launch.int(dim);
  const decoded = coordinates(launch, 'c', 'id', target.shape);
  const c = names('c', target.shape.length);
  const checked = checkedIndex(launch, 'x', i.load(i.at(`c${dim}`)), size, dimName, false);
  launch.runEach(`${c.length} ${dim}`, count, () =>
    entry(`
  if (id >= ${total}) { return; }
  ${decoded}
  ${checked}
  ${o.store(o.at(...c), x.load(x.at(...c.map((name, d) => (d === dim ? 'x' : name)))))}`),
  );
}

export function gather(
  backend: WebGpuBackend,
  out: StridedView,
  input: StridedView,
  dim: number,
  index: StridedView,
): void {
  const launch = new Launch(backend, 'gather');
  const [target, source, where] = [lined(out), lined(input), lined(index)];
  const [o, x, i] = [launch.output(target, 'raw'), launch.input(source, 'raw'), launch.input(where, 'i64')];
  const count = product(target.shape);
  const total = launch.int(count);
  const size = launch.int(source.shape[dim]);
  const dimName = launch.int(dim);
  const decoded = coordinates(launch, 'c', 'id', target.shape);
  const c = names('c', target.shape.length);
  const checked = checkedIndex(launch, 'x', i.load(i.at(...c)), size, dimName, false);
  launch.runEach(`${c.length} ${dim}`, count, () =>
    entry(`
  if (id >= ${total}) { return; }
  ${decoded}
  ${checked}
  ${o.store(o.at(...c), x.load(x.at(...c.map((name, d) => (d === dim ? 'x' : name)))))}`),
  );
}

/** Runs `body` for every element of `shape`, in order along `dim` and in parallel along the others. */
function inOrder(launch: Launch, key: string, shape: List, dim: number, body: () => string): void {
  const others = shape.filter((_, d) => d !== dim);
  const lanes = product(others);
  const total = launch.int(lanes);
  const steps = launch.int(shape[dim]);
  const outer = coordinates(launch, 'r', 'id', others);
  const alias = shape.flatMap((_, d) => (d === dim ? [] : [`let c${d} = r${d < dim ? d : d - 1};`]));
  launch.runEach(`${key} ${shape.length} ${dim}`, lanes, () =>
    entry(`
  if (id >= ${total}) { return; }
  ${outer}
  ${alias.join(' ')}
  for (var c${dim} = 0u; c${dim} < ${steps}; c${dim}++) {
    ${body()}
  }`),
  );
}

export function index_add(
  backend: WebGpuBackend,
  self: StridedView,
  dim: number,
  index: StridedView,
  source: StridedView,
  alpha: number,
): void {
  const launch = new Launch(backend, 'index_add');
  const kind = numberKind(self.dtype);
  const [target, values, where] = [lined(self), lined(source), lined(index)];
  const [o, x, i] = [launch.output(target, kind), launch.input(values, kind), launch.input(where, 'i64')];
  const size = launch.int(target.shape[dim]);
  const dimName = launch.int(dim);
  const factor = kind === 'f32' ? launch.float(alpha) : launch.parameters.long(Math.trunc(alpha));
  const c = names('c', values.shape.length);
  const at = o.at(...c.map((name, d) => (d === dim ? 'x' : name)));
  const checked = checkedIndex(launch, 'x', i.load(i.at(`c${dim}`)), size, dimName, false);
  const value = x.load(x.at(...c));
  inOrder(launch, kind, values.shape, dim, () => {
    const sum =
      kind === 'f32'
        ? `${o.load(at)} + ${factor} * ${value}`
        : `i_add(${o.load(at)}, i_mul(${factor}, ${value}))`;
    return `${checked}\n    ${o.store(at, sum)}`;
  });
}

export function scatter(
  backend: WebGpuBackend,
  self: StridedView,
  dim: number,
  index: StridedView,
  src: StridedView,
  reduce: number,
): void {
  const launch = new Launch(backend, 'scatter');
  const kind: Kind = reduce === 0 ? 'raw' : numberKind(self.dtype);
  const [target, values, where] = [lined(self), lined(src), lined(index)];
  const [o, x, i] = [launch.output(target, kind), launch.input(values, kind), launch.input(where, 'i64')];
  const size = launch.int(target.shape[dim]);
  const dimName = launch.int(dim);
  const c = names('c', where.shape.length);
  const at = o.at(...c.map((name, d) => (d === dim ? 'x' : name)));
  const checked = checkedIndex(launch, 'x', i.load(i.at(...c)), size, dimName, false);
  const value = x.load(x.at(...c));
  inOrder(launch, `${kind} ${reduce}`, where.shape, dim, () => {
    const old = o.load(at);
    const f = kind === 'f32';
    const combined = [
      value,
      f ? `${old} + ${value}` : `i_add(${old}, ${value})`,
      f ? `${old} * ${value}` : `i_mul(${old}, ${value})`,
      `${f ? 'f' : 'i'}_maximum(${old}, ${value})`,
      `${f ? 'f' : 'i'}_minimum(${old}, ${value})`,
    ][reduce];
    return `${checked}\n    ${o.store(at, combined)}`;
  });
}

export function triangle(
  backend: WebGpuBackend,
  out: StridedView,
  input: StridedView,
  diagonal: number,
  upper: boolean,
): void {
  const launch = new Launch(backend, 'triangle');
  const [o, x] = [launch.output(out, 'raw'), launch.input(input, 'raw')];
  const count = product(out.shape);
  const total = launch.int(count);
  const shift = launch.int(diagonal);
  const decoded = coordinates(launch, 'c', 'id', out.shape);
  const n = out.shape.length;
  const c = names('c', n);
  const zero = out.dtype.itemsize === 8 ? 'vec2<u32>(0u)' : '0u';
  launch.runEach(`${n} ${upper}`, count, () =>
    entry(`
  if (id >= ${total}) { return; }
  ${decoded}
  let above = i32(c${n - 1}) - i32(c${n - 2}) ${upper ? '>=' : '<='} bitcast<i32>(${shift});
  ${o.store(o.at(...c), `select(${zero}, ${x.load(x.at(...c))}, above)`)}`),
  );
}
