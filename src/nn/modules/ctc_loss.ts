import '../../ops/nn/ctc.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import type { Reduction } from '../../ops/nn/loss_reduction.js';
import { F } from '../functions.js';
import { Module } from '../module.js';
import { take } from '../settings.js';

const ctcLoss = signature(
  "CTCLoss(int blank=0, 'none'|'mean'|'sum' reduction='mean', bool zero_infinity=False)",
);

const ofSequences = signature(
  'forward(Tensor log_probs, Tensor targets, Tensor|int[] input_lengths, Tensor|int[] target_lengths)',
);

/**
 * The negative log-likelihood of sequences of labels under log-probabilities of classes at every step, over all ways to align the one
 * with the other (Connectionist Temporal Classification, Graves et al. 2006): labels come in order, each for one step or more, with
 * blanks between them.
 */
export class CTCLoss extends Module {
  declare blank: number;
  declare reduction: Reduction;
  declare zeroInfinity: boolean;

  /**
   * @param blank the class that stands for no label
   * @param reduction 'mean': of losses divided by the lengths of their targets; 'sum', or 'none': one loss per sequence
   * @param zeroInfinity whether infinite losses, of inputs too short for their targets, and their gradients become zero
   */
  constructor(...args: Arguments<typeof ctcLoss>) {
    super();
    take(this, ctcLoss.bind(args));
  }

  /**
   * Computes the loss of log-probabilities [T, N, C] for targets [N, S], or of all sequences one after the other; of one sequence for
   * log-probabilities [T, C]. Lengths are tensors or arrays, one for each sequence, both of one kind.
   */
  override forward(...args: Arguments<typeof ofSequences>): Tensor {
    const [logProbs, targets, inputLengths, targetLengths] = ofSequences.inOrder(args, this);
    const { blank, reduction, zeroInfinity } = this;
    return F.ctcLoss(
      logProbs,
      targets,
      // The function refuses a tensor beside an array.
      inputLengths as Tensor,
      targetLengths as Tensor,
      blank,
      reduction,
      zeroInfinity,
    );
  }
}
