import { RuntimeError } from '../core/errors.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import type { Fn } from './argnums.js';
import { jvpOf } from './jvp.js';
import { Tape } from './tape.js';
import { flatten, formatSpec, unflatten } from './tree.js';

const linearizeSignature = signature('linearize(Callable func, Any *primals)');

/**
 * The value of `func` at `primals` and the function that takes directions to the directional derivatives there. `func` is called once:
 * what depends on the directions is noted, and computed again for others.
 *
 * @param primals the arguments of `func`
 *
 * @example
 * const [y, pushforward] = torch.func.linearize((t: torch.Tensor) => t.sin(), torch.zeros(3));
 * pushforward(torch.ones(3)); // tensor([1., 1., 1.])
 */
export function linearize<A extends readonly unknown[], R>(
  func: (...primals: A) => R,
  ...primals: A
): readonly [output: R, jvp: (...tangents: A) => R];
export function linearize(
  ...given: readonly unknown[]
): readonly [output: unknown, jvp: (...tangents: unknown[]) => unknown] {
  const bound = linearizeSignature.bind(given) as unknown as { func: unknown; primals: readonly unknown[] };
  const func = bound.func as Fn;
  const primals = [...bound.primals];
  const { leaves, spec } = flatten(primals);
  const form = formatSpec(spec);
  // Any directions do to find out how results depend on them.
  const directions = leaves.map((leaf) => (leaf instanceof Tensor ? leaf.detach().onesLike() : leaf));
  const tape = new Tape(directions.filter((leaf) => leaf instanceof Tensor));
  const [output, tangent] = leaves.some((leaf) => leaf instanceof Tensor)
    ? tape.record(() => jvpOf(func, primals, unflatten(spec, directions) as unknown[], null, {}))
    : constant(func(...(primals as never[])));
  const found = flatten(tangent);
  const pushforward = (...tangents: unknown[]): unknown => {
    const moved = flatten(tangents);
    if (formatSpec(moved.spec) !== form)
      throw new RuntimeError(
        `Expected the tangents ${formatSpec(moved.spec)} to have the same argspec as the primals ${form}`,
      );
    for (const [i, tangent] of moved.leaves.entries()) {
      const primal = leaves[i];
      if (!(tangent instanceof Tensor && primal instanceof Tensor)) continue;
      const differs = (what: string, own: string, wanted: string): void => {
        if (own !== wanted)
          throw new RuntimeError(
            `tangent:${i} with ${what} ${own} in flattened pytree doesn't match the ${what} ${wanted} of the corresponding primal.`,
          );
      };
      const size = (t: Tensor): string => String(t.size());
      differs('shape', size(tangent), size(primal));
      differs('device', String(tangent.device), String(primal.device));
      differs('dtype', String(tangent.dtype), String(primal.dtype));
    }
    return unflatten(found.spec, tape.play(moved.leaves as Tensor[], found.leaves as Tensor[]));
  };
  return [output, pushforward];
}

/** A result that depends on nothing, with its derivative. */
function constant(output: unknown): readonly [output: unknown, tangent: unknown] {
  const { leaves, spec } = flatten(output);
  const zeros = leaves.map((leaf) => (leaf instanceof Tensor ? leaf.detach().zerosLike() : leaf));
  return [output, unflatten(spec, zeros)];
}
