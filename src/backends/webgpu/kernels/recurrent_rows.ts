/** Rows of a recurrent layer's steps as views, and the pieces that a step falls into. */
import type { StridedView } from '../../backend.js';
import type { Program } from '../../program.js';
import { relaid } from '../../relaid.js';
import { type GpuBackend, identity, scratch } from '../launch.js';

/** How many sequences each step has; whoever records steps must know. */
export function sizesOf(sizes: StridedView | null): readonly number[] | null {
  if (sizes === null) return null;
  const { buffer, byteOffset } = sizes.storage.host()!;
  const numbers = new BigInt64Array(buffer, byteOffset + 8 * sizes.offset, sizes.shape[0]);
  return [...numbers].map(Number);
}

/** Some rows of a view. */
export function rowsOf(view: StridedView, first: number, count: number): StridedView {
  return relaid(view, {
    offset: view.offset + first * view.strides[0],
    shape: [count, ...view.shape.slice(1)],
  });
}

/** Rows of all gates, a matrix, as [row, gate, unit]; and likewise a matrix or vector whose rows are all gates. */
export const byGate = (view: StridedView, gates: number, dim: number): StridedView => {
  const { shape, strides } = view;
  const units = shape[dim] / gates;
  return relaid(view, {
    shape: [...shape.slice(0, dim), gates, units, ...shape.slice(dim + 1)],
    strides: [...strides.slice(0, dim), units * strides[dim], strides[dim], ...strides.slice(dim + 1)],
  });
};

/** A view's last two dimensions turned: as it lies, or `packed` in memory of its own, in which neighbouring columns are neighbours. */
export function turned(backend: GpuBackend, view: StridedView, packed: boolean): StridedView {
  const turn = (list: readonly number[]) => [
    ...list.slice(0, -2),
    list[list.length - 1],
    list[list.length - 2],
  ];
  const shape = turn(view.shape);
  const there = relaid(view, { shape, strides: turn(view.strides) });
  if (!packed) return there;
  const to = scratch(backend, shape, view.dtype);
  copy(backend, to, there);
  return to;
}

export function copy(backend: GpuBackend, to: StridedView, from: StridedView): void {
  backend.pointwise(identity.f32, to.shape, [to], [from], []);
}

const zero: Program = { ...identity.f32, inputs: 0, constants: [0] };

export function clear(backend: GpuBackend, view: StridedView): void {
  backend.pointwise(zero, view.shape, [view], [], []);
}

/** Calls f(first, count) for the pieces of `rows` between these bounds, where what a row comes from changes. */
export function eachPiece(
  rows: number,
  bounds: readonly number[],
  f: (first: number, count: number) => void,
): void {
  const cuts = [...new Set([0, rows, ...bounds.map((n) => Math.min(n, rows))])].sort((a, b) => a - b);
  for (let i = 1; i < cuts.length; i++) f(cuts[i - 1], cuts[i] - cuts[i - 1]);
}

/** Copies of rows, those that lie next to each other on both sides as one. */
export class RowCopies {
  private to: StridedView | null = null;
  private from: StridedView | null = null;

  constructor(private readonly backend: GpuBackend) {}

  add(to: StridedView, from: StridedView): void {
    if (this.to !== null && this.from !== null && follows(this.to, to) && follows(this.from, from)) {
      const count = this.to.shape[0] + to.shape[0];
      this.to = rowsOf(this.to, 0, count);
      this.from = rowsOf(this.from, 0, count);
      return;
    }
    this.finish();
    [this.to, this.from] = [to, from];
  }

  finish(): void {
    if (this.to !== null && this.from !== null) copy(this.backend, this.to, this.from);
    this.to = null;
  }
}

const follows = (a: StridedView, b: StridedView): boolean =>
  a.storage === b.storage && a.offset + a.shape[0] * a.strides[0] === b.offset;
