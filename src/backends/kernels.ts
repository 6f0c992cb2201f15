import type { StridedView } from './backend.js';

/**
 * The primitive kernels a device offers beside pointwise programs and reductions. This table is the one
 * definition: the C++ enumeration and dispatch table are generated from `kernelNames`, and a kernel reads its
 * arguments from the command buffer in the order given here.
 *
 * Kernels check nothing but data they alone can see (indices): every shape and dtype is checked before. Results
 * come first and are allocated by the caller. "dense" means contiguous in row-major order. Unless noted, all
 * float operands share one dtype, float32 or float64 (half types are converted before), and `null` stands for an
 * absent operand or an unwanted result.
 */
export interface Kernels {
  // ---- linear algebra -------------------------------------------------------------------------------------
  /**
   * out[b, m, n] = alpha * Σ_k a[b, m, k] * c[b, k, n] + beta * out[b, m, n]. All three have 3 dimensions and any
   * strides (0 to broadcast a batch). Also for int64/int32/int16/int8/uint8, which wrap. beta = 0 does not read out.
   */
  matmul(out: StridedView, a: StridedView, b: StridedView, alpha: number, beta: number): void;

  // ---- convolution and pooling: dense [N, C, spatial…], 1 to 3 spatial dimensions, lists one entry each -------
  /** out[N, O, …] = input[N, C, …] ⋆ weight[O, C/groups, …] + bias[O]. */
  convolution(
    out: StridedView,
    input: StridedView,
    weight: StridedView,
    bias: StridedView | null,
    stride: readonly number[],
    padding: readonly number[],
    dilation: readonly number[],
    groups: number,
  ): void;
  /** The gradient of `convolution` by its input (also the transposed convolution). */
  convolution_input_gradient(
    gradInput: StridedView,
    gradOut: StridedView,
    weight: StridedView,
    stride: readonly number[],
    padding: readonly number[],
    dilation: readonly number[],
    groups: number,
  ): void;
  /** The gradients of `convolution` by its weight and its bias. */
  convolution_weight_gradient(
    gradWeight: StridedView,
    gradBias: StridedView | null,
    gradOut: StridedView,
    input: StridedView,
    stride: readonly number[],
    padding: readonly number[],
    dilation: readonly number[],
    groups: number,
  ): void;
  /** indices (int64) are flat positions in the input's spatial plane; NaN wins. Also for integer dtypes. */
  max_pool(
    out: StridedView,
    indices: StridedView,
    input: StridedView,
    kernel: readonly number[],
    stride: readonly number[],
    padding: readonly number[],
    dilation: readonly number[],
  ): void;
  /** gradInput[plane, indices[i]] += gradOut[plane, i], gradInput zeroed first. */
  max_pool_backward(gradInput: StridedView, gradOut: StridedView, indices: StridedView): void;
  /** divisor 0: the window's size (with padding if countIncludePad). */
  avg_pool(
    out: StridedView,
    input: StridedView,
    kernel: readonly number[],
    stride: readonly number[],
    padding: readonly number[],
    countIncludePad: boolean,
    divisor: number,
  ): void;
  avg_pool_backward(
    gradInput: StridedView,
    gradOut: StridedView,
    kernel: readonly number[],
    stride: readonly number[],
    padding: readonly number[],
    countIncludePad: boolean,
    divisor: number,
  ): void;
  /** Windows [floor(i·in/out), ceil((i+1)·in/out)). */
  adaptive_avg_pool(out: StridedView, input: StridedView): void;
  adaptive_avg_pool_backward(gradInput: StridedView, gradOut: StridedView): void;

