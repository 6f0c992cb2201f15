import { context } from '../../core/context.js';
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { Module } from '../../nn/module.js';
import { isUninitialized } from '../../nn/parameter.js';
import { groupOr, type ProcessGroup } from '../process_group.js';
import { allReduce } from '../reducing_collectives.js';
import { finishSteps, Proceeding, type Steps } from './collective_steps.js';
import type { CommHook } from './comm_hook.js';
import { Join, type Joinable, JoinHook } from './join.js';
import { broadcastTensors, commonRank, verifyShapes } from './module_states.js';
import { type ActiveCount, Reducer } from './reducer.js';
import { tensorsIn } from './used_parameters.js';

const distributedDataParallel = signature(
  'DistributedDataParallel(Any module, Any device_ids=None, Any output_device=None, int dim=0, bool? broadcast_buffers=None, bool init_sync=True, ProcessGroup? process_group=None, float? bucket_cap_mb=None, bool find_unused_parameters=False, bool check_reduction=False, bool gradient_as_bucket_view=False, bool static_graph=False, *, bool? forward_sync_buffers=None, float[]? bucket_cap_mb_list=None)',
);
const ofNoSync = signature('no_sync(Callable fn)');
const ofHook = signature('register_comm_hook(Any state, Callable hook)');
const ofJoin = signature(
  'join(Callable fn, bool divide_by_initial_world_size=True, bool enable=True, bool throw_on_early_termination=False)',
);

const mebibyte = 2 ** 20;
const defaultCap = 25;

/**
 * Trains one module on many processes, each with its share of a batch: gradients are averaged over all while the backward pass goes on, so that all processes
 * make the same steps. The modules begin with the parameters and buffers of the first process.
 *
 * Where the backend can block (`'mpi'`) and the module is on the CPU, the training loop is that of a single process: gradients are there when `backward()`
 * returns. Elsewhere (WebGPU, asynchronous communication hooks) `await ddp.ready()` once and `await ddp.finish()` after each `backward()`;
 * who forgets it gets an error, never gradients that are not averaged.
 *
 * @example
 * await dist.initProcessGroup();
 * const ddp = new dist.DistributedDataParallel(net);
 * const optimizer = new torch.optim.SGD(ddp.parameters(), { lr: 0.1 });
 * for (const [x, y] of loader) {
 *   optimizer.zeroGrad();
 *   criterion.forward(ddp.forward(x), y).backward();
 *   optimizer.step();
 * }
 */
export class DistributedDataParallel<M extends Module = Module> extends Module implements Joinable {
  module: M;
  readonly #group: ProcessGroup;
  readonly #reducer: Reducer;
  readonly #syncsBuffers: boolean;
  readonly #findsUnused: boolean;
  /** Whether gradients are reduced; not within `noSync`. */
  #isSyncing = true;
  /** Whether buffers are to be those of the first process before the next forward pass. */
  #mayDiffer = true;
  #initial: Proceeding<void> | null = null;
  #dividesByAll = true;

