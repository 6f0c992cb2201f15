/** Convolutions whose kernels lie where they are told. */
import '../../ops/nn/embedding_bag.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';

/** Where a kernel's elements lie along one axis for each place of the result, before they are moved. */
function grid(
  count: number,
  elements: number,
  stride: number,
  padding: number,
  dilation: number,
  like: Tensor,
) {
  const at = (n: number, step: number) => ops.arange(n, { dtype: like.dtype, device: like.device }).mul(step);
  return at(elements, dilation).unsqueeze(1).add(at(count, stride).sub(padding));
}

/** The pixels before and behind places along an axis, and how much of each is taken: nothing of what is outside. */
function neighbours(at: Tensor, size: number): { pixel: Tensor; share: Tensor }[] {
  const low = at.detach().floor();
  const part = at.sub(low);
  return [low, low.add(1)].map((pixel, i) => {
    const isInside = pixel.ge(0).logicalAnd(pixel.lt(size));
    const share = i === 0 ? part.neg().add(1) : part;
    return { pixel: pixel.clamp(0, size - 1).long(), share: share.mul(isInside) };
  });
}

interface Shape {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

const two = (text: string, [height, width]: readonly number[]) => `${text}_h: ${height} ${text}_w: ${width}`;

/** @throws RuntimeError in torchvision's words for what does not fit; the groups of offsets, and the size of the result */
function check(input: Tensor, offset: Tensor, weight: Tensor, mask: Tensor | null, shape: Shape) {
  if (input.ndim !== 4) throw new ValueError(`not enough values to unpack (expected 4, got ${input.ndim})`);
  if (weight.ndim !== 4) throw new RuntimeError(`the weight must have 4 dimensions, got ${weight.ndim}`);
  const [, channels, height, width] = input.shape;
  const [outputs, inputs, kernelHeight, kernelWidth] = weight.shape;
  const elements = kernelHeight * kernelWidth;
  const offsetGroups = Math.floor(offset.shape[1] / (2 * elements));
  if (offsetGroups === 0)
    throw new RuntimeError(
      `the shape of the offset tensor at dimension 1 is not valid. It should be a multiple of 2 * weight.size[2] * weight.size[3].\nGot offset.shape[1]=${offset.shape[1]}, while 2 * weight.size[2] * weight.size[3]=${2 * elements}`,
    );
  if (offset.ndim !== 4) throw new RuntimeError(`the offset must have 4 dimensions, got ${offset.ndim}`);
  if (mask !== null && mask.ndim !== 4)
    throw new RuntimeError(`the mask must have 4 dimensions, got ${mask.ndim}`);
  const { stride, padding, dilation } = shape;
  if (stride.some((n) => n <= 0)) throw new RuntimeError(two('stride', stride));
  if (padding.some((n) => n < 0)) throw new RuntimeError(two('pad', padding));
  if (dilation.some((n) => n <= 0)) throw new RuntimeError(two('dilation', dilation));
  const groups = Math.floor(channels / inputs);
  if (groups * inputs !== channels || outputs % groups !== 0)
    throw new RuntimeError(
      `the weight ${outputs} x ${inputs} does not fit the ${channels} channels of the input`,
    );
  if (offset.shape[1] !== 2 * offsetGroups * elements)
    throw new RuntimeError(
      `offset.shape[1] is not valid: got: ${offset.shape[1]} expected: ${2 * offsetGroups * elements}`,
    );
  if (channels % offsetGroups !== 0)
    throw new RuntimeError(
      `${offsetGroups} groups of offsets do not fit the ${channels} channels of the input`,
    );
  if (mask !== null && mask.shape[1] !== offsetGroups * elements)
    throw new RuntimeError(
      `mask.shape[1] is not valid: got: ${mask.shape[1]} expected: ${offsetGroups * elements}`,
    );
  for (const other of [offset, weight, mask])
    if (other !== null && other.dtype !== input.dtype)
      throw new RuntimeError(
        `expected scalar type ${input.dtype.scalarName} but found ${other.dtype.scalarName}`,
      );
  const size = [height, width].map((n, i) => {
    const reach = dilation[i] * (weight.shape[2 + i] - 1) + 1;
    return Math.floor((n + 2 * padding[i] - reach) / stride[i]) + 1;
  });
  const checkOne = (one: Tensor, name: string) => {
    if (one.shape[0] !== input.shape[0]) throw new RuntimeError(`invalid batch size of ${name}`);
    if (one.shape[2] !== size[0] || one.shape[3] !== size[1])
      throw new RuntimeError(
        `${name} output dims: (${one.shape[2]}, ${one.shape[3]}) - computed output dims: (${size.join(', ')})`,
      );
  };
  checkOne(offset, 'offset');
  if (mask !== null) checkOne(mask, 'mask');
  if (size.some((n) => n <= 0))
    throw new RuntimeError(`Calculated output size too small - out_h: ${size[0]} out_w: ${size[1]}`);
  return { groups, offsetGroups, size };
}

/**
 * A convolution whose kernels' elements are moved from their places by offsets, and weighed by a mask (Deformable ConvNets v2, Zhu et
 * al., 2018; v1 without).
 *
 * @param input images [N, C, H, W]
 * @param offset how far to move, down and to the right, each element at each place: [N, 2 · groups · kernel height · kernel width, ...]
 * @param weight the kernels [outputs, C / groups, kernel height, kernel width]
 * @param bias added to each output
 * @param stride how far kernels move
 * @param padding what is added on both sides
 * @param dilation the spacing of the kernel's elements
 * @param mask what elements are multiplied by: [N, groups · kernel height · kernel width, ...]
 */
export const deformConv2d = signed(
  'deform_conv2d(Tensor input, Tensor offset, Tensor weight, Tensor? bias=None, int[2] stride=[1,1], int[2] padding=[0,0], int[2] dilation=[1,1], Tensor? mask=None)',
  ({ input, offset, weight, bias, stride, padding, dilation, mask }): Tensor => {
    const { groups, offsetGroups, size } = check(input, offset, weight, mask, { stride, padding, dilation });
    const [batch, channels, height, width] = input.shape;
    const [outputs, , kernelHeight, kernelWidth] = weight.shape;
    const elements = kernelHeight * kernelWidth;
    const [rows, columns] = size;
    const own = channels / offsetGroups;

    // Everything by image and group, element of the kernel, and place of the result.
    const sets = batch * offsetGroups;
    const moved = offset.view([sets, kernelHeight, kernelWidth, 2, rows, columns]);
    const y0 = grid(rows, kernelHeight, stride[0], padding[0], dilation[0], offset);
    const x0 = grid(columns, kernelWidth, stride[1], padding[1], dilation[1], offset);
    const ys = neighbours(moved.select(3, 0).add(y0.view([kernelHeight, 1, rows, 1])), height);
    const xs = neighbours(moved.select(3, 1).add(x0.view([kernelWidth, 1, columns])), width);
    const first = ops
      .arange(sets, { device: input.device })
      .mul(height * width)
      .view([sets, 1, 1, 1, 1]);
    const pairs = ys.flatMap((y) =>
      xs.map((x) => ({ pixel: first.add(y.pixel.mul(width)).add(x.pixel), share: y.share.mul(x.share) })),
    );
    const pixels = ops.stack(
      pairs.map(({ pixel }) => pixel),
      -1,
    );
    let shares = ops.stack(
      pairs.map(({ share }) => share),
      -1,
    );
    if (mask !== null) shares = shares.mul(mask.view([sets, kernelHeight, kernelWidth, rows, columns, 1]));

    const table = input
      .view([sets, own, height * width])
      .permute([0, 2, 1])
      .reshape([-1, own]);
    const patches = F.embeddingBag(pixels.view([-1, 4]), table, {
      mode: 'sum',
      perSampleWeights: shares.reshape([-1, 4]),
    });
    const unfolded = patches
      .view([batch, offsetGroups, elements, rows * columns, own])
      .permute([0, 1, 4, 2, 3])
      .reshape([batch, groups, (channels / groups) * elements, rows * columns]);
    const out = ops
      .matmul(weight.reshape([groups, outputs / groups, -1]), unfolded)
      .view([batch, outputs, rows, columns]);
    return bias === null ? out : out.add(bias.view([1, outputs, 1, 1]));
  },
);
