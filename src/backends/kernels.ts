import { Kernel, type KernelRow, type Named, type Positions } from './kernel_row.js';

/**
 * The primitive kernels that devices offer beside pointwise programs and reductions. A row is the one definition of a kernel's
 * arguments: what TypeScript calls it with, what C++ reads (`kernels/generated/NAME.h`), what shaders' launches get by name, the
 * command's words and docs/kernels.md follow from it.
 *
 * Kernels check nothing but data they alone can see (indices): every shape and dtype is checked before. Results
 * come first and are allocated by the caller. "dense" means contiguous in row-major order. Unless noted, all
 * float operands share one dtype, float32 or float64 (half types are converted before), and `null` stands for an
 * absent operand or an unwanted result.
 */
export const kernelRows = {
  // ---- linear algebra -------------------------------------------------------------------------------------
  matmul: {
    takes: 'View out, View a, View b, float alpha, float beta',
    complex: 'bilinear',
    doc: 'out[i, m, n] = alpha * Σ_k a[i, m, k] * b[i, k, n] + beta * out[i, m, n]. All three have 3 dimensions and any strides (0 to broadcast a batch). Also for int64, int32, int16, int8 and uint8, which wrap. `beta` 0 does not read `out`.',
  },

  // Stacks of matrices [batch, rows, columns] of float32, float64, complex64 or complex128, any strides but where "dense" is said.
  cholesky: {
    takes: 'View out, View info, View input',
    complex: 'own',
    doc: 'The lower triangle L with `input` = L Lᴴ, of which the lower triangle is read. `info` (int32 [batch], dense) is 0, or the order of the first leading minor that is not positive, from where on `out` means nothing.',
  },
  triangular_solve: {
    takes: 'View out, View a, bool upper, bool left, bool unit',
    complex: 'own',
    doc: 'Replaces `out` by a⁻¹ out, or out a⁻¹ unless `left`; a triangle of `a` is read, without its diagonal if that is of ones (`unit`).',
  },
  householder_qr: {
    takes: 'View out, View tau',
    complex: 'own',
    doc: "Replaces `out` by its factor R and, below the diagonal, the vectors of the Householder reflections I - tau v vᴴ whose product is Q, as LAPACK's geqrf does. `tau` [batch, min(rows, columns)] is dense.",
  },
  householder_product: {
    takes: 'View out, View input, View tau',
    complex: 'own',
    doc: 'The first columns of the product of reflections, as `householder_qr` leaves them. `tau` [batch, n] is dense, with n no greater than the number of columns, nor these than that of rows.',
  },
  householder_apply: {
    takes: 'View out, View input, View tau, bool left, bool adjoint',
    complex: 'own',
    doc: 'Replaces `out` by Q out (out Q unless `left`), or Qᴴ in place of Q, for the product Q of all reflections, as `householder_qr` leaves them; their vectors are as long as `out` has rows (columns). `tau` [batch, n] is dense.',
  },
  lu: {
    takes: 'View out, View pivots, View info',
    complex: 'own',
    doc: "Replaces `out` by L (below the diagonal, which is of ones) and U. `pivots` (int32 [batch, min(rows, columns)]) are LAPACK's: the row with which each one was swapped, counted from 1. `info` (int32 [batch]) is 0 or the number of the first zero on U's diagonal, counted from 1. Both are dense.",
  },
  lu_solve: {
    takes: 'View out, View factors, View pivots, bool left, bool adjoint',
    complex: 'own',
    doc: 'Replaces `out` by A⁻¹ out, or out A⁻¹ unless `left`, for square matrices A of which `factors` and `pivots` (int32 [batch, n]) are what `lu` left; with `adjoint` for Aᴴ. No pivot may be beyond the matrix.',
  },
  small_lu: {
    takes: 'View? out, View? diagonal, View? info, View a, View? b, bool left',
    complex: 'own',
    on: 'cpu',
    elsewhere: ['lu', 'lu_solve'],
    doc: 'What follows from the factors of square matrices of up to 16 rows: `out` = a⁻¹ b, or b a⁻¹ unless `left`, where null for `b` stands for the identity; `diagonal` [batch, n], numbers whose product is the determinant, those of U but negative for each row that was swapped; `info` (int32 [batch]) as for `lu`. The latter two are dense.',
  },
  lu_permutation: {
    takes: 'View out, View pivots',
    doc: 'The order of rows that swaps lead to: row i of L U is row out[i] (int64 [batch, rows], dense) of the matrix that `lu` factored. No pivot (int32 [batch, n]) may be beyond the rows.',
  },
  ldl: {
    takes: 'View out, View pivots, View info, bool hermitian',
    complex: 'own',
    on: 'cpu',
    doc: "Replaces the lower triangle of `out` by L and D with A = L D Lᵀ (Lᴴ if `hermitian`) up to the swaps of `pivots` (int32 [batch, n], dense), all as LAPACK's sytrf stores them: D has blocks of 1 × 1 and, where pivots are negative, 2 × 2. `info` (int32 [batch], dense) is 0 or the number of the first block of D that is zero, counted from 1.",
  },
  ldl_solve: {
    takes: 'View out, View factors, View pivots, bool hermitian',
    complex: 'own',
    on: 'cpu',
    doc: 'Replaces `out` by A⁻¹ out, for matrices A of which `factors` and `pivots` are what `ldl` left. No pivot (int32 [batch, n]) may be beyond the matrix.',
  },

  fft: {
    takes: 'View out, View input, int dim, bool inverse, float factor',
    complex: 'interleaved',
    doc: 'The discrete Fourier transform of lines along `dim`, times `factor`; the inverse one leaves out the division by the length. From complex to complex numbers (`out` may be `input`); from real ones, forward, to all of the n results or to the first n / 2 + 1; from the first n / 2 + 1 to n real ones, backward.',
  },
  symmetric_eigen: {
    takes: 'View values, View? vectors, View input, View info, bool upper',
    complex: 'own',
    doc: 'The eigenvalues, ascending, and eigenvectors (as columns) of Hermitian matrices, of which one triangle is read. `values` [batch, n] is real and dense; `info` (int32 [batch], dense) is 0 where the computation came to its end, which it does not with what is not finite.',
  },
  general_eigen: {
    takes: 'View values, View? vectors, View input, View info',
    complex: 'own',
    on: 'cpu',
    doc: 'The eigenvalues and eigenvectors (as columns, one long) of square matrices, both complex whatever `input` is. `values` [batch, n] is dense; `info` as for `symmetric_eigen`.',
  },
  pivoted_qr: {
    takes: 'View out, View tau, View pivots, View rank, float rcond',
    complex: 'own',
    on: 'cpu',
    doc: 'As `householder_qr`, of columns in the order of `pivots` (int64 [batch, columns]), by their lengths. `rank` (int64 [batch]) is the order of the greatest leading triangle of R whose condition is below 1 / rcond, by estimates. All but `out` are dense.',
  },
  svd: {
    takes: 'View? u, View values, View? vh, View input, View info',
    complex: 'own',
    doc: 'The singular values, descending, and singular vectors: `u` has as many columns as `input` rows, or as many as there are values, the other of `u` and `vh` just as many. `values` [batch, min(rows, columns)] is real and dense; `info` as for `symmetric_eigen`, -1 with what is not finite.',
  },

  // ---- convolution and pooling: dense [N, C, spatial…], 1 to 3 spatial dimensions, lists one entry each -------
  convolution: {
    takes:
      'View out, View input, View weight, View? bias, int[] stride, int[] padding, int[] dilation, int groups',
    doc: 'out[N, O, …] = input[N, C, …] ⋆ weight[O, C/groups, …] + bias[O].',
  },
  convolution_input_gradient: {
    takes:
      'View grad_input, View grad_out, View weight, int[] stride, int[] padding, int[] dilation, int groups',
    doc: 'The gradient of `convolution` by its input (also the transposed convolution).',
  },
  convolution_weight_gradient: {
    takes:
      'View grad_weight, View? grad_bias, View grad_out, View input, int[] stride, int[] padding, int[] dilation, int groups',
    doc: 'The gradients of `convolution` by its weight and its bias.',
  },
  max_pool: {
    takes: 'View out, View indices, View input, int[] kernel, int[] stride, int[] padding, int[] dilation',
    doc: "`indices` (int64) are flat positions in the input's spatial plane; NaN wins. Also for integer dtypes.",
  },
  max_pool_backward: {
    takes: 'View grad_input, View grad_out, View indices',
    doc: 'grad_input[plane, indices[i]] += grad_out[plane, i], grad_input zeroed first.',
  },
  avg_pool: {
    takes:
      'View out, View input, int[] kernel, int[] stride, int[] padding, bool count_include_pad, int divisor',
    doc: "Means of windows. `divisor` 0 stands for the window's size (with padding if `count_include_pad`).",
  },
  avg_pool_backward: {
    takes:
      'View grad_input, View grad_out, int[] kernel, int[] stride, int[] padding, bool count_include_pad, int divisor',
    doc: 'The gradient of `avg_pool`.',
  },
  adaptive_avg_pool: {
    takes: 'View out, View input',
    doc: 'Means of the windows [floor(i·in/out), ceil((i+1)·in/out)).',
  },
  adaptive_avg_pool_backward: {
    takes: 'View grad_input, View grad_out',
    doc: 'The gradient of `adaptive_avg_pool`.',
  },
  max_unpool: {
    takes: 'View out, View input, View indices',
    complex: 'linear',
    on: 'cpu',
    elsewhere: ['scatter'],
    doc: 'out[plane, indices[plane, i]] = input[plane, i], out zeroed first; dense [planes, …], of any dtype. Fails on an index outside of the plane.',
  },
  adaptive_max_pool: {
    takes: 'View out, View indices, View input',
    on: 'cpu',
    elsewhere: ['gather'],
    doc: 'Maxima of the windows of `adaptive_avg_pool`; `indices` as of `max_pool`.',
  },
  grid_sampler: {
    takes:
      'View out, View input, View grid, bilinear|nearest|bicubic mode, zeros|border|reflection padding, bool align',
    on: 'cpu',
    elsewhere: ['gather'],
    doc: 'Values of `input` [N, C, …] at the points of `grid` [N, …, 2 or 3], whose coordinates run from -1 to 1 (`align`: from the first element to the last, else over both) and name the last dimension first. Three dimensions are not bicubic.',
  },
  grid_sampler_backward: {
    takes:
      'View? grad_input, View? grad_grid, View grad_out, View input, View grid, bilinear|nearest|bicubic mode, zeros|border|reflection padding, bool align',
    on: 'cpu',
    elsewhere: ['scatter'],
    doc: 'The gradients of `grid_sampler`.',
  },
  pad: {
    takes: 'View out, View input, int[] before, int[] after, reflect|replicate|circular mode',
    complex: 'linear',
    on: 'cpu',
    elsewhere: ['index_select'],
    doc: "Pads dense tensors, of any dtype, by their own elements: `before` and `after` are amounts for each dimension, negative where elements are cut off. At least one of `input`'s elements is left along each.",
  },
  pad_backward: {
    takes: 'View grad_input, View grad_out, int[] before, int[] after, reflect|replicate|circular mode',
    complex: 'linear',
    on: 'cpu',
    elsewhere: ['index_add'],
    doc: 'The gradient of `pad`.',
  },
  resample: {
    takes: 'View out, View input, View positions, View? weights',
    complex: 'linear',
    on: 'cpu',
    elsewhere: ['index_select'],
    doc: 'Weighted sums of elements along the middle dimension of dense [outer, n, inner], the taps: `positions` (int32, -1: none, nor any that follows) and `weights` (float64) have for each result as many numbers. Without weights each result is the one tap, of any dtype.',
  },
  resample_backward: {
    takes: 'View grad_input, View grad_out, View positions, View? weights',
    complex: 'linear',
    on: 'cpu',
    elsewhere: ['index_add'],
    doc: 'The gradient of `resample`.',
  },

  // ---- softmax and norms ------------------------------------------------------------------------------------
  softmax: {
    takes: 'View out, View input, int dim, bool log',
    doc: 'Softmax (`log`: its logarithm) over `dim`; dense.',
  },
  softmax_backward: {
    takes: 'View grad_input, View grad_out, View output, int dim, bool log',
    doc: 'The gradient of `softmax`, by its result.',
  },
  nll_loss: {
    takes:
      'View out, View total_weight, View input, View target, View? weight, none|mean|sum reduction, int ignore_index',
    doc: '`input` [N, C, d1…] dense, `target` [N, d1…] int64; `out` [N, d1…] without a reduction, else a scalar; `total_weight` is a scalar result. Fails on a target outside [0, C) that is not `ignore_index`.',
  },
  nll_loss_backward: {
    takes:
      'View grad_input, View grad_out, View target, View? weight, View total_weight, none|mean|sum reduction, int ignore_index',
    doc: 'The gradient of `nll_loss` by its input.',
  },
  margin_loss: {
    takes: 'View out, View input, View target, View? weight, float p, float margin, none|mean|sum reduction',
    on: 'cpu',
    elsewhere: ['gather'],
    doc: '`input` [N, C], `target` [N] or [N, K] (rows end at -1) int64, both dense: for each target of a row the mean over the other classes of max(0, margin - input[target] + input[class])ᵖ, p being 1 or 2, times the weight of the target; `out` as of `nll_loss`. Fails on a target that is no class.',
  },
  margin_loss_backward: {
    takes:
      'View grad_input, View grad_out, View input, View target, View? weight, float p, float margin, none|mean|sum reduction',
    on: 'cpu',
    elsewhere: ['scatter'],
    doc: 'The gradient of `margin_loss` by its input; `grad_out` is dense.',
  },
  layer_norm: {
    takes: 'View out, View mean, View rstd, View input, View? weight, View? bias, float eps',
    doc: '`input`, `out` dense [rows, columns]; `mean`, `rstd` [rows] are results; `weight`, `bias` [columns]. Biased variance.',
  },
  layer_norm_backward: {
    takes:
      'View? grad_input, View? grad_weight, View? grad_bias, View grad_out, View input, View mean, View rstd, View? weight',
    doc: 'The gradients of `layer_norm`.',
  },
  group_norm: {
    takes: 'View out, View mean, View rstd, View input, View? weight, View? bias, int groups, float eps',
    doc: '`input`, `out` dense [N, C, L]; `mean`, `rstd` [N · groups] are results; `weight`, `bias` [C]. Biased variance.',
  },
  group_norm_backward: {
    takes:
      'View? grad_input, View? grad_weight, View? grad_bias, View grad_out, View input, View mean, View rstd, View? weight, int groups',
    doc: 'The gradients of `group_norm`.',
  },
  rms_norm: {
    takes: 'View out, View rstd, View input, View? weight, float eps',
    doc: '`input`, `out` dense [rows, columns]; `rstd` [rows] is a result; `weight` [columns].',
  },
  rms_norm_backward: {
    takes: 'View? grad_input, View? grad_weight, View grad_out, View input, View rstd, View? weight',
    doc: 'The gradients of `rms_norm`.',
  },
  batch_norm_stats: {
    takes: 'View mean, View variance, View input',
    doc: 'Mean and biased variance of dense `input` [N, C, L] over N and L, results [C].',
  },
  batch_norm_apply: {
    takes: 'View out, View input, View mean, View rstd, View? weight, View? bias',
    doc: 'out = (input - mean) * rstd * weight + bias per channel, dense [N, C, L].',
  },
  batch_norm_backward: {
    takes:
      'View? grad_input, View? grad_weight, View? grad_bias, View grad_out, View input, View mean, View rstd, View? weight, bool training',
    doc: 'The gradients of `batch_norm_apply`. `training`: mean and rstd came from this input, so gradients flow through them.',
  },

  ctc_loss: {
    takes:
      'View out, View log_alpha, View log_probs, View targets, View starts, View input_lengths, View target_lengths, int blank',
    doc: 'The negative log-likelihoods [N] of label sequences under `log_probs` [T, N, C] (Connectionist Temporal Classification), and `log_alpha` [N, T, 2 · longest + 1], the forward variables. The i-th sequence has `target_lengths`[i] labels from `targets`[`starts`[i]] on, and `input_lengths`[i] steps. All dense, integers int64. Fails on a label outside [0, C).',
  },
  ctc_loss_backward: {
    takes:
      'View grad_input, View grad_out, View log_probs, View targets, View starts, View input_lengths, View target_lengths, View loss, View log_alpha, int blank, bool zero_infinity',
    doc: 'The gradient of `ctc_loss` by log-probabilities that are normalized; zero for infinite losses if `zero_infinity`.',
  },

  // ---- recurrent layers: one direction of one layer; all dense ------------------------------------------------
  attention: {
    takes: 'View out, View log_sum, View query, View key, View value, View? mask, bool causal, float scale',
    on: 'cpu',
    doc: 'Of each head softmax(scale query keyᵀ + mask) value: `query` [B, H, T, D], `key` [B, H, S, D], `value` [B, H, S, E], `mask` [B, H, T, S] and `out` [B, H, T, E] of any strides. With `causal` a query sees the keys up to its own place. `log_sum` [B, H, T] is dense: the logarithm of the sum that each row was divided by. A query that sees nothing gets zeros.',
  },
  attention_backward: {
    takes:
      'View grad_query, View grad_key, View grad_value, View grad, View query, View key, View value, View out, View log_sum, View? mask, bool causal, float scale',
    on: 'cpu',
    doc: 'The gradient of `attention` by `query`, `key` and `value`, of any strides.',
  },
  recurrence: {
    takes:
      'View out, View last, View? last_cell, View? gates, View? cells, View? candidate, View input, View? input_weight, View initial, View? initial_cell, View weight, View? bias, View? projection, View? batch_sizes, bool reverse, tanh|relu|lstm|gru mode',
    doc: "All steps of a layer. `input` [rows, G] are the products with the input, or [rows, I] the input itself where `input_weight` [G, I] is given (on the CPU, and not of a gru), G the hidden size times 4 (lstm: i, f, g, o), 3 (gru: r, z, n) or 1; `initial` [B, P], `initial_cell` [B, H] and, as they end, `last`, `last_cell`; `weight` [G, P], `bias` [G]; `projection` [P, H] of an lstm, without which P is H. `out` [rows, P] and what the gradient needs, if it is wanted, are results: `gates` [rows, G] as their curves gave them, an lstm's `cells` [rows, H], a gru's `candidate` [rows, H] (the part of n's that r scales). Rows are those of the steps in turn, `batch_sizes` (int64) of each, which never grow, or B of all.",
  },
  recurrence_backward: {
    takes:
      'View grad_gates, View? grad_hidden, View? previous, View? grad_projected, View grad_initial, View? grad_initial_cell, View? grad_out, View? grad_last, View? grad_last_cell, View gates, View? cells, View? candidate, View out, View initial, View? initial_cell, View weight, View? projection, View? batch_sizes, bool reverse, tanh|relu|lstm|gru mode',
    doc: "The gradient of `recurrence` by the products with the input, which is also that by the product with the state (a gru's is `grad_hidden`), by `initial` and `initial_cell`; `previous` [rows, P] gets the state that each row came from, `grad_projected` [rows, P] the gradient by what was projected.",
  },

  // ---- moving elements by index: every dtype; indices are int64, any strides everywhere ------------------------
  index_get: {
    takes: 'View out, View input, View[] indices, int[] sizes, stride[] strides, int before',
    complex: 'linear',
    doc: "out[o…, i…, p…] = input[…] with the indexed dimensions replaced by one broadcast index. `out` is [before…, index…, after…]; `input` is viewed as [before…, after…] with sizes and strides of the indexed dimensions given apart; the indices span out's dimensions after `before` ones. Negative indices count from the end. Fails on an index out of range: (index, position in `sizes`, size). The other kernels that index take no negative ones and fail with (index, dim, size).",
  },
  index_put: {
    takes:
      'View self, View values, View[] indices, int[] sizes, stride[] strides, int before, bool accumulate',
    complex: 'linear',
    doc: 'The assignment of the same form: self[…] = values, or += (in order) if `accumulate`.',
  },
  index_select: {
    takes: 'View out, View input, int dim, View index',
    complex: 'linear',
    doc: 'out = input with dimension `dim` replaced by index [n]. Fails on an index out of range.',
  },
  index_add: {
    takes: 'View self, int dim, View index, View source, float alpha',
    complex: 'linear',
    doc: 'self[…, index[i], …] += alpha * source[…, i, …] along `dim`, in order.',
  },
  gather: {
    takes: 'View out, View input, int dim, View index',
    complex: 'linear',
    doc: 'out[i…] = input[i…] with i_dim = index[i…]; shapes of `out` and `index` agree.',
  },
  scatter: {
    takes: 'View self, int dim, View index, View src, assign|add|multiply|amax|amin reduce',
    complex: { assign: 'linear', add: 'linear', multiply: 'own' },
    doc: 'self[i… with i_dim = index[i…]] is assigned src[i…], or combined with it.',
  },
  masked_scatter: {
    takes: 'View self, View mask, View source',
    complex: 'linear',
    on: 'cpu',
    elsewhere: ['gather'],
    doc: 'Puts the elements of the vector `source`, in order, where `mask` is true. Fails before it writes if there are too few.',
  },
  nonzero: {
    takes: 'View out, View input',
    doc: "Fills the rows of out (int64, dense, ndim columns) with the coordinates of input's non-zero elements, as far as there are either.",
  },
  triangle: {
    takes: 'View out, View input, int diagonal, bool upper',
    complex: 'linear',
    doc: 'Copies the lower (or upper) triangle of the last two dimensions, zero elsewhere.',
  },

  // ---- order ------------------------------------------------------------------------------------------------
  sort: {
    takes: 'View? values, View? indices, View input, int dim, bool descending',
    doc: 'Stable; NaN is the largest. Every dtype, any strides.',
  },
  topk: {
    takes: 'View values, View indices, View input, int k, int dim, bool largest, bool sorted',
    doc: 'The k largest (or smallest) elements along `dim`, and where they are.',
  },
  order_statistic: {
    takes: 'View values, View indices, View input, int dim, kthvalue|median|nanmedian|mode kind, int k',
    doc: 'One element along `dim`, which the results keep with size 1: the k-th smallest (from 1), the median (NaN if there is one), the median without NaN, or the most frequent.',
  },
  searchsorted: {
    takes: 'View out, View sorted, View values, bool right',
    doc: 'First position (`right`: after the last equal) at which each value keeps the last dimension of `sorted` in order.',
  },
  histogram: {
    takes: 'View out, View points, View? weights, View[] edges, bool equal',
    on: 'cpu',
    elsewhere: ['searchsorted', 'index_add'],
    doc: 'Counts points [n, d], or sums their `weights` [n], by the bins that they lie in: `edges` of each dimension are sorted, equally far apart where `equal` says so, and the last bin has both of its own. `out` [product of the numbers of bins] is zeroed first. All dense.',
  },
  histogram_of_range: {
    takes: 'View out, View input, float low, float high',
    on: 'cpu',
    elsewhere: ['masked_select', 'index_add'],
    doc: 'Counts the elements of `input` in equal parts of [low, high], as many as `out` has elements. Both dense.',
  },
  scan: {
    takes: 'View out, View? indices, View input, int dim, sum|product|max|min|logsumexp kind',
    complex: { sum: 'linear', product: 'own' },
    doc: "Running sums and their kind; of extremes with indices (int64); logsumexp of floats. `out` has input's dtype; sums and products of integers and booleans may also go to int64.",
  },
  segment_reduce: {
    takes:
      'View out, View data, View offsets, sum|mean|max|min|prod reduce, float initial, float empty, bool lengths',
    doc: 'Joins the elements of each segment along the middle dimension to `initial`: `data` [outer, n, inner] and `out` [outer, segments, inner] dense, of any float dtype; the k-th segment of a row lies between `offsets`[row, k] and [row, k + 1] (int64, dense), as far as that is within [0, n). Segments without elements get `empty`. With `lengths`, which only the CPU takes, `offsets` are the lengths of segments, one after the other.',
  },
  segment_reduce_backward: {
    takes:
      'View grad_data, View grad_out, View out, View data, View offsets, sum|mean|max|min|prod reduce, float initial, bool lengths',
    on: 'cpu',
    elsewhere: ['searchsorted', 'gather', 'scatter'],
    doc: 'The gradient of `segment_reduce`. Elements that are the extreme of their segment share it evenly.',
  },

  embedding_bag: {
    takes:
      'View out, View? picked, View weight, View indices, View offsets, View? scales, sum|mean|max mode, int padding',
    doc: 'Joins bags of rows of `weight` [rows, width] in `out` [bags, width]: bag i takes the `indices` from `offsets`[i] to [i + 1] (to the end where there is no such offset), but for those that are `padding` (negative: none), each times its scale. Of maxima `picked` [bags, width] says the row of each, -1 in empty bags; it is null for others. All dense, floats of one dtype, integers int64. Fails on an index outside [0, rows).',
  },
  embedding_bag_backward: {
    takes:
      'View grad_weight, View grad, View indices, View offsets, View? scales, sum|mean mode, int padding',
    doc: 'The gradient of sums and means of `embedding_bag` by `weight`.',
  },

  cdist: {
    takes: 'View out, View a, View? b, float p',
    on: 'cpu',
    elsewhere: ['matmul'],
    doc: 'The p-norm distances [batch, n, m] of the rows of `a` [batch, n, columns] to those of `b` [batch, m, columns]; without `b` [n (n - 1) / 2], of all pairs of rows of the one matrix `a`, in order. All dense.',
  },
  cdist_backward: {
    takes: 'View grad_a, View grad, View a, View? b, View out, float p',
    on: 'cpu',
    elsewhere: ['matmul'],
    doc: 'The gradient of `cdist` by `a`, from its result `out`.',
  },

  // ---- creation ---------------------------------------------------------------------------------------------
  arange: {
    takes: 'View out, float start, float step',
    doc: 'out[i] = start + i * step, dense, computed in double (integers: exactly).',
  },
  linspace: {
    takes: 'View out, float start, float end',
    doc: 'As many numbers as `out` has, evenly spaced from `start` to `end`, both included; dense.',
  },

  // ---- random numbers: `state` is the generator's state (uint8, layout of kernels/mt19937.h); streams are PyTorch's --
  random_seed: { takes: 'View state, float seed', doc: 'Seeds the state.' },
  random_raw: {
    takes: 'View out, View state',
    doc: 'out (int64 [n]) gets n raw 64-bit draws masked to 63 bits.',
  },
  random_uniform: {
    takes: 'View out, View state, float from, float to',
    doc: 'Numbers drawn evenly from [from, to).',
  },
  random_normal: {
    takes: 'View out, View state, float mean, float std',
    doc: 'Numbers from the normal distribution.',
  },
  random_integers: {
    takes: 'View out, View state, int low, float range',
    doc: 'Integers in [low, low + range).',
  },
  random_full: {
    takes: 'View out, View state',
    doc: "random_() without bounds: the dtype's whole range as PyTorch defines it.",
  },
  random_bernoulli: { takes: 'View out, View state, float p', doc: '1 at the probability `p`, else 0.' },
  random_bernoulli_tensor: {
    takes: 'View out, View state, View p',
    doc: '1 at the probabilities `p`, else 0.',
  },
  random_poisson: {
    takes: 'View out, View state, View rates',
    doc: 'Numbers of events at these rates, each from an unknown number of draws.',
  },
  random_gamma: {
    takes: 'View out, View state, View concentration',
    doc: 'Numbers from the standard gamma distributions of these concentrations, each from an unknown number of draws. Both dense, of any float dtype.',
  },
  random_binomial: {
    takes: 'View out, View state, View trials, View prob',
    doc: 'Numbers of successes of `trials` at the probabilities `prob`, each from an unknown number of draws. All dense, of one float dtype.',
  },
  random_exponential: {
    takes: 'View out, View state, float lambda',
    doc: 'Numbers from the exponential distribution of this rate.',
  },
  random_geometric: {
    takes: 'View out, View state, float p',
    doc: 'Numbers of trials until the first success at probability `p`.',
  },
  random_cauchy: {
    takes: 'View out, View state, float median, float sigma',
    doc: 'Numbers from the Cauchy distribution.',
  },
  random_log_normal: {
    takes: 'View out, View state, float mean, float std',
    doc: 'exp of numbers from the normal distribution of this mean and standard deviation.',
  },
  random_permutation: { takes: 'View out, View state', doc: 'The numbers from 0 on, shuffled.' },
  multinomial_replacement: {
    takes: 'View out, View state, View weights',
    doc: 'Draws with replacement: `weights` [rows, n] dense, `out` [rows, draws] int64. Fails on negative or all-zero weights.',
  },
  incomplete_gamma: {
    takes: 'View out, View a, View x, bool upper',
    doc: 'The regularized incomplete gamma function of `a` below (`upper`: above) `x`. All dense, of one float dtype.',
  },
  standard_gamma_grad: {
    takes: 'View out, View concentration, View sample',
    doc: 'The derivatives of standard gamma samples by their concentrations (implicit reparameterization). All dense, of one float dtype.',
  },
  dirichlet_grad: {
    takes: 'View out, View sample, View concentration, View total',
    doc: 'The derivatives of beta samples by their first concentration, over (1 - sample), where `total` is the sum of both. All dense, of one float dtype.',
  },
} as const satisfies Readonly<Record<string, KernelRow>>;

export type KernelName = keyof typeof kernelRows;

/** In the order of their command numbers. */
export const kernels: readonly Kernel[] = Object.entries(kernelRows).map(
  ([name, row], i) => new Kernel(name, i, row),
);

/** A device's kernels, as they are called. */
export type Kernels = {
  readonly [K in KernelName]: (...args: Positions<(typeof kernelRows)[K]['takes']>) => void;
};

/** Kernels that every device has. */
export type CommonKernelName = {
  [K in KernelName]: (typeof kernelRows)[K] extends { on: 'cpu' } ? never : K;
}[KernelName];

/** A kernel's arguments by name. */
export type KernelArguments<K extends KernelName> = Named<(typeof kernelRows)[K]['takes']>;
