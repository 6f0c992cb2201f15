/**
 * Matrix products, and convolutions as such. Large ones: tiles of both factors in workgroup memory, and 4 × 4 results, in
 * vectors, for each invocation. Small and narrow ones, where filling tiles and waiting for them costs more than it saves: each invocation
 * computes a few rows of a few columns straight from memory. Where there is little to keep the device busy and much to sum,
 * several share the sum, and a second pass adds their parts in order, so that results are the same every time.
 */
import { checkCount, WORKGROUP } from './gpu.js';
import { heldIn, type Launch, scratch } from './launch.js';
import { entry } from './operands.js';

/** Rows and columns of invocations in a workgroup, and steps of the sum that are loaded at once. */
const SIDE = 16;
/** How far apart the steps lie in workgroup memory: odd, so that invocations that store along the sum meet different banks. */
const PITCH = SIDE + 1;
/** So many workgroups keep a device busy. */
const BUSY = 64;
/** A part of a shared sum has at least so many terms. */
const LEAST_PART = 128;
/** Products of at most so many multiplications are computed without tiles. */
const SMALL = 2 ** 22;
/** Rows that one invocation computes then, of four columns where there are so many. */
const MOST_ROWS = 8;
const MANY_COLUMNS = 64;
/** So many invocations keep a device busy, and a part of a sum that they share has at least so many terms. */
const BUSY_INVOCATIONS = 4096;
const LEAST_SMALL_PART = 32;

export interface Product {
  /** Everything that its text depends on beside dtypes and strides' number. */
  readonly key: string;
  readonly kind: 'f32' | 'i64';
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** The sizes that the columns run over, as sizes whose product they are: a text may use the coordinates n0, … instead of n. */
  readonly across: readonly number[];
  /** Likewise what is summed over, with the coordinates k0, …. */
  readonly sum: readonly number[];
  /** Statements that return element (m, k) of factor `b` of the batch, and (k, n). Texts are made for new pipelines only. */
  readonly left: () => string;
  readonly right: () => string;
  /** Whether neighbours in memory of the left factor lie along the sum. */
  readonly leftAlongSum: boolean;
  /** The same of the right one. */
  readonly rightAlongSum: boolean;
  /** Statements that store the sum `v` at (b, m, n). */
  readonly finish: () => string;
}

/** The plan of a product: its workgroups. */
interface Plan {
  /** The key of its text. */
  readonly key: string;
  /** Into how many parts each sum is cut, and how long they are. */
  readonly parts: number;
  readonly chunk: number;
  readonly groups: number;
  readonly text: (names: Names) => string;
}

/** Names of the sizes in a plan's text. */
interface Names {
  readonly rows: string;
  readonly columns: string;
  readonly inner: string;
  readonly batch: string;
  readonly parts: string;
  readonly chunk: string;
  readonly across: readonly string[];
  readonly sum: readonly string[];
}

const typeOf = (kind: Product['kind']) => (kind === 'f32' ? 'f32' : 'vec2<u32>');
const zeroOf = (kind: Product['kind']) => (kind === 'f32' ? '0.0' : 'vec2<u32>(0u)');
const addProduct = (kind: Product['kind'], sum: string, a: string, b: string) =>
  kind === 'f32' ? `${sum} += ${a} * ${b};` : `${sum} = i_add(${sum}, i_mul(${a}, ${b}));`;
const upTo = (n: number) => [...new Array(n).keys()];

/** The arguments `name`, `name0`, … of a factor, and how they are declared. */
const coordinates = (name: string, sizes: readonly unknown[]) => [
  name,
  ...sizes.map((_, d) => `${name}${d}`),
];
const declared = (names: readonly string[]) => names.map((name) => `${name}: u32`).join(', ');

/** Statements: the coordinates `name0`, … of the number `name`. */
function decoded(name: string, sizes: readonly string[]): string {
  const lines: string[] = [];
  let rest = name;
  for (let d = sizes.length - 1; d > 0; d--) {
    lines.push(`var ${name}${d} = ${rest} % ${sizes[d]}; let ${name}_over${d} = ${rest} / ${sizes[d]};`);
    rest = `${name}_over${d}`;
  }
  return `${lines.join(' ')} var ${name}0 = ${rest};`;
}

/** Statements: the coordinates of the next number. Adding up is cheaper than dividing. */
function advanced(name: string, sizes: readonly string[]): string {
  let text = `${name}0++;`;
  for (let d = 1; d < sizes.length; d++)
    text = `${name}${d}++; if (${name}${d} == ${sizes[d]}) { ${name}${d} = 0u; ${text} }`;
  return text;
}

