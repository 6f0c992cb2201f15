import { dualAt, unpackAt } from '../autograd/dual.js';
import { RuntimeError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { withLevel } from '../dispatch/forward_level.js';
import { type Argnums, checkOutputs, type Fn, positions, replaceAt, splitAux } from './argnums.js';
import { flatten, formatSpec, unflatten } from './tree.js';

const api = 'jvp(f, primals, tangents)';

const jvpSignature = signature(
  'jvp(Callable func, Object primals, Object tangents, *, bool strict=False, bool has_aux=False)',
);

export interface JvpOptions {
  /** Refuse an output that does not depend on the inputs; by default its tangent is zero. */
  strict?: boolean;
  /** `func` returns `[output, aux]`, and `aux` is handed on as it is. */
  hasAux?: boolean;
}

function checkTensors(leaves: readonly unknown[], what: string): readonly Tensor[] {
  if (leaves.length === 0) throw new RuntimeError(`${api}: Expected ${what} to contain at least one Tensor.`);
  for (const leaf of leaves)
    if (!(leaf instanceof Tensor))
      throw new RuntimeError(
        `${api}: Expected ${what} to only contain Tensors, got <class '${typeName(leaf)}'>`,
      );
  return leaves as readonly Tensor[];
}

/** `jvp` of some of the arguments. */
export function jvpOf(
  func: Fn,
  args: readonly unknown[],
  tangents: readonly unknown[],
  argnums: Argnums | null,
  options: JvpOptions,
): readonly [output: unknown, tangent: unknown, aux: unknown] {
  const places = argnums === null ? args.map((_, i) => i) : positions(argnums, args.length);
  const primals = flatten(places.map((i) => args[i]));
  const given = flatten(tangents);
  const [form, givenForm] = [formatSpec(primals.spec), formatSpec(given.spec)];
  if (form !== givenForm)
    throw new RuntimeError(
      `${api}: Expected primals and tangents to have the same python structure. For example, if primals is a tuple of 3 tensors, tangents also must be. Got primals with structure ${form} and tangents with structure ${givenForm}`,
    );
  const values = checkTensors(primals.leaves, 'primals');
  const directions = checkTensors(given.leaves, 'tangents');
  return withLevel((level) => {
    const duals = values.map((value, i) => dualAt(level, value, directions[i]));
    const inner = replaceAt(args, places, unflatten(primals.spec, duals) as unknown[]);
    const [result, aux] = splitAux(func(...(inner as never[])), options.hasAux ?? false, api);
    const { leaves, spec } = flatten(result);
    const unpacked = checkOutputs(leaves, api).map((output) => {
      const [primal, tangent] = unpackAt(level, output);
      if (tangent === null && options.strict)
        throw new RuntimeError(
          'jvp(f, primals, tangents, { strict: true }): The output of f is independent of the inputs. This is not allowed with strict: true.',
        );
      return [primal, tangent ?? primal.zerosLike()] as const;
    });
    return [
      unflatten(
        spec,
        unpacked.map(([primal]) => primal),
      ),
      unflatten(
        spec,
        unpacked.map(([, tangent]) => tangent),
      ),
      aux,
    ] as const;
  });
}

/**
 * The output of `func` and its directional derivative: the Jacobian of `func` at `primals` times `tangents`, computed along
 * with the output. Nests, with itself and with `vjp` and `grad`.
 *
 * @param primals the arguments of `func`: tensors, or nested arrays and objects of them
 * @param tangents the directions, of the same form
 *
 * @example
 * const x = torch.tensor([0.5, 1.5]);
 * const [y, dy] = torch.func.jvp((x: torch.Tensor) => x.sin(), [x], [torch.onesLike(x)]);
 */
export function jvp<A extends readonly unknown[], R, X>(
  func: (...primals: A) => readonly [output: R, aux: X],
  primals: readonly [...A],
  tangents: readonly [...NoInfer<A>],
  options: JvpOptions & { hasAux: true },
): readonly [output: R, tangent: R, aux: X];
export function jvp<A extends readonly unknown[], R>(
  func: (...primals: A) => R,
  primals: readonly [...A],
  tangents: readonly [...NoInfer<A>],
  options?: JvpOptions,
): readonly [output: R, tangent: R];
export function jvp<A extends readonly unknown[], R>(
  options: {
    func: (...primals: A) => R;
    primals: readonly [...A];
    tangents: readonly [...NoInfer<A>];
    hasAux?: false;
  } & JvpOptions,
): readonly [output: R, tangent: R];
export function jvp(...args: unknown[]): readonly unknown[] {
  const { func, primals, tangents, ...options } = jvpSignature.bind(args);
  if (!Array.isArray(primals))
    throw new RuntimeError(
      `${api}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).`,
    );
  if (!Array.isArray(tangents)) throw new RuntimeError(`${api}: Expected tangents to be a tuple.`);
  const all = jvpOf(func as Fn, primals, tangents, null, options);
  return options.hasAux ? all : all.slice(0, 2);
}
