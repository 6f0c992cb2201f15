/** One call of any op with arguments made for it, and what must hold of it whatever they are. */

import { extent } from '../../src/core/elements.js';
import * as errors from '../../src/core/errors.js';
import type { Entry } from '../../src/dispatch/op_entry.js';
import { entries } from '../../src/dispatch/registry.js';
import * as torch from '../../src/index.js';
import { Caller } from './arguments.js';
import { show } from './describe.js';
import { type Draw, onceIn, oneOf } from './property.js';
import { World } from './world.js';

interface Target {
  readonly entry: Entry;
  readonly isMethod: boolean;
}

/** Every op that a user can call, as a function and as a method. Names with a leading underscore are not for users. */
export const targets: readonly Target[] = (() => {
  const { functions, methods } = entries();
  const all = (list: Iterable<Entry>, isMethod: boolean) => [...list].map((entry) => ({ entry, isMethod }));
  return [...all(functions, false), ...all(methods, true)].filter((t) => !t.entry.name.startsWith('_'));
})();

const classes = new Set<unknown>(Object.values(errors));

/** The tensors that a call changes when it succeeds: in-place forms and `out`, and the running statistics of normalizations. */
function written(
  name: string,
  args: readonly unknown[],
  positions: ReadonlyMap<string, number>,
): torch.Tensor[] {
  const result: unknown[] = [];
  const options = args.at(-1) as Record<string, unknown>;
  if (name.endsWith('_')) result.push(args[0]);
  if (/norm/.test(name))
    for (const parameter of ['running_mean', 'running_var'])
      result.push(args[positions.get(parameter) ?? -1]);
  const isObject = typeof options === 'object' && options !== null;
  if (isObject)
    for (const key of ['out', 'self', 'input', 'runningMean', 'runningVar'])
      result.push(...[options[key]].flat());
  if ((isObject && options.inplace === true) || args[positions.get('inplace') ?? -1] === true)
    result.push(args[0]);
  if (/dropout/.test(name)) result.push(args[0]);
  return result.filter((t): t is torch.Tensor => t instanceof torch.Tensor);
}

function checkResult(result: unknown): void {
  for (const t of Array.isArray(result) ? (result as unknown[]) : [result]) {
    if (Array.isArray(t)) checkResult(t);
    if (!(t instanceof torch.Tensor)) continue;
    if (t.shape.some((n) => !Number.isInteger(n) || n < 0))
      throw new Error(`the result has sizes [${t.shape}]`);
    const [low, high] = extent(t);
    if (high >= low && (low < 0 || (high + 1) * t.dtype.itemsize > t.storage.nbytes))
      throw new Error('the result reaches beyond its storage');
  }
}

/** The outcome of a call: which, whether it succeeded, and the complaint if something did not hold. */
export interface Outcome {
  readonly name: string;
  readonly succeeded: boolean;
  readonly complaint: string | null;
  readonly call: string;
}

export function callSomething(
  draw: Draw,
  among = targets,
  before: (call: string) => void = () => {},
): Outcome {
  const { entry, isMethod } = oneOf(draw, among);
  const { schema } = oneOf(draw, entry.ops);
  const world = new World();
  const caller = new Caller(draw, world, entry.name);
  const args = caller.args(schema);
  if (isMethod && !(args[0] instanceof torch.Tensor)) args[0] = caller.tensor('self');
  if (!isMethod && onceIn(draw, 12)) {
    const last = args.at(-1);
    const isOptions =
      typeof last === 'object' && last !== null && Object.getPrototypeOf(last) === Object.prototype;
    if (isOptions) (last as Record<string, unknown>).out = caller.tensor('out');
    else args.push({ out: caller.tensor('out') });
  }
  const name = `${isMethod ? '.' : entry.module && `${entry.module}.`}${entry.name}`;
  const call = `${name}(${args.map(show).join(', ')})`;
  before(call);
  world.remember();
  let succeeded = false;
  try {
    const changed = written(entry.name, args, schema.positions);
    let result: unknown;
    try {
      result = entry.call([...args], isMethod);
      succeeded = true;
    } catch (error) {
      check(error);
      world.checkUnchanged();
    }
    if (succeeded) {
      world.checkUnchanged(changed);
      checkResult(result);
      differentiate(result);
    }
    return { name, succeeded, complaint: null, call };
  } catch (error) {
    return {
      name,
      succeeded,
      complaint: error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error),
      call,
    };
  }
}

/** Refuses errors that are not the library's own. */
function check(error: unknown): void {
  const { constructor, message } = error as Error;
  if (!classes.has(constructor)) throw error;
  if (!message) throw new Error('an error without a message');
}

/** Gradients of whatever can have them exist or are refused in the library's own words. */
function differentiate(result: unknown): void {
  const list = (Array.isArray(result) ? result : [result]) as unknown[];
  const roots = list.filter(
    (t): t is torch.Tensor => t instanceof torch.Tensor && t.requiresGrad && t.numel() < 1e5,
  );
  if (roots.length === 0) return;
  try {
    torch.autograd.backward(
      roots,
      roots.map((r) => torch.onesLike(r)),
    );
  } catch (error) {
    check(error);
  }
}
