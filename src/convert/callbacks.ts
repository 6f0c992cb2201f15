import type { Overload } from './library_signatures.js';
import { listOf, natural, objectOf, type Type, tensorOf } from './type_rules.js';

const floats = tensorOf('float');
const module: Type = objectOf('nn.Module');

/** What the library calls functions with that it is given, by its methods' names. */
const byName: Readonly<Record<string, readonly Type[]>> = {
  apply: [module],
  lrLambda: [natural],
  registerHook: [floats],
  registerForwardHook: [module, listOf(floats), floats],
  registerForwardPreHook: [module, listOf(floats)],
  registerFullBackwardHook: [module, listOf(floats), listOf(floats)],
  vmap: [floats, floats, floats],
  grad: [floats, floats, floats],
  jacobian: [floats, floats],
  hessian: [floats, floats],
};

/** A function that the library will call, with what it is given. */
export function callbackOf(parameters: readonly Type[]): Type {
  return { k: 'tuple', items: [...parameters], names: ['callback'] };
}

/** The types of parameters of functions among a call's arguments. */
export function lambdaTypes(
  path: string,
  _forms: readonly Overload[],
): (i: number, name: string | null) => Type | undefined {
  const own = path.slice(path.lastIndexOf('.') + 1);
  const key = own === 'LambdaLR' ? 'lrLambda' : own;
  if (!Object.hasOwn(byName, key)) return () => undefined;
  return () => callbackOf(byName[key]);
}

/** Types that a place gives to a function's parameters, if it gives any. */
export const callbackTypes = (wanted: Type | undefined): readonly Type[] | null =>
  wanted?.k === 'tuple' && wanted.names?.[0] === 'callback' ? wanted.items : null;
