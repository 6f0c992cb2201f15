/** Parts that kernels that move elements by index share: coordinates, and indices that are checked. */
import type { StridedView } from '../../backend.js';
import { relaid } from '../../relaid.js';
import { faults } from '../gpu.js';
import type { Launch } from '../launch.js';
import { noteFault } from '../pointwise.js';

type List = readonly number[];

/** Statements for the coordinates `name0`, … of the row-major number `from`. */
export function coordinates(launch: Launch, name: string, from: string, shape: List): string {
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

export const names = (name: string, count: number): string[] =>
  [...new Array(count).keys()].map((d) => `${name}${d}`);

/** Statements: `name` is an index below the size, or the fault is noted and the invocation ends. */
export function checkedIndex(
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

/** The shape of a view as one of at least one dimension. */
export function lined(view: StridedView): StridedView {
  return view.shape.length > 0 ? view : relaid(view, { shape: [1], strides: [1] });
}
