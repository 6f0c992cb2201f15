/** Operations of floating-point numbers that calls take, for the ops of which PyTorch counts them. */
import { Tensor } from '../core/tensor.js';

type Counting = (args: readonly unknown[], result: Tensor) => number;

const shapeOf = (value: unknown): readonly number[] => (value instanceof Tensor ? value.shape : []);
const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Products of matrices: two operations for each pair of elements that meet. */
const ofProduct =
  (at: number): Counting =>
  (args, result) =>
    2 * product(result.shape) * (shapeOf(args[at]).at(-1) ?? 0);

const ofConvolution: Counting = (args, result) =>
  2 * product(result.shape) * product(shapeOf(args[1]).slice(1));
const ofElements: Counting = (args) => product(shapeOf(args[0]));

const countings = new Map<string, Counting>([
  ['mm', ofProduct(0)],
  ['addmm', ofProduct(1)],
  ['bmm', ofProduct(0)],
  ['baddbmm', ofProduct(1)],
  ['conv2d', ofConvolution],
  ['mul', ofElements],
  ['add', ofElements],
]);

/** The operations that a call took; 0 where PyTorch does not count them. */
export function flopsOf(op: string, args: readonly unknown[], result: unknown): number {
  return result instanceof Tensor ? (countings.get(op)?.(args, result) ?? 0) : 0;
}
