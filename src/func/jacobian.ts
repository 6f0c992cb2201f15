/** Jacobians, column by column in forward mode or row by row in reverse mode. */
import { RuntimeError, ValueError } from '../core/errors.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import type { Randomness } from '../dispatch/batch_level.js';
import { ops } from '../dispatch/registry.js';
import { type Argnums, type Fn, positions } from './argnums.js';
import { jvpOf } from './jvp.js';
import { type GradFunctionOptions, type Picked, vjpOf } from './reverse.js';
import { flatten, unflatten } from './tree.js';
import { mapRows } from './vmap.js';

/** For every output the derivative by every argument picked: of the output's sizes, then the argument's. */
export type Jacobian<R, P> = R extends Tensor ? P : { [K in keyof R]: Jacobian<R[K], P> };

function checkReal(name: string, leaves: readonly unknown[], what: 'inputs' | 'outputs'): void {
  for (const [i, leaf] of leaves.entries())
    if (leaf instanceof Tensor && leaf.dtype.isComplex)
      throw new RuntimeError(
        `${name}: Expected all ${what} to be real but received complex tensor at flattened input idx: ${i}`,
      );
}

/** The unit vectors of all these tensors' elements together: for each of the tensors a stack of its parts. */
function unitVectors(tensors: readonly Tensor[]): Tensor[] {
  const count = tensors.reduce((sum, t) => sum + t.numel(), 0);
  let start = 0;
  return tensors.map((t) => {
    const rows = ops.eye(count, { dtype: t.dtype, device: t.device }).narrow(1, start, t.numel());
    start += t.numel();
    return rows.reshape([count, ...t.shape]);
  });
}

/** The parts of a dimension that belong to each of these tensors, in their sizes. */
function partsOf(stack: Tensor, dim: number, tensors: readonly Tensor[]): Tensor[] {
  return stack
    .split(
      tensors.map((t) => t.numel()),
      dim,
    )
    .map((part, i) => part.unflatten(dim, tensors[i].ndim === 0 ? [1] : tensors[i].shape))
    .map((part, i) => (tensors[i].ndim === 0 ? part.squeeze(dim) : part));
}

/** The function's results for every row of these stacks, where what `vmap` cannot do must be possible, too. */
function oneByOne(
  func: (...rows: readonly Tensor[]) => readonly Tensor[],
  stacks: readonly Tensor[],
): readonly Tensor[] {
  const all = [...stacks[0]].map((_, k) => func(...stacks.map((stack) => stack.select(0, k))));
  return all[0].map((_, i) => ops.stack(all.map((results) => results[i])));
}

const jacrevSignature = signature(
  'jacrev(Callable func, Any argnums=0, *, bool has_aux=False, int? chunk_size=None)',
);
const jacfwdSignature = signature(
  "jacfwd(Callable func, Any argnums=0, bool has_aux=False, *, str randomness='error')",
);
const hessianSignature = signature('hessian(Callable func, Any argnums=0)');

/** Puts `blocks[output][input]` into the outputs' form of the inputs' forms. */
function arranged(
  blocks: readonly (readonly Tensor[])[],
  output: ReturnType<typeof flatten>,
  picked: ReturnType<typeof flatten>,
  argnums: Argnums,
): unknown {
  const byOutput = blocks.map((row) => {
    const inputs = unflatten(picked.spec, row) as unknown[];
    return typeof argnums === 'number' ? inputs[0] : inputs;
  });
  return unflatten(output.spec, byOutput);
}

export interface JacrevOptions<N extends Argnums, X extends boolean> extends GradFunctionOptions<N, X> {
  /** How many rows to compute at once. Default: all. */
  chunkSize?: number | null;
}

export interface JacfwdOptions<N extends Argnums, X extends boolean> extends GradFunctionOptions<N, X> {
  /** The behaviour of random ops in `func`, as in `vmap`. Default `'error'`. */
  randomness?: Randomness;
}

/**
 * The function that gives the Jacobian of `func` by the backward pass: best where outputs are fewer than inputs.
 *
 * @param argnums by which arguments: a position, or several
 *
 * @example
 * const jacobian = torch.func.jacrev((t: torch.Tensor) => t.sin())(torch.rand(5));
 */
