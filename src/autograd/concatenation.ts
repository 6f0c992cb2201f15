/** Joining the rows of a Jacobian, which is an op's work. */
import type { Tensor } from '../core/tensor.js';

type Join = (rows: readonly Tensor[], like: Tensor) => Tensor;

let join: Join;

/** Rows as one tensor; none make an empty one like `like`. */
export const concatenated: Join = (rows, like) => join(rows, like);

/** Called once by the ops layer, which can join tensors. */
export function provideConcatenation(given: Join): void {
  join = given;
}
