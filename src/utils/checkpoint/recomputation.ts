/** Checkpoints whose saved tensors are computed again when the backward pass first asks for one. */
import { currentPass } from '../../autograd/backward_pass.js';
import { enableGrad, isGradEnabled } from '../../autograd/modes.js';
import { withSavedHooks } from '../../autograd/saved_hooks.js';
import { AssertionError, RuntimeError, ValueError } from '../../core/errors.js';
import { formatSize } from '../../core/printing.js';
import { Tensor } from '../../core/tensor.js';
import { type Kept, keepTensor } from '../../dispatch/saved_tensor.js';
import { CallLog } from './call_log.js';
import { type Again, refusePromise, surroundings } from './surroundings.js';

/** Signals that a checkpoint saved other tensors when it ran again. */
export class CheckpointError extends RuntimeError {
  override name = 'CheckpointError';
}

/** Settings of a checkpoint, as `checkpoint` binds them. */
export interface Settings {
  readonly contextFn: (() => readonly [forward: Again, recompute: Again]) | null;
  readonly determinismCheck: string;
  readonly debug: boolean;
  readonly earlyStop: boolean;
  readonly preserveRngState: boolean;
}

/** Ends a recomputation once all that was saved is there. */
class StopRecomputation extends Error {}

/** A tensor that is kept nowhere: it stands in the graph, and gets its values by backward pass. Null once they have been used. */
class Holder {
  readonly values = new WeakMap<object, Tensor | null>();
}

const tip =
  '\n\nTip: To see a more detailed error message, either pass `debug: true` to `torch.utils.checkpoint.checkpoint(...)` or run the code in `torch.utils.checkpoint.setCheckpointDebugEnabled(true, () => { … })`.\n';

const checks: Readonly<Record<string, (tensor: Tensor) => string>> = {
  default: ({ shape, dtype, device }) =>
    `{'shape': ${formatSize(shape)}, 'dtype': ${dtype}, 'device': device(type='${device.type}')}`,
  none: () => '',
};

/** One call of `checkpoint`. */
class Frame {
  /** Stand-ins in the graph for the saved tensors, in the order in which they were saved. The graph alone keeps them. */
  private readonly holders: WeakRef<Holder>[] = [];
  private readonly descriptions: string[] = [];
  private readonly args: readonly unknown[];
  private readonly recomputed = new WeakSet<object>();
  private isComplete = false;

  constructor(
    args: readonly unknown[],
    private readonly recompute: (args: readonly unknown[]) => void,
    private readonly stopsEarly: boolean,
    private readonly describe: (tensor: Tensor) => string,
    private readonly log: CallLog | null,
  ) {
    this.args = args.map((arg) => (arg instanceof Tensor ? new SavedInput(keepTensor(arg)) : arg));
  }

  run<R>(forward: () => R): R {
    const result = withSavedHooks(
      (tensor) => this.hold(tensor),
      (holder) => this.explained(() => this.valueOf(holder as Holder)),
      forward,
    );
    this.isComplete = true;
    return result;
  }

  private hold(tensor: Tensor): Holder {
    const holder = new Holder();
    this.holders.push(new WeakRef(holder));
    this.descriptions.push(this.describe(tensor));
    return holder;
  }

  private explained<R>(fn: () => R): R {
    try {
      return fn();
    } catch (error) {
      if (this.log === null || !(error instanceof CheckpointError)) throw error;
      throw new CheckpointError(String(this.log), { cause: error });
    }
  }

  private valueOf(holder: Holder): Tensor {
    // A value that is read outside of a backward pass is computed for that once.
    const pass = currentPass() ?? {};
    if (!this.recomputed.has(pass)) this.recomputeFor(pass);
    const value = holder.values.get(pass);
    if (value === null)
      throw new CheckpointError(
        'torch.utils.checkpoint: Unpack is being triggered for a tensor that was already unpacked once. If you are calling ctx.savedTensors in backward, make sure to do so only once. Otherwise please open an issue with details on your use case.',
      );
    if (value === undefined)
      throw new AssertionError('torch.utils.checkpoint: a saved tensor was not computed again');
    holder.values.set(pass, null);
    return value;
  }

  private recomputeFor(pass: object): void {
    const args = this.args.map((arg) => (arg instanceof SavedInput ? arg.tensor : arg));
    let count = 0;
    /** Whether the part ran a backward pass of its own, which saves more when it is not stopped. */
    let isLonger = false;
    const note = (given: Tensor): Tensor => {
      const tensor = given.requiresGrad ? given.detach() : given;
      const i = count++;
      if (i >= this.holders.length) {
        if (!this.isComplete) {
          isLonger = true;
          return tensor;
        }
        throw new CheckpointError(
          `torch.utils.checkpoint: trying to save more tensors during recomputation than during the original forward pass.\n${tip}`,
        );
      }
      this.holders[i].deref()?.values.set(pass, tensor);
      if (this.stopsEarly && count === this.holders.length) throw new StopRecomputation();
      return tensor;
    };
    try {
      withSavedHooks(
        note,
        (tensor) => tensor as Tensor,
        () => enableGrad(() => this.recompute(args)),
      );
    } catch (error) {
      if (!(error instanceof StopRecomputation)) throw error;
    }
    this.recomputed.add(pass);
    if (!isLonger) this.check(pass, count);
  }

  private check(pass: object, count: number): void {
    const { holders } = this;
    if (count !== holders.length)
      throw new CheckpointError(
        `torch.utils.checkpoint: A different number of tensors was saved during the original forward and recomputation.\nNumber of tensors saved during forward: ${holders.length}\nNumber of tensors saved during recomputation: ${count}.\n${tip}`,
      );
    const differences: string[] = [];
    for (const [i, reference] of holders.entries()) {
      const value = reference.deref()?.values.get(pass);
      if (value === undefined || value === null) continue;
      const now = this.describe(value);
      if (now !== this.descriptions[i])
        differences.push(
          `tensor at position ${i}:\nsaved metadata: ${this.descriptions[i]}\nrecomputed metadata: ${now}\n`,
        );
    }
    if (differences.length > 0)
      throw new CheckpointError(
        `torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the forward pass.\n${differences.join('')}.\n${tip}`,
      );
  }
}

/** An input of the part, as the graph would keep it. */
class SavedInput {
  constructor(private readonly kept: Kept) {}

  get tensor(): Tensor {
    return this.kept.unpack('checkpoint');
  }
}

const asItIs: Again = (fn) => fn();

/** Runs a part without keeping what its gradients need. */
export function checkpointed(
  body: (...args: readonly unknown[]) => unknown,
  args: readonly unknown[],
  { contextFn, determinismCheck, debug, earlyStop, preserveRngState }: Settings,
): unknown {
  if (debug && contextFn !== null)
    throw new ValueError('debug: true is incompatible with non-default contextFn');
  if (!Object.hasOwn(checks, determinismCheck))
    throw new ValueError(
      `determinismCheck should be one of ['${Object.keys(checks).join("', '")}'], but got ${determinismCheck}`,
    );
  const log = debug ? new CallLog() : null;
  const [forward, recompute] = (log ? [log.forward, log.recompute] : contextFn?.()) ?? [asItIs, asItIs];
  const again = surroundings(args, preserveRngState);
  if (!isGradEnabled()) return refusePromise(body(...args));
  const frame = new Frame(
    args,
    (given) => again(() => recompute(() => body(...given))),
    earlyStop,
    checks[determinismCheck],
    log,
  );
  return refusePromise(frame.run(() => forward(() => body(...args))));
}
