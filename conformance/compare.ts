/** Results against the recording; every function says what differs, or null. */
import type { Descriptor, Json } from './corpus.js';
import { torch } from './library.js';

export type Tolerance = readonly [rtol: number, atol: number];

type Elements = ArrayLike<number | bigint>;

/** Compares a tensor with the expected one; `what` names it in the answer. */
export async function compareTensor(
  actual: unknown,
  expected: torch.Tensor,
  descriptor: Descriptor,
  tolerance: Tolerance,
  what: string,
): Promise<string | null> {
  const problem = compareMeta(actual, descriptor, what);
  if (problem !== null || descriptor.ill) return problem;
  const got = actual as torch.Tensor;
  const [a, e] = await Promise.all([elements(got), elements(expected)]);
  const [rtol, atol] = toleranceOf(descriptor, tolerance);
  if (got.dtype.isComplex) return compareComplex(a, e, rtol, atol, what);
  const isExact = !got.dtype.isFloatingPoint;
  for (let i = 0; i < e.length; i++) {
    if (a[i] === e[i]) continue;
    const [x, y] = [Number(a[i]), Number(e[i])];
    if (isExact || !isClose(x, y, rtol, atol)) return `${what}[${i}] is ${a[i]} instead of ${e[i]}`;
  }
  return null;
}

/** Compares shape and dtype. */
export function compareMeta(
  actual: unknown,
  { d, s }: Pick<Descriptor, 'd' | 's'>,
  what: string,
): string | null {
  if (!(actual instanceof torch.Tensor)) return `${what} is ${describe(actual)} instead of a tensor`;
  if (String(actual.dtype) !== `torch.${d}`) return `${what} has ${actual.dtype} instead of torch.${d}`;
  if (String(actual.shape) !== String(s)) return `${what} has shape [${actual.shape}] instead of [${s}]`;
  return null;
}

function describe(value: unknown): string {
  return Array.isArray(value) ? `a list of ${value.length}` : String(value);
}

async function elements(tensor: torch.Tensor): Promise<Elements> {
  return (await tensor.detach().toArrayAsync()) as Elements;
}

/** Half types are rounded so coarsely that the recording's tolerances do not always allow for it. */
function toleranceOf({ d, rtol, atol }: Descriptor, tolerance: Tolerance): Tolerance {
  const least = d === 'bfloat16' ? 1.6e-2 : d === 'float16' || d === 'complex32' ? 1e-3 : 0;
  return [Math.max(rtol ?? tolerance[0], least), atol ?? tolerance[1]];
}

/** As `torch.allclose` with `equal_nan`. */
function isClose(a: number, e: number, rtol: number, atol: number): boolean {
  if (a === e || (Number.isNaN(a) && Number.isNaN(e))) return true;
  const difference = Math.abs(a - e);
  return Number.isFinite(difference) && difference <= atol + rtol * Math.abs(e);
}

/** Pairs of real and imaginary parts. */
function compareComplex(a: Elements, e: Elements, rtol: number, atol: number, what: string): string | null {
  for (let i = 0; i < e.length; i += 2) {
    const [ar, ai, er, ei] = [Number(a[i]), Number(a[i + 1]), Number(e[i]), Number(e[i + 1])];
    if (ar === er && ai === ei) continue;
    const isNan = (re: number, im: number) => Number.isNaN(re) || Number.isNaN(im);
    if (isNan(ar, ai) && isNan(er, ei)) continue;
    const difference = Math.hypot(ar - er, ai - ei);
    if (Number.isFinite(difference) && difference <= atol + rtol * Math.hypot(er, ei)) continue;
    return `${what}[${i / 2}] is ${ar}+${ai}j instead of ${er}+${ei}j`;
  }
  return null;
}

/** Compares a number or string that is no tensor. */
export function compareValue(actual: unknown, expected: unknown, tolerance: Tolerance): string | null {
  const problem = `the result is ${describe(actual)} instead of ${describe(expected)}`;
  if (expected === null || typeof expected === 'string') return actual === expected ? null : problem;
  if (Array.isArray(expected))
    return Array.isArray(actual) && [...actual].join() === expected.join() ? null : problem;
  if (actual instanceof torch.Tensor) return problem;
  const [a, e] = [parts(actual), parts(expected)];
  const isSame = a.length === e.length && e.every((x, i) => isClose(a[i], x, ...tolerance));
  return isSame ? null : problem;
}

/** The real and imaginary part of a number, as far as it has them. A boolean counts as JavaScript's number. */
function parts(value: unknown): number[] {
  const complex = value as { readonly re?: number; readonly im?: number } | null;
  return typeof complex?.re === 'number' ? [complex.re, complex.im!] : [Number(value)];
}

/** The items of a tree of results, or null for a leaf. */
export function itemsOf(tree: Json): Json[] | null {
  if (tree === null || typeof tree !== 'object' || Array.isArray(tree)) return null;
  const items = tree.tu ?? tree.l ?? tree.v;
  return Array.isArray(items) ? items : null;
}

/** Positions of the tensors in a tree. */
export function tensorsOf(tree: Json): number[] {
  const items = itemsOf(tree);
  if (items !== null) return items.flatMap(tensorsOf);
  return tree !== null && typeof tree === 'object' && 't' in tree ? [(tree as { t: number }).t] : [];
}

/** The tensors of a result. */
export function leavesOf(result: unknown): torch.Tensor[] {
  if (result instanceof torch.Tensor) return [result];
  return Array.isArray(result) ? result.flatMap(leavesOf) : [];
}
