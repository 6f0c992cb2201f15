/** What collectives ask of their tensors, in PyTorch's words, and how calls are told in errors. */
import { RuntimeError, ValueError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import type { Buffer } from './communicator.js';
import type { Loan } from './loans.js';
import type { ProcessGroup } from './process_group.js';

/** A call as errors tell it: `allReduce(SUM, float32[2, 3])`. */
export function textOf(name: string, tensors: readonly Tensor[], ...settings: readonly string[]): string {
  const [first] = tensors;
  const shape = first === undefined ? [] : [`${first.dtype.name}[${first.shape.join(', ')}]`];
  const more = tensors.length > 1 ? [`and ${tensors.length - 1} more`] : [];
  return `${name}(${[...settings, ...shape, ...more].join(', ')})`;
}

/** Refuses tensors of several dtypes. */
export function checkDtypes(tensors: readonly Tensor[]): void {
  for (const { dtype } of tensors)
    if (dtype.toReal() !== tensors[0].dtype.toReal())
      throw new ValueError(
        `Invalid usage of tensors with different dtypesFound ${tensors[0].dtype} and  ${dtype}`,
      );
}

/** Refuses a list that has not one tensor for each rank. */
export function checkCount(
  tensors: readonly Tensor[],
  group: ProcessGroup,
  name: string,
  which: string,
): void {
  if (tensors.length !== group.size())
    throw new RuntimeError(
      `${name}: invalid ${which} tensor list size, must be world size (expected length ${group.size()}, got ${tensors.length})`,
    );
}

/** Refuses tensors that have not as many elements as another. */
export function checkSizes(tensors: readonly Tensor[], numel: number, name: string): void {
  for (const [i, tensor] of tensors.entries())
    if (tensor.numel() !== numel)
      throw new RuntimeError(
        `${name}: invalid tensor size at index ${i} (expected ${numel} elements, got [${tensor.shape.join(', ')}])`,
      );
}

/** Refuses a tensor of all ranks' parts that is not that much larger than one of them. */
export function checkWhole(
  whole: Tensor,
  part: Tensor,
  group: ProcessGroup,
  name: string,
  names: string,
): void {
  if (whole.numel() !== part.numel() * group.size())
    throw new ValueError(
      `${name}: ${names}: [${whole.shape.join(', ')}] is not ${group.size()} times [${part.shape.join(', ')}]`,
    );
}

/** A buffer cut into parts: equal ones, or ones of so many rows. */
export function parts(
  { bytes, dtype }: Loan,
  count: number,
  rows: readonly number[] | null = null,
): Buffer[] {
  const all = rows === null ? count : rows.reduce((a, b) => a + b, 0);
  let at = 0;
  return Array.from({ length: count }, (_, i) => {
    const from = at;
    at += all === 0 ? 0 : (bytes.length / all) * (rows === null ? 1 : rows[i]);
    return { bytes: bytes.subarray(from, at), dtype };
  });
}
