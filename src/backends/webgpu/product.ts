/**
 * Matrix products, and convolutions as such: tiles of both factors in workgroup memory, and in large products 4 × 4
 * results for each invocation. Where there are few tiles and much to sum, workgroups share the sum, and a second pass adds their
 * parts in order, so that results are the same every time.
 */
import { WORKGROUP } from './gpu.js';
import { heldIn, type Launch, scratch } from './launch.js';
import { entry } from './operands.js';

/** Rows and columns of invocations in a workgroup, and steps of the sum that are loaded at once. */
const SIDE = 16;
/** So many workgroups keep a device busy. */
const BUSY = 64;
/** A part of a shared sum has at least so many terms. */
const LEAST_PART = 128;

export interface Product {
  readonly kind: 'f32' | 'i64';
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Statements that return element (m, k) of factor `b` of the batch, and (k, n). */
  readonly left: string;
  readonly right: string;
  /** Whether neighbours in memory of the left factor lie along the sum. */
  readonly leftAlongSum: boolean;
  /** The same of the right one. */
  readonly rightAlongSum: boolean;
  /** Statements that store the sum `v` at (b, m, n). */
  readonly finish: string;
}

/**
 * Runs a product.
 *
 * @param open makes a launch with the operands bound; it is called again for the second pass
 */
export function runProduct(key: string, open: () => [Launch, Product]): void {
  const [launch, p] = open();
  const { kind, batch, rows, columns, inner } = p;
  if (batch * rows * columns === 0) return;
  const each = kind === 'f32' && rows > 32 && columns > 32 ? 4 : 1;
  const tile = SIDE * each;
  const tiles = batch * Math.ceil(rows / tile) * Math.ceil(columns / tile);
  const parts = Math.max(1, Math.min(Math.ceil(BUSY / tiles), Math.floor(inner / LEAST_PART), 64));
  const sizes = sizesOf(launch, p);
  const tilesDown = launch.int(Math.ceil(rows / tile));
  const tilesAcross = launch.int(Math.ceil(columns / tile));
  const chunk = launch.int(Math.ceil(inner / parts / SIDE) * SIDE);
  const partCount = launch.int(parts);
  const total = batch * rows * columns;
  const partial = parts > 1 ? scratch(launch.backend, parts * total, heldIn[kind]) : null;
  const target = partial === null ? null : launch.output(partial, kind);
  const type = kind === 'f32' ? 'f32' : 'vec2<u32>';
  const zero = kind === 'f32' ? '0.0' : 'vec2<u32>(0u)';
  const add = (sum: string, a: string, b: string) =>
    kind === 'f32' ? `${sum} += ${a} * ${b};` : `${sum} = i_add(${sum}, i_mul(${a}, ${b}));`;
  const range = [...new Array(each).keys()];
  const all = range.flatMap((i) => range.map((j) => [i, j] as const));
  launch.run(
    `${key} ${each} ${parts > 1} ${p.leftAlongSum} ${p.rightAlongSum}`,
    () => `
fn left(b: u32, m: u32, k: u32, end: u32) -> ${type} {
  if (m >= ${sizes.rows} || k >= end) { return ${zero}; }
  ${p.left}
}
fn right(b: u32, k: u32, n: u32, end: u32) -> ${type} {
  if (n >= ${sizes.columns} || k >= end) { return ${zero}; }
  ${p.right}
}
fn finish(b: u32, m: u32, n: u32, part: u32, v: ${type}) {
  if (m >= ${sizes.rows} || n >= ${sizes.columns}) { return; }
  ${target === null ? p.finish : target.store(`((part * ${sizes.batch} + b) * ${sizes.rows} + m) * ${sizes.columns} + n`, 'v')}
}
var<workgroup> lefts: array<${type}, ${SIDE * tile}>;
var<workgroup> rights: array<${type}, ${SIDE * tile}>;
${entry(`
  let across = group % ${tilesAcross};
  let down = (group / ${tilesAcross}) % ${tilesDown};
  let z = group / (${tilesAcross} * ${tilesDown});
  if (z >= ${sizes.batch} * ${partCount}) { return; }
  let b = z % ${sizes.batch};
  let part = z / ${sizes.batch};
  let row = lane / ${SIDE}u;
  let column = lane % ${SIDE}u;
  ${all.map(([i, j]) => `var s${i}${j} = ${zero};`).join(' ')}
  let end = min((part + 1u) * ${chunk}, ${sizes.inner});
  for (var k = part * ${chunk}; k < end; k += ${SIDE}u) {
    for (var i = lane; i < ${SIDE * tile}u; i += ${WORKGROUP}u) {
      ${
        p.leftAlongSum
          ? `lefts[(i % ${SIDE}u) * ${tile}u + i / ${SIDE}u] = left(b, down * ${tile}u + i / ${SIDE}u, k + i % ${SIDE}u, end);`
          : `lefts[i] = left(b, down * ${tile}u + i % ${tile}u, k + i / ${tile}u, end);`
      }
      ${
        p.rightAlongSum
          ? `rights[(i % ${SIDE}u) * ${tile}u + i / ${SIDE}u] = right(b, k + i % ${SIDE}u, across * ${tile}u + i / ${SIDE}u, end);`
          : `rights[i] = right(b, k + i / ${tile}u, across * ${tile}u + i % ${tile}u, end);`
      }
    }
    workgroupBarrier();
    for (var t = 0u; t < ${SIDE}u; t++) {
      ${range.map((i) => `let l${i} = lefts[t * ${tile}u + row + ${SIDE * i}u]; let r${i} = rights[t * ${tile}u + column + ${SIDE * i}u];`).join('\n      ')}
      ${all.map(([i, j]) => add(`s${i}${j}`, `l${i}`, `r${j}`)).join(' ')}
    }
    workgroupBarrier();
  }
  ${all.map(([i, j]) => `finish(b, down * ${tile}u + row + ${SIDE * i}u, across * ${tile}u + column + ${SIDE * j}u, part, s${i}${j});`).join('\n  ')}`)}`,
    tiles * parts,
  );
  if (partial === null) return;
  const [second, q] = open();
  const count = sizesOf(second, q);
  const source = second.input(partial, kind);
  const partsName = second.int(parts);
  second.runEach(
    `${key} parts`,
    total,
    () => `
fn finish(b: u32, m: u32, n: u32, v: ${type}) { ${q.finish} }
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