export function jacrev<A extends readonly unknown[], R, X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [output: R, aux: X],
  options: JacrevOptions<N, true> & { hasAux: true },
): (...args: A) => readonly [jacobian: Jacobian<R, Picked<A, N>>, aux: X];
export function jacrev<A extends readonly unknown[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  options?: JacrevOptions<N, false>,
): (...args: A) => Jacobian<R, Picked<A, N>>;
export function jacrev<A extends readonly unknown[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  argnums?: N,
  options?: JacrevOptions<N, false>,
): (...args: A) => Jacobian<R, Picked<A, N>>;
export function jacrev<A extends readonly unknown[], R, const N extends Argnums = 0>(
  options: { func: (...args: A) => R } & JacrevOptions<N, false>,
): (...args: A) => Jacobian<R, Picked<A, N>>;
export function jacrev(...given: unknown[]): (...args: unknown[]) => unknown {
  const { func: body, argnums: places, hasAux, chunkSize } = jacrevSignature.bind(given);
  const [func, argnums] = [body as Fn, places as Argnums];
  if (typeof chunkSize === 'number' && chunkSize <= 0)
    throw new ValueError('jacrev: `chunk_size` should be greater than 0.');
  return (...args) => {
    checkReal('jacrev', flatten(args).leaves, 'inputs');
    const { output, pullback, aux } = vjpOf(func, args, argnums, hasAux);
    const flat = flatten(output);
    const outputs = flat.leaves as Tensor[];
    checkReal('jacrev', outputs, 'outputs');
    const picked = flatten(positions(argnums, args.length).map((i) => args[i]));
    const inputs = picked.leaves as Tensor[];
    const pull = (...rows: readonly Tensor[]): readonly Tensor[] =>
      flatten(pullback(unflatten(flat.spec, rows))).leaves as Tensor[];
    const isEmpty = outputs.every((y) => y.numel() === 0);
    const byInput = isEmpty
      ? inputs.map((x) => x.newZeros([0, ...x.shape]))
      : chunkSize === 1
        ? oneByOne(pull, unitVectors(outputs))
        : mapRows(pull, unitVectors(outputs), 'error', chunkSize);
    const columns = byInput.map((rows) => partsOf(rows, 0, outputs));
    const blocks = outputs.map((_, o) => columns.map((parts) => parts[o]));
    const jacobian = arranged(blocks, flat, picked, argnums);
    return hasAux ? [jacobian, aux] : jacobian;
  };
}

/**
 * The function that gives the Jacobian of `func` in forward mode: best where inputs are fewer than outputs.
 *
 * @param argnums by which arguments: a position, or several
 *
 * @example
 * const jacobian = torch.func.jacfwd((t: torch.Tensor) => t.sin())(torch.rand(5));
 */
export function jacfwd<A extends readonly unknown[], R, X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [output: R, aux: X],
  argnums: N,
  hasAux: true,
): (...args: A) => readonly [jacobian: Jacobian<R, Picked<A, N>>, aux: X];
export function jacfwd<A extends readonly unknown[], R, X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [output: R, aux: X],
  options: JacfwdOptions<N, true> & { hasAux: true },
): (...args: A) => readonly [jacobian: Jacobian<R, Picked<A, N>>, aux: X];
export function jacfwd<A extends readonly unknown[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  options?: JacfwdOptions<N, false>,
): (...args: A) => Jacobian<R, Picked<A, N>>;
export function jacfwd<A extends readonly unknown[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  argnums?: N,
  hasAux?: false,
  options?: Pick<JacfwdOptions<N, false>, 'randomness'>,
): (...args: A) => Jacobian<R, Picked<A, N>>;
export function jacfwd<A extends readonly unknown[], R, const N extends Argnums = 0>(
  options: { func: (...args: A) => R } & JacfwdOptions<N, false>,
): (...args: A) => Jacobian<R, Picked<A, N>>;
export function jacfwd(...given: unknown[]): (...args: unknown[]) => unknown {
  const { func: body, argnums: places, hasAux, randomness } = jacfwdSignature.bind(given);
  const [func, argnums] = [body as Fn, places as Argnums];
  return (...args) => {
    checkReal('jacfwd', flatten(args).leaves, 'inputs');
    const picked = flatten(positions(argnums, args.length).map((i) => args[i]));
    const inputs = picked.leaves as Tensor[];
    // The forms are the same for every direction.
    let output = flatten([]);
    let auxiliary = output;
    const push = (...rows: readonly Tensor[]): readonly Tensor[] => {
      const tangents = unflatten(picked.spec, rows) as unknown[];
      const [value, pushed, aux] = jvpOf(func, args, tangents, argnums, { hasAux });
      output = flatten(value);
      checkReal('jacfwd', output.leaves, 'outputs');
      auxiliary = flatten(aux);
      const others = auxiliary.leaves.filter((leaf) => leaf instanceof Tensor);
      return [...flatten(pushed).leaves, ...others] as Tensor[];
    };
    const isEmpty = inputs.every((x) => x.numel() === 0);
    const found = isEmpty
      ? push(...inputs).map((t) => t.newZeros([0, ...t.shape]))
      : mapRows(push, unitVectors(inputs), randomness as Randomness, null);
    const outputs = output.leaves as Tensor[];
    const blocks = outputs.map((y, o) => partsOf(found[o].movedim(0, -1), y.ndim, inputs));
    let next = outputs.length;
    const aux = auxiliary.leaves.map((leaf) => (leaf instanceof Tensor ? found[next++].select(0, 0) : leaf));
    const jacobian = arranged(blocks, output, picked, argnums);
    return hasAux ? [jacobian, unflatten(auxiliary.spec, aux)] : jacobian;
  };
}

/**
 * The function that gives the second derivatives of `func`: forward mode over the backward pass.
 *
 * @example
 * const hessian = torch.func.hessian((t: torch.Tensor) => t.pow(3).sum())(torch.rand(3));
 */
export function hessian<A extends readonly unknown[], R, const N extends Argnums = 0>(
  ...args:
    | [func: (...args: A) => R, argnums?: N]
    | [func: (...args: A) => R, options: { argnums?: N }]
    | [options: { func: (...args: A) => R; argnums?: N }]
): (...args: A) => Jacobian<Jacobian<R, Picked<A, N>>, Picked<A, N>> {
  const { func, argnums } = hessianSignature.bind(args);
  const places = argnums as Argnums;
  return jacfwd(jacrev(func as Fn, places) as Fn, places) as never;
}
