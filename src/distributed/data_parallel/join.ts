/** Training with uneven inputs: processes that have no more take part in the collectives of those that go on. */
import { RuntimeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { ops } from '../../dispatch/registry.js';
import type { ProcessGroup } from '../process_group.js';
import { allReduce } from '../reducing_collectives.js';
import type { Work } from '../work.js';

/** What a process does that has no more inputs. */
export class JoinHook {
  /** Takes part in the collectives of an iteration of others: of a forward pass, a backward pass and an optimizer's step. */
  mainHook(): void | Promise<void> {}

  /**
   * Is called once all have joined.
   *
   * @param isLastJoiner whether this process was one of the last
   */
  postHook(_isLastJoiner: boolean): void | Promise<void> {}
}

/** What a `Join` asks of a class. */
export interface Joinable {
  /** The group of the collectives that tell who has joined. */
  readonly joinProcessGroup: ProcessGroup;
  /**
   * What processes do for it that have no more inputs.
   *
   * @param options those of the `Join` that it knows
   */
  joinHook(options: Readonly<Record<string, unknown>>): JoinHook;
}

interface Configuration {
  readonly join: Join;
  readonly isFirst: boolean;
  readonly throws: boolean;
}

const configurations = new WeakMap<Joinable, Configuration>();

const join = signature(
  'Join(Any joinables, bool enable=True, bool throw_on_early_termination=False, Any kwargs=None)',
);

/** After so many iterations without inputs it is said that they are uneven. */
const manyIterations = 1000;

/**
 * Lets processes train with different numbers of inputs: who has no more goes on with collectives only, until all are done.
 *
 * @example
 * await new dist.Join([ddp]).run(async () => {
 *   for await (const [x, y] of loader) {
 *     optimizer.zeroGrad();
 *     criterion.forward(ddp.forward(x), y).backward();
 *     optimizer.step();
 *   }
 * });
 */
export class Join {
  readonly #joinables: readonly Joinable[];
  readonly #hooks: readonly JoinHook[];
  readonly #group: ProcessGroup;
  readonly #enable: boolean;
  readonly #throws: boolean;

  /**
   * @param joinables what takes part, in the order of their collectives
   * @param enable whether it does anything
   * @param throwOnEarlyTermination whether all processes fail as soon as one has no more inputs
   * @param kwargs what goes to `joinHook` of each
   */
  constructor(...args: Arguments<typeof join, { joinables: readonly Joinable[] }>) {
    const { joinables, enable, throwOnEarlyTermination, kwargs } = join.bind(args);
    this.#joinables = [...(joinables as readonly Joinable[])];
    if (this.#joinables.length === 0)
      throw new ValueError('The join context manager requires at least one joinable');
    const groups = new Set(this.#joinables.map((one) => one.joinProcessGroup));
    if (groups.size > 1) throw new ValueError('Using join context manager with multiple process groups');
    [this.#group] = groups as unknown as [ProcessGroup];
    this.#enable = enable;
    this.#throws = throwOnEarlyTermination;
    this.#hooks = this.#joinables.map((one) => one.joinHook((kwargs ?? {}) as Record<string, unknown>));
  }

  /**
   * Runs a training loop, and waits until all other processes have ended theirs.
   *
   * @param fn the loop
   */
  async run<R>(fn: () => R | Promise<R>): Promise<R> {
    if (this.#enable)
      for (const [i, one] of this.#joinables.entries())
        configurations.set(one, { join: this, isFirst: i === 0, throws: this.#throws });
    try {
      const result = await fn();
      if (this.#enable) await this.#joined();
      return result;
    } finally {
      for (const one of this.#joinables) configurations.delete(one);
    }
  }

  async #joined(): Promise<void> {
    let isLast = true;
    for (let i = 0; ; i++) {
      if (i === manyIterations + 1)
        warn(
          `Detected uneven input skew of greater than ${manyIterations}. This means that rank ${this.#group.rank()} has at least ${manyIterations} fewer inputs than other currently-active ranks. This level of skew could lead to performance degradation during training.`,
        );
      if ((await this.#sum(0)) === 0) break;
      if (this.#throws) {
        await this.#sum(1);
        throw new RuntimeError(`Rank ${this.#group.rank()} exhausted all inputs.`);
      }
      for (const hook of this.#hooks) await hook.mainHook();
      isLast = false;
    }
    for (const hook of this.#hooks) await hook.postHook(isLast);
  }

  async #sum(mine: 0 | 1): Promise<number> {
    const count = mine === 0 ? ops.zeros([1]) : ops.ones([1]);
    await allReduce(count, { group: this.#group });
    return count.item() as number;
  }

  /**
   * Tells those that have joined that this process goes on. A joinable class calls it before the collectives of an iteration.
   *
   * @param joinable the object
   * @returns what counts the processes that go on, if it is the first of a `Join` that runs; else null
   * @throws RuntimeError where all shall fail since one has no more inputs
   */
  static notifyJoinContext(joinable: Joinable): { readonly work: Work; readonly count: Tensor } | null {
    const configuration = configurations.get(joinable);
    if (configuration === undefined || !configuration.isFirst) return null;
    const group = joinable.joinProcessGroup;
    const count = ops.ones([1]);
    const work = allReduce(count, { group, asyncOp: true });
    if (configuration.throws) {
      const ended = ops.zeros([1]);
      allReduce(ended, { group, asyncOp: true }).waitSync();
      if (ended.item() !== 0)
        throw new RuntimeError(
          'Detected at least one rank that exhausted inputs. Throwing across all ranks.',
        );
    }
    return { work, count };
  }

  /** @internal Whether a `Join` runs that it takes part in. */
  static isRunning(joinable: Joinable): boolean {
    return configurations.has(joinable);
  }
}
