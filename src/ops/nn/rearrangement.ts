/** Channels, pixels and patches in other places. */
import { RuntimeError } from '../../core/errors.js';
import { contiguousStrides, formatShape, numel, type Shape } from '../../core/layout.js';
import { Tensor } from '../../core/tensor.js';
import { empty } from '../../dispatch/empty.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { copyInto } from '../copying.js';
import { asTensor } from '../from_data.js';
import { F } from './kernel_operands.js';

function checkImage(name: string, shape: Shape): void {
  if (shape.length < 3)
    throw new RuntimeError(
      `${name} expects input to have at least 3 dimensions, but got input with ${shape.length} dimension(s)`,
    );
}

/**
 * A row-major copy in which parts of dimensions have changed places.
 *
 * @param split for every dimension the sizes that it is cut into
 * @param order which of all these parts stands where
 */
function regrouped(
  self: Tensor,
  split: readonly (readonly number[])[],
  order: readonly number[],
  shape: Shape,
): Tensor {
  const strides: number[] = [];
  for (const [d, parts] of split.entries()) {
    let step = self.strides[d] * numel(parts);
    for (const size of parts) {
      step /= size || 1;
      strides.push(step);
    }
  }
  const sizes = split.flat();
  const result = empty(shape, self.dtype, self.storage.backend);
  const turned = order.map((i) => sizes[i]);
  const target = new Tensor(result.storage, self.dtype, turned, contiguousStrides(turned), 0);
  const by = order.map((i) => strides[i]);
  copyInto(target, new Tensor(self.storage, self.dtype, turned, by, self.offset));
  return result;
}

/** Each of the first dimensions as it is. */
const whole = (shape: Shape, count: number): number[][] => shape.slice(0, count).map((size) => [size]);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const shuffleSchema = 'pixel_shuffle(Tensor self, int upscale_factor) -> Tensor';
const unshuffleSchema = 'pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor';

const pixelShuffle: OpFunction<typeof shuffleSchema> = op(shuffleSchema, {
  doc: 'Turns every r² channels into an image r times as high and wide.',
  module: 'nn.functional',
  batch(self, r) {
    checkImage('pixel_shuffle', self.shape.slice(1));
    return pixelShuffle(self, r);
  },
  forward(self, r) {
    checkImage('pixel_shuffle', self.shape);
    if (r <= 0) throw new RuntimeError(`pixel_shuffle expects a positive upscale_factor, but got ${r}`);
    const n = self.ndim - 3;
    const [c, h, w] = self.shape.slice(n);
    if (c % (r * r) !== 0)
      throw new RuntimeError(
        `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${c} is not divisible by ${r * r}`,
      );
    const channels = c / (r * r);
    return regrouped(
      self,
      [...whole(self.shape, n), [channels, r, r], [h], [w]],
      [...upTo(n), n, n + 3, n + 1, n + 4, n + 2],
      [...self.shape.slice(0, n), channels, h * r, w * r],
    );
  },
  linear: true,
  vjp: { self: (grad, { upscale_factor: r }) => pixelUnshuffle(grad, r) },
});

const pixelUnshuffle: OpFunction<typeof unshuffleSchema> = op(unshuffleSchema, {
  doc: 'The reverse of `pixelShuffle`: every square of r² pixels becomes that many channels.',
  module: 'nn.functional',
  batch(self, r) {
    checkImage('pixel_unshuffle', self.shape.slice(1));
    return pixelUnshuffle(self, r);
  },
  forward(self, r) {
    checkImage('pixel_unshuffle', self.shape);
    if (r <= 0) throw new RuntimeError(`pixel_unshuffle expects a positive downscale_factor, but got ${r}`);
    const n = self.ndim - 3;
    const [c, h, w] = self.shape.slice(n);
    for (const [which, size, at] of [
      ['height', h, -2],
      ['width', w, -1],
    ] as const)
      if (size % r !== 0)
        throw new RuntimeError(
          `pixel_unshuffle expects ${which} to be divisible by downscale_factor, but input.size(${at})=${size} is not divisible by ${r}`,
        );
    return regrouped(
      self,
      [...whole(self.shape, n), [c], [h / r, r], [w / r, r]],
      [...upTo(n), n, n + 2, n + 4, n + 1, n + 3],
      [...self.shape.slice(0, n), c * r * r, h / r, w / r],
    );
  },
  linear: true,
  vjp: { self: (grad, { downscale_factor: r }) => pixelShuffle(grad, r) },
});

