/**
 * Running sums, products and extremes: an invocation for each short row; a workgroup for each chunk of a long one, each lane a stretch
 * of it, once the states before the chunks are known.
 */
import { int32, int64 } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { relaid } from '../../relaid.js';
import { WORKGROUP } from '../gpu.js';
import { type GpuBackend, heldIn, Launch, numberKind, scratch } from '../launch.js';
import { product } from '../loops.js';
import { entry } from '../operands.js';
import { literal } from '../program_text.js';

/** Rows up to this length are one invocation's. */
const SHORT = 512;
/** Elements of a lane, and of a workgroup. */
const STRETCH = 16;
const CHUNK = WORKGROUP * STRETCH;

function lined(view: StridedView): StridedView {
  return view.shape.length > 0 ? view : relaid(view, { shape: [1], strides: [1] });
}

/** The state of a scan, how one is made of a number (`state_of`) and put together with what comes later (`join`), and what it comes to (`value_of`). */
function stateFunctions(
  kind: KernelArguments<'scan'>['kind'],
  f: boolean,
): { start: string; functions: string } {
  const held = f ? 'f32' : 'i64';
  const type = f ? 'f32' : 'vec2<u32>';
  /** States of floats that are sums of a kind have a second part. */
  const inParts = (none: string, one: string, joined: string, value: string, type = 'vec2<f32>') => ({
    start: `State(${none}, 0xffffffffu)`,
    functions: `struct State { v: ${type}, place: u32 }
fn state_of(v: f32, place: u32) -> State { return State(${one}, place); }
fn join(s: State, t: State) -> State {
  let a = s.v;
  let b = t.v;
  ${joined}
}
fn value_of(s: State) -> f32 { let a = s.v; return ${value}; }
`,
  });
  // What rounding has taken from a sum or product; the largest number, the sum of exponentials less it, and its rest.
  if (f && kind === 'sum')
    return inParts(
      'vec2(0.0, 0.0)',
      'vec2(v, 0.0)',
      'return State(sum_of_parts(a, b), t.place);',
      'whole(a)',
    );
  if (f && kind === 'product')
    return inParts(
      'vec2(1.0, 0.0)',
      'vec2(v, 0.0)',
      'return State(product_of_parts(a, b), t.place);',
      'whole(a)',
    );
  if (kind === 'logsumexp')
    return inParts(
      `vec3(${literal(-Infinity, 'f32')}, 0.0, 0.0)`,
      'vec3(v, 1.0, 0.0)',
      `let top = f_maximum(a.x, b.x);
  let left = select(f_exp(a.x - top), 1.0, a.x == top);
  let right = select(f_exp(b.x - top), 1.0, b.x == top);
  let sum = sum_in_parts(a.y * left, b.y * right);
  return State(vec3(top, sum.x, (a.z * left + b.z * right) + sum.y), t.place);`,
      'select(log_onto(a.x, a.y) + a.z / a.y, a.x, is_nan(a.x) || is_inf(a.x))',
      'vec3<f32>',
    );
  const isExtreme = kind === 'max' || kind === 'min';
  const [x, y] = kind === 'max' ? ['b.v', 'a.v'] : ['a.v', 'b.v'];
  // Among equals the last one is named, and NaN wins for good.
  const later = f ? `is_nan(b.v) || (!is_nan(a.v) && ${x} >= ${y})` : `!i_less(${x}, ${y})`;
  const body = isExtreme
    ? `if (a.place == 0xffffffffu) { return b; }
  if (b.place == 0xffffffffu) { return a; }
  if (${later}) { return b; }
  return a;`
    : `return State(${kind === 'sum' ? 'i_add' : 'i_mul'}(a.v, b.v), b.place);`;
  return {
    start: `State(${literal(kind === 'product' ? 1 : 0, held)}, 0xffffffffu)`,
    functions: `struct State { v: ${type}, place: u32 }
fn state_of(v: ${type}, place: u32) -> State { return State(v, place); }
fn join(a: State, b: State) -> State {
  ${body}
}
fn value_of(s: State) -> ${type} { return s.v; }
`,
  };
}

/** The states of the chunks of long rows: values, and places where somebody wants to know them. */
interface Chunks {
  readonly values: StridedView;
  readonly places: StridedView | null;
}

