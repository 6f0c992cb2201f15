/** The loss of Connectionist Temporal Classification. */
import { Category, float32, float64, int64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { noKernel } from '../../dispatch/real_only.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { tensor } from '../from_data.js';
import { finish, kernelsOf, operand, reductionOf, result } from './kernel_operands.js';

const checking = '(while checking arguments for ctc_loss_allocate_outputs)';

/** @throws RuntimeError in PyTorch's words unless lengths are within [0, `most`] */
function checkLengths(name: string, lengths: readonly number[], most: number): void {
  for (const length of lengths)
    if (length < 0)
      throw new RuntimeError(
        `Expected ${name} to have value at least 0, but got value ${length} ${checking}`,
      );
  for (const length of lengths)
    if (length > most)
      throw new RuntimeError(
        `Expected ${name} to have value at most ${most}, but got value ${length} ${checking}`,
      );
}

/** @throws RuntimeError in PyTorch's words unless the arguments fit one another */
function checkArguments(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: readonly number[],
  targetLengths: readonly number[],
  blank: number,
): void {
  if (logProbs.ndim !== 3)
    throw new RuntimeError(
      `Expected 3-dimensional tensor, but got ${logProbs.ndim}-dimensional tensor for argument #1 'log_probs' ${checking}`,
    );
  if (targets.ndim < 1 || targets.ndim > 2)
    throw new RuntimeError(
      `Expected 1 to 2 dimensions, but got ${targets.ndim}-dimensional tensor for argument #2 'targets' ${checking}`,
    );
  const [steps, batch, classes] = logProbs.shape;
  if (blank < 0 || blank >= classes) throw new RuntimeError('blank must be in label range');
  if (inputLengths.length !== batch) throw new RuntimeError('input_lengths must be of size batch_size');
  if (targetLengths.length !== batch) throw new RuntimeError('target_lengths must be of size batch_size');
  checkLengths('target_lengths', targetLengths, Number.POSITIVE_INFINITY);
  const isJoined = targets.ndim === 1;
  const rows = isJoined ? targetLengths.reduce((a, b) => a + b, 0) : batch;
  if (targets.shape[0] !== rows && !targets.isMeta)
    throw new RuntimeError(
      `Expected tensor to have size ${rows} at dimension 0, but got size ${targets.shape[0]} for argument #2 'targets' ${checking}`,
    );
  const longest = Math.max(...targetLengths);
  if (!isJoined && targets.shape[1] < longest)
    throw new RuntimeError(
      `Expected tensor to have size at least ${longest} at dimension 1, but got size ${targets.shape[1]} for argument #2 'targets' ${checking}`,
    );
  checkLengths('input_lengths', inputLengths, steps);
}

/** Where sequences begin, how long they are and how long their targets: as kernels read them. */
const asTensors = (lists: readonly (readonly number[])[], { device }: Tensor): readonly Tensor[] =>
  tensor(lists, { dtype: int64, device }).unbind(0);

const beginnings = (targets: Tensor, lengths: readonly number[]): number[] => {
  let end = 0;
  return lengths.map((length, i) => {
    end += length;
    return targets.ndim === 1 ? end - length : i * targets.shape[1];
  });
};

const backwardSchema =
  '_ctc_loss_backward(Tensor grad, Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, Tensor neg_log_likelihood, Tensor log_alpha, int blank, bool zero_infinity=False) -> Tensor';

const backward: OpFunction<typeof backwardSchema> = op(backwardSchema, {
  doc: 'The gradient of `_ctc_loss` by log-probabilities that are normalized.',
  function: false,
  forward(grad, logProbs, targets, inputLengths, targetLengths, loss, alpha, blank, zeroInfinity) {
    const [g, x, losses, forward] = [grad, logProbs, loss, alpha].map((t) => operand(t, 'ctc_loss_backward'));
    const out = result(x.shape, x);
    const lists = [beginnings(targets, targetLengths), inputLengths, targetLengths];
    const [starts, steps, labels] = asTensors(lists, x);
    kernelsOf(x).ctc_loss_backward(
      out,
      g,
      x,
      targets.contiguous(),
      starts,
      steps,
      labels,
      losses,
      forward,
      blank,
      zeroInfinity,
    );
    return finish(out, logProbs.dtype);
  },
  // As in PyTorch there is no formula, and asking for a second derivative says so.
  vjp: {},
});

const schema =
  '_ctc_loss(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, int blank=0, bool zero_infinity=False) -> (Tensor neg_log_likelihood, Tensor log_alpha)';

const ctc: OpFunction<typeof schema> = op(schema, {
  doc: 'The negative log-likelihoods of label sequences, and the forward variables.',
  function: false,
  realOnly: noKernel('ctc_loss_cpu'),
  forward(logProbs, targets, inputLengths, targetLengths, blank) {
    if (logProbs.numel() === 0) throw new RuntimeError('log_probs tensor must not be empty');
    if (logProbs.dtype !== float32 && logProbs.dtype !== float64)
      throw notImplemented('ctc_loss_cpu', logProbs.dtype);
    checkArguments(logProbs, targets, inputLengths, targetLengths, blank);
    const [steps, batch] = logProbs.shape;
    const longest = targets.ndim === 1 ? Math.max(...targetLengths) : targets.shape[1];
    const out = result([batch], logProbs);
    const alpha = result([batch, steps, 2 * longest + 1], logProbs);
    const lists = [beginnings(targets, targetLengths), inputLengths, targetLengths];
    const [starts, inputs, labels] = asTensors(lists, logProbs);
    kernelsOf(logProbs).ctc_loss(
      out,
      alpha,
      logProbs.contiguous(),
      targets.contiguous(),
      starts,
      inputs,
      labels,
      blank,
    );
    return [out, alpha] as const;
  },
  save: ['log_probs', 'targets', 'neg_log_likelihood', 'log_alpha'],
  vjp([grad], saved) {
    const { log_probs, targets, input_lengths, target_lengths, neg_log_likelihood, log_alpha } = saved;
    if (grad === null) return {};
    return {
      log_probs: backward(
        grad,
        log_probs,
        targets,
        input_lengths,
        target_lengths,
        neg_log_likelihood,
        log_alpha,
        saved.blank,
        saved.zero_infinity,
      ),
    };
  },
  gradName: 'CtcLossBackward0',
});

function loss(
  given: Tensor,
  targets: Tensor,
  inputLengths: readonly number[],
  targetLengths: readonly number[],
  blank: number,
  reduction: string,
  zeroInfinity: boolean,
): Tensor {
  const how = reductionOf(reduction);
  const isBatched = given.ndim === 3;
  const logProbs = isBatched ? given : given.unsqueeze(1);
  const [losses] = ctc(
    logProbs,
    targets.to({ device: logProbs.device, dtype: int64 }),
    inputLengths,
    targetLengths,
    blank,
    zeroInfinity,
  );
  const finite = zeroInfinity
    ? ops.where(losses.eq(Number.POSITIVE_INFINITY), losses.newZeros([]), losses)
    : losses;
  if (how === 'sum') return finite.sum();
  if (how === 'none') return isBatched ? finite : finite.squeeze(0);
  const counts = tensor(targetLengths, { dtype: finite.dtype, device: finite.device });
  return finite.div(counts.clamp({ min: 1 })).mean();
}

/** @throws RuntimeError in PyTorch's words unless lengths are integers */
function listOf(lengths: Tensor, name: string): number[] {
  if (lengths.dtype.category !== Category.int) throw new RuntimeError(`${name} must be integral`);
  // No length is known on `meta`, and none matters to the shape of the result.
  if (lengths.isMeta) return new Array<number>(lengths.numel()).fill(0);
  return lengths.reshape([-1]).tolist() as number[];
}

const doc =
  'The negative log-likelihood of label sequences under all of their alignments with the input (Connectionist Temporal Classification), for log-probabilities [T, N, C] or [T, C]; targets are padded, [N, S], or joined to one list.';
const settings = "int blank=0, 'none'|'mean'|'sum' reduction='mean', bool zero_infinity=False) -> Tensor";

op(
  `ctc_loss.IntList(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, ${settings}`,
  {
    doc,
    module: 'nn.functional',
    composite: loss,
  },
);

op(
  `ctc_loss.Tensor(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, ${settings}`,
  {
    doc,
    module: 'nn.functional',
    reads: true,
    devices: 'any',
    composite(logProbs, targets, inputLengths, targetLengths, blank, reduction, zeroInfinity) {
      return loss(
        logProbs,
        targets,
        listOf(inputLengths, 'input_lengths'),
        listOf(targetLengths, 'target_lengths'),
        blank,
        reduction,
        zeroInfinity,
      );
    },
  },
);
