/** `vmap`: one call of a function for a whole stack of arguments. */

import { context } from '../core/context.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { typeName } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { BatchLevel, type Randomness } from '../dispatch/batch_level.js';
import { withMode } from '../dispatch/mode.js';
import { ops } from '../dispatch/registry.js';
import type { Fn } from './argnums.js';
import { flatten, formatSpec, type TreeSpec, unflatten } from './tree.js';

/** A dimension, null for none, or arrays and objects of them in the form of what they are for. */
export type MappedDims = number | null | readonly MappedDims[] | { readonly [name: string]: MappedDims };

const signatureOfVmap = signature(
  "vmap(Callable func, Any in_dims=0, Any out_dims=0, str randomness='error', *, int? chunk_size=None)",
);

export interface VmapOptions {
  /** Along which dimension of each argument the stack lies; null: the argument is the same for all. Default 0. */
  inDims?: MappedDims;
  /** Where the stack's dimension goes in each result; null: the result is the same for all. Default 0. */
  outDims?: MappedDims;
  /** Whether random ops are refused (the default), draw for every one of the stack, or draw once for all. */
  randomness?: Randomness;
  /** How many of the stack are computed at once. Default: all. */
  chunkSize?: number | null;
}

/** A value as Python prints dimensions. */
function shown(dims: unknown): string {
  if (Array.isArray(dims)) return `(${dims.map(shown).join(', ')}${dims.length === 1 ? ',' : ''})`;
  if (isPlainObject(dims))
    return `{${Object.entries(dims)
      .map(([name, dim]) => `'${name}': ${shown(dim)}`)
      .join(', ')}}`;
  return dims === null || dims === undefined ? 'None' : String(dims);
}

/** One dimension per leaf of `spec`, where a single one stands for a whole branch; undefined if the forms differ. */
function spreadDims(dims: unknown, spec: TreeSpec): unknown[] | undefined {
  if (spec === null) return [dims];
  const { keys, children } = spec;
  if (keys === null ? Array.isArray(dims) : isPlainObject(dims)) {
    const parts =
      keys === null ? (dims as unknown[]) : keys.map((key) => (dims as Record<string, unknown>)[key]);
    const count = keys === null ? parts.length : Object.keys(dims as object).length;
    if (count !== children.length || parts.includes(undefined)) return undefined;
    const lists = parts.map((part, i) => spreadDims(part, children[i]));
    return lists.includes(undefined) ? undefined : lists.flat();
  }
  if (Array.isArray(dims) || isPlainObject(dims)) return undefined;
  return flatten(unflatten(spec, [])).leaves.map(() => dims);
}

interface Inputs {
  readonly leaves: readonly unknown[];
  readonly dims: readonly (number | null)[];
  readonly spec: TreeSpec;
  readonly size: number;
}

/** The arguments with their dimensions. @throws ValueError in PyTorch's words */
function checkInputs(name: string, inDims: unknown, args: readonly unknown[]): Inputs {
  const about = `vmap(${name}, in_dims=${shown(inDims)}, ...)(<inputs>): `;
  if (typeof inDims !== 'number' && !Array.isArray(inDims))
    throw new ValueError(
      `${about}expected \`in_dims\` to be int or a (potentially nested) tuple matching the structure of inputs, got: <class '${typeName(inDims)}'>.`,
    );
  if (args.length === 0)
    throw new ValueError(
      `vmap(${name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with no inputs. The latter is unsupported.`,
    );
  const { leaves, spec } = flatten(args);
  const given = spreadDims(inDims, spec);
  if (given === undefined)
    throw new ValueError(
      `${about}in_dims is not compatible with the structure of \`inputs\`. in_dims has structure ${formatSpec(flatten(inDims).spec)} but inputs has structure ${formatSpec(spec)}.`,
    );
  const dims = given.map((dim, i) => {
    const leaf = leaves[i];
    if (dim === null || dim === undefined) return null;
    if (!Number.isInteger(dim))
      throw new ValueError(
        `${about}Got in_dim=${shown(dim)} for an input but in_dim must be either an integer dimension or None.`,
      );
    if (!(leaf instanceof Tensor))
      throw new ValueError(
        `${about}Got in_dim=${dim} for an input but the input is of type <class '${typeName(leaf)}'>. We cannot vmap over non-Tensor arguments, please use None as the respective in_dim`,
      );
    const d = dim as number;
    if (d < -leaf.ndim || d >= leaf.ndim)
      throw new ValueError(
        `${about}Got in_dim=${d} for some input, but that input is a Tensor of dimensionality ${leaf.ndim} so expected in_dim to satisfy -${leaf.ndim} <= in_dim < ${leaf.ndim}.`,
      );
    return d < 0 ? d + leaf.ndim : d;
  });
  const sizes = dims.flatMap((dim, i) => (dim === null ? [] : [(leaves[i] as Tensor).shape[dim]]));
  if (sizes.length === 0) throw new ValueError('vmap: Expected at least one Tensor to vmap over');
  if (sizes.some((size) => size !== sizes[0]))
    throw new ValueError(
      `vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [${sizes.join(', ')}] for the mapped dimension`,
    );
  return { leaves, dims, spec, size: sizes[0] };
}

