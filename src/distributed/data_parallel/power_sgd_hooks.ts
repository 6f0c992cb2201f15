/** Communication hooks that send gradients as products of two narrow matrices (PowerSGD, Vogels et al. 2019). */
import { bfloat16, float16 } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import { qr } from '../../ops/linalg/householder.js';
import { groupOr } from '../process_group.js';
import type { Steps } from './collective_steps.js';
import { summed } from './comm_hook.js';
import { averaged } from './default_hooks.js';
import type { GradBucket } from './grad_bucket.js';
import type { PowerSGDState } from './power_sgd_state.js';

/** Makes the columns of matrices orthonormal, in place. */
function orthogonalize(matrices: Tensor, epsilon: number): void {
  const rank = matrices.shape[2];
  if (rank > 2 && matrices.dtype !== float16 && matrices.dtype !== bfloat16) {
    matrices.copy_(qr(matrices, 'reduced')[0]);
    return;
  }
  for (let i = 0; i < rank; i++) {
    const column = matrices.narrow(2, i, 1);
    column.div_(column.norm({ dim: 1, keepdim: true }).add(epsilon));
    if (i + 1 === rank) break;
    const rest = matrices.narrow(2, i + 1, rank - i - 1);
    rest.sub_(column.mul(rest).sum(1, true).mul(column));
  }
}

/** A matrix that stands for several tensors of one shape, and its factors. */
interface Lot {
  /** [B, N, M] */
  readonly matrices: Tensor;
  readonly tensors: readonly Tensor[];
  /** [B, N, R] */
  readonly p: Tensor;
  /** [B, M, R] */
  readonly q: Tensor;
}

/** Adds what was lost the last time; gives a copy of the sum, from which what will be lost follows. */
function withError(state: PowerSGDState, bucket: number, input: Tensor): Tensor | null {
  if (!state.useErrorFeedback) return null;
  const error = state.errors.get(bucket);
  if (error !== undefined) input.add_(error);
  return input.clone();
}

/**
 * Compresses each gradient that has the shape of a matrix by PowerSGD; the others are averaged as they are. Before the iteration `state.startPowerSgdIter` all
 * are.
 *
 * @param state the settings, and what is kept between iterations
 * @param bucket the gradients
 *
 * @example
 * const state = new dist.PowerSGDState(null, { matrixApproximationRank: 2, startPowerSgdIter: 100 });
 * ddp.registerCommHook(state, dist.powerSGDHook);
 */
export function* powerSGDHook(state: PowerSGDState, bucket: GradBucket): Steps<Tensor> {
  const group = groupOr(state.processGroup);
  const input = bucket.buffer();
  if (state.iter < state.startPowerSgdIter) {
    state.count(bucket);
    return yield* averaged(input, group);
  }
  const index = bucket.index();
  const copy = withError(state, index, input);
  const { compressed, plain } = divide(state, bucket.gradients());
  const { p, q, lots } = factorize(state, index, input, compressed);
  for (const lot of lots) lot.p.copy_(ops.bmm(lot.matrices, lot.q));
  const rest = plain.length > 0 ? ops.cat(plain.map((one) => one.reshape([-1]))) : input.newEmpty([0]);
  yield* averaged(rest, group);
  let at = 0;
  for (const one of plain) {
    one.copy_(rest.narrow(0, at, one.numel()).reshape(one.shape));
    at += one.numel();
  }
  // They become orthonormal: no need to divide them.
  yield* summed(p, group);
  for (const lot of lots) {
    orthogonalize(lot.p, state.orthogonalizationEpsilon);
    lot.q.copy_(ops.bmm(lot.matrices.transpose(1, 2), lot.p));
  }
  yield* summed(q, group);
  q.div_(group.size());
  for (const lot of lots) {
    const product = ops.bmm(lot.p, lot.q.transpose(1, 2));
    for (const [i, one] of lot.tensors.entries()) one.copy_(product.select(0, i).reshape(one.shape));
  }
  if (copy !== null) state.errors.set(index, copy.sub(input));
  if (!state.warmStart) state.factors.clear();
  state.count(bucket);
  return input;
}