function planSmall({ kind, batch, rows, columns, inner }: Product): Plan {
  const each = Math.min(MOST_ROWS, 2 ** Math.ceil(Math.log2(rows)));
  const wide = columns >= MANY_COLUMNS ? 4 : 1;
  const span = Math.ceil(columns / wide);
  const invocations = batch * Math.ceil(rows / each) * span;
  const parts = Math.max(
    1,
    Math.min(Math.ceil(BUSY_INVOCATIONS / invocations), Math.floor(inner / LEAST_SMALL_PART), 64),
  );
  const range = upTo(each);
  // Columns lie as far apart as there are invocations side by side, so that neighbours read neighbouring memory.
  const across = upTo(wide).map((j) => `c${'abcd'[j]}`);
  return {
    key: `small ${each} ${wide}`,
    parts,
    chunk: Math.ceil(inner / parts),
    groups: Math.ceil((invocations * parts) / WORKGROUP),
    text: (names) => {
      const k = coordinates('k', names.sum);
      const right = (c: string) => `right(b, ${[...k, ...coordinates(c, names.across)].join(', ')})`;
      return entry(`
  let span = (${names.columns} + ${wide - 1}u) / ${wide}u;
  let strips = (${names.rows} + ${each - 1}u) / ${each}u;
  let first = id % span;
  let m = (id / span) % strips * ${each}u;
  let z = id / (span * strips);
  if (z >= ${names.batch} * ${names.parts}) { return; }
  let b = z % ${names.batch};
  let part = z / ${names.batch};
  ${across.map((c, j) => `let ${c} = min(first + ${j}u * span, ${names.columns} - 1u); ${decoded(c, names.across)}`).join('\n  ')}
  ${range.map((i) => `let m${i} = min(m + ${i}u, ${names.rows} - 1u); ${across.map((c) => `var s${i}${c} = ${zeroOf(kind)};`).join(' ')}`).join('\n  ')}
  let end = min((part + 1u) * ${names.chunk}, ${names.inner});
  var k = part * ${names.chunk};
  ${decoded('k', names.sum)}
  for (; k < end; k++) {
    ${across.map((c) => `let r${c} = ${right(c)};`).join(' ')}
    ${range.map((i) => `{ let l = left(b, m${i}, ${k.join(', ')}); ${across.map((c) => addProduct(kind, `s${i}${c}`, 'l', `r${c}`)).join(' ')} }`).join('\n    ')}
    ${advanced('k', names.sum)}
  }
  ${across.map((c, j) => `if (first + ${j}u * span < ${names.columns}) { ${range.map((i) => `finish(b, m + ${i}u, ${c}, part, s${i}${c});`).join(' ')} }`).join('\n  ')}`);
    },
  };
}

function planTiles({ kind, batch, rows, columns, inner, leftAlongSum, rightAlongSum }: Product): Plan {
  const each = kind === 'f32' && rows > 32 && columns > 32 ? 4 : 1;
  const tile = SIDE * each;
  const [down, across] = [Math.ceil(rows / tile), Math.ceil(columns / tile)];
  const tiles = batch * down * across;
  const parts = Math.max(1, Math.min(Math.ceil(BUSY / tiles), Math.floor(inner / LEAST_PART), 64));
  const range = upTo(each);
  const type = typeOf(kind);
  // An invocation's rows and columns are neighbours, so that a vector holds them.
  const vector = each === 1 ? type : `vec${each}<${type}>`;
  const vectorOf = (values: readonly string[]) =>
    each === 1 ? values[0] : `${vector}(${values.join(', ')})`;
  const part = (name: string, i: number) => (each === 1 ? name : `${name}.${'xyzw'[i]}`);
  // Neighbouring invocations load neighbours in memory: along the sum, or along the tile.
  const loaded = (name: string, alongSum: boolean) =>
    alongSum
      ? `let ${name}_step = lane % ${SIDE}u; let ${name}_at = lane / ${SIDE}u;`
      : `let ${name}_step = lane / ${SIDE}u; let ${name}_at = lane % ${SIDE}u;`;
  return {
    key: `tiles ${each} ${leftAlongSum} ${rightAlongSum}`,
    parts,
    chunk: Math.ceil(inner / parts / SIDE) * SIDE,
    groups: tiles * parts,
    text: (names) => {
      const [k, n] = [coordinates('k', names.sum), coordinates('n', names.across)];
      const right = range.map((j) => coordinates(`n${'abcd'[j]}`, names.across));
      return `
fn tile_left(isInside: bool, b: u32, m: u32, ${declared(k)}) -> ${type} {
  if (!isInside) { return ${zeroOf(kind)}; }
  return left(b, m, ${k.join(', ')});
}
fn tile_right(isInside: bool, b: u32, ${declared([...k, ...n])}) -> ${type} {
  if (!isInside) { return ${zeroOf(kind)}; }
  return right(b, ${[...k, ...n].join(', ')});
}
var<workgroup> lefts: array<${vector}, ${SIDE * PITCH}>;
var<workgroup> rights: array<${vector}, ${SIDE * PITCH}>;
${entry(`
  let tilesAcross = (${names.columns} + ${tile - 1}u) / ${tile}u;
  let tilesDown = (${names.rows} + ${tile - 1}u) / ${tile}u;
  let across = group % tilesAcross;
  let down = (group / tilesAcross) % tilesDown;
  let z = group / (tilesAcross * tilesDown);
  if (z >= ${names.batch} * ${names.parts}) { return; }
  let b = z % ${names.batch};
  let part = z / ${names.batch};
  ${loaded('left', leftAlongSum)} ${loaded('right', rightAlongSum)}
  let m = down * ${tile}u + left_at * ${each}u;
  ${right.map(([c], j) => `let ${c} = across * ${tile}u + right_at * ${each}u + ${j}u; ${decoded(c, names.across)}`).join('\n  ')}
  let row = lane / ${SIDE}u;
  let column = lane % ${SIDE}u;
  ${range.map((i) => `var s${i} = ${vectorOf(range.map(() => zeroOf(kind)))};`).join(' ')}
  let end = min((part + 1u) * ${names.chunk}, ${names.inner});
  for (var first = part * ${names.chunk}; first < end; first += ${SIDE}u) {
    {
      let k = first + left_step;
      ${decoded('k', names.sum)}
      lefts[left_step * ${PITCH}u + left_at] = ${vectorOf(range.map((i) => `tile_left(k < end && m + ${i}u < ${names.rows}, b, m + ${i}u, ${k.join(', ')})`))};
    }
    {
      let k = first + right_step;
      ${decoded('k', names.sum)}
      rights[right_step * ${PITCH}u + right_at] = ${vectorOf(right.map((c) => `tile_right(k < end && ${c[0]} < ${names.columns}, b, ${[...k, ...c].join(', ')})`))};
    }
    workgroupBarrier();
    for (var t = 0u; t < ${SIDE}u; t++) {
      let l = lefts[t * ${PITCH}u + row];
      let r = rights[t * ${PITCH}u + column];
      ${range.map((i) => addProduct(kind, `s${i}`, part('l', i), 'r')).join(' ')}
    }
    workgroupBarrier();
  }
  let firstRow = down * ${tile}u + row * ${each}u;
  let firstColumn = across * ${tile}u + column * ${each}u;
  ${range.flatMap((i) => range.map((j) => `finish(b, firstRow + ${i}u, firstColumn + ${j}u, part, ${part(`s${i}`, j)});`)).join('\n  ')}`)}`;
    },
  };
}