  // ---- softmax and norms ------------------------------------------------------------------------------------
  /** Softmax (log: its logarithm) over `dim`; dense. */
  softmax(out: StridedView, input: StridedView, dim: number, log: boolean): void;
  softmax_backward(
    gradInput: StridedView,
    gradOut: StridedView,
    output: StridedView,
    dim: number,
    log: boolean,
  ): void;
  /**
   * input [N, C, d1…] dense, target [N, d1…] int64. reduction: 0 none (out [N, d1…]), 1 mean, 2 sum (out scalar);
   * totalWeight is a scalar result. Fails on a target outside [0, C) that is not ignoreIndex.
   */
  nll_loss(
    out: StridedView,
    totalWeight: StridedView,
    input: StridedView,
    target: StridedView,
    weight: StridedView | null,
    reduction: number,
    ignoreIndex: number,
  ): void;
  nll_loss_backward(
    gradInput: StridedView,
    gradOut: StridedView,
    target: StridedView,
    weight: StridedView | null,
    totalWeight: StridedView,
    reduction: number,
    ignoreIndex: number,
  ): void;
  /** input, out dense [rows, columns]; mean, rstd [rows] results; weight, bias [columns]. Biased variance. */
  layer_norm(
    out: StridedView,
    mean: StridedView,
    rstd: StridedView,
    input: StridedView,
    weight: StridedView | null,
    bias: StridedView | null,
    eps: number,
  ): void;
  layer_norm_backward(
    gradInput: StridedView | null,
    gradWeight: StridedView | null,
    gradBias: StridedView | null,
    gradOut: StridedView,
    input: StridedView,
    mean: StridedView,
    rstd: StridedView,
    weight: StridedView | null,
  ): void;
  /** Mean and biased variance of dense input [N, C, L] over N and L, results [C]. */
  batch_norm_stats(mean: StridedView, variance: StridedView, input: StridedView): void;
  /** out = (input - mean) * rstd * weight + bias per channel, dense [N, C, L]. */
  batch_norm_apply(
    out: StridedView,
    input: StridedView,
    mean: StridedView,
    rstd: StridedView,
    weight: StridedView | null,
    bias: StridedView | null,
  ): void;
  /** training: mean and rstd came from this input, so gradients flow through them. */
  batch_norm_backward(
    gradInput: StridedView | null,
    gradWeight: StridedView | null,
    gradBias: StridedView | null,
    gradOut: StridedView,
    input: StridedView,
    mean: StridedView,
    rstd: StridedView,
    weight: StridedView | null,
    training: boolean,
  ): void;

  // ---- moving elements by index: every dtype; indices are int64, any strides everywhere ------------------------
  /**
   * out[o…, i…, p…] = input[…] with the indexed dimensions replaced by one broadcast index. `out` is
   * [before…, index…, after…]; `input` is viewed as [before…, after…] with stride and size of the indexed dimensions
   * given apart, in elements; `indexDims` is how many of out's dimensions the indices span, after `before` ones.
   * Negative indices count from the end. Fails on an index out of range: (index, position in sizes, size).
   * The other kernels here take no negative index and fail with (index, dim, size).
   */
  index_get(
    out: StridedView,
    input: StridedView,
    indices: readonly StridedView[],
    sizes: readonly number[],
    strides: readonly number[],
    before: number,
  ): void;
  /** The assignment of the same form: self[…] = values, or += (in order) if accumulate. */
  index_put(
    self: StridedView,
    values: StridedView,
    indices: readonly StridedView[],
    sizes: readonly number[],
    strides: readonly number[],
    before: number,
    accumulate: boolean,
  ): void;
  /** out = input with dimension `dim` replaced by index [n]. Fails on an index out of range. */
  index_select(out: StridedView, input: StridedView, dim: number, index: StridedView): void;
  /** self[…, index[i], …] += alpha * source[…, i, …] along dim, in order. */
  index_add(self: StridedView, dim: number, index: StridedView, source: StridedView, alpha: number): void;
  /** out[i…] = input[i…] with i_dim = index[i…]; shapes of out and index agree. */
  gather(out: StridedView, input: StridedView, dim: number, index: StridedView): void;
  /** self[i… with i_dim = index[i…]] ∘= src[i…]; reduce: 0 assign, 1 add, 2 multiply, 3 amax, 4 amin. */
  scatter(self: StridedView, dim: number, index: StridedView, src: StridedView, reduce: number): void;
  /** Fills out [count, ndim] (int64, dense) with the coordinates of input's non-zero elements. */
  nonzero(out: StridedView, input: StridedView): void;
  /** Copies the lower (or upper) triangle of the last two dimensions, zero elsewhere. */
  triangle(out: StridedView, input: StridedView, diagonal: number, upper: boolean): void;

