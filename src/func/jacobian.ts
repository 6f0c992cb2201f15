/** Jacobians, column by column in forward mode or row by row in reverse mode. */
import { RuntimeError, ValueError } from '../core/errors.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { type Argnums, type Fn, positions } from './argnums.js';
import { jvpOf } from './jvp.js';
import { type GradFunctionOptions, type Picked, vjpOf } from './reverse.js';
import { flatten, unflatten } from './tree.js';

/** For every output the derivative by every argument picked: of the output's sizes, then the argument's. */
export type Jacobian<R, P> = R extends Tensor ? P : { [K in keyof R]: Jacobian<R[K], P> };

function checkReal(name: string, leaves: readonly unknown[], what: 'inputs' | 'outputs'): void {
  for (const [i, leaf] of leaves.entries())
    if (leaf instanceof Tensor && leaf.dtype.isComplex)
      throw new RuntimeError(
        `${name}: Expected all ${what} to be real but received complex tensor at flattened input idx: ${i}`,
      );
}

/** Zeros like these tensors but for a one in one place of one of them. */
function unit(tensors: readonly Tensor[], which: number, element: number): Tensor[] {
  return tensors.map((t, i) => {
    const zeros = ops.zeros(t.shape, { dtype: t.dtype, device: t.device });
    if (i === which) zeros.view([-1]).select(0, element).fill_(1);
    return zeros;
  });
}

/** Derivatives stacked along the dimension that `at` names, then of the sizes given. */
function stacked(parts: readonly Tensor[], dim: number, shape: readonly number[], like: Tensor): Tensor {
  return parts.length === 0 ? like.newZeros(shape) : ops.stack(parts, dim).reshape(shape);
}

const jacrevSignature = signature(
  'jacrev(Callable func, Any argnums=0, *, bool has_aux=False, int? chunk_size=None)',
);
const jacfwdSignature = signature('jacfwd(Callable func, Any argnums=0, bool has_aux=False)');
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
  /** How many rows to compute at once; here they come one by one. */
  chunkSize?: number | null;
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
  argnums?: N | JacrevOptions<N, false>,
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
    const blocks = outputs.map((y, o) => {
      const rows = Array.from(
        { length: y.numel() },
        (_, k) => flatten(pullback(unflatten(flat.spec, unit(outputs, o, k)))).leaves as Tensor[],
      );
      return inputs.map((x, i) =>
        stacked(
          rows.map((row) => row[i]),
          0,
          [...y.shape, ...x.shape],
          y,
        ),
      );
    });
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
  options: GradFunctionOptions<N, true> & { hasAux: true },
): (...args: A) => readonly [jacobian: Jacobian<R, Picked<A, N>>, aux: X];
export function jacfwd<A extends readonly unknown[], R, const N extends Argnums = 0>(
  func: (...args: A) => R,
  argnums?: N | GradFunctionOptions<N, false>,
  hasAux?: false,
): (...args: A) => Jacobian<R, Picked<A, N>>;
export function jacfwd<A extends readonly unknown[], R, const N extends Argnums = 0>(
  options: { func: (...args: A) => R } & GradFunctionOptions<N, false>,
): (...args: A) => Jacobian<R, Picked<A, N>>;
export function jacfwd(...given: unknown[]): (...args: unknown[]) => unknown {
  const { func: body, argnums: places, hasAux } = jacfwdSignature.bind(given);
  const [func, argnums] = [body as Fn, places as Argnums];
  return (...args) => {
    checkReal('jacfwd', flatten(args).leaves, 'inputs');
    const picked = flatten(positions(argnums, args.length).map((i) => args[i]));
    const inputs = picked.leaves as Tensor[];
    let first: ReturnType<typeof jvpOf> | null = null;
    const columns = inputs.map((x, i) =>
      Array.from({ length: x.numel() }, (_, k) => {
        const tangents = unflatten(picked.spec, unit(inputs, i, k)) as unknown[];
        const pushed = jvpOf(func, args, tangents, argnums, { hasAux });
        first ??= pushed;
        return flatten(pushed[1]).leaves as Tensor[];
      }),
    );
    const [value, , found] =
      first ?? jvpOf(func, args, unflatten(picked.spec, inputs) as unknown[], argnums, { hasAux });
    const flat = flatten(value);
    checkReal('jacfwd', flat.leaves, 'outputs');
    const blocks = (flat.leaves as Tensor[]).map((y, o) =>
      inputs.map((x, i) =>
        stacked(
          columns[i].map((column) => column[o]),
          -1,
          [...y.shape, ...x.shape],
          y,
        ),
      ),
    );
    const jacobian = arranged(blocks, flat, picked, argnums);
    return hasAux ? [jacobian, found] : jacobian;
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