/** The function as one of a stack calls it. @throws ValueError in PyTorch's words for results that cannot be stacked */
function runOnStack(
  func: Fn,
  name: string,
  { leaves, dims, spec, size }: Inputs,
  outDims: unknown,
  randomness: Randomness,
): unknown {
  const level = new BatchLevel(context().modes, size, randomness);
  const finish = (result: unknown): unknown => {
    const { leaves: results, spec: form } = flatten(result);
    const single = form === null && Array.isArray(outDims) && outDims.length === 1;
    const places = spreadDims(single ? (outDims as unknown[])[0] : outDims, form);
    if (places === undefined)
      throw new ValueError(
        `vmap(${name}, ..., out_dims=${shown(outDims)})(<inputs>): out_dims is not compatible with the structure of \`outputs\`. out_dims has structure ${formatSpec(flatten(outDims).spec)} but outputs has structure ${formatSpec(form)}.`,
      );
    return unflatten(
      form,
      results.map((value, i) => {
        const place = (places[i] ?? null) as number | null;
        if (!(value instanceof Tensor)) {
          if (place === null) return value;
          throw new ValueError(
            `vmap(${name}, ...): \`${name}\` must only return Tensors, got type <class '${typeName(value)}'>. Did you mean to set out_dims= to None for output?`,
          );
        }
        if (place === null && level.isStacked(value))
          throw new ValueError(
            `vmap(${name}, ...): \`${name}\` can not return a BatchedTensor when out_dim is None`,
          );
        return level.leave(value, place);
      }),
    );
  };
  return withMode(level, () => {
    const inner = leaves.map((leaf, i) => (dims[i] === null ? leaf : level.enter(leaf as Tensor, dims[i])));
    const result = func(...(unflatten(spec, inner) as never[]));
    return result instanceof Promise ? result.then(finish) : finish(result);
  });
}

/** Runs a stack in parts and joins what comes out. */
function runInChunks(
  func: Fn,
  name: string,
  inputs: Inputs,
  outDims: unknown,
  randomness: Randomness,
  chunkSize: number,
): unknown {
  const chunks = Array.from({ length: Math.ceil(inputs.size / chunkSize) }, (_, c) => {
    const start = c * chunkSize;
    const size = Math.min(chunkSize, inputs.size - start);
    const leaves = inputs.leaves.map((leaf, i) => {
      const dim = inputs.dims[i];
      return dim === null ? leaf : (leaf as Tensor).narrow(dim, start, size);
    });
    return flatten(runOnStack(func, name, { ...inputs, leaves, size }, outDims, randomness));
  });
  const { spec, leaves } = chunks[0];
  const places = spreadDims(outDims, spec) as (number | null)[];
  return unflatten(
    spec,
    leaves.map((leaf, i) =>
      places[i] === null
        ? leaf
        : ops.cat(
            chunks.map((chunk) => chunk.leaves[i] as Tensor),
            places[i]!,
          ),
    ),
  );
}

