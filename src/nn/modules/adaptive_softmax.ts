import { RuntimeError, ValueError } from '../../core/errors.js';
import { formatSize } from '../../core/printing.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { ModuleList, Sequential } from './container.js';
import { Linear } from './linear.js';

const adaptiveLogSoftmaxWithLoss = signature(
  'AdaptiveLogSoftmaxWithLoss(int in_features, int n_classes, int[] cutoffs, float div_value=4.0, bool head_bias=False, Device? device=None, ScalarType? dtype=None)',
);

const ofInputAndClasses = signature('forward(Tensor input_, Tensor target_)');

/** The log-probabilities of the targets, and their mean with the sign changed; as a pair and by name. */
export type ASMoutput = [output: Tensor, loss: Tensor] & { readonly output: Tensor; readonly loss: Tensor };

/**
 * A log-softmax over many classes: frequent ones, those before the first cutoff, and clusters of rarer ones that are only
 * computed where a target lies in them (Grave et al., Efficient softmax approximation for GPUs, 2016). Classes are ordered by how frequent
 * they are.
 *
 * `forward` takes inputs [N, inFeatures] and classes [N], or one of each, and gives `{ output, loss }`.
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  inFeatures: number;
  nClasses: number;
  cutoffs: readonly number[];
  divValue: number;
  headBias: boolean;
  shortlistSize: number;
  nClusters: number;
  headSize: number;
  head: Linear;
  tail: ModuleList<Sequential>;

  /**
   * @param inFeatures the size of an input
   * @param nClasses the number of classes
   * @param cutoffs the classes at which clusters begin
   * @param divValue by how much the size of each cluster's projection is smaller than the one's before
   * @param headBias whether something is added to the scores of the frequent classes
   */
  constructor(...args: Arguments<typeof adaptiveLogSoftmaxWithLoss>) {
    super();
    const { inFeatures, nClasses, cutoffs, divValue, headBias, device, dtype } =
      adaptiveLogSoftmaxWithLoss.bind(args);
    if (cutoffs.length === 0) throw new ValueError('cutoffs should be a sequence of length larger than 0');
    if (cutoffs.some((c, i) => c <= (i === 0 ? 0 : cutoffs[i - 1]) || c > nClasses - 1))
      throw new ValueError(
        'cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1',
      );
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.headBias = headBias;
    [this.shortlistSize] = cutoffs;
    this.nClusters = cutoffs.length;
    this.headSize = this.shortlistSize + this.nClusters;
    this.head = new Linear(inFeatures, this.headSize, { bias: headBias, device, dtype });
    this.tail = new ModuleList();
    const options = { bias: false, device, dtype };
    for (const [i, cutoff] of cutoffs.entries()) {
      const size = Math.floor(inFeatures / divValue ** (i + 1));
      const classes = this.cutoffs[i + 1] - cutoff;
      this.tail.append(
        new Sequential(new Linear(inFeatures, size, options), new Linear(size, classes, options)),
      );
    }
  }

  resetParameters(): void {
    this.head.resetParameters();
    for (const cluster of this.tail) for (const part of cluster) (part as Linear).resetParameters();
  }

  override forward(...args: Arguments<typeof ofInputAndClasses>): ASMoutput {
    const [given, classes] = ofInputAndClasses.inOrder(args, this);
    checkInputs(given, classes);
    const isBatched = classes.ndim > 0;
    const input = isBatched ? given : given.unsqueeze(0);
    const target = isBatched ? classes : classes.unsqueeze(0);
    const count = target.shape[0];
    let output = input.newZeros([count]);
    let places = target.newEmpty([count]);
    let used = 0;
    for (const [i, high] of this.cutoffs.entries()) {
      const low = i === 0 ? 0 : this.cutoffs[i - 1];
      const rows = target.ge(low).logicalAnd(target.lt(high)).nonzero().squeeze(1);
      used += rows.shape[0];
      if (rows.shape[0] === 0) continue;
      const own = target.indexSelect(0, rows);
      if (i === 0) {
        places = places.indexCopy(0, rows, own);
        continue;
      }
      places = places.indexFill(0, rows, this.shortlistSize + i - 1);
      const scores = this.tail.at(i - 1).forward(input.indexSelect(0, rows));
      const local = F.logSoftmax(scores, 1).gather(1, own.sub(low).unsqueeze(1));
      output = output.indexCopy(0, rows, local.squeeze(1));
    }
    if (used !== count)
      throw new RuntimeError(
        `Target values should be in [0, ${this.nClasses - 1}], but values in range [${target.min().item()}, ${target.max().item()}] were found. `,
      );
    const head = F.logSoftmax(this.head.forward(input), 1);
    output = output.add(head.gather(1, places.unsqueeze(1)).squeeze(1));
    const loss = output.neg().mean();
    if (!isBatched) output = output.squeeze(0);
    return Object.assign([output, loss] as [Tensor, Tensor], { output, loss });
  }

  /** The log-probabilities of all classes, [N, nClasses], for inputs [N, inFeatures]. */
  logProb(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.fullLogProb(input, this.head.forward(input));
  }

  /** The likeliest class of every input, [N]: as `logProb(input).argmax(1)`, in most cases without computing all of it. */
  predict(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const scores = this.head.forward(input);
    const output = scores.argmax(1);
    const rows = output.ge(this.shortlistSize).nonzero().squeeze(1);
    if (rows.shape[0] === 0) return output;
    const rare = this.fullLogProb(input.indexSelect(0, rows), scores.indexSelect(0, rows));
    return output.indexCopy(0, rows, rare.argmax(1));
  }

  private fullLogProb(input: Tensor, headScores: Tensor): Tensor {
    const head = F.logSoftmax(headScores, 1);
    const clusters = [...this.tail].map((cluster, i) =>
      F.logSoftmax(cluster.forward(input), 1).add(head.narrow(1, this.shortlistSize + i, 1)),
    );
    return ops.cat([head.narrow(1, 0, this.shortlistSize), ...clusters], 1);
  }
}

takesNothing(AdaptiveLogSoftmaxWithLoss.prototype, ['resetParameters']);

/** @throws RuntimeError in PyTorch's words unless there are as many targets as inputs */
function checkInputs(input: Tensor, target: Tensor): void {
  if (target.ndim > 1) throw new RuntimeError('0D or 1D target tensor expected, multi-target not supported');
  if (target.ndim === 1 && input.shape[0] !== target.shape[0])
    throw new RuntimeError('Input and target should have the same size in the batch dimension.');
  if (input.ndim !== target.ndim + 1)
    throw new RuntimeError(
      `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with size ${formatSize(input.shape)}`,
    );
}
