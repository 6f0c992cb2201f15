/** Attention within windows of an image that move from layer to layer (Liu et al., 2021), and its second version (Liu et al., 2022). */
import { float32 } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import * as init from '../../nn/init.js';
import { Linear, ReLU, Sequential } from '../../nn/modules/index.js';
import { Parameter } from '../../nn/parameter.js';
import { SnakeModule } from '../ops/snake_module.js';

/** Height and width. */
export type Pair = readonly number[];

export interface Dropouts {
  readonly attentionDropout: number;
  readonly dropout: number;
}

/** Vectors of 2n - 1 by 2m - 1 differences of places: which of them stands between any two places of a window of n by m. */
export function differencesOf([height, width]: Pair): Tensor {
  const coordinates = ops
    .stack(ops.meshgrid([ops.arange(height), ops.arange(width)], { indexing: 'ij' }))
    .flatten(1);
  const differences = coordinates.unsqueeze(2).sub(coordinates.unsqueeze(1));
  const rows = differences.select(0, 0).add(height - 1);
  return rows.mul(2 * width - 1).add(differences.select(0, 1).add(width - 1));
}

/** Adds -100 where places of a window lie beside each other only because the image was rolled. */
function rolledMask(x: Tensor, [height, width]: Pair, window: Pair, shift: Pair): Tensor {
  const mask = x.newZeros([height, width]);
  const parts = (i: 0 | 1): [number, number | null][] => [
    [0, -window[i]],
    [-window[i], -shift[i]],
    [-shift[i] + 0, null],
  ];
  let count = 0;
  for (const [top, bottom] of parts(0))
    for (const [left, right] of parts(1)) mask.slice(0, top, bottom).slice(1, left, right).fill_(count++);
  const windows = (height / window[0]) * (width / window[1]);
  const areas = mask
    .view([height / window[0], window[0], width / window[1], window[1]])
    .permute([0, 2, 1, 3])
    .reshape([windows, window[0] * window[1]]);
  const differ = areas.unsqueeze(1).sub(areas.unsqueeze(2));
  return differ.maskedFill(differ.ne(0), -100);
}

interface Attention extends Dropouts {
  readonly window: Pair;
  readonly shift: Pair;
  readonly heads: number;
  readonly qkv: Linear;
  readonly proj: Linear;
  /** Added to all products, [1, heads, places, places]. */
  readonly bias: Tensor;
  /** By what cosines are multiplied in the second version. */
  readonly logitScale: Tensor | null;
  readonly training: boolean;
}

