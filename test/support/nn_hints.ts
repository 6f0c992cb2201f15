/** Hints for layers' functions: norms, pools, images, losses; see `sample_hints.ts`. */
import { type Choices, constant, index, values } from './sample_kinds.js';

const image = values(1, 4, 4, 4);

const fractional = (dims: number): Choices => ({
  input: [values(2, 2, ...new Array<number>(dims).fill(6))],
  kernel_size: [new Array<number>(dims).fill(2)],
  output_size: [new Array<number>(dims).fill(3)],
  _random_samples: [constant(new Array(2).fill(new Array(2).fill(new Array(dims).fill(0.3))))],
});
const adaptive = (dims: number): Choices => ({
  self: [values(2, 2, ...new Array<number>(dims).fill(5))],
  output_size: [new Array<number>(dims).fill(3), new Array<number>(dims).fill(2)],
});
const unpool = (dims: number): Choices => ({
  input: [values(1, ...new Array<number>(dims).fill(2))],
  indices: [
    index(
      dims === 1
        ? [[0, 3]]
        : dims === 2
          ? [
              [
                [0, 3],
                [8, 10],
              ],
            ]
          : [
              [
                [
                  [0, 3],
                  [8, 10],
                ],
                [
                  [33, 35],
                  [60, 62],
                ],
              ],
            ],
    ),
  ],
  kernel_size: [new Array<number>(dims).fill(2)],
});
const statistics: Choices = {
  input: [values(2, 3, 2)],
  weight: [values(3), null],
  bias: [values(3), null],
  running_mean: [constant([0.1, 0.2, 0.3])],
  running_var: [constant([1, 2, 3])],
  training: [true, false],
  momentum: [0.1],
  eps: [1e-5],
};

export const nnHints: Readonly<Record<string, Choices>> = {
  _batch_norm_with_update: statistics,
  _native_batch_norm_legit: statistics,
  '_native_batch_norm_legit.no_stats': { ...statistics, training: [true] },
  native_group_norm: {
    input: [values(2, 4, 3)],
    weight: [values(4)],
    bias: [values(4)],
    N: [2],
    C: [4],
    HxW: [3],
    group: [2],
    eps: [1e-5],
  },
  interpolate: {
    input: [image],
    size: [[3, 6]],
    scale_factor: [null],
    mode: ['nearest', 'bilinear', 'bicubic', 'area'],
    align_corners: [null],
    recompute_scale_factor: [null],
  },
  upsample_nearest: { input: [image], size: [[3, 6]], scale_factor: [null] },
  upsample_bilinear: { input: [image], size: [[3, 6]], scale_factor: [null] },
  _upsample_bilinear2d_aa: {
    self: [image],
    input: [image],
    output_size: [[3, 2]],
    align_corners: [false],
    scale_factors: [null],
  },
  pixel_shuffle: { self: [image], upscale_factor: [2] },
  pixel_unshuffle: { self: [image], downscale_factor: [2] },
  channel_shuffle: { self: [image], input: [image], groups: [2] },
  'nn.functional.unfold': { input: [image], kernel_size: [[2, 2]] },
  'nn.functional.fold': { input: [values(1, 8, 9)], output_size: [[4, 4]], kernel_size: [[2, 2]] },
  multi_margin_loss: { target: [index([1, 0])], weight: [values(3)], p: [1, 2] },
  multilabel_margin_loss: {
    target: [
      index([
        [1, 0, -1],
        [2, -1, 0],
      ]),
    ],
  },
  adaptive_max_pool1d: adaptive(1),
  adaptive_max_pool2d: adaptive(2),
  adaptive_max_pool3d: adaptive(3),
  adaptive_max_pool1d_with_indices: adaptive(1),
  adaptive_max_pool2d_with_indices: adaptive(2),
  adaptive_max_pool3d_with_indices: adaptive(3),
  max_unpool1d: unpool(1),
  max_unpool2d: unpool(2),
  max_unpool3d: unpool(3),
  fractional_max_pool2d: fractional(2),
  fractional_max_pool3d: fractional(3),
  fractional_max_pool2d_with_indices: fractional(2),
  fractional_max_pool3d_with_indices: fractional(3),
  local_response_norm: { input: [image], size: [2] },
  affine_grid: {
    theta: [values(2, 2, 3)],
    size: [[2, 1, 2, 3]],
    align_corners: [false, true],
  },
  grid_sample: {
    input: [values(1, 2, 3, 3)],
    grid: [values(1, 2, 2, 2)],
    mode: ['bilinear', 'nearest', 'bicubic'],
  },
  grid_sampler: {
    input: [values(1, 2, 3, 3)],
    grid: [values(1, 2, 2, 2)],
    interpolation_mode: [0],
    padding_mode: [0, 1, 2],
  },
  grid_sampler_2d: {
    input: [values(1, 2, 3, 3)],
    grid: [values(1, 2, 2, 2)],
    interpolation_mode: [0],
    padding_mode: [0],
  },
  grid_sampler_3d: {
    input: [values(1, 2, 3, 3, 3)],
    grid: [values(1, 2, 2, 2, 3)],
    interpolation_mode: [0],
    padding_mode: [0],
  },
  embedding_bag: {
    input: [index([0, 2, 1, 2])],
    weight: [values(3, 2)],
    offsets: [index([0, 2, 2])],
    per_sample_weights: [null],
    max_norm: [null],
    // The sparse gradients have tests of their own, and it is no derivative that is scaled.
    sparse: [false],
    scale_grad_by_freq: [false],
    mode: ['mean', 'sum', 'max'],
    padding_idx: [null, 2],
  },
};
