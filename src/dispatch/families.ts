/**
 * Ops and the types of `Family`: these are stored, moved and converted, and most of PyTorch's kernels for the CPU say that they do
 * not have them. The tables name those that do, and PyTorch's kernels where their names are not `OP_cpu`.
 */
import type { DType, Family } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { notImplemented } from './promote.js';

const words = (list: string): readonly string[] => list.split(/\s+/);

/** Ops that move elements, or that either family has. */
const either = words(`
  copy fill zero clone _contiguous_copy _to_copy _index alias view permute transpose t expand squeeze unsqueeze slice _slice_backward
  select _select_backward diagonal _diagonal_backward unfold _unfold_backward as_strided _restride cat index_select embedding _embedding
  stack roll block_diag constant_pad_nd select_scatter slice_scatter diagonal_scatter any all _recorded_as eq ne where mul isnan isinf isfinite isreal
  _conj_physical`);

/** Ops that wide unsigned integers have besides, or refuse as they do other integers. */
const ofUint = words(`
  bitwise_and bitwise_or bitwise_xor signbit floor ceil trunc round nan_to_num isposinf isneginf sum nansum prod sort argsort cumsum cumprod
  logsumexp mean _var _std multinomial _vector_norm exponential cauchy random.to random.from`);

/** Ops that floats of eight bits have besides. */
const ofFloat8 = words('abs masked_select _index_put _put_index mm addmm');

/** PyTorch's kernels, and the ops that end in them. */
const kernels = new Map(
  [
    'add_stub add sub rsub',
    'addcdiv_cpu_out addcdiv',
    'addcmul_cpu_out addcmul',
    'addmm_impl_cpu_ mm addmm',
    'addmv_impl_cpu mv',
    'adaptive_avg_pool2d _adaptive_avg_pool',
    'avg_pool2d _avg_pool',
    'batch_norm native_batch_norm',
    'bernoulli_tensor_cpu_self_ bernoulli bernoulli.Tensor',
    'bernoulli_scalar_cpu_ bernoulli.float bernoulli.p',
    'binary_cross_entropy _binary_cross_entropy',
    'bmm bmm',
    'channel_shuffle channel_shuffle',
    'check_uniform_bounds uniform',
    'clamp_min_scalar_cpu relu clamp_min',
    'clamp_max_scalar_cpu clamp_max',
    'clamp_scalar_cpu clamp hardtanh relu6',
    'cross cross',
    'cumprod_out_cpu cumprod',
    'cumsum_out_cpu cumsum',
    'digamma digamma',
    'div_floor_cpu floor_divide _floor_divide',
    'div_trunc_cpu _trunc_divide',
    'dot dot',
    'elu_cpu selu celu',
    'exp2 exp2',
    'flip_cpu flip',
    'GeluKernelImpl gelu',
    'GroupNormKernelImpl _group_norm',
    'huber_cpu _huber_loss _huber_loss_elements',
    'index_put _index_put _put_index',
    'LayerNormKernelImpl native_layer_norm',
    'lerp_kernel_scalar lerp',
    'log_sigmoid_cpu logsigmoid _binary_cross_entropy_with_logits',
    'log_softmax_kernel_impl _log_softmax',
    'logcumsumexp_out_cpu logcumsumexp',
    'masked_fill masked_fill',
    'masked_scatter masked_scatter',
    'masked_select masked_select',
    'max_all max',
    'max_cpu max.dim',
    'max_pool2d _max_pool',
    'max_values_cpu amax logsumexp',
    'maximum_cpu fmax max.other',
    'median_cpu nanmedian',
    'min_all min',
    'min_cpu min.dim',
    'min_values_cpu amin',
    'minimum_cpu fmin min.other',
    'mse_cpu _mse_loss _mse_loss_elements',
    'mul_cpu_reduced_float ndtr deg2rad rad2deg mul',
    'nan_to_num nan_to_num',
    'nll_loss_out_frame _nll_loss',
    'nonzero_count_cpu nonzero count_nonzero',
    'normal_kernel_cpu normal',
    'pixel_shuffle pixel_shuffle',
    'pixel_unshuffle pixel_unshuffle',
    'pow pow ldexp',
    'prelu_cpu _prelu_kernel',
    'prod_out_cpu prod',
    'random_kernel_cpu random',
    'random_update_from_to random.to random.from',
    'scatter_gather_scalar_cpu scatter.value',
    'scatter_gather_tensor_cpu scatter gather scatter_add scatter_reduce index_add',
    'searchsorted_out_cpu searchsorted bucketize',
    '_segment_reduce_cpu _segment_reduce',
    'sigmoid_cpu_reduced_float sigmoid',
    'sign_cpu sgn',
    'slow_conv2d_cpu _convolution',
    'smooth_l1_cpu _smooth_l1_loss _smooth_l1_loss_elements',
    'softmax_kernel_impl _softmax',
    'softshrink_check softshrink',
    'sorting_kernel_method_name sort argsort',
    'sum_cpu mean',
    'take_put_cpu put',
    'tanh_vml_cpu tanhshrink',
    'tril tril',
    'trigamma polygamma',
    'triu triu',
    ...words(
      'sqrt exp expm1 log log2 log10 log1p floor ceil trunc round erf erfc erfinv lgamma i0 sin cos tan asin acos atan tanh',
    ).map((op) => `${op}_vml_cpu ${op}`),
  ].flatMap((line) => {
    const [kernel, ...ops] = line.split(' ');
    return ops.map((op) => [op, kernel] as const);
  }),
);

/** Whether an op takes a family, and the name of PyTorch's kernel in the error if not. */
export interface Support extends Readonly<Record<Family, boolean>> {
  readonly kernel: string;
}

/** @param given the name that the row gives PyTorch's kernel */
export function supportOf({ name, overload }: { name: string; overload: string }, given?: string): Support {
  const kernel = given ?? kernels.get(`${name}.${overload}`) ?? kernels.get(name) ?? `${name}_cpu`;
  const any = either.includes(name);
  const takes = (ops: readonly string[]) => ops.includes(name) || ops.includes(`${name}.${overload}`);
  return { kernel, uint: any || takes(ofUint), float8: any || takes(ofFloat8) };
}

/** Refuses to make what PyTorch's kernel of this name does not. @throws NotImplementedError */
export function refuseFamily(kernel: string, dtype: DType): void {
  if (dtype.family !== null) throw notImplemented(kernel, dtype);
}

/** Refuses a tensor that an op's kernel does not take; what has no elements needs no kernel. @throws NotImplementedError */
export function checkFamily(support: Support | null, tensor: Tensor): void {
  const { dtype, storage, shape } = tensor;
  if (support === null || support[dtype.family!] || !storage.backend.hasValues || shape.includes(0)) return;
  throw notImplemented(support.kernel, dtype);
}

/** The same of the dtype that a pointwise op computes in. @throws NotImplementedError */
export function checkCommon(support: Support, common: DType, operands: readonly Tensor[]): void {
  if (support[common.family!]) return;
  if (operands.every(({ storage, shape }) => storage.backend.hasValues && !shape.includes(0)))
    throw notImplemented(support.kernel, common);
}
