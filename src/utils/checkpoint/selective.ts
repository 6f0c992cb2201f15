/** Checkpoints that keep the results of some ops, which then do not run again. */
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { autograd } from '../../dispatch/autograd.js';
import { type Mode, type Next, withModeBeneath } from '../../dispatch/mode.js';
import type { Op } from '../../dispatch/op.js';
import type { RecordedOp } from '../../dispatch/recorded_op.js';
import { belowAutograd } from '../../dispatch/recording.js';
import { allOps } from '../../dispatch/registry.js';
import type { Again } from './surroundings.js';

/** Answers of a policy: whether an op's result is kept, or computed again in the backward pass. */
export const CheckpointPolicy = {
  MUST_SAVE: 0,
  PREFER_SAVE: 1,
  MUST_RECOMPUTE: 2,
  PREFER_RECOMPUTE: 3,
  /** Here, as in PyTorch without its compiler, the result is computed again. */
  MUST_CPU_OFFLOAD: 4,
  PREFER_CPU_OFFLOAD: 5,
} as const;
export type CheckpointPolicy = (typeof CheckpointPolicy)[keyof typeof CheckpointPolicy];

/** Circumstances in which a policy is asked. */
export interface SelectiveCheckpointContext {
  readonly isRecompute: boolean;
  /** The result of the op. */
  readonly opOutput: unknown;
}

/**
 * Decides over the result of one call.
 *
 * @param op the op by PyTorch's name: `'aten.mm.default'`
 * @param args its arguments, in the order of its schema
 */
export type SelectiveCheckpointPolicy = (
  ctx: SelectiveCheckpointContext,
  op: string,
  ...args: readonly unknown[]
) => CheckpointPolicy | boolean;

const nameOf = ({ schema }: Op): string => `aten.${schema.name}.${schema.overload || 'default'}`;

/** A result as it was, and the version of its memory then. */
class KeptResult {
  readonly #result: Tensor | readonly Tensor[];
  readonly #versions: readonly number[];

  constructor(result: Tensor | readonly Tensor[]) {
    this.#result = detached(result);
    this.#versions = [this.#result].flat().map((t) => t.storage.version);
  }