/** How a launch loads and stores the state of a chunk. */
function chunkStates(launch: Launch, { values, places }: Chunks, held: 'f32' | 'i64') {
  const v = launch.output(values, held);
  const p = places === null ? null : launch.output(places, 'raw');
  return {
    load: (at: string) => `state_of(${v.load(at)}, ${p === null ? '0u' : p.load(at)})`,
    store: (at: string, state: string) =>
      `{ let stored = ${state}; ${v.store(at, 'value_of(stored)')} ${p === null ? '' : p.store(at, 'stored.place')} }`,
  };
}

/** A workgroup's lanes put their states together by so many at a time: short sums of short sums round less than one long one. */
const SIDE = Math.sqrt(WORKGROUP);

/** Each lane's state after its stretch from `begin` to `end`, then that of all before it as `state`. */
const joinLanes = (start: string, take: string): string => `
  var state = ${start};
  for (var j = begin; j < end; j++) { ${take} }
  cells[lane] = state;
  workgroupBarrier();
  if (lane < ${SIDE}u) {
    state = ${start};
    for (var k = lane * ${SIDE}u; k < (lane + 1u) * ${SIDE}u; k++) { state = join(state, cells[k]); }
    sides[lane] = state;
  }
  workgroupBarrier();
  let side = lane / ${SIDE}u;
  state = ${start};
  for (var k = 0u; k < side; k++) { state = join(state, sides[k]); }
  var near = ${start};
  for (var k = side * ${SIDE}u; k < lane; k++) { near = join(near, cells[k]); }
  state = join(state, near);`;

export function scan(backend: GpuBackend, { out, indices, input, dim, kind }: KernelArguments<'scan'>): void {
  const held = numberKind(input.dtype);
  const [target, source] = [lined(out), lined(input)];
  const length = source.shape[dim];
  const rows = product(source.shape) / length;
  const isShort = length <= SHORT;
  const count = isShort ? 1 : Math.ceil(length / CHUNK);
  const name = `scan ${kind}`;
  const cells = `var<workgroup> cells: array<State, ${WORKGROUP}>;\nvar<workgroup> sides: array<State, ${SIDE}>;\n`;
  const texts = () => stateFunctions(kind, held === 'f32');

  /** Parts of a pass over the elements: their place, and statements that take one up. */
  const open = (passName: string) => {
    const launch = new Launch(backend, passName);
    const [rowCount, lengthName, countName] = [rows, length, count].map((n) => launch.int(n));
    const sizes = source.shape.map((n) => launch.int(n));
    const lines = ['var rest = row;'];
    for (let d = sizes.length - 1; d >= 0; d--)
      if (d !== dim) lines.push(`let c${d} = rest % ${sizes[d]}; rest /= ${sizes[d]};`);
    const c = sizes.map((_, d) => (d === dim ? 'j' : `c${d}`));
    const x = launch.input(source, held);
    return {
      launch,
      rowCount,
      lengthName,
      c,
      lines: lines.join(' '),
      take: `state = join(state, state_of(${x.load(x.at(...c))}, j));`,
      chunk: `
  if (group >= ${rowCount} * ${countName}) { return; }
  let row = group / ${countName};
  ${lines.join(' ')}
  let begin = (group % ${countName}) * ${CHUNK}u + lane * ${STRETCH}u;
  let end = min(begin + ${STRETCH}u, ${lengthName});`,
    };
  };
  const key = `${source.shape.length} ${dim} ${indices !== null}`;

  const chunks: Chunks | null =
    count === 1
      ? null
      : {
          values: scratch(backend, rows * count, heldIn[held]),
          places: indices === null ? null : scratch(backend, rows * count, int32),
        };
  if (chunks !== null) {
    const { launch, chunk, take } = open(`${name} of chunks`);
    const states = chunkStates(launch, chunks, held);
    launch.run(
      key,
      () => {
        const { start, functions } = texts();
        return `${functions}${cells}${entry(`${chunk}${joinLanes(start, take)}
  if (lane == ${WORKGROUP - 1}u) { ${states.store('group', 'join(state, cells[lane])')} }`)}`;
      },
      rows * count,
    );
    beforeChunks(backend, name, chunks, rows, count, held, texts, cells);
  }

  const { launch, rowCount, lengthName, c, lines, take, chunk } = open(name);
  const o = launch.output(target, held);
  const i = indices === null ? null : launch.output(lined(indices), 'i64');
  const put = `${o.store(o.at(...c), 'value_of(state)')} ${i === null ? '' : i.store(i.at(...c), 'vec2<u32>(state.place, 0u)')}`;
  const states = chunks === null ? null : chunkStates(launch, chunks, held);
  launch.run(
    `${key} ${isShort} ${chunks !== null}`,
    () => {
      const { start, functions } = texts();
      return isShort
        ? `${functions}${entry(`
  if (id >= ${rowCount}) { return; }
  let row = id;
  ${lines}
  var state = ${start};
  for (var j = 0u; j < ${lengthName}; j++) { ${take} ${put} }`)}`
        : `${functions}${cells}${entry(`${chunk}${joinLanes(start, take)}
  ${states === null ? '' : `state = join(${states.load('group')}, state);`}
  for (var j = begin; j < end; j++) { ${take} ${put} }`)}`;
    },
    isShort ? Math.ceil(rows / WORKGROUP) : rows * count,
  );
  if (chunks === null) return;
  backend.release(chunks.values.storage, 'engine');
  if (chunks.places !== null) backend.release(chunks.places.storage, 'engine');
}