/**
 * Runs a product.
 *
 * @param open makes a launch with the operands bound; it is called again for the second pass
 */
export function runProduct(open: () => [Launch, Product]): void {
  const [launch, p] = open();
  const { kind, batch, rows, columns, inner } = p;
  const total = batch * rows * columns;
  if (total === 0) return;
  checkCount(launch.name, Math.max(total, inner));
  // Few rows leave tiles half empty, and many columns keep the device busy without sharing sums.
  const isNarrow = rows <= 2 * MOST_ROWS && columns >= BUSY_INVOCATIONS;
  const plan = total * inner <= SMALL || isNarrow ? planSmall(p) : planTiles(p);
  const { parts } = plan;
  const sizes = sizesOf(launch, p);
  const [across, sum] = [p.across, p.sum].map((list) => list.map((n) => launch.int(n)));
  const names = { ...sizes, parts: launch.int(parts), chunk: launch.int(plan.chunk), across, sum };
  const partial = parts > 1 ? scratch(launch.backend, parts * total, heldIn[kind]) : null;
  const target = partial === null ? null : launch.output(partial, kind);
  const type = typeOf(kind);
  const zero = zeroOf(kind);
  launch.run(
    `${kind} ${p.key} ${plan.key} ${parts > 1}`,
    () => `
fn left(b: u32, m: u32, ${declared(coordinates('k', sum))}) -> ${type} {
  ${p.left()}
}
fn right(b: u32, ${declared([...coordinates('k', sum), ...coordinates('n', across)])}) -> ${type} {
  ${p.right()}
}
fn finish(b: u32, m: u32, n: u32, part: u32, v: ${type}) {
  if (m >= ${sizes.rows} || n >= ${sizes.columns}) { return; }
  ${target === null ? p.finish() : target.store(`((part * ${sizes.batch} + b) * ${sizes.rows} + m) * ${sizes.columns} + n`, 'v')}
}
${plan.text(names)}`,
    plan.groups,
  );
  if (partial === null) return;
  const [second, q] = open();
  const count = sizesOf(second, q);
  const source = second.input(partial, kind);
  const partsName = second.int(parts);
  second.runEach(
    `${kind} ${p.key} parts`,
    total,
    () => `
fn finish(b: u32, m: u32, n: u32, v: ${type}) { ${q.finish()} }
${entry(`
  let size = ${count.batch} * ${count.rows} * ${count.columns};
  if (id >= size) { return; }
  var sum = ${zero};
  for (var i = 0u; i < ${partsName}; i++) {
    let v = ${source.load('(i * size + id)')};
    sum = ${kind === 'f32' ? 'sum + v' : 'i_add(sum, v)'};
  }
  let n = id % ${count.columns};
  let rest = id / ${count.columns};
  finish(rest / ${count.rows}, rest % ${count.rows}, n, sum);`)}`,
  );
  launch.backend.release(partial.storage, 'engine');
}

function sizesOf(launch: Launch, p: Product) {
  return {
    batch: launch.int(p.batch),
    rows: launch.int(p.rows),
    columns: launch.int(p.columns),
    inner: launch.int(p.inner),
  };
}
