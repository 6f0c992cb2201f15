/**
 * A product of a step's few rows with matrices that stay, and what is done with it, in one dispatch. An invocation computes a column of several
 * rows straight from memory; where there are few of both, several share a sum and put their parts together in workgroup memory.
 */
import { WORKGROUP } from '../gpu.js';
import type { Launch, Ref } from '../launch.js';
import { entry } from '../operands.js';

/** Rows of one invocation. */
const MOST_ROWS = 8;
/** So many invocations keep a device busy. */
const BUSY = 4096;
/** Invocations that share a sum, and the least number of terms for each of them. */
const MOST_PARTS = 8;
const LEAST_PART = 128;

export interface StepProduct {
  readonly rows: number;
  readonly columns: number;
  /** The rows, [i, k], each of which is dense, and matrices, [sum, k, j]; null: there is no product. */
  readonly factors: readonly [left: Ref, right: Ref] | null;
  /** Statements for row i and column j with the sums `s0`, … at hand. */
  readonly finish: () => string;
}

const halvings = (most: number, limit: number): number =>
  Math.min(most, 2 ** Math.floor(Math.log2(Math.max(1, limit))));

/** Runs a product; the key has all that its texts depend on beside dtypes. */
export function runStepProduct(
  launch: Launch,
  key: string,
  { rows, columns, factors, finish }: StepProduct,
): void {
  const total = rows * columns;
  const [count, inner] = factors?.[1].view.shape ?? [0, 0];
  const each = halvings(MOST_ROWS, total / BUSY);
  const parts =
    each > 1 || factors === null ? 1 : halvings(MOST_PARTS, Math.min(BUSY / total, inner / LEAST_PART));
  const span = WORKGROUP / parts;
  const [rowCount, columnCount, innerCount] = [rows, columns, inner].map((n) => launch.int(n));
  const step = launch.int(factors?.[1].view.strides[1] ?? 0);
  const sums = Array.from({ length: count }, (_, s) => `s${s}`);
  const range = [...new Array(each).keys()];
  const invocations = Math.ceil(rows / each) * columns;
  launch.run(
    `${key} ${each} ${parts}`,
    () => {
      const loop = (begin: string, end: string) => {
        if (factors === null) return '';
        const [left, right] = factors;
        return `
  ${range.map((r) => `var l${r} = 0u; { let i = min(first + ${r}u, ${rowCount} - 1u); l${r} = ${left.at('i', '0u')}; }`).join(' ')}
  ${sums.map((s, n) => `let ${s}_at = ${right.at(`${n}u`, '0u', 'j')};`).join(' ')}
  ${range.flatMap((r) => sums.map((s) => `var ${s}_${r} = 0.0;`)).join(' ')}
  for (var k = ${begin}; k < ${end}; k++) {
    let to = k * ${step};
    ${sums.map((s, n) => `let r${n} = ${right.load(`${s}_at + to`)};`).join(' ')}
    ${range.map((r) => `{ let l = ${left.load(`l${r} + k`)}; ${sums.map((s, n) => `${s}_${r} += l * r${n};`).join(' ')} }`).join('\n    ')}
  }`;
      };
      const body = `fn finish(${['i: u32', 'j: u32', ...sums.map((s) => `${s}: f32`)].join(', ')}) {
  if (i >= ${rowCount}) { return; }
  ${finish()}
}
`;
      if (parts === 1)
        return `${body}${entry(`
  let j = id % ${columnCount};
  let first = id / ${columnCount} * ${each}u;
  if (first >= ${rowCount}) { return; }
${loop('0u', innerCount)}
  ${range.map((r) => `finish(${[`first + ${r}u`, 'j', ...sums.map((s) => `${s}_${r}`)].join(', ')});`).join('\n  ')}`)}`;
      return `${body}var<workgroup> cells: array<f32, ${WORKGROUP * sums.length}>;
${entry(`
  let place = group * ${span}u + lane % ${span}u;
  let part = lane / ${span}u;
  let j = place % ${columnCount};
  let first = place / ${columnCount};
  let chunk = (${innerCount} + ${parts - 1}u) / ${parts}u;
${loop('part * chunk', `min((part + 1u) * chunk, ${innerCount})`)}
  ${sums.map((s, n) => `cells[${n * WORKGROUP}u + lane] = ${s}_0;`).join(' ')}
  workgroupBarrier();
  if (part > 0u) { return; }
  for (var p = ${span}u; p < ${WORKGROUP}u; p += ${span}u) { ${sums.map((s, n) => `${s}_0 += cells[${n * WORKGROUP}u + p + lane];`).join(' ')} }
  finish(${['first', 'j', ...sums.map((s) => `${s}_0`)].join(', ')});`)}`;
    },
    Math.ceil((invocations * parts) / WORKGROUP),
  );
}