/** Attention of [B, H, W, C] within windows. */
function attend(input: Tensor, given: Attention): Tensor {
  const { window, heads, qkv, proj, logitScale, training } = given;
  const [batch, height, width, channels] = input.shape;
  const right = (window[1] - (width % window[1])) % window[1];
  const below = (window[0] - (height % window[0])) % window[0];
  let x = F.pad(input, [0, 0, 0, right, 0, below]);
  const [, high, wide] = x.shape;
  // A window that is as large as the image does not move.
  const shift = [window[0] >= high ? 0 : given.shift[0], window[1] >= wide ? 0 : given.shift[1]];
  const moves = shift[0] + shift[1] > 0;
  if (moves) x = x.roll([-shift[0], -shift[1]], [1, 2]);
  const [rows, columns] = [high / window[0], wide / window[1]];
  const [count, places] = [rows * columns, window[0] * window[1]];
  x = x
    .view([batch, rows, window[0], columns, window[1], channels])
    .permute([0, 1, 3, 2, 4, 5])
    .reshape([batch * count, places, channels]);
  const projected = F.linear(x, qkv.weight, withoutKeyBias(qkv, logitScale))
    .reshape([batch * count, places, 3, heads, channels / heads])
    .permute([2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((i) => projected.select(0, i));
  let attention =
    logitScale === null
      ? q.mul((channels / heads) ** -0.5).matmul(k.transpose(-2, -1))
      : F.normalize(q, { dim: -1 })
          .matmul(F.normalize(k, { dim: -1 }).transpose(-2, -1))
          .mul(logitScale.clamp({ max: Math.log(100) }).exp());
  attention = attention.add(given.bias);
  if (moves) {
    const mask = rolledMask(x, [high, wide], window, shift).unsqueeze(1).unsqueeze(0);
    attention = attention
      .view([batch, count, heads, places, places])
      .add(mask)
      .view([-1, heads, places, places]);
  }
  attention = F.dropout(F.softmax(attention, { dim: -1 }), given.attentionDropout, training);
  x = attention
    .matmul(v)
    .transpose(1, 2)
    .reshape([batch * count, places, channels]);
  x = F.dropout(F.linear(x, proj.weight, proj.bias), given.dropout, training);
  x = x
    .view([batch, rows, columns, window[0], window[1], channels])
    .permute([0, 1, 3, 2, 4, 5])
    .reshape([batch, high, wide, channels]);
  if (moves) x = x.roll([shift[0], shift[1]], [1, 2]);
  return x.slice(1, 0, height).slice(2, 0, width).contiguous();
}

/** In the second version keys have no bias. */
function withoutKeyBias({ bias }: Linear, logitScale: Tensor | null): Tensor | null {
  if (logitScale === null || bias === null) return bias;
  const own = bias.clone();
  const length = own.numel() / 3;
  own.narrow(0, length, length).zero_();
  return own;
}

export class ShiftedWindowAttention extends SnakeModule {
  declare qkv: Linear;
  declare proj: Linear;
  declare relativePositionBiasTable: Parameter;
  declare relativePositionIndex: Tensor;

  constructor(
    dim: number,
    protected readonly windowSize: Pair,
    private readonly shiftSize: Pair,
    protected readonly numHeads: number,
    private readonly dropouts: Dropouts,
  ) {
    super();
    if (windowSize.length !== 2 || shiftSize.length !== 2)
      throw new ValueError('window_size and shift_size must be of length 2');
    this.qkv = new Linear(dim, dim * 3);
    this.proj = new Linear(dim, dim);
    this.makeTable();
    this.registerBuffer('relativePositionIndex', differencesOf(windowSize).flatten());
  }

  /** Makes what biases follow from. */
  protected makeTable(): void {
    const [height, width] = this.windowSize;
    const table = ops.zeros([(2 * height - 1) * (2 * width - 1), this.numHeads]);
    this.relativePositionBiasTable = new Parameter(table);
    init.truncNormal_(this.relativePositionBiasTable, { std: 0.02 });
  }

  /** Biases by the differences of places. */
  protected biases(): Tensor {
    return this.relativePositionBiasTable;
  }

  /** Biases between any two places of a window, [1, heads, places, places]. */
  protected bias(): Tensor {
    const places = this.windowSize[0] * this.windowSize[1];
    const chosen = this.biases().indexSelect(0, this.relativePositionIndex);
    return chosen.view([places, places, -1]).permute([2, 0, 1]).contiguous().unsqueeze(0);
  }

  protected get scale(): Tensor | null {
    return null;
  }

  override forward(x: Tensor): Tensor {
    const { windowSize, shiftSize, numHeads, dropouts, qkv, proj, training } = this;
    return attend(x, {
      ...dropouts,
      window: windowSize,
      shift: shiftSize,
      heads: numHeads,
      qkv,
      proj,
      bias: this.bias(),
      logitScale: this.scale,
      training,
    });
  }
}

export class ShiftedWindowAttentionV2 extends ShiftedWindowAttention {
  declare logitScale: Parameter;
  declare cpbMlp: Sequential;
  declare relativeCoordsTable: Tensor;

  constructor(dim: number, window: Pair, shift: Pair, heads: number, dropouts: Dropouts) {
    super(dim, window, shift, heads, dropouts);
    this.logitScale = new Parameter(ops.ones([heads, 1, 1]).mul(10).log());
    this.cpbMlp = new Sequential(
      new Linear(2, 512, true),
      new ReLU({ inplace: true }),
      new Linear(512, heads, false),
    );
    const length = this.qkv.bias!.numel() / 3;
    this.qkv.bias!.detach().narrow(0, length, length).zero_();
  }

  /** Differences of places on a scale of logarithms, of which a network makes the biases. */
  protected override makeTable(): void {
    const [height, width] = this.windowSize;
    const line = (size: number) => ops.arange(-(size - 1), size, { dtype: float32 });
    const grid = ops.stack(ops.meshgrid([line(height), line(width)], { indexing: 'ij' }));
    const scales = ops.stack([grid.select(0, 0).div(height - 1), grid.select(0, 1).div(width - 1)]);
    const table = scales.permute([1, 2, 0]).contiguous().unsqueeze(0).mul(8);
    const logarithms = table.sign().mul(table.abs().add(1).log2()).div(3);
    this.registerBuffer('relativeCoordsTable', logarithms);
  }

  protected override biases(): Tensor {
    return this.cpbMlp.forward(this.relativeCoordsTable).view([-1, this.numHeads]);
  }

  protected override bias(): Tensor {
    return super.bias().sigmoid().mul(16);
  }

  protected override get scale(): Tensor | null {
    return this.logitScale;
  }
}
