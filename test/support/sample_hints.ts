/** Facts of rows' arguments that their schemas do not tell: sizes that belong together, valid indices, domains of functions. */
import { compositeHints } from './composite_hints.js';
import { nnHints } from './nn_hints.js';
import { type Choices, complex, constant, index, mask, positive, swaps, values } from './sample_kinds.js';

/** Two sequences of labels under four steps of log-probabilities. */
const sequences: Choices = {
  log_probs: [values(4, 2, 3)],
  targets: [
    index([
      [1, 2],
      [2, 1],
    ]),
  ],
};
const lengths: Choices = { input_lengths: [[4, 3]], target_lengths: [[2, 1]] };
/** Rows of two features that a linear layer scores, two rows at a time. */
const scored: Choices = {
  input: [values(3, 2)],
  linear_weight: [values(3, 2)],
  target: [index([1, 0, 2])],
  linear_bias: [values(3), null],
  weight: [null, constant([0.5, 1.5, 2])],
  ignore_index: [-100, 0],
  batch_chunk_size: [2],
};

/** Two bags, and the stretch behind them that may belong to none. */
const bagHints: Choices = {
  indices: [index([0, 2, 1, 2])],
  offsets: [index([0, 1, 3])],
  per_sample_weights: [null, values(4)],
  padding_idx: [-1, 2],
  include_last_offset: [false, true],
};

/** Operands within a function's domain: centre and half-width; elsewhere they lie in [-1.9, 2.1]. */
export const domains: Readonly<Record<string, readonly [centre: number, width: number]>> = {
  acos: [0, 0.9],
  acosh: [2.2, 1],
  asin: [0, 0.9],
  atanh: [0, 0.9],
  digamma: [2, 1.5],
  polygamma: [2, 1.5],
  zeta: [3.5, 1.5],
  igamma: [2, 1.5],
  igammac: [2, 1.5],
  bernoulli: [0.5, 0.4],
  multinomial: [2, 1.5],
  normal: [2, 1.5],
  mvlgamma: [3, 1.5],
  entr: [1, 0.8],
  ndtri: [0.5, 0.4],
  erfinv: [0, 0.9],
  lgamma: [2, 1.5],
  log: [2, 1.5],
  log10: [2, 1.5],
  log1p: [2, 1.5],
  log2: [2, 1.5],
  logit: [0.5, 0.4],
  pow: [2, 1.5],
  rsqrt: [2, 1.5],
  sqrt: [2, 1.5],
  xlog1py: [2, 1.5],
  xlogy: [2, 1.5],
  _binary_cross_entropy: [0.5, 0.3],
  binary_cross_entropy: [0.5, 0.3],
  float_power: [2, 1.5],
  matrix_power: [0.5, 1],
  poisson_nll_loss: [1.2, 0.6],
  _binary_cross_entropy_elements: [0.5, 0.3],
  _binary_cross_entropy_backward_self: [0.5, 0.3],
  _binary_cross_entropy_backward_target: [0.5, 0.3],
};

const planar: Choices = {
  kernel_size: [[2, 2]],
  stride: [[1, 2]],
  padding: [[1, 0]],
};
const convolution: Choices = {
  size: [[1, 2, 2, 3]],
  stride: [[2, 1]],
  padding: [[1, 0]],
  dilation: [[1, 1]],
  groups: [1],
};

const flat: Choices = { self: [values(5, 3)] };