function divide(state: PowerSGDState, gradients: readonly Tensor[]) {
  const compressed: Tensor[] = [];
  const plain: Tensor[] = [];
  for (const gradient of gradients) {
    const n = gradient.shape[0] ?? 1;
    const m = gradient.numel() / n;
    const rank = Math.min(n, m, state.matrixApproximationRank);
    const [before, after] = [n * m, (n + m) * rank];
    const isWorth = after * state.minCompressionRate < before;
    (isWorth ? compressed : plain).push(gradient);
    state.totalNumelBeforeCompression += before;
    state.totalNumelAfterCompression += isWorth ? after : before;
  }
  return { compressed, plain };
}

/** The matrices of gradients, and the factors that lie one after the other in two tensors of the state's. */
function factorize(state: PowerSGDState, index: number, input: Tensor, gradients: readonly Tensor[]) {
  const byShape = new Map<string, Tensor[]>();
  for (const gradient of gradients) {
    const { shape } = gradient;
    const key = `${shape[0]} ${gradient.numel() / shape[0]}`;
    byShape.set(key, [...(byShape.get(key) ?? []), gradient]);
  }
  const together = state.batchTensorsWithSameShape;
  const grouped = [...byShape.values()].flatMap((list) => (together ? [list] : list.map((one) => [one])));
  const sizes = grouped.map((list) => {
    const n = list[0].shape[0];
    const m = list[0].numel() / n;
    return { list, b: list.length, n, m, rank: Math.min(n, m, state.matrixApproximationRank) };
  });
  let factors = state.factors.get(index);
  const isNew = factors === undefined;
  if (factors === undefined) {
    const length = (side: 'n' | 'm') => sizes.reduce((sum, one) => sum + one.b * one[side] * one.rank, 0);
    factors = { p: input.newEmpty([length('n')]), q: input.newEmpty([length('m')]) };
    state.factors.set(index, factors);
  }
  const { p, q } = factors;
  let [pAt, qAt] = [0, 0];
  const lots = sizes.map(({ list, b, n, m, rank }): Lot => {
    const part = (of: Tensor, at: number, side: number) =>
      of.narrow(0, at, b * side * rank).reshape([b, side, rank]);
    const lot = {
      matrices: ops.stack(list.map((one) => one.reshape([n, m]))),
      tensors: list,
      p: part(p, pAt, n),
      q: part(q, qAt, m),
    };
    pAt += b * n * rank;
    qAt += b * m * rank;
    return lot;
  });
  const generator = isNew ? state.drawStream() : null;
  for (const lot of lots) {
    if (generator !== null) lot.q.copy_(ops.randn(lot.q.shape, { dtype: q.dtype, generator }));
    orthogonalize(lot.q, state.orthogonalizationEpsilon);
  }
  return { p, q, lots };
}

/**
 * Compresses all gradients of a bucket at once by PowerSGD, as one square matrix: faster than `powerSGDHook`, and less exact.
 *
 * @param state the settings, and what is kept between iterations
 * @param bucket the gradients
 */
export function* batchedPowerSGDHook(state: PowerSGDState, bucket: GradBucket): Steps<Tensor> {
  const group = groupOr(state.processGroup);
  const buffer = bucket.buffer();
  if (state.iter < state.startPowerSgdIter) {
    state.count(bucket);
    return yield* averaged(buffer, group);
  }
  const length = buffer.numel();
  const rank = state.matrixApproximationRank;
  const side = Math.ceil(Math.sqrt(length));
  state.totalNumelBeforeCompression += length;
  state.totalNumelAfterCompression += side * rank * 2;
  const input = F.pad(buffer, [0, side * side - length]);
  const index = bucket.index();
  const copy = withError(state, index, input);
  const matrix = input.reshape([side, side]);
  let factors = state.factors.get(index);
  if (factors === undefined) {
    const options = { dtype: input.dtype, generator: state.drawStream() };
    factors = {
      p: input.newEmpty([side, rank]),
      q: ops.randn([side, rank], options).to(input.device),
    };
    state.factors.set(index, factors);
  }
  const { p, q } = factors;
  orthogonalize(q.unsqueeze(0), 0);
  p.copy_(ops.mm(matrix, q));
  yield* summed(p, group);
  orthogonalize(p.unsqueeze(0), 0);
  q.copy_(ops.mm(matrix.t(), p));
  yield* summed(q, group);
  q.div_(group.size());
  matrix.copy_(ops.mm(p, q.t()));
  if (copy !== null) state.errors.set(index, copy.sub(input));
  if (!state.warmStart) state.factors.clear();
  state.count(bucket);
  buffer.copy_(input.narrow(0, 0, length));
  return buffer;
}