  // ---- order ------------------------------------------------------------------------------------------------
  /** Stable; NaN is the largest. values may be null. Every dtype, any strides. */
  sort(
    values: StridedView | null,
    indices: StridedView | null,
    input: StridedView,
    dim: number,
    descending: boolean,
  ): void;
  topk(
    values: StridedView,
    indices: StridedView,
    input: StridedView,
    k: number,
    dim: number,
    largest: boolean,
    sorted: boolean,
  ): void;
  /**
   * One element along `dim`, which the results keep with size 1. kind: 0 the k-th smallest (from 1), 1 median (NaN if
   * there is one), 2 median without NaN, 3 the most frequent.
   */
  order_statistic(
    values: StridedView,
    indices: StridedView,
    input: StridedView,
    dim: number,
    kind: number,
    k: number,
  ): void;
  /** First position (right: after the last equal) at which each value keeps the last dimension of `sorted` in order. */
  searchsorted(out: StridedView, sorted: StridedView, values: StridedView, right: boolean): void;
  /**
   * kind: 0 sum, 1 product, 2 max, 3 min (with indices, int64), 4 logsumexp (floats). out has input's dtype; sums and
   * products of integers and booleans may also go to int64.
   */
  scan(out: StridedView, indices: StridedView | null, input: StridedView, dim: number, kind: number): void;

  // ---- creation ---------------------------------------------------------------------------------------------
  /** out[i] = start + i * step, dense, computed in double (integers: exactly). */
  arange(out: StridedView, start: number, step: number): void;
  linspace(out: StridedView, start: number, end: number): void;

  // ---- random numbers: `state` is the generator's state (uint8, layout of kernels/mt19937.h); streams are PyTorch's --
  /** Seeds the state. */
  random_seed(state: StridedView, seed: number): void;
  /** Skips nothing, returns nothing: out (int64 [n]) gets n raw 64-bit draws masked to 63 bits. */
  random_raw(out: StridedView, state: StridedView): void;
  random_uniform(out: StridedView, state: StridedView, from: number, to: number): void;
  random_normal(out: StridedView, state: StridedView, mean: number, std: number): void;
  /** Integers in [low, low + range). */
  random_integers(out: StridedView, state: StridedView, low: number, range: number): void;
  /** random_() without bounds: the dtype's whole range as PyTorch defines it. */
  random_full(out: StridedView, state: StridedView): void;
  /** p: one probability. */
  random_bernoulli(out: StridedView, state: StridedView, p: number): void;
  random_bernoulli_tensor(out: StridedView, state: StridedView, p: StridedView): void;
  random_poisson(out: StridedView, state: StridedView, rates: StridedView): void;
  random_exponential(out: StridedView, state: StridedView, lambda: number): void;
  random_geometric(out: StridedView, state: StridedView, p: number): void;
  random_cauchy(out: StridedView, state: StridedView, median: number, sigma: number): void;
  random_log_normal(out: StridedView, state: StridedView, mean: number, std: number): void;
  random_permutation(out: StridedView, state: StridedView): void;
  /** With replacement: weights [rows, n] dense, out [rows, draws] int64. Fails on negative or all-zero weights. */
  multinomial_replacement(out: StridedView, state: StridedView, weights: StridedView): void;
}

export type KernelName = keyof Kernels;

/** What a kernel call may carry. */
export type KernelArgument =
  | StridedView
  | null
  | number
  | boolean
  | readonly number[]
  | readonly StridedView[];

/** The order in the engine's dispatch table. */
export const kernelNames = [
  'matmul',
  'convolution',
  'convolution_input_gradient',
  'convolution_weight_gradient',
  'max_pool',
  'max_pool_backward',
  'avg_pool',
  'avg_pool_backward',
  'adaptive_avg_pool',
  'adaptive_avg_pool_backward',
  'softmax',
  'softmax_backward',
  'nll_loss',
  'nll_loss_backward',
  'layer_norm',
  'layer_norm_backward',
  'batch_norm_stats',
  'batch_norm_apply',
  'batch_norm_backward',
  'index_get',
  'index_put',
  'index_select',
  'index_add',
  'gather',
  'scatter',
  'nonzero',
  'triangle',
  'sort',
  'topk',
  'searchsorted',
  'scan',
  'arange',
  'linspace',
  'random_seed',
  'random_raw',
  'random_uniform',
  'random_normal',
  'random_integers',
  'random_full',
  'random_bernoulli',
  'random_bernoulli_tensor',
  'random_poisson',
  'random_exponential',
  'random_geometric',
  'random_cauchy',
  'random_log_normal',
  'random_permutation',
  'multinomial_replacement',
  'order_statistic',
] as const satisfies readonly KernelName[];
