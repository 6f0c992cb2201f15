/** Hooks around the calls of modules: of one, or of all. */

import { HookList } from '../autograd/hook_list.js';
import { RuntimeError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { formatValue, typeName } from '../core/repr.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { BackwardHooks } from './backward_hooks.js';

/** Computes a module's result. */
export type ForwardFunction = (...args: unknown[]) => unknown;
export type AnyHook = (...args: readonly unknown[]) => unknown;

/** The hooks around the calls of one module, or of all. */
export class ModuleHooks {
  readonly forwardPre: HookList<AnyHook>;
  readonly forward: HookList<AnyHook>;
  readonly backwardPre: HookList<AnyHook>;
  readonly backward: HookList<AnyHook>;

  /** @param onEmpty is told when the last hook has been removed */
  constructor(onEmpty: () => void) {
    const check = () => {
      if (this.isEmpty) onEmpty();
    };
    this.forwardPre = new HookList(check);
    this.forward = new HookList(check);
    this.backwardPre = new HookList(check);
    this.backward = new HookList(check);
  }

  get isEmpty(): boolean {
    return (
      this.forwardPre.length + this.forward.length + this.backwardPre.length + this.backward.length === 0
    );
  }

  /** Takes over another module's hooks. */
  addAll(others: ModuleHooks): void {
    for (const kind of ['forwardPre', 'forward', 'backwardPre', 'backward'] as const)
      this[kind].addAll(others[kind]);
  }
}

/** The prototypes of all classes that modules were made of. */
const prototypes = new Set<object>();
/** Their `forward` from before, while hooks stand in its place. */
const hooked = new Map<object, ForwardFunction>();

/** Hooks around every module's calls. While there are none, modules pay nothing for them. */
export const globalHooks = new ModuleHooks(() => {
  for (const [prototype, forward] of hooked)
    if (ownForwards.has(prototype))
      Object.defineProperty(prototype, 'forward', { ...hidden, value: forward });
    else Reflect.deleteProperty(prototype, 'forward');
  hooked.clear();
});
const ownForwards = new Set<object>();
const hidden = { configurable: true, writable: true, enumerable: false };

/** Notes the class of a new module. */
export function noteClass(prototype: object): void {
  if (prototypes.has(prototype)) return;
  prototypes.add(prototype);
  if (!globalHooks.isEmpty) standBefore(prototype);
}

/** Puts hooks before `forward` of all classes. */
export function hookAllClasses(): void {
  for (const prototype of prototypes) standBefore(prototype);
}

function standBefore(prototype: object): void {
  if (hooked.has(prototype)) return;
  if (Object.hasOwn(prototype, 'forward')) ownForwards.add(prototype);
  const forward = Reflect.get(prototype, 'forward') as ForwardFunction;
  hooked.set(prototype, forward);
  Object.defineProperty(prototype, 'forward', {
    ...hidden,
    value(this: object, ...args: unknown[]): unknown {
      // A subclass that calls it is hooked itself.
      if (Object.getPrototypeOf(this) !== prototype) return forward.apply(this, args);
      return callHooked(this, null, forward, args);
    },
  });
}

/** The `forward` of a module's class, without hooks. */
export function forwardOf(module: object): ForwardFunction {
  const prototype = Object.getPrototypeOf(module) as object;
  return hooked.get(prototype) ?? (Reflect.get(prototype, 'forward') as ForwardFunction);
}

/** Arguments of a call: those by position, and those by name in a last object. */
function split(args: readonly unknown[]): [unknown[], Record<string, unknown>] {
  const last = args.at(-1);
  return isPlainObject(last) ? [args.slice(0, -1), last] : [[...args], {}];
}

/** Calls a module's `forward` with all hooks around it. */
export function callHooked(
  module: object,
  own: ModuleHooks | null,
  forward: ForwardFunction,
  given: unknown[],
): unknown {
  const all = <K extends 'forwardPre' | 'forward' | 'backwardPre' | 'backward'>(kind: K) => [
    ...globalHooks[kind].entries(),
    ...(own?.[kind].entries() ?? []),
  ];
  let args = given;
  let output: unknown = null;
  const called = new Set<object>();
  const runForwardHook = ({ hook, withKwargs }: { hook: AnyHook; withKwargs?: boolean }): void => {
    const result = withKwargs ? hook(module, ...split(args), output) : hook(module, args, output);
    output = result ?? output;
  };
  try {
    for (const { hook, withKwargs } of all('forwardPre')) {
      if (!withKwargs) {
        const result = hook(module, args) ?? null;
        if (result !== null) args = Array.isArray(result) ? result : [result];
        continue;
      }
      const result = hook(module, ...split(args)) ?? null;
      if (result === null) continue;
      if (!Array.isArray(result) || result.length !== 2)
        throw new RuntimeError(
          `forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got ${formatValue(result)}.`,
        );
      const [positional, named] = result as [unknown[], Record<string, unknown>];
      args = Object.keys(named).length > 0 ? [...positional, named] : [...positional];
    }
    const [backwardHooks, backwardPreHooks] = [all('backward'), all('backwardPre')];
    const backward =
      backwardHooks.length + backwardPreHooks.length > 0
        ? new BackwardHooks(
            backwardHooks.map(
              ({ hook }) =>
                (inputs, outputs) =>
                  hook(module, inputs, outputs),
            ),
            backwardPreHooks.map(
              ({ hook }) =>
                (outputs) =>
                  hook(module, outputs),
            ),
          )
        : null;
    if (backward !== null) args = backward.watchInputs(args);
    output = forward.apply(module, args);
    for (const entry of all('forward')) {
      if (entry.alwaysCall) called.add(entry);
      runForwardHook(entry);
    }
    if (backward === null) return output;
    if (!(output instanceof Tensor || Array.isArray(output)))
      warn(
        `For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received <class '${typeName(output)}'>`,
      );
    return backward.watchOutput(output);
  } catch (error) {
    for (const entry of all('forward')) {
      if (!entry.alwaysCall || called.has(entry)) continue;
      try {
        runForwardHook(entry);
      } catch (silenced) {
        warn(
          `module forward hook with \`alwaysCall: true\` raised an exception that was silenced as another error was raised in forward: ${silenced instanceof Error ? silenced.message : String(silenced)}`,
        );
      }
    }
    throw error;
  }
}
