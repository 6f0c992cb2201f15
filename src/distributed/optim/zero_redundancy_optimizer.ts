import { NotImplementedError, RuntimeError, TypeError } from '../../core/errors.js';
import { asRecord } from '../../core/plain.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { type GivenGroup, Optimizer, type OptimizerStateDict, type Params } from '../../optim/optimizer.js';
import { gatherBytes } from '../gathered_bytes.js';
import { broadcast } from '../moving_collectives.js';
import { groupOr, type ProcessGroup } from '../process_group.js';
import type { Work } from '../work.js';
import { checkParameters, copyOptions, joined, numbersOf } from './given_parameters.js';
import { type Group, partitioned } from './partition.js';

type Options = { lr: number };

/** A class of optimizers: what all processes' parts are updated by. */
export type OptimizerClass = new (params: never, options: never) => Optimizer;

/** What `ZeroRedundancyOptimizer` takes beside the parameters and the class: names of its own, and all that the class takes. */
export interface ZeroOptions extends Record<string, unknown> {
  /** The processes; default: all. */
  processGroup?: ProcessGroup | null;
  /** Whether the parameters of a process lie in one tensor, which is sent at once; parameters then share that memory. */
  parametersAsBucketView?: boolean;
}

const ofConstructor = signature(
  'ZeroRedundancyOptimizer(Params params, Any optimizer_class, Object? options=None)',
);
const ofStep = signature('step(Callable? closure=None)');
const ofConsolidate = signature('consolidate_state_dict(int to=0)');
const ofLoad = signature('load_state_dict(Object state_dict)');
const ofAdd = signature('add_param_group(Object param_group)');

const make = (type: OptimizerClass, groups: unknown, options: object): Optimizer =>
  new (type as unknown as new (params: unknown, options: object) => Optimizer)(groups, options);

/**
 * An optimizer of which each process has a part: it keeps the state of its own parameters only, updates those, and sends them to all others. What is
 * computed is what the class would compute in every process; the state takes 1/n of the memory in each of n. Gradients must be the same everywhere, as
 * `DistributedDataParallel` makes them.
 *
 * The largest parameters come first, each to the process with the fewest elements so far, as in PyTorch.
 *
 * @example
 * const optimizer = new distributed.optim.ZeroRedundancyOptimizer(model.parameters(), torch.optim.Adam, { lr: 0.01 });
 * loss.backward();
 * optimizer.step();
 */
export class ZeroRedundancyOptimizer extends Optimizer {
  /** The optimizer of this process's part. */
  readonly optim: Optimizer;
  /** The processes. */
  readonly processGroup: ProcessGroup;
  /** Whether the parameters of a process lie in one tensor. */
  readonly parametersAsBucketView: boolean;
  #buckets: Tensor[][] = [];
  #trainable = '';
  #all: OptimizerStateDict[] = [];
  #underway: Work[] = [];
  /** For `addParamGroup`, which the base class calls before there is anything of this one. */
  declare private isMade: true | undefined;

  /**
   * @param params what all processes update together: parameters, or groups of them with options of their own
   * @param optimizerClass the class, `optim.Adam`
   * @param options names of this class (`processGroup`, `parametersAsBucketView`), and what `optimizerClass` takes
   */
  constructor(
    ...args: Arguments<
      typeof ofConstructor,
      { params: Params<Options>; optimizerClass: OptimizerClass; options: ZeroOptions | null }
    >
  ) {
    const given = ofConstructor.bind(args);
    const { processGroup, parametersAsBucketView, overlapWithDdp, ...options } = (given.options ??
      {}) as ZeroOptions;
    if (overlapWithDdp)
      throw new NotImplementedError(
        'overlapWithDdp: true is not supported: step() comes after the backward pass',
      );
    checkParameters(given.params);
    if (typeof given.optimizerClass !== 'function')
      throw new TypeError(
        `optimizerClass must be a class of optimizers, not ${typeName(given.optimizerClass)}`,
      );
    const optimizerClass = given.optimizerClass as OptimizerClass;
    // The class checks what it was given, and says what it takes for granted; it keeps no state before its first step.
    const whole = make(optimizerClass, given.params, options);
    super(whole.paramGroups as unknown as Params<Options>, whole.defaults);
    this.processGroup = groupOr((processGroup ?? null) as ProcessGroup | null);
    this.parametersAsBucketView = parametersAsBucketView === true;
    this.optim = make(optimizerClass, this.#parts()[this.processGroup.rank()], options);
    this.isMade = true;
    this.#fillBuckets();
  }

  get #groups(): Group[] {
    return this.paramGroups as unknown as Group[];
  }

  #parts(): Group[][] {
    return partitioned(this.#groups, this.processGroup.size());
  }