for (const module of ['', 'nn.functional'])
  op('channel_shuffle(Tensor self, int groups) -> Tensor', {
    doc: 'Cuts the channels into groups and takes one of each in turn.',
    module,
    method: false,
    batch(self, groups) {
      checkChannels(self.shape.slice(1));
      return F.channelShuffle(self.flatten(0, 1), groups).view(self.shape);
    },
    forward(self, groups) {
      checkChannels(self.shape);
      if (groups <= 0)
        throw new RuntimeError(
          `Number of groups to divide channels in must be positive. Value of groups:${groups}`,
        );
      const [n, c, ...spatial] = self.shape;
      if (c % groups !== 0)
        throw new RuntimeError(
          `Number of channels must be divisible by groups. Got ${c} channels and ${groups} groups.`,
        );
      const rest = upTo(spatial.length).map((i) => i + 3);
      const split = [[n], [groups, c / groups], ...spatial.map((size) => [size])];
      return regrouped(self, split, [0, 2, 1, ...rest], self.shape);
    },
    linear: true,
    vjp: {
      self: (grad, { groups }) =>
        grad.shape[1] === 0 ? grad : F.channelShuffle(grad, grad.shape[1] / groups),
    },
  });

function checkChannels(shape: Shape): void {
  if (shape.length < 3)
    throw new RuntimeError(
      `channel_shuffle expects input with > 2 dims, but got input with sizes ${formatShape(shape)}`,
    );
}

type Pair = readonly number[];

/** Refuses windows that there are not, and inputs without elements in another dimension than the batch's. */
function checkSliding(
  input: Tensor,
  [dims, expected]: readonly [number, string],
  kernel: Pair,
  dilation: Pair,
  padding: Pair,
  stride: Pair,
): void {
  for (const [name, list] of Object.entries({ kernel_size: kernel, dilation, padding, stride }))
    if (list.length !== 2)
      throw new RuntimeError(`It is expected ${name} equals to 2, but got size ${list.length}`);
  const positive = (list: Pair, title: string, short: string): void => {
    if (Math.min(...list) < 1)
      throw new RuntimeError(
        `${title} should be greater than zero, but got ${short}_height: ${list[0]} ${short}_width: ${list[1]}`,
      );
  };
  positive(kernel, 'kernel size', 'kernel');
  positive(dilation, 'dilation', 'dilation');
  if (Math.min(...padding) < 0)
    throw new RuntimeError(
      `padding should be non-negative, but got pad_height: ${padding[0]} pad_width: ${padding[1]}`,
    );
  positive(stride, 'stride', 'stride');
  const { ndim, shape } = input;
  if ((ndim !== dims && ndim !== dims + 1) || shape.slice(ndim - dims).includes(0))
    throw new RuntimeError(`${expected} dimensions for input, but got: ${formatShape(shape)}`);
}

/** How many patches lie along a dimension; fewer than 1 where not even one does. */
const patchCount = (size: number, kernel: number, dilation: number, stride: number): number =>
  Math.floor((size - dilation * (kernel - 1) - 1) / stride) + 1;

/** Where the elements of every patch lie along a dimension: a row per element of the patch. */
function patchPositions(size: number, kernel: number, dilation: number, stride: number): readonly number[][] {
  const count = patchCount(size, kernel, dilation, stride);
  return Array.from({ length: kernel }, (_, k) =>
    Array.from({ length: Math.max(count, 0) }, (_, i) => i * stride + k * dilation),
  );
}

/** The windows along a dimension, as a view; their elements, `dilation` apart, are in a new last dimension. */
function slide(x: Tensor, dim: number, kernel: number, dilation: number, stride: number): Tensor {
  const windows = x.unfold(dim, (kernel - 1) * dilation + 1, stride);
  return dilation === 1 ? windows : windows.slice(-1, 0, null, dilation);
}

