/** `grid_sample`: values of images and volumes at given points between their elements. */
import { RuntimeError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { openGradients, takesKernel, wantsOpenForm } from '../open_form.js';
import { kernelsOf, operand, result } from './kernel_operands.js';

const modes = ['bilinear', 'nearest', 'bicubic'] as const;
const paddings = ['zeros', 'border', 'reflection'] as const;

type Mode = (typeof modes)[number];
type Padding = (typeof paddings)[number];

/** From -1 … 1 to positions of elements. */
const unnormalize = (x: Tensor, size: number, alignCorners: boolean): Tensor =>
  alignCorners ? x.add(1).mul((size - 1) / 2) : x.add(1).mul(size).sub(1).div(2);

/** Positions mirrored at the borders until they lie within them. */
function reflected(x: Tensor, size: number, alignCorners: boolean): Tensor {
  const [low, span] = alignCorners ? [0, size - 1] : [-0.5, size];
  if (span === 0) return x.zerosLike();
  const away = x.sub(low).abs();
  const flips = away.div(span).floor().detach();
  const rest = away.sub(flips.mul(span));
  const isEven = flips.remainder(2).eq(0);
  return rest.mul(isEven.mul(2).sub(1)).add(isEven.logicalNot().mul(span)).add(low);
}

/** Positions as the padding wants them. */
function placed(x: Tensor, size: number, padding: Padding, alignCorners: boolean): Tensor {
  if (padding === 'zeros') return x;
  const inside = padding === 'reflection' ? reflected(x, size, alignCorners) : x;
  // NaN counts as the first element, as in PyTorch.
  return inside.nanToNum(0).clamp(0, size - 1);
}

/** A whole position along one dimension and the weight of what stands there. */
interface Tap {
  readonly at: Tensor;
  readonly weight: Tensor | null;
}

const A = -0.75;

/** Weights of the cubic convolution for the fraction t, at -1, 0, 1 and 2. */
function cubicWeights(t: Tensor): readonly Tensor[] {
  const near = (x: Tensor) =>
    x
      .mul(A + 2)
      .sub(A + 3)
      .mul(x)
      .mul(x)
      .add(1);
  const far = (x: Tensor) =>
    x
      .mul(A)
      .sub(5 * A)
      .mul(x)
      .add(8 * A)
      .mul(x)
      .sub(4 * A);
  const rest = t.rsub(1);
  return [far(t.add(1)), near(t), near(rest), far(rest.add(1))];
}

function tapsOf(x: Tensor, mode: Mode): readonly Tap[] {
  if (mode === 'nearest') return [{ at: x.round(), weight: null }];
  const first = x.floor().detach();
  const fraction = x.sub(first);
  if (mode === 'bilinear')
    return [
      { at: first, weight: fraction.rsub(1) },
      { at: first.add(1), weight: fraction },
    ];
  return cubicWeights(fraction).map((weight, k) => ({ at: first.add(k - 1), weight }));
}

/** The elements at whole positions, one tensor of them per dimension; zero outside. */
function elementsAt(input: Tensor, positions: readonly Tensor[]): Tensor {
  const [n, c, ...sizes] = input.shape;
  let inside: Tensor | null = null;
  let flat: Tensor | null = null;
  for (const [d, position] of positions.entries()) {
    const fits = position.ge(0).logicalAnd(position.lt(sizes[d]));
    inside = inside === null ? fits : inside.logicalAnd(fits);
    const whole = position
      .nanToNum(0)
      .clamp(0, sizes[d] - 1)
      .long();
    flat = flat === null ? whole : flat.mul(sizes[d]).add(whole);
  }
  const points = flat!.shape.slice(1);
  const index = flat!.reshape([n, 1, -1]).expand([n, c, points.reduce((a, b) => a * b, 1)]);
  const values = input
    .reshape([n, c, -1])
    .gather(2, index)
    .reshape([n, c, ...points]);
  return values.mul(inside!.unsqueeze(1));
}

function checkSizes(input: Tensor, grid: Tensor, mode: Mode): void {
  const dims = input.ndim - 2;
  if (input.shape[0] !== grid.shape[0])
    throw new RuntimeError(
      `grid_sampler(): expected grid and input to have same batch size, but got input with sizes ${formatShape(input.shape)} and grid with sizes ${formatShape(grid.shape)}`,
    );
  if (grid.shape.at(-1) !== dims)
    throw new RuntimeError(
      `grid_sampler(): expected grid to have size ${dims} in last dimension, but got grid with sizes ${formatShape(grid.shape)}`,
    );
  if (dims < 2 || dims > 3 || grid.ndim !== input.ndim)
    throw new RuntimeError(
      `grid_sampler(): expected ${input.ndim === 4 ? 4 : 5}D input and grid with same number of dimensions, but got input with sizes ${formatShape(input.shape)} and grid with sizes ${formatShape(grid.shape)}`,
    );
  if (mode === 'bicubic' && dims === 3)
    throw new RuntimeError('grid_sampler(): bicubic interpolation only supports 4D input');
  for (const [d, size] of input.shape.slice(2).entries())
    if (size <= 0)
      throw new RuntimeError(
        `grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes ${formatShape(input.shape)} with dimension ${d + 2} being empty`,
      );
}

/** The samples in the open, for what a kernel does not do. */
function openSample(
  input: Tensor,
  grid: Tensor,
  mode: Mode,
  padding: Padding,
  alignCorners: boolean,
): Tensor {
  const dims = input.ndim - 2;
  const sizes = input.shape.slice(2);
  // The grid names the last dimension first.
  const centres = sizes.map((size, d) => unnormalize(grid.select(-1, dims - 1 - d), size, alignCorners));
  const isCubic = mode === 'bicubic';
  // The cubic kernel reaches beyond the borders: there every tap is placed by itself.
  const taps = centres.map((x, d) => tapsOf(isCubic ? x : placed(x, sizes[d], padding, alignCorners), mode));
  let combined: { positions: Tensor[]; weight: Tensor | null }[] = [{ positions: [], weight: null }];
  for (const [d, along] of taps.entries())
    combined = combined.flatMap(({ positions, weight }) =>
      along.map((tap) => ({
        positions: [...positions, isCubic ? placed(tap.at, sizes[d], padding, alignCorners) : tap.at],
        weight: weight === null || tap.weight === null ? (weight ?? tap.weight) : weight.mul(tap.weight),
      })),
    );
  return combined
    .map(({ positions, weight }) => {
      const values = elementsAt(
        input,
        positions.map((position) => position.detach()),
      );
      return weight === null ? values : values.mul(weight.unsqueeze(1));
    })
    .reduce((sum, term) => sum.add(term));
}

const fusedSchema =
  "_grid_sampler(Tensor input, Tensor grid, 'bilinear'|'nearest'|'bicubic' mode, 'zeros'|'border'|'reflection' padding, bool align_corners) -> Tensor";

const fused: OpFunction<typeof fusedSchema> = op(fusedSchema, {
  doc: 'The values of images and volumes at the points of a grid.',
  function: false,
  method: false,
  forward(input, grid, mode, padding, alignCorners) {
    const x = operand(input, 'grid_sampler');
    const out = result([...x.shape.slice(0, 2), ...grid.shape.slice(1, -1)], x);
    kernelsOf(x).grid_sampler(out, x, operand(grid, 'grid_sampler'), mode, padding, alignCorners);
    return out;
  },
  save: ['input', 'grid'],
  vjp([grad], { input, grid, mode, padding, align_corners: align }, needs) {
    if (grad === null) return {};
    if (wantsOpenForm()) {
      const open = (x: Tensor, points: Tensor) => openSample(x, points, mode, padding, align);
      const [byInput, byGrid] = openGradients(open, [input, grid], [needs.input, needs.grid], grad);
      return { input: byInput, grid: byGrid };
    }
    const [x, points, g] = [input, grid, grad].map((t) => operand(t, 'grid_sampler_backward'));
    const byInput = needs.input ? result(x.shape, x) : null;
    const byGrid = needs.grid ? result(points.shape, points) : null;
    kernelsOf(x).grid_sampler_backward(byInput, byGrid, g, x, points, mode, padding, align);
    return { input: byInput, grid: byGrid };
  },
  gradName: ([input]) => `GridSampler${(input as Tensor).ndim - 2}DBackward0`,
});

function sample(input: Tensor, grid: Tensor, mode: Mode, padding: Padding, alignCorners: boolean): Tensor {
  checkSizes(input, grid, mode);
  // Places in a plane are numbers of 32 bits there.
  const isSmall = input.numel() < 2 ** 31;
  const take = isSmall && takesKernel(input, grid) ? fused : openSample;
  return take(input, grid, mode, padding, alignCorners);
}

op(
  "grid_sample(Tensor input, Tensor grid, 'bilinear'|'nearest'|'bicubic' mode='bilinear', 'zeros'|'border'|'reflection' padding_mode='zeros', bool? align_corners=None) -> Tensor",
  {
    doc: 'The values of an image or volume at the points of `grid`, whose coordinates run from -1 to 1 over the input.',
    module: 'nn.functional',
    composite(input, grid, mode, padding, alignCorners) {
      if (!modes.includes(mode as Mode))
        throw new ValueError(
          `nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${mode}'`,
        );
      if (!paddings.includes(padding as Padding))
        throw new ValueError(
          `nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '${padding}'`,
        );
      return sample(input, grid, mode as Mode, padding as Padding, alignCorners ?? false);
    },
  },
);

for (const name of ['grid_sampler', 'grid_sampler_2d', 'grid_sampler_3d'] as const)
  op(
    `${name}(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor`,
    {
      doc: '`nn.functional.gridSample` with its modes by number.',
      method: false,
      composite: (input, grid, mode, padding, alignCorners) =>
        sample(input, grid, modes[mode], paddings[padding], alignCorners),
    },
  );
