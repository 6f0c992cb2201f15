/** Dropout of whole blocks of images and volumes. */
import { ValueError } from '../../core/errors.js';
import { formatFloat } from '../../core/repr.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';

interface Settings {
  readonly input: Tensor;
  readonly p: number;
  readonly blockSize: number;
  readonly inplace: boolean;
  readonly eps: number;
  readonly training: boolean;
}

/** Zeros blocks over the last `dims` dimensions. */
function dropBlock(dims: 2 | 3, { input, p, blockSize, inplace, eps, training }: Settings): Tensor {
  if (p < 0 || p > 1)
    throw new ValueError(`drop probability has to be between 0 and 1, but got ${formatFloat(p)}.`);
  if (input.ndim !== dims + 2)
    throw new ValueError(`input should be ${dims + 2} dimensional. Got ${input.ndim} dimensions.`);
  if (!training || p === 0) return input;
  const size = input.shape.slice(2);
  const block = Math.min(blockSize, ...size);
  if (block % 2 === 0) throw new ValueError(`block size should be odd. Got ${block} which is even.`);
  const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);
  const starts = size.map((n) => n - block + 1);
  const gamma = (p * product(size)) / (block ** dims * product(starts));
  const seeds = ops
    .empty([...input.shape.slice(0, 2), ...starts], { dtype: input.dtype, device: input.device })
    .bernoulli_(gamma);
  const reach = Math.floor(block / 2);
  const padded = F.pad(seeds, new Array<number>(2 * dims).fill(reach), 'constant', 0);
  const pool = dims === 2 ? F.maxPool2d : F.maxPool3d;
  const kept = pool(padded, { kernelSize: block, stride: 1, padding: reach }).neg().add(1);
  const scale = kept.sum().add(eps).reciprocal().mul(kept.numel());
  return inplace ? input.mul_(kept).mul_(scale) : input.mul(kept).mul(scale);
}

const parameters =
  'Tensor input, float p, int block_size, bool inplace=False, float eps=1e-06, bool training=True' as const;

/**
 * In training, zeros square blocks of images, and multiplies what is left so that its mean stays (Ghiasi et al., 2018).
 *
 * @param input images [N, C, H, W]
 * @param p the part that is zeroed
 * @param blockSize the side of a block
 * @param inplace whether the input is changed
 * @param eps added to what is divided by
 * @param training false: the input as it is
 */
export const dropBlock2d = signed(`drop_block2d(${parameters})`, (given): Tensor => dropBlock(2, given));

/**
 * In training, zeros cubes of volumes, and multiplies what is left so that its mean stays.
 *
 * @param input volumes [N, C, D, H, W]
 * @param p the part that is zeroed
 * @param blockSize the side of a block
 * @param inplace whether the input is changed
 * @param eps added to what is divided by
 * @param training false: the input as it is
 */
export const dropBlock3d = signed(`drop_block3d(${parameters})`, (given): Tensor => dropBlock(3, given));
