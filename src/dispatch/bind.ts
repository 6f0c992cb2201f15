/** Arguments as given by the caller, bound to a schema's parameters the way PyTorch's argument parser does. */
import { isPlainObject } from '../core/plain.js';
import { MISMATCH } from '../core/signature/parameter_types.js';
import { Tensor } from '../core/tensor.js';
import type { Schema } from './schema.js';

/** The trailing object of arguments by name; null if there is none. */
export function namedArguments(args: readonly unknown[]): Record<string, unknown> | null {
  const last = args[args.length - 1];
  return isPlainObject(last) ? last : null;
}

/** One value per parameter, or null if the arguments do not fit. */
export function bind(
  schema: Schema,
  args: readonly unknown[],
  named = namedArguments(args),
): unknown[] | null {
  const { parameters, positional, variadic } = schema;
  const count = named === null ? args.length : args.length - 1;
  if (count > positional && !variadic) return null;
  const filled = Math.min(count, positional);
  if (named !== null && !areParameters(named, schema, filled)) return null;
  const bound = new Array<unknown>(parameters.length);
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i];
    let arg = i < filled ? args[i] : named === null ? undefined : named[parameter.camel];
    if (variadic && i === positional - 1 && i < filled) arg = gathered(args, i, count);
    const value =
      parameter.takesTensor && arg instanceof Tensor
        ? arg
        : arg === undefined
          ? parameter.fallback
          : parameter.convert(arg);
    if (value === MISMATCH) return null;
    bound[i] = value;
  }
  return bound;
}

/** Sizes as numbers (ones(2, 3), x.view(-1)) and tensors one by one (blockDiag(a, b)) as the list that they stand for. */
function gathered(args: readonly unknown[], first: number, end: number): unknown {
  const one = args[first];
  return end - first > 1 || typeof one === 'number' || one instanceof Tensor ? args.slice(first, end) : one;
}

/** Whether all names are those of parameters from this one on. */
function areParameters(named: Record<string, unknown>, { parameters }: Schema, from: number): boolean {
  let known = 0;
  for (let i = from; i < parameters.length; i++) if (parameters[i].camel in named) known++;
  return known === Object.keys(named).length;
}
