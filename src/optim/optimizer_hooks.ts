/** Hooks around what optimizers do: of one, or of all. */
import { HookList } from '../autograd/hook_list.js';
import { RuntimeError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { formatValue } from '../core/repr.js';

/** Arguments of a `step()` by position, and by name. */
type StepArguments = [args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>];

/** Hooks of optimizers; they may return nothing, or what takes the place of what they were given. */
export interface OptimizerHookTypes<O, S> {
  /** May return other arguments: `[args, kwargs]`. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
  stepPre(optimizer: O, ...given: StepArguments): StepArguments | null | undefined | void;
  stepPost(optimizer: O, ...given: StepArguments): void;
  stateDictPre(optimizer: O): void;
  /** May return another state dict. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
  stateDictPost(optimizer: O, stateDict: S): S | null | undefined | void;
  /** May return another state dict. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
  loadPre(optimizer: O, stateDict: S): S | null | undefined | void;
  loadPost(optimizer: O): void;
}

/** Hooks of one optimizer, or of all. */
export class OptimizerHooks<O, S> {
  readonly stepPre = new HookList<OptimizerHookTypes<O, S>['stepPre']>();
  readonly stepPost = new HookList<OptimizerHookTypes<O, S>['stepPost']>();
  readonly stateDictPre = new HookList<OptimizerHookTypes<O, S>['stateDictPre']>();
  readonly stateDictPost = new HookList<OptimizerHookTypes<O, S>['stateDictPost']>();
  readonly loadPre = new HookList<OptimizerHookTypes<O, S>['loadPre']>();
  readonly loadPost = new HookList<OptimizerHookTypes<O, S>['loadPost']>();
}

/** Hooks around every optimizer's steps. */
export const everyOptimizer = new OptimizerHooks<object, unknown>();

/** Runs a step with all hooks around it. */
export function hookedStep<O extends object, S, R>(
  optimizer: O,
  own: OptimizerHooks<O, S> | null,
  given: readonly unknown[],
  run: (args: readonly unknown[]) => R,
): R {
  const before = [...everyOptimizer.stepPre.hooks(), ...(own?.stepPre.hooks() ?? [])];
  const last = given.at(-1);
  let [args, kwargs]: StepArguments = isPlainObject(last) ? [given.slice(0, -1), last] : [given, {}];
  for (const hook of before) {
    const result: unknown = hook(optimizer, args, kwargs) ?? null;
    if (result === null) continue;
    if (!Array.isArray(result) || result.length !== 2)
      throw new RuntimeError(
        `${optimizer.constructor.name}.step must return None or a tuple of (new_args, new_kwargs), but got ${formatValue(result)}.`,
      );
    [args, kwargs] = result as StepArguments;
  }
  const result = run(Object.keys(kwargs).length > 0 ? [...args, kwargs] : args);
  for (const hook of [...(own?.stepPost.hooks() ?? []), ...everyOptimizer.stepPost.hooks()])
    hook(optimizer, args, kwargs);
  return result;
}
