/** Stand-ins for arguments in the tables of hints. */
import * as torch from '../../src/index.js';

/** Alternatives by parameter. */
export type Choices = Readonly<Record<string, readonly unknown[]>>;

/** A floating-point tensor to be made of these sizes; `complex` of complex numbers. */
export class Values {
  constructor(
    readonly shape: readonly number[],
    readonly isComplex = false,
  ) {}
}

/** A positive-definite matrix to be made, or a stack of them. */
export class Positive extends Values {}

export const positive = (...shape: number[]): Values => new Positive(shape);
export const values = (...shape: number[]): Values => new Values(shape);
export const complex = (...shape: number[]): Values => new Values(shape, true);
export const index = (data: torch.TensorData): torch.Tensor => torch.tensor(data, { dtype: torch.int64 });
/** Swaps of so many rows, as factorizations give them: the first with the last. */
export const swaps = (n: number): torch.Tensor =>
  torch.tensor([n, ...Array.from({ length: n - 1 }, (_, i) => i + 2)], { dtype: torch.int32 });
/** Numbers that are not differentiated by. */
export const constant = (data: torch.TensorData): torch.Tensor =>
  torch.tensor(data, { dtype: torch.float64 });
export const mask = torch.tensor([
  [true, false, true],
  [false, true, true],
]);
