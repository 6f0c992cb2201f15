/** State dicts of modules: what they are, and the books of loading one. */

import { HookList } from '../autograd/hook_list.js';
import { AssertionError, RuntimeError, TypeError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import { asRecord } from '../core/plain.js';
import { formatSize } from '../core/printing.js';
import { typeName } from '../core/repr.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { isUninitialized } from './parameter.js';

/** Parameters and buffers by name, as `stateDict()` returns them and `loadStateDict()` takes them. */
export type StateDict = Record<string, Tensor>;

/** The report of `loadStateDict()`. */
export interface IncompatibleKeys {
  readonly missingKeys: string[];
  readonly unexpectedKeys: string[];
}

class KeyReport implements IncompatibleKeys {
  constructor(
    readonly missingKeys: string[],
    readonly unexpectedKeys: string[],
  ) {}

  /** Prints as Python does. */
  toString(): string {
    const { missingKeys, unexpectedKeys } = this;
    if (missingKeys.length + unexpectedKeys.length === 0) return '<All keys matched successfully>';
    const list = (keys: string[]) => `[${keys.map((key) => `'${key}'`).join(', ')}]`;
    return `_IncompatibleKeys(missing_keys=${list(missingKeys)}, unexpected_keys=${list(unexpectedKeys)})`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/** Facts of a module that a state dict holds beside its tensors. */
export interface StateMetadata {
  /** The version of the module's layout. */
  version?: number;
}

/** Hooks around a module's state. */
export interface StateHookTypes<M> {
  statePre(module: M, prefix: string, keepVars: boolean): void;
  state(module: M, stateDict: StateDict, prefix: string, metadata: StateMetadata): void;
  loadPre(
    module: M,
    stateDict: Record<string, unknown>,
    prefix: string,
    metadata: StateMetadata,
    strict: boolean,
    missingKeys: string[],
    unexpectedKeys: string[],
    errors: string[],
  ): void;
  load(module: M, incompatibleKeys: IncompatibleKeys): void;
}

/** The hooks around one module's state. */
export class StateHooks<M> {
  readonly statePre = new HookList<StateHookTypes<M>['statePre']>();
  readonly state = new HookList<StateHookTypes<M>['state']>();
  readonly loadPre = new HookList<StateHookTypes<M>['loadPre']>();
  readonly load = new HookList<StateHookTypes<M>['load']>();

  /** Takes over another module's hooks. */
  addAll(others: StateHooks<M>): void {
    this.statePre.addAll(others.statePre);
    this.state.addAll(others.state);
    this.loadPre.addAll(others.loadPre);
    this.load.addAll(others.load);
  }
}

/** The name under which a module's own further state stands. */
export const extraState = '_extra_state';

/** Runs the hooks after a module's state has been gathered. */
export function runStateHooks<M>(
  hooks: StateHooks<M> | null,
  module: M,
  stateDict: StateDict,
  prefix: string,
): void {
  for (const hook of hooks?.state.hooks() ?? [])
    if (((hook(module, stateDict, prefix, { version: 1 }) as unknown) ?? null) !== null)
      throw new RuntimeError('state_dict post-hook must return None');
}

/** Loading of a state dict: what it must report. */
export class StateLoad {
  readonly stateDict: Record<string, unknown>;
  readonly missing: string[] = [];
  readonly unexpected: string[] = [];
  readonly errors: string[] = [];

  /**
   * @param given the state dict; hooks change a copy of it
   * @param assign whether its tensors take the place of the module's
   */
  constructor(
    given: unknown,
    readonly assign: boolean,
  ) {
    const record = asRecord(given);
    if (typeof record !== 'object' || record === null || Symbol.iterator in record)
      throw new TypeError(`Expected state_dict to be dict-like, got <class '${typeName(given)}'>.`);
    this.stateDict = { ...record };
  }

  /** A tensor of the state dict as it fits one of the module's, or null with an error noted. */
  fitting(key: string, target: Tensor, given: unknown): Tensor | null {
    if (!(given instanceof Tensor)) {
      this.errors.push(
        `While copying the parameter named "${key}", expected torch.Tensor or Tensor-like object from checkpoint but received <class '${typeName(given)}'>`,
      );
      return null;
    }
    if (isUninitialized(target)) {
      if (isUninitialized(given)) return null;
      target.materialize(given.shape);
    }
    // Checkpoints of PyTorch before 0.4 hold scalars as tensors of one element.
    const source = target.dim() === 0 && given.dim() === 1 && given.size(0) === 1 ? given.reshape([]) : given;
    if (source.shape.length !== target.shape.length || source.shape.some((n, i) => n !== target.shape[i])) {
      this.errors.push(
        `size mismatch for ${key}: copying a param with shape ${formatSize(source.shape)} from checkpoint, ` +
          `the shape in current model is ${formatSize(target.shape)}.`,
      );
      return null;
    }
    if (target.isMeta && !source.isMeta && !this.assign)
      warn(
        `for ${key}: copying from a non-meta parameter in the checkpoint to a meta parameter in the current model, which is a no-op. (Did you mean to pass \`assign: true\` to assign items in the state dictionary to their corresponding key in the module instead of copying them in place?)`,
      );
    return source;
  }

  /** Runs the hooks after a module has been loaded. */
  runHooks<M>(hooks: StateHooks<M> | null, module: M): void {
    if (hooks === null) return;
    const report = new KeyReport(this.missing, this.unexpected);
    for (const hook of hooks.load.hooks())
      if (((hook(module, report) as unknown) ?? null) !== null)
        throw new AssertionError(
          'Hooks registered with `registerLoadStateDictPostHook` are not expected to return new values, if incompatible_keys need to be modified, it should be done inplace.',
        );
  }

  /** The report. @throws RuntimeError with every difference, in PyTorch's words */
  report(owner: string, strict: boolean): IncompatibleKeys {
    const { missing, unexpected, errors } = this;
    const quoted = (keys: string[]): string => keys.map((key) => `"${key}"`).join(', ');
    if (strict) {
      if (unexpected.length > 0) errors.unshift(`Unexpected key(s) in state_dict: ${quoted(unexpected)}. `);
      if (missing.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quoted(missing)}. `);
    }
    if (errors.length > 0)
      throw new RuntimeError(`Error(s) in loading state_dict for ${owner}:\n\t${errors.join('\n\t')}`);
    return new KeyReport(missing, unexpected);
  }
}
