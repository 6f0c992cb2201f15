/**
 * Which ops autocast runs in which precision: PyTorch's own lists (`autocast_mode.h` and `autocast_mode.cpp`) under PyTorch's names, as far
 * as the library has the ops.
 */

import type { Op } from '../dispatch/op.js';

/** The treatment of an op by autocast. */
export type Policy =
  /** Casts to the region's dtype. */
  | 'lower'
  /** Casts to float32. */
  | 'float32'
  /** Gives the `dtype` argument float32 unless the caller gave one: the kernel sums in it. */
  | 'accumulate'
  /** Casts to the widest dtype among the arguments. */
  | 'promote'
  /** Refuses. */
  | 'banned';

type Lists = Readonly<Record<Policy, string>>;

const cpu: Lists = {
  lower:
    'addbmm addmm baddbmm bmm conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d linalg_vecdot linear matmul mm prelu scaled_dot_product_attention',
  float32:
    'adaptive_avg_pool3d adaptive_max_pool3d avg_pool3d binary_cross_entropy binary_cross_entropy_with_logits cdist cholesky cholesky_inverse cholesky_solve cosine_embedding_loss cross_entropy_loss ctc_loss fft_fft fft_fft2 fft_fftn fft_hfft fft_ifft fft_ifft2 fft_ifftn fft_ihfft fft_irfft fft_irfft2 fft_irfftn fft_rfft fft_rfft2 fft_rfftn fractional_max_pool2d fractional_max_pool3d geqrf grid_sampler grid_sampler_2d grid_sampler_3d hinge_embedding_loss huber_loss inverse kl_div l1_loss linalg_cholesky linalg_cholesky_ex linalg_cond linalg_eig linalg_eigh linalg_eigvals linalg_eigvalsh linalg_householder_product linalg_inv linalg_inv_ex linalg_lstsq linalg_matrix_rank linalg_qr linalg_solve linalg_svd linalg_svdvals linalg_tensorinv linalg_tensorsolve lu_solve margin_ranking_loss max_pool3d max_unpool2d max_unpool3d mse_loss multi_margin_loss multilabel_margin_loss nanquantile nll_loss nll_loss2d orgqr ormqr pinverse poisson_nll_loss polar prod qr quantile reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d replication_pad3d smooth_l1_loss soft_margin_loss stft svd trace triangular_solve triplet_margin_loss view_as_complex lu',
  accumulate: '',
  promote: 'cat index_copy stack',
  banned: '',
};

/** CUDA's, for every other device. */
const accelerator: Lists = {
  lower:
    'addbmm addmm addmv addr baddbmm bmm chain_matmul conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d convolution einsum gru_cell linalg_multi_dot linalg_vecdot linear lstm_cell matmul mm mv prelu rnn_relu_cell rnn_tanh_cell scaled_dot_product_attention',
  float32:
    'acos asin binary_cross_entropy_with_logits cdist cosh cosine_embedding_loss cosine_similarity dist erfinv exp expm1 group_norm hinge_embedding_loss huber_loss kl_div l1_loss layer_norm log log10 log1p log2 logsumexp margin_ranking_loss mse_loss multi_margin_loss multilabel_margin_loss native_layer_norm nll_loss nll_loss2d pdist poisson_nll_loss pow reciprocal renorm rms_norm rsqrt sinh smooth_l1_loss soft_margin_loss softplus tan triplet_margin_loss upsample_bicubic2d upsample_bilinear2d upsample_linear1d upsample_nearest1d upsample_nearest2d upsample_nearest3d _upsample_nearest_exact1d _upsample_nearest_exact2d _upsample_nearest_exact3d _upsample_bilinear2d_aa upsample_trilinear3d',
  accumulate: 'cumprod cumsum linalg_matrix_norm linalg_vector_norm log_softmax norm prod softmax sum',
  promote: 'addcdiv addcmul atan2 bilinear cross dot grid_sampler index_put scatter_add tensordot vdot',
  banned: 'binary_cross_entropy',
};

/**
 * Ops that are made of others here and have a kernel of their own in PyTorch: autocast does not see their parts. (That matters where a part is
 * on a list.)
 */
const kernels: ReadonlySet<string> = new Set(
  'addbmm addmv addr block_diag convolution dist glu histc index_reduce linalg_cross linalg_vector_norm max_pool2d_with_indices max_pool3d_with_indices mse_loss native_group_norm norm roll tensordot unfold vdot _batch_norm_with_update _native_batch_norm_legit _softmax_backward_data'.split(
    ' ',
  ),
);

/** Rows that stand for several of PyTorch's ops, by their arguments. */
const several: Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => string>> = {
  pad: ({ mode, pad }) =>
    `${{ reflect: 'reflection', replicate: 'replication' }[mode as string]}_pad${(pad as number[]).length / 2}d`,
  max_pool3d: ({ return_indices: indices }) => (indices ? 'max_pool3d_with_indices' : 'max_pool3d'),
  interpolate: ({ mode, input }) =>
    `${mode === 'nearest-exact' ? '_upsample_nearest_exact' : `upsample_${mode as string}`}${(input as { ndim: number }).ndim - 2}d`,
};

/** Functions whose kernel is called otherwise. */
const renamed: Readonly<Record<string, string>> = {
  adaptive_max_pool3d_with_indices: 'adaptive_max_pool3d',
  cross_entropy: 'cross_entropy_loss',
  fractional_max_pool2d_with_indices: 'fractional_max_pool2d',
  fractional_max_pool3d_with_indices: 'fractional_max_pool3d',
  grid_sample: 'grid_sampler',
  max_unpool1d: 'max_unpool2d',
};

function tableOf(lists: Lists): ReadonlyMap<string, Policy> {
  const table = new Map<string, Policy>();
  for (const [policy, names] of Object.entries(lists) as [Policy, string][])
    for (const name of names.split(' ')) table.set(name, policy);
  return table;
}

const tables = new Map<string, ReadonlyMap<string, Policy>>();

/** PyTorch's name of the op that a call comes to. */
function kernelOf({ schema, row }: Op, args: readonly unknown[]): string {
  const { name, parameters } = schema;
  const { module = '' } = row;
  if (module !== 'nn.functional') return module === '' ? name : `${module.replace('.', '_')}_${name}`;
  const choose = several[name];
  if (choose === undefined) return renamed[name] ?? name;
  return choose(Object.fromEntries(parameters.map((p, i) => [p.name, args[i]])));
}

/** Treatment of a call by autocast on a type of device: a policy; 'whole' where the op runs as it is, 'parts' where its parts are looked at. */
export function policyOf(deviceType: string, op: Op, args: readonly unknown[]): Policy | 'whole' | 'parts' {
  let table = tables.get(deviceType);
  if (table === undefined) {
    table = tableOf(deviceType === 'cpu' ? cpu : accelerator);
    tables.set(deviceType, table);
  }
  const kernel = kernelOf(op, args);
  return table.get(kernel) ?? (kernels.has(kernel) ? 'whole' : 'parts');
}
