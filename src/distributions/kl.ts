/** Kullback-Leibler divergences, found by the classes of both distributions. */
import { NotImplementedError, TypeError } from '../core/errors.js';
import { formatValue } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { Distribution } from './distribution.js';
import { type DistributionClass, type Divergence, pairs } from './kl_pairs.js';

interface Entry {
  readonly p: DistributionClass;
  readonly q: DistributionClass;
  readonly divergence: Divergence;
}

let entries: Entry[] | null = null;
/** The divergence of two classes, or null where there is none. */
let found = new Map<DistributionClass, Map<DistributionClass, Divergence | null>>();

function registered(): Entry[] {
  entries ??= pairs(klDivergence).map(([p, q, divergence]) => ({ p, q, divergence }));
  return entries;
}

/** How many classes a class is derived from. */
function depth({ prototype }: DistributionClass): number {
  let count = 0;
  for (let o: object | null = prototype; o !== null; o = Object.getPrototypeOf(o) as object | null) count++;
  return count;
}

const isSubclass = (one: DistributionClass, other: DistributionClass): boolean =>
  one === other || one.prototype instanceof (other as unknown as typeof Distribution);

/** The most specific entry for two classes; the first class counts first, or the second one. */
function dispatch(p: DistributionClass, q: DistributionClass): Divergence | null {
  const matches = registered().filter((entry) => isSubclass(p, entry.p) && isSubclass(q, entry.q));
  if (matches.length === 0) return null;
  const best = (order: (entry: Entry) => readonly [number, number]): Entry =>
    matches.reduce((a, b) => {
      const [[a0, a1], [b0, b1]] = [order(a), order(b)];
      // Of two for the same classes the later one stands.
      return b0 > a0 || (b0 === a0 && b1 >= a1) ? b : a;
    });
  const left = best((entry) => [depth(entry.p), depth(entry.q)]);
  const right = best((entry) => [depth(entry.q), depth(entry.p)]);
  if (left.divergence !== right.divergence)
    warn(
      `Ambiguous kl_divergence(${nameOf(p)}, ${nameOf(q)}). Please register_kl(${nameOf(left.p)}, ${nameOf(right.q)})`,
    );
  return left.divergence;
}

const nameOf = ({ prototype }: DistributionClass): string => prototype.constructor.name;

/**
 * The Kullback-Leibler divergence KL(p ‖ q) = ∫ p(x) log(p(x) / q(x)) dx, by batches.
 *
 * @throws NotImplementedError if no formula is registered for these classes
 */
export const klDivergence = signed('kl_divergence(Any p, Any q)', (given): Tensor => {
  const [p, q] = [given.p, given.q] as [Distribution, Distribution];
  const [classP, classQ] = [p, q].map(({ constructor }) => constructor as unknown as DistributionClass);
  let ofP = found.get(classP);
  if (ofP === undefined) {
    ofP = new Map();
    found.set(classP, ofP);
  }
  let divergence = ofP.get(classQ);
  if (divergence === undefined) {
    divergence = dispatch(classP, classQ);
    ofP.set(classQ, divergence);
  }
  if (divergence === null)
    throw new NotImplementedError(
      `No KL(p || q) is implemented for p type ${nameOf(classP)} and q type ${nameOf(classQ)}`,
    );
  return divergence(p, q);
});

const register = signature('register_kl(Any type_p, Any type_q)');

/**
 * Takes a formula for the divergence of two classes of distributions, and of their subclasses where there is none nearer.
 *
 * @returns a function that takes the formula, and gives it back
 * @example
 * torch.distributions.registerKl(Normal, Skewed)((p, q) => p.loc.sub(q.loc).square());
 */
export function registerKl<P extends Distribution, Q extends Distribution>(
  typeP: DistributionClass<P>,
  typeQ: DistributionClass<Q>,
): (divergence: Divergence<P, Q>) => Divergence<P, Q>;
export function registerKl<P extends Distribution, Q extends Distribution>(options: {
  typeP: DistributionClass<P>;
  typeQ: DistributionClass<Q>;
}): (divergence: Divergence<P, Q>) => Divergence<P, Q>;
export function registerKl(...args: unknown[]): (divergence: Divergence) => Divergence {
  const { typeP, typeQ } = register.bind(args);
  const [p, q] = Object.entries({ type_p: typeP, type_q: typeQ }).map(([name, type]) => {
    if (typeof type !== 'function' || !isSubclass(type as unknown as DistributionClass, Distribution))
      throw new TypeError(`Expected ${name} to be a Distribution subclass but got ${formatValue(type)}`);
    return type as unknown as DistributionClass;
  });
  return (divergence) => {
    registered().push({ p, q, divergence });
    found = new Map();
    return divergence;
  };
}