  /**
   * @param module the module to train
   * @param deviceIds for PyTorch's sake: there is one device for each process
   * @param outputDevice for PyTorch's sake
   * @param dim for PyTorch's sake
   * @param broadcastBuffers whether buffers are those of the first process, at first and before each forward pass; default true
   * @param initSync whether it is checked that parameters match, and they are taken from the first process
   * @param processGroup the processes; default: all
   * @param bucketCapMb how many MiB of gradients are reduced together; default 25, and 1 for those that come first
   * @param findUnusedParameters whether parameters may be without gradients: the graph of the outputs is searched for them
   * @param checkReduction of no use
   * @param gradientAsBucketView whether gradients lie where they are reduced, which spares memory and copies
   * @param staticGraph whether the same parameters are used in the same way in every iteration; then they may be used several times, or not at all
   * @param forwardSyncBuffers whether buffers are those of the first process before each forward pass; instead of `broadcastBuffers`
   * @param bucketCapMbList a limit for each bucket; the last one is that of all others
   * @throws RuntimeError if there is nothing to train, or modules of other processes have other parameters
   */
  constructor(...args: Arguments<typeof distributedDataParallel, { module: M }>) {
    super();
    const given = distributedDataParallel.bind(args);
    const module = given.module as M;
    const { deviceIds, outputDevice, findUnusedParameters, gradientAsBucketView, staticGraph } = given;
    if (!(module instanceof Module))
      throw new TypeError('DistributedDataParallel wants a Module to train as its first argument');
    this.#group = groupOr(given.processGroup);
    checkModule(module);
    if (Array.isArray(deviceIds) && deviceIds.length > 1)
      throw new ValueError('device_ids can only be None or contain a single element.');
    if ((Array.isArray(deviceIds) && deviceIds.length > 0) || (outputDevice ?? null) !== null)
      throw new ValueError(
        'DistributedDataParallel deviceIds and outputDevice arguments only work with single-device/multiple-device GPU modules: leave them out',
      );
    this.module = module;
    const named = module.namedParameters().filter(([, parameter]) => parameter.requiresGrad);
    const parameters = named.map(([, parameter]) => parameter);
    this.#syncsBuffers = given.forwardSyncBuffers ?? given.broadcastBuffers ?? true;
    this.#findsUnused = findUnusedParameters && !staticGraph;
    if (given.initSync) {
      const withBuffers = given.forwardSyncBuffers !== null || (given.broadcastBuffers ?? true);
      this.#begin(parameters, withBuffers);
    }
    this.#reducer = new Reducer(
      parameters,
      named.map(([name]) => name),
      {
        group: this.#group,
        limits: limitsOf(given.bucketCapMb, given.bucketCapMbList),
        findUnusedParameters,
        staticGraph,
        gradientAsBucketView,
      },
    );
  }

  #begin(parameters: readonly Tensor[], withBuffers: boolean): void {
    const { module } = this;
    const group = this.#group;
    const initial = new Proceeding(
      (function* (): Steps {
        yield* verifyShapes(parameters, group);
        const states = [...module.parameters(), ...(withBuffers ? module.buffers() : [])];
        yield* broadcastTensors([...new Set(states)], group, 0);
      })(),
    );
    if (!initial.advance()) this.#initial = initial;
  }

  /** Waits until the module is as that of the first process: what the constructor cannot wait for. */
  override async ready(): Promise<this> {
    if (this.#initial !== null) {
      await this.#initial.finish();
      this.#mayDiffer = false;
      this.#initial = null;
    }
    return super.ready();
  }

  /**
   * Waits until the gradients are averaged. Nothing is left to wait for where the backend can block.
   *
   * @throws RuntimeError if a parameter got no gradient
   */
  async finish(): Promise<void> {
    const hasWaited = await this.#reducer.finish();
    // Where a forward pass cannot wait for buffers they are sent now.
    if (!hasWaited || Join.isRunning(this) || !this.#hasBuffers) return;
    await finishSteps(this.#bufferSteps());
    this.#mayDiffer = false;
  }

  override forward(...inputs: Parameters<M['forward']>): ReturnType<M['forward']> {
    if (this.#initial !== null)
      throw new RuntimeError(
        'the module is still being made that of the first process: `await ddp.ready()` before the first forward pass',
      );
    const isReduced = context().grad && this.#isSyncing;
    if (isReduced) this.#reducer.checkFinished();
    const notified = Join.notifyJoinContext(this);
    const active: ActiveCount | null =
      notified === null || this.#dividesByAll
        ? null
        : function* () {
            yield notified.work;
            return notified.count.item() as number;
          };
    if (this.#hasBuffers && this.#mayDiffer) this.#syncBuffers();
    if (Join.isRunning(this)) this.#tellWhetherReduced(isReduced);
    const output = this.module.forward(...(inputs as unknown[])) as unknown;
    this.#mayDiffer = isReduced;
    const prepared = (result: unknown): unknown => {
      if (isReduced) this.#reducer.prepare(this.#findsUnused ? tensorsIn(result) : null, active);
      return result;
    };
    return (output instanceof Promise ? output.then(prepared) : prepared(output)) as ReturnType<M['forward']>;
  }

  get #hasBuffers(): boolean {
    return this.#syncsBuffers && this.module.buffers().length > 0;
  }

  *#bufferSteps(): Steps {
    const source = Join.isRunning(this) ? yield* commonRank(true, this.#group) : 0;
    yield* broadcastTensors(this.module.buffers(), this.#group, source);
  }

  #syncBuffers(): void {
    const steps = new Proceeding(this.#bufferSteps());
    if (!steps.advance())
      throw new RuntimeError(
        'the buffers are to be those of the first process, which needs the event loop: `await ddp.finish()` after `loss.backward()`, or forwardSyncBuffers: false',
      );
  }

  #tellWhetherReduced(isReduced: boolean): void {
    allReduce(isReduced ? ops.ones([1]) : ops.zeros([1]), { group: this.#group, asyncOp: true });
  }

  /**
   * Lets gradients of this process add up: those of the first backward pass after it are averaged with all that has come together.
   *
   * @param fn runs forward and backward passes; if it is async, until its promise settles
   *
   * @example
   * ddp.noSync(() => loss(ddp.forward(first)).backward());
   * loss(ddp.forward(second)).backward(); // averages both
   */
  noSync<R>(...args: Arguments<typeof ofNoSync, { fn: () => R }>): R {
    const { fn } = ofNoSync.bind(args) as { fn: () => R };
    const before = this.#isSyncing;
    this.#isSyncing = false;
    const end = (): void => {
      this.#isSyncing = before;
    };
    let isOver = true;
    try {
      const result = fn();
      if (!(result instanceof Promise)) return result;
      isOver = false;
      return result.finally(end) as R;
    } finally {
      if (isOver) end();
    }
  }

  /**
   * Reduces gradients in another way: compressed, for example.
   *
   * @param state goes to the hook
   * @param hook reduces a bucket
   * @throws RuntimeError if there is one
   *
   * @example
   * ddp.registerCommHook(null, dist.fp16CompressHook);
   */
  registerCommHook<State>(...args: Arguments<typeof ofHook, { state: State; hook: CommHook<State> }>): void {
    const { state, hook } = ofHook.bind(args);
    if (typeof hook !== 'function') throw new TypeError('Communication hook must be callable.');
    if (this.#reducer.hasHook) throw new RuntimeError('registerCommHook can only be called once.');
    this.#reducer.setHook(state as State, hook as CommHook<State>);
  }

  /**
   * Trains with different numbers of inputs: see `Join`.
   *
   * @param fn the training loop
   * @param divideByInitialWorldSize whether gradients are divided by the number of all processes, and not of those that still have inputs
   * @param enable whether it does anything
   * @param throwOnEarlyTermination whether all processes fail as soon as one has no more inputs
   */
  join<R>(...args: Arguments<typeof ofJoin, { fn: () => R | Promise<R> }>): Promise<R> {
    const { fn, enable, throwOnEarlyTermination, divideByInitialWorldSize } = ofJoin.bind(args);
    const kwargs = { divideByInitialWorldSize };
    return new Join([this], { enable, throwOnEarlyTermination, kwargs }).run(fn as () => R | Promise<R>);
  }

  /** The group of the collectives that tell who has joined. */
  get joinProcessGroup(): ProcessGroup {
    return this.#group;
  }

  /** What processes do for it that have no more inputs. */
  joinHook({ divideByInitialWorldSize = true }: Readonly<Record<string, unknown>> = {}): JoinHook {
    this.#dividesByAll = divideByInitialWorldSize as boolean;
    return new Joined(
      () => finishSteps(this.#shadow()),
      (isLast) => finishSteps(this.#takeLast(isLast)),
    );
  }

  /** The collectives of an iteration, for a process that has no inputs. */
  *#shadow(): Steps {
    const group = this.#group;
    if (this.#hasBuffers && this.#mayDiffer) {
      const source = yield* commonRank(false, group);
      yield* broadcastTensors(this.module.buffers(), group, source);
    }
    const reduced = ops.zeros([1]);
    yield allReduce(reduced, { group, asyncOp: true });
    this.#mayDiffer = reduced.item() !== 0;
    if (this.#mayDiffer) yield* this.#reducer.shadow();
  }

  /** Takes the module of a process that had the most inputs. */
  *#takeLast(isLast: boolean): Steps {
    const source = yield* commonRank(isLast, this.#group);
    const states = [...this.module.parameters(), ...(this.#syncsBuffers ? this.module.buffers() : [])];
    yield* broadcastTensors([...new Set(states)], this.#group, source);
  }
}

takesNothing(DistributedDataParallel.prototype, ['ready', 'finish']);

class Joined extends JoinHook {
  constructor(
    private readonly main: () => Promise<void>,
    private readonly post: (isLast: boolean) => Promise<void>,
  ) {
    super();
  }

  override mainHook(): Promise<void> {
    return this.main();
  }

  override postHook(isLastJoiner: boolean): Promise<void> {
    return this.post(isLastJoiner);
  }
}

function checkModule(module: Module): void {
  if (module.modules().some((one) => one instanceof DistributedDataParallel))
    throw new RuntimeError(
      'the module is or contains a DistributedDataParallel, whose gradients would be reduced twice',
    );
  const parameters = module.parameters();
  if (parameters.some((parameter) => isUninitialized(parameter)))
    throw new RuntimeError(
      "Modules with uninitialized parameters can't be used with `DistributedDataParallel`. Run a dummy forward pass to correctly initialize the modules",
    );
  if (!parameters.some((parameter) => parameter.requiresGrad))
    throw new RuntimeError(
      "DistributedDataParallel is not needed when a module doesn't have any parameter that requires a gradient.",
    );
  const types = new Set(parameters.map(({ device }) => device.type));
  if (types.size > 1)
    throw new ValueError(
      `DistributedDataParallel's input module must be on the same type of devices, but input module parameters locate in {${[...types].map((type) => `'${type}'`).join(', ')}}.`,
    );
}

/** Bytes of the first buckets, and of all others. */
function limitsOf(cap: number | null, list: readonly number[] | null): number[] {
  if (list !== null && list.length > 0) return list.map((one) => Math.trunc(one * mebibyte));
  const bytes = Math.trunc((cap ?? defaultCap) * mebibyte);
  return cap === null ? [mebibyte, bytes] : [bytes];
}
