/** `torch.utils.checkpoint`: memory is saved by computing a part of a network again when its gradients are due. */
import { checkFunction, context } from '../../core/context.js';
import { ValueError } from '../../core/errors.js';
import { signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { type Mode, type Next, withMode } from '../../dispatch/mode.js';
import type { Op } from '../../dispatch/op.js';
import { Sequential } from '../../nn/modules/container.js';
import { checkpointed, type Settings } from './recomputation.js';
import { CheckpointFunction } from './reentrant.js';
import { callableOf, type Part } from './surroundings.js';

export { CheckpointError } from './recomputation.js';
export {
  CheckpointPolicy,
  createSelectiveCheckpointContexts,
  type SelectiveCheckpointContext,
  type SelectiveCheckpointPolicy,
} from './selective.js';

/** Runs something in surroundings: `(fn) => torch.autocast('cpu', fn)`. */
export type CheckpointContext = <R>(fn: () => R) => R;

/** Settings of `checkpoint`. */
export interface CheckpointOptions {
  /**
   * True: the part runs without a graph, and again within the backward pass, which then runs a pass of its own. False (recommended): tensors that
   * are saved are left out, and computed again when the first is needed; works with `torch.autograd.grad`, nested structures and
   * detached inputs. A warning asks for a choice; default: true.
   */
  useReentrant?: boolean | null;
  /** Gives surroundings for the two runs of the part; only with `useReentrant: false`. */
  contextFn?: (() => readonly [forward: CheckpointContext, recompute: CheckpointContext]) | null;
  /** `'default'` compares shapes, dtypes and devices of both runs, `'none'` nothing; only with `useReentrant: false`. */
  determinismCheck?: 'default' | 'none';
  /** Errors list the ops of both runs; only with `useReentrant: false`. Default false. */
  debug?: boolean;
  /** Whether the second run ends as soon as all that was left out is there; only with `useReentrant: false`. Default true. */
  earlyStop?: boolean;
  /** Whether the second run draws the same random numbers as the first. Default true. */
  preserveRngState?: boolean;
}

const checkpointSignature = signature(
  "checkpoint(Any function, Any *args, bool? use_reentrant=None, Callable? context_fn=None, str determinism_check='default', bool debug=False, bool early_stop=True, bool preserve_rng_state=True)",
);
const sequentialSignature = signature(
  'checkpoint_sequential(Any functions, int segments, Any input, bool? use_reentrant=None, *, bool preserve_rng_state=True)',
);

/** Settings for all checkpoints that are made inside. */
class CheckpointDefaults implements Mode {
  readonly remembers = false;
  readonly watches = true;

  constructor(readonly settings: { readonly earlyStop?: boolean; readonly debug?: boolean | null }) {}

  call(op: Op, args: unknown[], next: Next): unknown {
    return next(op, args);
  }
}

/** A setting of the innermost region that has it. */
function regional<K extends 'earlyStop' | 'debug'>(name: K): boolean | null {
  for (let { modes } = context(); modes !== null; modes = modes.below) {
    const value = modes.mode instanceof CheckpointDefaults ? modes.mode.settings[name] : undefined;
    if (value !== undefined) return value;
  }
  return null;
}

/**
 * Runs a part of a network without keeping what its gradients need: the backward pass runs it again. It takes the time of another
 * forward pass, and only the memory of its inputs and results. The part must compute the same both times.
 *
 * @param function a function, or a module
 * @param args what it is called with, then the settings in one object
 * @throws CheckpointError in the backward pass if the second run saves other tensors than the first
 *
 * @example
 * const y = torch.utils.checkpoint.checkpoint(block, x, { useReentrant: false });
 */
export function checkpoint<Args extends readonly unknown[], R>(
  fn: Part<Args, R>,
  ...args: [...args: Args] | [...args: Args, options: CheckpointOptions]
): R;
export function checkpoint(...given: unknown[]): unknown {
  const { function: part, args, useReentrant, ...settings } = checkpointSignature.bind(given);
  const { preserveRngState, contextFn, debug } = settings;
  if (useReentrant === null)
    warn(
      'torch.utils.checkpoint: the useReentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling checkpoint without use_reentrant will raise an exception. useReentrant: false is recommended, but if you need to preserve the current default behavior, you can pass useReentrant: true. Refer to docs for more details on the differences between the two variants.',
    );
  const body = callableOf(part);
  if (useReentrant ?? true) {
    if (contextFn !== null || debug)
      throw new ValueError('Passing `contextFn` or `debug` is only supported when useReentrant: false.');
    return CheckpointFunction.apply(body, preserveRngState, ...args);
  }
  return checkpointed(body, args, {
    ...(settings as Settings),
    debug: regional('debug') ?? debug,
    earlyStop: regional('earlyStop') ?? settings.earlyStop,
  });
}

/**
 * Runs parts one after the other, in segments of which each but the last is a checkpoint.
 *
 * @param functions a `Sequential`, or a list of functions and modules, each taking what the one before it gives
 * @param segments how many segments to make of them
 * @param input what the first is called with
 * @param useReentrant as for `checkpoint`
 * @param preserveRngState as for `checkpoint`
 *
 * @example
 * const y = torch.utils.checkpoint.checkpointSequential(net, 2, x, { useReentrant: false });
 */
export function checkpointSequential(
  functions: Sequential | readonly Part[],
  segments: number,
  input: Tensor,
  options?: Pick<CheckpointOptions, 'useReentrant' | 'preserveRngState'> | boolean | null,
): Tensor;
export function checkpointSequential(
  options: {
    functions: Sequential | readonly Part[];
    segments: number;
    input: Tensor;
  } & Pick<CheckpointOptions, 'useReentrant' | 'preserveRngState'>,
): Tensor;
export function checkpointSequential(...given: unknown[]): unknown {
  const { functions, segments, input, useReentrant, preserveRngState } = sequentialSignature.bind(given);
  if (useReentrant === null)
    warn(
      'torch.utils.checkpoint.checkpoint_sequential: the useReentrant parameter should be passed explicitly. In version 2.9 we will raise an exception if use_reentrant is not passed. useReentrant: false is recommended, but if you need to preserve the current default behavior, you can pass useReentrant: true. Refer to docs for more details on the differences between the two variants.',
    );
  const parts: readonly unknown[] =
    functions instanceof Sequential ? functions.children() : (functions as readonly unknown[]);
  const run =
    (from: number, to: number) =>
    (value: unknown): unknown =>
      parts.slice(from, to).reduce<unknown>((current, part) => callableOf(part)(current), value);
  const size = Math.floor(parts.length / segments);
  if (size === 0 && segments !== 1) throw new ValueError('range() arg 3 must not be zero');
  const last = size * (segments - 1);
  let value = input;
  for (let start = 0; start < last; start += size)
    value = checkpoint(run(start, start + size), value, {
      useReentrant: useReentrant ?? true,
      preserveRngState,
    });
  return run(Math.max(last, 0), parts.length)(value);
}

/**
 * Runs `fn` with early stopping of all checkpoints made inside on or off, whatever they say themselves.
 *
 * @example
 * const y = torch.utils.checkpoint.setCheckpointEarlyStop(false, () => net.forward(x));
 */
export function setCheckpointEarlyStop<R>(
  ...args: [enable: boolean, fn: () => R] | [options: { enable: boolean; fn: () => R }]
): R {
  const { enable, fn } = earlyStopSignature.bind(args);
  checkFunction(fn, 'setCheckpointEarlyStop');
  return withMode(new CheckpointDefaults({ earlyStop: enable }), fn as () => R);
}

/**
 * Runs `fn` with `debug` of all checkpoints made inside on or off; null leaves it to them.
 *
 * @example
 * const y = torch.utils.checkpoint.setCheckpointDebugEnabled(true, () => net.forward(x));
 */
export function setCheckpointDebugEnabled<R>(
  ...args: [enabled: boolean | null, fn: () => R] | [options: { enabled: boolean | null; fn: () => R }]
): R {
  const { enabled, fn } = debugSignature.bind(args);
  checkFunction(fn, 'setCheckpointDebugEnabled');
  return withMode(new CheckpointDefaults({ debug: enabled }), fn as () => R);
}

const earlyStopSignature = signature('set_checkpoint_early_stop(bool enable, Any fn=None)');
const debugSignature = signature('set_checkpoint_debug_enabled(bool? enabled, Any fn=None)');