  /** The result, for a graph of its own. */
  get(allowsMutation: boolean): Tensor | readonly Tensor[] {
    const isChanged = [this.#result].flat().some((t, i) => t.storage.version !== this.#versions[i]);
    if (isChanged && !allowsMutation)
      throw new RuntimeError('Tensor cached during selective activation checkpoint has been mutated');
    return detached(this.#result);
  }
}

function detached(result: Tensor | readonly Tensor[]): Tensor | readonly Tensor[] {
  return result instanceof Tensor
    ? belowAutograd(() => result.detach())
    : result.map((t) => belowAutograd(() => t.detach()));
}

type Entry = KeptResult | 'recompute' | 'consumed';

/** Calls of the first run, op by op. */
type Entries = Map<string, Entry[]>;

/** Views cost nothing, and ops that change a tensor have to do so again. Checkpoints themselves detach what they save. */
const isChosen = (op: Op): boolean =>
  !op.isInPlace && !(op as RecordedOp).isView && op.schema.name !== 'detach';

/** Notes the results of the first run that the policy wants. */
class Keeping implements Mode {
  readonly remembers = true;

  constructor(
    private readonly policy: SelectiveCheckpointPolicy,
    private readonly entries: Entries,
  ) {}

  call(op: Op, args: unknown[], next: Next): unknown {
    if (op.isComposite) return op.execute(args);
    const result = next(op, args) as Tensor | readonly Tensor[];
    if (!isChosen(op)) return result;
    const name = nameOf(op);
    const answer = this.policy({ isRecompute: false, opOutput: result }, name, ...args);
    const isKept =
      answer === true || answer === CheckpointPolicy.MUST_SAVE || answer === CheckpointPolicy.PREFER_SAVE;
    const list = this.entries.get(name) ?? [];
    this.entries.set(name, list);
    list.push(isKept ? new KeptResult(result) : 'recompute');
    return result;
  }
}

const mismatch =
  'This can happen if the operations in the checkpointed region are nondeterministic or depend on global state that changed between forward and backward.';

/** Answers the calls of the second run with what was kept of the first. */
class Recalling implements Mode {
  readonly remembers = true;
  readonly #counts = new Map<string, number>();

  constructor(
    private readonly entries: Entries,
    private readonly allowsMutation: boolean,
  ) {}

  call(op: Op, args: unknown[], next: Next): unknown {
    if (op.isComposite) return op.execute(args);
    if (!isChosen(op)) return next(op, args);
    const name = nameOf(op);
    const i = this.#counts.get(name) ?? 0;
    this.#counts.set(name, i + 1);
    const list = this.entries.get(name);
    if (list === undefined)
      throw new RuntimeError(`${name} encountered during backward but not found in storage. ${mismatch}`);
    const entry = list[i];
    if (entry === undefined)
      throw new RuntimeError(
        `${name} invocation index ${i} encountered during backward but not found in storage. ${mismatch}`,
      );
    if (entry === 'consumed')
      throw new RuntimeError(
        'Trying to backward an extra time. You are only allowed to backward once on any region computed under selective activation checkpoint.',
      );
    if (entry === 'recompute') return next(op, args);
    list[i] = 'consumed';
    // The graph saves the arguments and the result as it did in the first run.
    return autograd.call(op, args, () => entry.get(this.allowsMutation));
  }
}

/** @throws ValueError for what is no name of an op with its overload */
function checkNames(names: readonly unknown[]): void {
  const known = new Set(allOps().map(nameOf));
  for (const name of names) {
    if (known.has(name as string)) continue;
    const isPacket = known.has(`${String(name)}.default`);
    throw new ValueError(
      `Expected op in \`opList\` to be the name of an op with its overload but got: ${String(name)} of type ${typeof name}.${isPacket ? ` For example, if you have '${String(name)}', change it to '${String(name)}.default'.` : ''}`,
    );
  }
}

/**
 * Surroundings for the two runs of a checkpoint, in which the results of some ops are kept, so that they do not run again.
 *
 * @param policyFnOrList a function that says of every result whether it is kept, or the names of the ops whose results are
 * @param allowCacheEntryMutation whether what is kept may be changed in place; otherwise the backward pass refuses it
 * @throws ValueError for a name that no op has
 *
 * @example
 * const { checkpoint, createSelectiveCheckpointContexts } = torch.utils.checkpoint;
 * const contextFn = () => createSelectiveCheckpointContexts(['aten.mm.default']);
 * const x = torch.rand(10, 10).requiresGrad_();
 * const y = checkpoint((x) => torch.sigmoid(x.mm(x)).mul(x), x, { useReentrant: false, contextFn });
 */
export function createSelectiveCheckpointContexts(
  policyFnOrList: SelectiveCheckpointPolicy | readonly string[],
  allowCacheEntryMutation?: boolean | { allowCacheEntryMutation?: boolean },
): [forward: Again, recompute: Again];
export function createSelectiveCheckpointContexts(options: {
  policyFnOrList: SelectiveCheckpointPolicy | readonly string[];
  allowCacheEntryMutation?: boolean;
}): [forward: Again, recompute: Again];
export function createSelectiveCheckpointContexts(...args: unknown[]): [forward: Again, recompute: Again] {
  const { policyFnOrList, allowCacheEntryMutation } = selectiveSignature.bind(args);
  const policy = policyOf(policyFnOrList);
  const entries: Entries = new Map();
  return [
    (fn) => withModeBeneath(new Keeping(policy, entries), fn),
    (fn) => withModeBeneath(new Recalling(entries, allowCacheEntryMutation), fn),
  ];
}

const selectiveSignature = signature(
  'create_selective_checkpoint_contexts(Any policy_fn_or_list, bool allow_cache_entry_mutation=False)',
);

function policyOf(given: unknown): SelectiveCheckpointPolicy {
  if (typeof given === 'function') return given as SelectiveCheckpointPolicy;
  if (!Array.isArray(given))
    throw new TypeError('policyFnOrList must be either a function or a list of ops.');
  checkNames(given);
  const chosen = new Set<string>(given);
  return (_, op) => chosen.has(op);
}