const indexOf = (rows: readonly number[][], like: Tensor): Tensor =>
  asTensor(BigInt64Array.from(rows.flat(), BigInt)).to(like.device);

op(
  'unfold(Tensor input, int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] stride=1) -> Tensor',
  {
    doc: 'Every patch of an image as a column: [N, C · patch, patches].',
    module: 'nn.functional',
    composite(input, kernel, dilation, padding, stride) {
      const isBatched = input.ndim === 4;
      const expected = 'Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero';
      checkSliding(input, [3, expected], kernel, dilation, padding, stride);
      const images = isBatched ? input : input.unsqueeze(0);
      const x = F.pad(images, [padding[1], padding[1], padding[0], padding[0]]);
      const [n, c, h, w] = x.shape;
      const [high, wide] = [h, w].map((size, i) => patchCount(size, kernel[i], dilation[i], stride[i]));
      if (high < 1 || wide < 1)
        throw new RuntimeError(
          `Given input with spatial size (${images.shape.slice(2).join(', ')}), kernel_size=(${kernel.join(', ')}), dilation=(${dilation.join(', ')}), padding=(${padding.join(', ')}), calculated shape of the array of sliding blocks as (${high}, ${wide}), but its components must be at least one.`,
        );
      const patches = slide(
        slide(x, 2, kernel[0], dilation[0], stride[0]),
        3,
        kernel[1],
        dilation[1],
        stride[1],
      )
        .permute([0, 1, 4, 5, 2, 3])
        .reshape([n, c * kernel[0] * kernel[1], high * wide]);
      return isBatched ? patches : patches.squeeze(0);
    },
  },
);

op(
  'fold(Tensor input, int[2] output_size, int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] stride=1) -> Tensor',
  {
    doc: 'Adds the columns of `unfold` up to an image again.',
    module: 'nn.functional',
    composite(input, size, kernel, dilation, padding, stride) {
      const isBatched = input.ndim === 3;
      const expected =
        'Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero';
      checkSliding(input, [2, expected], kernel, dilation, padding, stride);
      const columns = isBatched ? input : input.unsqueeze(0);
      const [h, w] = [size[0] + 2 * padding[0], size[1] + 2 * padding[1]];
      const [high, wide] = [h, w].map((length, i) => patchCount(length, kernel[i], dilation[i], stride[i]));
      const patch = kernel[0] * kernel[1];
      if (columns.shape[1] % patch !== 0)
        throw new RuntimeError(
          `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${columns.shape[1]} and kernel_size=(${kernel.join(', ')}).`,
        );
      if (columns.shape[2] !== high * wide)
        throw new RuntimeError(
          `Given output_size=(${size.join(', ')}), kernel_size=(${kernel.join(', ')}), dilation=(${dilation.join(', ')}), padding=(${padding.join(', ')}), stride=(${stride.join(', ')}), expected size of input's dimension 2 to match the calculated number of sliding blocks ${high} * ${wide} = ${high * wide}, but got input.size(2)=${columns.shape[2]}.`,
        );
      const down = patchPositions(h, kernel[0], dilation[0], stride[0]);
      const across = patchPositions(w, kernel[1], dilation[1], stride[1]);
      const n = columns.shape[0];
      const c = columns.shape[1] / patch;
      const patches = columns
        .reshape([n, c, kernel[0], kernel[1], high, wide])
        .permute([0, 1, 2, 4, 3, 5])
        .reshape([n, c, kernel[0] * high, kernel[1] * wide]);
      const image = columns
        .newZeros([n, c, kernel[0] * high, w])
        .indexAdd(3, indexOf(across, columns), patches);
      const whole = columns.newZeros([n, c, h, w]).indexAdd(2, indexOf(down, columns), image);
      const cut = whole.narrow(2, padding[0], size[0]).narrow(3, padding[1], size[1]);
      return isBatched ? cut : cut.squeeze(0);
    },
  },
);