/** Turns the state of each chunk into that of all before it in its row. */
function beforeChunks(
  backend: GpuBackend,
  name: string,
  chunks: Chunks,
  rows: number,
  count: number,
  held: 'f32' | 'i64',
  texts: () => { start: string; functions: string },
  cells: string,
): void {
  const launch = new Launch(backend, `${name} before chunks`);
  const states = chunkStates(launch, chunks, held);
  const [rowCount, countName, stretch] = [rows, count, Math.ceil(count / WORKGROUP)].map((n) =>
    launch.int(n),
  );
  const at = `(group * ${countName} + j)`;
  launch.run(
    `${chunks.places !== null}`,
    () => {
      const { start, functions } = texts();
      return `${functions}${cells}${entry(`
  if (group >= ${rowCount}) { return; }
  let begin = lane * ${stretch};
  let end = min(begin + ${stretch}, ${countName});${joinLanes(start, `state = join(state, ${states.load(at)});`)}
  for (var j = begin; j < end; j++) {
    let own = ${states.load(at)};
    ${states.store(at, 'state')}
    state = join(state, own);
  }`)}`;
    },
    rows,
  );
}

/** Coordinates of what is not zero: how many are before each tells where they go. */
export function nonzero(backend: GpuBackend, { out, input }: KernelArguments<'nonzero'>): void {
  const source = lined(input);
  const count = product(source.shape);
  if (count === 0 || out.shape[0] === 0) return;
  const ranks = scratch(backend, count, int64);
  const held = numberKind(source.dtype);
  const each = (name: string, body: (launch: Launch, c: string[]) => () => string) => {
    const launch = new Launch(backend, name);
    const sizes = source.shape.map((n) => launch.int(n));
    const total = launch.int(count);
    const c = sizes.map((_, d) => `c${d}`);
    const text = body(launch, c);
    const lines = ['var rest = id;'];
    for (let d = sizes.length - 1; d >= 0; d--)
      lines.push(`let c${d} = rest % ${sizes[d]}; rest /= ${sizes[d]};`);
    // A 0-d tensor is lined up as one of one dimension, but has no coordinates.
    launch.runEach(`${sizes.length}of${input.shape.length}`, count, () =>
      entry(`
  if (id >= ${total}) { return; }
  ${lines.join(' ')}
  ${text()}`),
    );
  };
  const isTrue = (v: string) => (held === 'f32' ? `f_true(${v})` : `i_true(${v})`);
  each('nonzero flags', (launch, c) => {
    const x = launch.input(source, held);
    const r = launch.output(ranks, 'i64');
    return () => r.store('id', `i_truth(${isTrue(x.load(x.at(...c)))})`);
  });
  scan(backend, { out: ranks, indices: null, input: ranks, dim: 0, kind: 'sum' });
  each('nonzero', (launch, c) => {
    const x = launch.input(source, held);
    const r = launch.input(ranks, 'i64');
    const o = launch.output(out, 'i64');
    const dims = input.shape.length;
    return () => `if (${isTrue(x.load(x.at(...c)))}) {
    let rank = ${r.load('id')}.x - 1u;
    ${c
      .slice(0, dims)
      .map((name, d) => o.store(`(rank * ${dims}u + ${d}u)`, `vec2<u32>(${name}, 0u)`))
      .join(' ')}
  }`;
  });
  backend.release(ranks.storage, 'engine');
}
