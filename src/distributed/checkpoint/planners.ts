/** Settings of how states are saved and loaded, by PyTorch's names. */
import { NotImplementedError } from '../../core/errors.js';
import { accepting, defineParameterType } from '../../core/signature/parameter_types.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { warn } from '../../core/warnings.js';

const ofSavePlanner = signature(
  'DefaultSavePlanner(bool flatten_state_dict=True, bool flatten_sharded_tensors=True, bool? dedup_replicated_tensors=None, bool dedup_save_to_lowest_rank=False, bool enable_plan_caching=False)',
);

/** How `save` shares out what is written. */
export class DefaultSavePlanner {
  /** Whether parts of nested states are items of their own. */
  readonly flattenStateDict: boolean;
  /** Whether the first rank that has a part writes it. */
  readonly dedupSaveToLowestRank: boolean;

  /**
   * @param flattenStateDict whether tensors in nested states are items of their own, which may be cut; else they are written with what they are in, as one value
   * @param flattenShardedTensors of no use here: there are no tensors whose parts are cut again but `DTensor`
   * @param dedupReplicatedTensors of no use any more: what several ranks have is always written once
   * @param dedupSaveToLowestRank whether the first rank that has a part writes it; else the one with the least to write
   * @param enablePlanCaching whether plans of one save hold for the next, which there is not here
   */
  constructor(...args: Arguments<typeof ofSavePlanner>) {
    const given = ofSavePlanner.bind(args);
    if (given.dedupReplicatedTensors !== null)
      warn(
        "DefaultSavePlanner's `dedupReplicatedTensors` argument is being deprecated, and no longer has any effect. Please remove this argument from your call.",
      );
    if (given.enablePlanCaching)
      throw new NotImplementedError('DefaultSavePlanner: plans are made anew for each save');
    this.flattenStateDict = given.flattenStateDict;
    this.dedupSaveToLowestRank = given.dedupSaveToLowestRank;
  }
}

const ofLoadPlanner = signature(
  'DefaultLoadPlanner(bool flatten_state_dict=True, bool flatten_sharded_tensors=True, bool allow_partial_load=False)',
);

/** What `load` looks for. */
export class DefaultLoadPlanner {
  /** Whether parts of nested states are items of their own, as they were saved. */
  readonly flattenStateDict: boolean;
  /** Whether what the checkpoint lacks stays as it is. */
  readonly allowPartialLoad: boolean;

  /**
   * @param flattenStateDict whether parts of nested states are items of their own, as they were saved
   * @param flattenShardedTensors of no use here: there are no tensors whose parts are cut again but `DTensor`
   * @param allowPartialLoad whether what the checkpoint lacks stays as it is
   */
  constructor(...args: Arguments<typeof ofLoadPlanner>) {
    const { flattenStateDict, allowPartialLoad } = ofLoadPlanner.bind(args);
    this.flattenStateDict = flattenStateDict;
    this.allowPartialLoad = allowPartialLoad;
  }
}

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    DefaultSavePlanner: DefaultSavePlanner;
    DefaultLoadPlanner: DefaultLoadPlanner;
  }
}
defineParameterType(
  'DefaultSavePlanner',
  accepting((value) => value instanceof DefaultSavePlanner),
);
defineParameterType(
  'DefaultLoadPlanner',
  accepting((value) => value instanceof DefaultLoadPlanner),
);