/** The function's results for every row of these stacks, in parts of `chunkSize` if that is given. */
export function mapRows(
  func: (...rows: readonly Tensor[]) => readonly Tensor[],
  stacks: readonly Tensor[],
  randomness: Randomness,
  chunkSize: number | null,
): readonly Tensor[] {
  const { spec } = flatten(stacks);
  const inputs = { leaves: stacks, dims: stacks.map(() => 0), spec, size: stacks[0].shape[0] };
  const results =
    chunkSize === null
      ? runOnStack(func as Fn, func.name, inputs, 0, randomness)
      : runInChunks(func as Fn, func.name, inputs, 0, randomness, chunkSize);
  return results as readonly Tensor[];
}

function checkOutDims(name: string, outDims: unknown): void {
  for (const dim of flatten(outDims).leaves)
    if (dim !== null && !Number.isInteger(dim))
      throw new ValueError(
        `vmap(${name}, ..., out_dims=${shown(outDims)}): \`out_dims\` must be an int, None or a python collection of ints representing where in the outputs the vmapped dimension should appear.`,
      );
}

/**
 * The function that calls `func` for every one of a stack of arguments at once: `func` is written for one example, and its ops are
 * carried out for all of them. Nests, with itself and with `grad`, `vjp`, `jvp` and the like.
 *
 * @param func takes tensors (or nested arrays and objects of them) and returns such
 * @param inDims along which dimension of each argument the stack lies: a number for all, or one per argument, null for what is the
 * same for all
 * @param outDims where the stack's dimension goes in the results
 * @param randomness whether random ops are refused (`'error'`), draw for every one (`'different'`) or once for all (`'same'`)
 *
 * @example
 * const dot = torch.func.vmap((a: torch.Tensor, b: torch.Tensor) => a.dot(b));
 * dot(torch.rand(8, 3), torch.rand(8, 3)).shape; // [8]
 */
export function vmap<A extends readonly unknown[], R>(
  func: (...args: A) => R,
  inDims: MappedDims,
  outDims: MappedDims,
  randomness: Randomness,
  options?: Pick<VmapOptions, 'chunkSize'>,
): (...args: A) => R;
export function vmap<A extends readonly unknown[], R>(
  func: (...args: A) => R,
  inDims: MappedDims,
  outDims: MappedDims,
  options?: Pick<VmapOptions, 'chunkSize' | 'randomness'>,
): (...args: A) => R;
export function vmap<A extends readonly unknown[], R>(
  func: (...args: A) => R,
  inDims: number | null | readonly MappedDims[],
  options?: Omit<VmapOptions, 'inDims'>,
): (...args: A) => R;
export function vmap<A extends readonly unknown[], R>(
  func: (...args: A) => R,
  options?: VmapOptions,
): (...args: A) => R;
export function vmap<A extends readonly unknown[], R>(
  options: { func: (...args: A) => R } & VmapOptions,
): (...args: A) => R;
export function vmap(...given: unknown[]): (...args: unknown[]) => unknown {
  const { func: body, inDims, outDims, randomness, chunkSize } = signatureOfVmap.bind(given);
  if (!['error', 'different', 'same'].includes(randomness))
    throw new RuntimeError(
      `Only allowed values for randomness are 'error', 'different', or 'same'. Got ${randomness}`,
    );
  if (chunkSize !== null && chunkSize <= 0)
    throw new ValueError(`vmap: chunk_size should be None or greater than 0. (got ${chunkSize})`);
  const func = body as Fn;
  const name = func.name === '' ? '<lambda>' : func.name;
  return (...args) => {
    checkOutDims(name, outDims);
    const inputs = checkInputs(name, inDims, args);
    const how = randomness as Randomness;
    return chunkSize === null
      ? runOnStack(func, name, inputs, outDims, how)
      : runInChunks(func, name, inputs, outDims, how, chunkSize);
  };
}
