/** Elements moved by index. */
import { int64 } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { relaid } from '../../relaid.js';
import { dense, type GpuBackend, identity, Launch, type Ref, scratch } from '../launch.js';
import { product } from '../loops.js';
import { entry, type Kind } from '../operands.js';
import { index_put_accumulate } from './accumulate.js';
import { checkedIndex, coordinates, lined, names } from './checked_indices.js';

type List = readonly number[];

/** Storages that advanced indexing needs beside those of its indices: both sides, and the record of faults. */
const OTHERS = 3;

/** Calls `body` with the indices, in one storage where the adapter does not bind so many. */
function withIndices(
  backend: GpuBackend,
  indices: readonly StridedView[],
  body: (indices: readonly StridedView[]) => void,
): void {
  if (indices.length + OTHERS <= backend.gpu.limits.bindings) {
    body(indices);
    return;
  }
  const count = product(indices[0].shape);
  const { storage } = scratch(backend, indices.length * count, int64);
  const copies = indices.map((view, k) => {
    const copy = relaid(view, { storage, strides: dense(view.shape), offset: k * count });
    backend.pointwise(identity.i64, view.shape, [copy], [view], []);
    return copy;
  });
  body(copies);
  backend.release(storage, 'engine');
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
  backend: GpuBackend,
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
  backend: GpuBackend,
  { out, input, indices, sizes, strides, before }: KernelArguments<'index_get'>,
): void {
  withIndices(backend, indices, (bound) => {
    const { launch, shaped, indexed, place } = advanced(
      backend,
      'index',
      out,
      input,
      bound,
      sizes,
      strides,
      before,
      'shaped',
      'raw',
    );
    const count = product(out.shape);
    const total = launch.int(count);
    const decoded = coordinates(launch, 'c', 'id', out.shape);
    launch.runEach(`${out.shape.length} ${bound.length} ${bound[0].shape.length} ${before}`, count, () =>
      entry(`
  if (id >= ${total}) { return; }
  ${decoded}
  ${place}
  ${shaped.store(shaped.at(...names('c', out.shape.length)), indexed.load('place'))}`),
    );
  });
}

export function index_put(
  backend: GpuBackend,
  { self, values, indices, sizes, strides, before, accumulate }: KernelArguments<'index_put'>,
): void {
  withIndices(backend, indices, (bound) => {
    if (accumulate) {
      index_put_accumulate(backend, self, values, bound, sizes, strides, before);
      return;
    }
    const { launch, shaped, indexed, place } = advanced(
      backend,
      'index_put',
      values,
      self,
      bound,
      sizes,
      strides,
      before,
      'indexed',
      'raw',
    );
    const { shape } = values;
    const count = product(shape);
    const total = launch.int(count);
    const decoded = coordinates(launch, 'c', 'id', shape);
    launch.runEach(`${shape.length} ${bound.length} ${bound[0].shape.length} ${before}`, count, () =>
      entry(`
  if (id >= ${total}) { return; }
  ${decoded}
  ${place}
  ${indexed.store('place', shaped.load(shaped.at(...names('c', shape.length))))}`),
    );
  });
}

// ---- along one dimension -------------------------------------------------------------------------------------------

export function index_select(
  backend: GpuBackend,
  { out, input, dim, index }: KernelArguments<'index_select'>,
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

export function gather(backend: GpuBackend, { out, input, dim, index }: KernelArguments<'gather'>): void {
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

export function triangle(
  backend: GpuBackend,
  { out, input, diagonal, upper }: KernelArguments<'triangle'>,
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
