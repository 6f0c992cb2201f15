/** Parameters of modules in parts. */
import type { Tensor } from '../../core/tensor.js';
import type { Module } from '../../nn/module.js';
import type { Parameter } from '../../nn/parameter.js';
import { localOf, stored } from '../checkpoint/sharded_states.js';
import { shardingOf } from './sharding.js';

const hooked = new WeakMap<Module, Set<string>>();

/** Lets states of a module have the whole in the place of a parameter's part, and take wholes and parts. */
export function hookState(owner: Module, name: string): void {
  const names = hooked.get(owner) ?? new Set();
  hooked.set(owner, names);
  if (names.has(name)) return;
  names.add(name);
  // Looked up each time: what is cut once may be cut again.
  const parameter = (): Parameter => owner.getParameter(name);
  owner.registerStateDictPostHook((_module: Module, stateDict: Record<string, unknown>, prefix: string) => {
    stateDict[prefix + name] = stored(stateDict[prefix + name], parameter(), false);
  });
  owner.registerLoadStateDictPreHook(
    (_module: Module, stateDict: Record<string, unknown>, prefix: string) => {
      const key = prefix + name;
      const sharding = shardingOf(parameter());
      if (key in stateDict && sharding !== null) stateDict[key] = localOf(stateDict[key], sharding);
    },
  );
}

type Forward = (this: Module, ...args: unknown[]) => unknown;

/** Gives one module another `forward`, beneath its hooks, as if its class were another one. @returns the one before */
export function replaceForward(module: Module, forward: (before: Forward, args: unknown[]) => unknown): void {
  const of = Object.getPrototypeOf(module) as object;
  const before = Reflect.get(of, 'forward') as Forward;
  const value = (...args: unknown[]): unknown => forward(before, args);
  Object.setPrototypeOf(
    module,
    Object.create(of, { forward: { configurable: true, writable: true, value } }) as object,
  );
}

/** Calls a function while other tensors are in the places of parameters. */
export function withOthers<R>(places: ReadonlyMap<string, Tensor>, module: Module, run: () => R): R {
  const before = new Map<string, unknown>();
  for (const [name, value] of places) before.set(name, module.exchange(name, value));
  try {
    return run();
  } finally {
    for (const [name, value] of before) module.exchange(name, value);
  }
}