  /** The parameters of each process. */
  #parameters(): Tensor[][] {
    return this.#parts().map((groups) => groups.flatMap(({ params }) => params));
  }

  /** @internal */
  protected override update(): never {
    throw new RuntimeError('the part of each process is updated by an optimizer of its own');
  }

  /** Adds parameters, on all processes alike. */
  override addParamGroup(...args: Arguments<typeof ofAdd, { paramGroup: GivenGroup<Options> }>): void {
    super.addParamGroup(ofAdd.bind(args).paramGroup as GivenGroup<Options>);
    if (this.isMade === undefined) return;
    const own = this.#parts()[this.processGroup.rank()];
    this.optim.addParamGroup(own[own.length - 1] as unknown as GivenGroup<Options>);
    this.#fillBuckets();
  }

  /** Updates this process's part, and sends it to all others. */
  override step<None extends null = null>(): None;
  /**
   * Updates this process's part, and sends it to all others. When this returns all parameters are there, unless they are on a device that must be
   * waited for: then `await optimizer.finish()` comes before their next use.
   */
  override step<Loss>(closure: () => Loss): Loss;
  override step<Loss>(closure: (() => Loss) | { closure: () => Loss } | null | undefined): Loss | null;
  override step<Loss>(...args: [closure?: (() => Loss) | { closure: () => Loss } | null]): Loss | null {
    return this.hooked(args, (given) => {
      const { closure } = ofStep.bind(given);
      this.stepCalled = true;
      if (this.#trainable !== this.#mask()) this.#fillBuckets();
      copyOptions(this.paramGroups, this.optim.paramGroups);
      const loss = closure === null ? this.optim.step() : this.optim.step(closure as () => Loss);
      const sent = this.#shareOut();
      if (sent.every((work) => work.blocks)) for (const work of sent) work.waitSync();
      else this.#underway.push(...sent);
      copyOptions(this.optim.paramGroups, this.paramGroups);
      return loss;
    });
  }

  /** Waits until the parameters of the last step are there, where `step()` could not. */
  async finish(): Promise<void> {
    await Promise.all(this.#underway.splice(0));
  }

  /** Sends what each process has updated to all others. */
  #shareOut(): Work[] {
    const group = this.processGroup;
    const lists = this.parametersAsBucketView ? this.#buckets : this.#parameters();
    return lists.flatMap((list, groupSrc) =>
      list.map((one) => broadcast(one.detach(), { group, groupSrc, asyncOp: true })),
    );
  }

  /** Which parameters learn. */
  #mask(): string {
    return String(this.#groups.map(({ params }) => params.map(({ requiresGrad }) => requiresGrad)));
  }

  #fillBuckets(): void {
    this.#trainable = this.#mask();
    if (this.parametersAsBucketView) this.#buckets = this.#parameters().map(joined);
  }

  /**
   * Gathers the state of all processes on one of them, where `stateDict()` gives it then. All processes call it.
   *
   * @param to the rank in the group
   */
  async consolidateStateDict(...args: Arguments<typeof ofConsolidate>): Promise<void> {
    const { to } = ofConsolidate.bind(args);
    const group = this.processGroup;
    copyOptions(this.paramGroups, this.optim.paramGroups);
    const io = await import('../../io/files.js');
    const all = await gatherBytes((await io.save(this.optim.stateDict(), null, true)) as Uint8Array, group);
    this.#all = [];
    if (group.rank() !== to) return;
    const makers = new Map();
    const rules = { mapLocation: 'cpu' as const, inert: false, mmap: false, toDense: false, makers };
    for (const bytes of all)
      this.#all.push(asRecord((await io.load(bytes, rules)) as OptimizerStateDict) as OptimizerStateDict);
  }

  /** The state of all processes, as `consolidateStateDict` has found it. @throws RuntimeError where that has not been called */
  override stateDict(): OptimizerStateDict {
    if (this.#all.length === 0)
      throw new RuntimeError(
        `Optimizer state has not been consolidated on this rank. Please call \`consolidateStateDict({ to: ${this.processGroup.rank()} })\` on all ranks beforehand if you meant to save the global state.`,
      );
    const numbers = numbersOf(this.#groups);
    const found: [number, Record<string, unknown>][] = [];
    for (const [rank, params] of this.#parameters().entries())
      for (const [key, state] of entries(this.#all[rank].state))
        found.push([numbers.get(params[Number(key)])!, state]);
    return { ...super.stateDict(), state: new Map(found.sort(([a], [b]) => a - b)) };
  }

  /** Takes over the state of all processes, of which each keeps its own part: what `stateDict()` gave here or in PyTorch, or that of the class itself. */
  override loadStateDict(...args: Arguments<typeof ofLoad, { stateDict: OptimizerStateDict }>): void {
    const given = asRecord(ofLoad.bind(args).stateDict as OptimizerStateDict) as OptimizerStateDict;
    const states = new Map(entries(given.state ?? {}).map(([key, state]) => [Number(key), state]));
    // Checks that it fits, and gives the groups their options.
    super.loadStateDict({ ...given, state: new Map() });
    copyOptions(this.paramGroups, this.optim.paramGroups);
    const numbers = numbersOf(this.#groups);
    const state = new Map<number, Record<string, unknown>>();
    for (const [i, parameter] of this.#parameters()[this.processGroup.rank()].entries()) {
      const kept = states.get(numbers.get(parameter)!);
      if (kept !== undefined) state.set(i, kept);
    }
    this.optim.loadStateDict({ ...this.optim.stateDict(), state });
  }
}

takesNothing(ZeroRedundancyOptimizer.prototype, ['stateDict', 'finish']);

/** Entries by number: a file without any has a plain object. */
const entries = (state: object): [unknown, Record<string, unknown>][] =>
  state instanceof Map ? [...state] : Object.entries(state as Record<string, Record<string, unknown>>);
