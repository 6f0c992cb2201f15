import { RuntimeError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { Tensor } from '../core/tensor.js';

/** Which positional arguments to differentiate: one, or several. */
export type Argnums = number | readonly number[];

/** A function of the user's, with any arguments. */
export type Fn = (...args: never[]) => unknown;

/** The positions named, counted from the front. @throws RuntimeError in PyTorch's words */
export function positions(argnums: Argnums, count: number): readonly number[] {
  const list = typeof argnums === 'number' ? [argnums] : argnums;
  if (list.length === 0) throw new RuntimeError('argnums must be non-empty');
  const wrapped = list.map((n) => {
    if (!Number.isInteger(n)) throw new RuntimeError(`argnum must be int, got: <class '${typeName(n)}'>`);
    if (n < -count || n >= count)
      throw new RuntimeError(`Got argnum=${n}, but only ${count} positional inputs`);
    return n < 0 ? n + count : n;
  });
  if (new Set(wrapped).size !== wrapped.length)
    throw new RuntimeError(`argnums elements must be unique, got (${list.join(', ')})`);
  return wrapped;
}

/** `args` with others in these places. */
export function replaceAt(
  args: readonly unknown[],
  places: readonly number[],
  by: readonly unknown[],
): unknown[] {
  const result = [...args];
  for (const [k, i] of places.entries()) result[i] = by[k];
  return result;
}

/** Takes `[output, aux]` apart. */
export function splitAux(result: unknown, hasAux: boolean, api: string): [output: unknown, aux: unknown] {
  if (!hasAux) return [result, undefined];
  if (!Array.isArray(result) || result.length !== 2)
    throw new RuntimeError(
      `${api}: output of function f should be a tuple: (output, aux) if has_aux is True`,
    );
  return [result[0], result[1]];
}

/** The outputs as tensors. @throws RuntimeError if there are none, or one is none */
export function checkOutputs(leaves: readonly unknown[], api: string): readonly Tensor[] {
  if (leaves.length === 0 || (leaves.length === 1 && (leaves[0] === null || leaves[0] === undefined)))
    throw new RuntimeError(
      `${api}: Expected f to be a function that has non-empty output (got output = [${leaves.map(String).join()}])`,
    );
  for (const leaf of leaves)
    if (!(leaf instanceof Tensor))
      throw new RuntimeError(
        `${api}: expected f(*primals) to return only tensors, got unsupported type <class '${typeName(leaf)}'>`,
      );
  return leaves as readonly Tensor[];
}