/** Alternatives by op and parameter; the first of each make up the first sample. */
export const hints: Readonly<Record<string, Choices>> = {
  // Below all values, which its gradient takes all for.
  _raised: { least: [-5] },
  ...compositeHints,
  ...nnHints,
  'linspace.Tensor': { start: [values()], end: [values(), 2], steps: [5] },
  linspace: { end: [values()], steps: [5] },
  'logspace.Tensor': { start: [values()], end: [values(), 2], steps: [5] },
  logspace: { end: [values()], steps: [5] },
  'randint_like.low': { low: [2], high: [9] },
  'norm.ord_str': { ord: ['fro'] },
  poisson: { input: [constant([0, 0.5, 3])] },
  'random.from': { from: [2], to: [9] },
  _unsafe_masked_index: {
    indices: [
      [
        index([
          [0, 1, 5],
          [1, 1, 0],
        ]),
        index([
          [0, 2, 1],
          [9, 1, 0],
        ]),
      ],
    ],
    fill: [0],
  },
  _unsafe_masked_index_put_accumulate: {
    indices: [
      [
        index([
          [0, 1, 5],
          [1, 1, 0],
        ]),
        index([
          [0, 2, 1],
          [9, 1, 0],
        ]),
      ],
    ],
    values: [values(2, 3)],
  },
  searchsorted: { sorted_sequence: [constant([-1, 0, 0.5, 2])], sorter: [null], side: [null] },
  bucketize: { boundaries: [constant([-1, 0, 0.5, 2])] },
  'histogram.bins_tensor': { bins: [constant([-2, 0, 0.5, 3])], weight: [null] },
  'histogram.bin_ct': { bins: [3], range: [null, [-1, 2]], weight: [null] },
  bincount: { self: [index([1, 0, 3, 1])], weights: [null, constant([1, 2, 3, 4])], minlength: [0, 6] },
  unravel_index: { indices: [index([3, 5])], shape: [[2, 3]] },
  cross: { self: [values(2, 3)], other: [values(2, 3)], dim: [1] },
  multi_dot: { tensors: [[values(2, 3), values(3, 4), values(4, 2)]] },
  matrix_norm: { self: [values(2, 3)], ord: ['fro', 1], dim: [[0, 1]] },
  cov: { fweights: [null], aweights: [null] },
  'gradient.tensors_one': { ...flat, spacing: [[constant([0, 1, 3, 4, 6])]], dim: [0] },
  'gradient.tensors_many': {
    ...flat,
    spacing: [[constant([0, 1, 3, 4, 6]), constant([0, 2, 3])]],
    dim: [[0, 1]],
  },
  one_hot: { self: [index([[1, 0, 2]])], num_classes: [-1, 5] },
  // PyTorch has no derivative by the exponent either.
  ...Object.fromEntries(
    ['igamma', 'igammac'].map((name) => [
      name,
      {
        self: [
          constant([
            [0.5, 3, 12],
            [2, 4, 5],
          ]),
        ],
      },
    ]),
  ),
  zeta: {
    self: [
      constant([
        [2.5, 3, 3.5],
        [2, 4, 5],
      ]),
    ],
  },
  _ctc_loss: { ...sequences, ...lengths, blank: [0, 1] },
  'ctc_loss.IntList': { ...sequences, ...lengths, blank: [0, 1], reduction: ['mean', 'none'] },
  'ctc_loss.Tensor': {
    ...sequences,
    input_lengths: [index([4, 3])],
    target_lengths: [index([2, 1])],
    blank: [0],
  },
  _ctc_loss_backward: {
    grad: [values(2)],
    ...sequences,
    ...lengths,
    neg_log_likelihood: [constant([3, 4])],
    log_alpha: [values(2, 4, 5)],
    blank: [0],
  },
  _scaled_dot_product_attention: {
    query: [values(2, 1, 3, 2)],
    key: [values(2, 1, 4, 2)],
    value: [values(2, 1, 4, 3)],
    mask: [null, values(2, 1, 3, 4)],
    is_causal: [false, true],
    scale: [0.7],
  },
  _linear_cross_entropy_batch_chunked: { ...scored, wants: [[true, true, true]] },
  _linear_cross_entropy_batch_chunked_no_reduction: scored,
  _recurrence: {
    input: [values(3, 2, 8)],
    input_weight: [null],
    batch_sizes: [null],
    initial: [values(2, 2)],
    initial_cell: [values(2, 2)],
    weight: [values(8, 2)],
    bias: [values(8), null],
    projection: [null],
    mode: ['lstm'],
    keep: [true],
  },
  // Views and copies.
  view: { size: [[3, 2], [6], [-1, 1]] },
  permute: {
    self: [values(2, 3, 2)],
    dims: [
      [2, 0, 1],
      [0, -1, 1],
    ],
  },
  transpose: { dim0: [0], dim1: [1, -1] },
  expand: { self: [values(3), values(1, 3), values(2, 3)], size: [[2, 3]] },
  squeeze: { self: [values(2, 1, 3), values(2, 3, 1)], dim: [[1], [-1], [0]] },
  select: { index: [1, -1] },
  slice: { start: [null, 1], end: [null, 2, -1], step: [1, 2] },
  diagonal: { self: [values(3, 2), values(2, 3, 2)], offset: [0, 1, -1], dim1: [0], dim2: [1] },
  unfold: { self: [values(5, 5)], size: [3], step: [1, 2] },
  as_strided: {
    self: [values(8)],
    size: [[2, 3]],
    stride: [
      [1, 2],
      [1, 1],
      [3, 1],
    ],
    storage_offset: [null, 1],
  },
  _slice_backward: { grad: [values(2, 3)], size: [[2, 5]], dim: [1], start: [1], end: [4], step: [1] },
  _select_backward: { grad: [values(3)], size: [[2, 3]], dim: [0], index: [1] },
  _diagonal_backward: { grad: [values(2)], size: [[2, 3]], offset: [0], dim1: [0], dim2: [1] },
  _unfold_backward: { grad: [values(3, 3)], input_size: [[5]], dim: [0], size: [3], step: [1] },
  _restride: {
    self: [values(2, 3)],
    from_stride: [[1, 2]],
    from_offset: [0],
    size: [[8]],
    stride: [[1]],
    offset: [0],
  },
  copy: { src: [values(2, 3), values(3)] },
  fill: { value: [values(), 0.7] },
  _to_copy: {},
  _view_as_complex: { self: [values(3, 2)] },
  _view_as_real: { self: [complex(3)] },
  _real_part: { self: [complex(3)] },
  _imaginary_part: { self: [complex(3)] },
  conj_physical: { self: [complex(3), values(2, 3)] },
  // Reductions.
  prod: {
    self: [
      values(2, 3),
      constant([
        [0, 2, 3],
        [0.5, 4, 0],
      ]).requiresGrad_(),
    ],
  },
  _var: { dim: [[1], null], correction: [1, 0], keepdim: [false, true] },
  _std: { dim: [[1], null], correction: [1, 0], keepdim: [false, true] },
  _vector_norm: { ord: [2, 3, 1, 0.5, Infinity, -1], dim: [[1], null], keepdim: [false, true] },
  _margin_loss: {
    self: [values(2, 3)],
    target: [
      index([2, 0]),
      index([
        [2, 0, -1],
        [1, -1, 0],
      ]),
    ],
    weight: [null, constant([0.5, 1.5, 2])],
    p: [1, 2],
  },
  _cdist_forward: { x1: [values(2, 3, 2)], x2: [values(2, 4, 2)], p: [2, 1, 3, Infinity] },
  _pdist_forward: { self: [values(4, 2)], p: [2, 1, 3, Infinity] },
  _distance: { p: [2, 1, 3, Infinity] },
  logsumexp: { dim: [[1], [0, 1]] },
  kthvalue: { k: [2] },
  topk: { k: [2] },
  flip: { dims: [[0], [0, 1]] },
  // Matrices.
  mm: { mat2: [values(3, 2)] },
  bmm: { self: [values(2, 2, 3)], mat2: [values(2, 3, 2)] },
  addmm: {
    self: [values(2, 4), values(4), values(2, 1)],
    mat1: [values(2, 3)],
    mat2: [values(3, 4)],
    beta: [1, 2],
    alpha: [1, 3],
  },
  mv: { vec: [values(3)] },
  dot: { self: [values(3)], tensor: [values(3)] },
  tril: { self: [values(3, 3)], diagonal: [0, 1] },
  triu: { self: [values(3, 3)], diagonal: [0, -1] },
  _cholesky_ex: { self: [positive(3, 3), positive(2, 2, 2)], check: [null] },
  cholesky_solve: { self: [values(3, 2), values(2, 3, 1)], input2: [positive(3, 3)] },
  cholesky_inverse: { self: [positive(3, 3)] },
  solve_triangular: { self: [positive(3, 3), positive(2, 3, 3)], B: [values(3, 3), values(2, 1, 3, 3)] },
  _solve_ex: { A: [positive(3, 3), positive(2, 3, 3)], B: [values(3, 3)], check: [null] },
  qr: { A: [values(3, 2), values(2, 2, 3), values(3, 3)], mode: ['reduced'] },
  orgqr: { self: [values(3, 2), values(4, 2)], tau: [values(2), values(1)] },
  _linalg_det: { A: [positive(3, 3), positive(2, 2, 2)] },
  _linalg_slogdet: { A: [positive(3, 3), positive(2, 2, 2)], name: ['linalg.slogdet'] },
  _inv_ex: { A: [positive(3, 3), positive(2, 2, 2)], check: [null] },
  _lu_factor_ex: { A: [positive(3, 3), values(2, 3, 2), values(2, 3)], pivot: [true], check: [null] },
  _lu: { A: [positive(3, 3), values(2, 3, 2), values(2, 3)] },
  _lu_data: { LU_data: [values(3, 3), values(2, 3, 2), values(2, 3)] },
  _lu_permutation: { pivots: [swaps(3)], rows: [3] },
  _permutation_matrix: { order: [index([2, 0, 1])] },
  _lu_solve: {
    LU: [positive(3, 3)],
    pivots: [swaps(3)],
    B: [values(3, 3), values(2, 3, 3)],
    left: [true, false],
    adjoint: [false, true],
  },
  _ldl_factor_ex: { self: [positive(3, 3)], check: [null] },
  ldl_solve: { LD: [positive(3, 3)], pivots: [swaps(3)], B: [values(3, 2)] },
  ormqr: {
    self: [values(3, 2)],
    tau: [values(2)],
    other: [values(3, 3)],
    left: [true, false],
    transpose: [false, true],
  },
  eigh: { self: [positive(3, 3), positive(2, 2, 2)] },
  eigvalsh: { self: [positive(3, 3), positive(2, 2, 2)] },
  eig: { self: [values(3, 3), values(2, 2, 2)] },
  eigvals: { self: [values(3, 3), values(2, 2, 2)] },
  _svd: { A: [values(3, 2), values(2, 2, 3), values(3, 3)] },
  _svdvals: { A: [values(3, 2), values(2, 2, 3), values(3, 3)] },
  _pinv: {
    self: [values(3, 2), values(2, 2, 3), values(3, 3)],
    atol: [null],
    rtol: [null],
    absolute: [0],
    relative: [1e-10],
    hermitian: [false],
  },
  _lstsq: {
    self: [values(3, 2)],
    b: [values(3, 1), values(3, 2)],
    rcond: [1e-10],
    driver: ['gelsd', 'gelsy', 'gels'],
  },
  matrix_exp: { self: [values(3, 3), values(2, 2, 2), values(1, 1)] },
  // Indices.
  _index: { indices: [[index([1, 0, 1])], [null, index([2, 0])]] },
  _index_put: {
    indices: [[index([1, 0])], [mask]],
    values: [values(1), values()],
  },
  _put_index: { indices: [[index([1, 0])], [mask]], values: [values(1)] },
  index_select: { index: [index([1, 0, 1])] },
  index_add: { index: [index([1, 1])], dim: [0], source: [values(2, 3)], alpha: [1, 2] },
  index_copy: { index: [index([1, 0])], dim: [0], source: [values(2, 3)] },
  index_fill: { index: [index([0])], value: [values(), 3] },
  take: { index: [index([0, 5, 0])] },
  put: { index: [index([0, 4])], source: [values(2)], accumulate: [false, true] },
  masked_fill: { value: [values(), 2] },
  masked_scatter: { source: [values(5)] },
  gather: {
    dim: [1],
    index: [
      index([
        [0, 0],
        [2, 1],
      ]),
    ],
  },
  scatter: { dim: [1], index: [index([[0], [2]])], src: [values(2, 1)], value: [1.5], reduce: [null] },
  scatter_add: {
    dim: [0],
    index: [
      index([
        [0, 1],
        [0, 1],
      ]),
    ],
    src: [values(2, 2)],
  },
  scatter_reduce: {
    self: [values(3)],
    dim: [0],
    index: [index([0, 0, 1])],
    src: [values(3)],
    reduce: ['sum', 'mean', 'amax', 'amin', 'prod'],
    include_self: [true, false],
  },
  _segment_reduce: {
    data: [values(4, 2)],
    offsets: [index([0, 2, 2, 4])],
    reduce: ['sum', 'mean', 'max', 'min', 'prod'],
    axis: [0],
    initial: [0.5],
    empty: [0.5],
    lengths: [false],
  },
  select_scatter: { src: [values(3)], dim: [0], index: [1] },
  slice_scatter: { src: [values(2, 2)], dim: [1], start: [1], end: [null] },
  diagonal_scatter: { src: [values(2)], offset: [0, 1], dim1: [0], dim2: [1] },
  embedding: {
    weight: [values(3, 2)],
    indices: [
      index([
        [0, 2],
        [2, 1],
      ]),
    ],
    padding_idx: [-1],
    scale_grad_by_freq: [false],
    sparse: [false],
  },
  _recorded_as: { name: ['AliasBackward0'] },
  _embedding: {
    sparse: [false],
    // It is no derivative that is scaled.
    scale_grad_by_freq: [false],
    weight: [values(3, 2)],
    indices: [
      index([
        [0, 2],
        [2, 1],
      ]),
    ],
    padding_idx: [-1],
  },
  _embedding_backward: {
    grad: [values(3, 2)],
    indices: [index([0, 2, 2])],
    num_weights: [3],
    padding_idx: [-1],
  },
  _embedding_bag: {
    weight: [values(3, 2)],
    ...bagHints,
    mode: ['mean', 'sum', 'max'],
    scale_grad_by_freq: [false],
    sparse: [false],
  },
  _embedding_bag_dense_backward: {
    grad: [values(3, 2)],
    ...bagHints,
    include_last_offset: [false],
    mode: ['mean', 'sum'],
    num_weights: [3],
  },
  // Pointwise ops with parameters of their own.
  where: { self: [values(2, 3), 0.7], other: [values(2, 3), values(3), -0.7] },
  clamp: { min: [-0.8, values(3), null], max: [1.1, values(2, 1), null] },
  gelu: { approximate: ['none', 'tanh'] },
  round: { decimals: [0, 1] },
  lerp: { weight: [values(2, 3), 0.3] },
  logit: { eps: [null, 0.01] },
  _prelu_kernel: { weight: [values(2, 3)] },
  // Networks.
  _convolution: {
    ...convolution,
    input: [values(1, 2, 4, 3)],
    weight: [values(2, 2, 3, 2)],
    bias: [values(2), null],
    size: [[1, 2, 2, 2]],
  },
  _convolution_input_gradient: {
    ...convolution,
    grad: [values(1, 2, 2, 2)],
    weight: [values(2, 2, 3, 2)],
    bias: [null],
    size: [[1, 2, 4, 3]],
  },
  _convolution_weight_gradient: {
    ...convolution,
    grad: [values(1, 2, 2, 2)],
    input: [values(1, 2, 4, 3)],
    size: [[2, 2, 3, 2]],
    with_bias: [false, true],
  },
  max_pool2d_with_indices_backward: {
    grad_output: [values(1, 2, 1, 2)],
    self: [values(1, 2, 3, 4)],
    kernel_size: [[2, 2]],
    stride: [[2, 2]],
    padding: [[0, 0]],
    dilation: [[1, 1]],
    indices: [index([[[[0, 6]], [[5, 11]]]])],
  },
  _max_pool: { ...planar, self: [values(1, 2, 3, 4)], dilation: [[1, 1]], size: [[1, 2, 4, 2]] },
  _max_pool_backward: { grad: [values(1, 1, 1, 2)], indices: [index([[[[0, 4]]]])], size: [[1, 1, 2, 3]] },
  _adaptive_max_pool: { self: [values(1, 2, 5, 4)], size: [[2, 3]] },
  _grid_sampler: {
    input: [values(1, 2, 3, 4)],
    grid: [values(1, 2, 2, 2)],
    mode: ['bilinear', 'bicubic'],
    padding: ['zeros', 'border', 'reflection'],
    align_corners: [false, true],
  },
  _resample: {
    self: [values(2, 4)],
    dim: [1],
    size: [3],
    positions: [index([0, 1, 1, 3, 2, -1])],
    back: [index([0, 1, 1, 3, 2, -1])],
    weights: [constant([0.5, 0.5, 2, -1, 1, 0])],
  },
  _resample_backward: {
    grad: [values(2, 3)],
    dim: [1],
    size: [4],
    positions: [index([0, 3, 1])],
    weights: [null, constant([0.5, 2, 1])],
  },
  _avg_pool: { ...planar, self: [values(1, 2, 3, 4)], size: [[1, 2, 4, 2]], divisor: [0, 3] },
  _avg_pool_backward: { ...planar, grad: [values(1, 2, 4, 2)], size: [[1, 2, 3, 4]], divisor: [0] },
  _adaptive_avg_pool: { self: [values(1, 2, 5, 4)], output_size: [[2, 3]] },
  _adaptive_avg_pool_backward: { grad: [values(1, 2, 2, 3)], size: [[1, 2, 5, 4]] },
  _pad: {
    self: [values(2, 3, 4)],
    pad: [
      [1, 2, 2, 1],
      [-1, 2, 0, -1],
    ],
    mode: ['reflect', 'replicate', 'circular'],
  },
  _pad_backward: {
    grad: [values(2, 6, 7)],
    pad: [[1, 2, 2, 1]],
    mode: ['reflect', 'replicate', 'circular'],
    size: [[2, 3, 4]],
  },
  _max_unpool: {
    self: [values(2, 1, 3)],
    indices: [index([[[1, 5, 2]], [[0, 3, 4]]])],
    size: [[2, 2, 3]],
    dims: [2],
  },
  constant_pad_nd: {
    pad: [
      [1, 2],
      [1, -1, 0, 1],
    ],
    value: [0, 3],
  },
  _softmax: { dim: [0, 1] },
  _log_softmax: { dim: [0, 1] },
  _softmax_backward_data: { dim: [0, 1] },
  _log_softmax_backward_data: { dim: [0, 1] },
  _binary_cross_entropy: { weight: [null, constant([0.5, 1.5, 2])] },
  _binary_cross_entropy_with_logits: {
    weight: [null, constant([0.5, 1.5, 2])],
    pos_weight: [null, constant([0.5, 1.5, 2])],
  },
  _soft_margin_loss: {
    target: [
      constant([
        [1, -1, 1],
        [-1, 1, 1],
      ]),
    ],
  },
  _fused_rms_norm: { normalized_shape: [[3]], weight: [values(3), null], eps: [1e-5] },
  native_layer_norm: {
    normalized_shape: [[3]],
    weight: [values(3), null],
    bias: [values(3), null],
    eps: [1e-5],
  },
  native_batch_norm: {
    input: [values(3, 2, 2)],
    weight: [values(2), null],
    bias: [values(2), null],
    running_mean: [constant([0.5, -0.5])],
    running_var: [constant([2, 1.5])],
    training: [true, false],
    momentum: [0],
    eps: [1e-5],
  },
  _group_norm: {
    input: [values(2, 4, 3)],
    weight: [values(4), null],
    bias: [values(4), null],
    num_groups: [2],
    eps: [1e-5],
  },
  _nll_loss: {
    self: [values(3, 3)],
    target: [index([1, 0, 2])],
    weight: [null, constant([0.5, 1.5, 2])],
    ignore_index: [-100, 0],
  },
  _nll_loss_backward: {
    grad: [values()],
    target: [index([1, 0, 2])],
    weight: [null],
    total_weight: [constant(3)],
    size: [[3, 3]],
    reduction: ['mean'],
    ignore_index: [-100],
  },
};
