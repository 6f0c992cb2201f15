/** Layers of MaxViT: inverted residuals, and attention within windows and within grids. */
import { AssertionError, ValueError } from '../../core/errors.js';
import { PyFloat } from '../../core/pyfloat.js';
import { formatTuple } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import * as init from '../../nn/init.js';
import { Module } from '../../nn/module.js';
import {
  AvgPool2d,
  Conv2d,
  Dropout,
  Identity,
  LayerNorm,
  Linear,
  ModuleList,
  Sequential,
  SiLU,
} from '../../nn/modules/index.js';
import { Parameter } from '../../nn/parameter.js';
import { Conv2dNormActivation, SqueezeExcitation, StochasticDepth } from '../ops/blocks.js';
import { type LayerFactory, makeLayer } from '../ops/layer_factories.js';
import { SnakeModule } from '../ops/snake_module.js';
import { differencesOf, type Pair } from './swin_attention.js';

/** The size of what a convolution of three by three with stride two finds. */
export const halved = (size: Pair): Pair => size.map((n) => Math.floor((n - 3 + 2) / 2) + 1);

/** Options that all layers of a network have in common. */
export interface MaxVitOptions {
  readonly squeezeRatio: number;
  readonly expansionRatio: number;
  readonly normLayer: LayerFactory;
  readonly activationLayer: LayerFactory;
  readonly headDim: number;
  readonly mlpRatio: number;
  readonly mlpDropout: number;
  readonly attentionDropout: number;
  readonly partitionSize: number;
}

class MBConv extends SnakeModule {
  declare proj: Module;
  declare stochasticDepth: Module;
  declare layers: Sequential;

  constructor(inputs: number, outputs: number, stride: number, probability: number, given: MaxVitOptions) {
    super();
    const { normLayer, activationLayer } = given;
    if (stride !== 1 || inputs !== outputs) {
      const projection = new Conv2d(inputs, outputs, 1, { stride: 1, bias: true });
      this.proj =
        stride === 2
          ? new Sequential(new AvgPool2d(3, { stride, padding: 1 }), projection)
          : new Sequential(projection);
    } else this.proj = new Identity();
    const inner = Math.trunc(outputs * given.expansionRatio);
    this.stochasticDepth =
      probability === 0 ? new Identity() : new StochasticDepth(new PyFloat(probability), 'row');
    const layer = { activationLayer, normLayer, inplace: null };
    this.layers = new Sequential({
      pre_norm: makeLayer(normLayer, inputs),
      conv_a: new Conv2dNormActivation(inputs, inner, { kernelSize: 1, stride: 1, padding: 0, ...layer }),
      conv_b: new Conv2dNormActivation(inner, inner, {
        kernelSize: 3,
        stride,
        padding: 1,
        groups: inner,
        ...layer,
      }),
      squeeze_excitation: new SqueezeExcitation(inner, Math.trunc(outputs * given.squeezeRatio), {
        activation: SiLU,
      }),
      conv_c: new Conv2d(inner, outputs, 1, { bias: true }),
    });
  }

  override forward(x: Tensor): Tensor {
    const passed = this.proj.forward(x) as Tensor;
    return passed.add(this.stochasticDepth.forward(this.layers.forward(x)) as Tensor);
  }
}

class RelativePositionalMultiHeadAttention extends SnakeModule {
  declare toQkv: Linear;
  declare merge: Linear;
  declare relativePositionBiasTable: Parameter;
  declare relativePositionIndex: Tensor;
  private readonly heads: number;

  constructor(
    private readonly dim: number,
    private readonly headDim: number,
    private readonly places: number,
  ) {
    super();
    if (dim % headDim !== 0)
      throw new ValueError(`feat_dim: ${dim} must be divisible by head_dim: ${headDim}`);
    this.heads = dim / headDim;
    const size = Math.trunc(Math.sqrt(places));
    this.toQkv = new Linear(dim, dim * 3);
    this.merge = new Linear(dim, dim);
    this.relativePositionBiasTable = new Parameter(ops.empty([(2 * size - 1) ** 2, this.heads]));
    this.registerBuffer('relativePositionIndex', differencesOf([size, size]));
    init.truncNormal_(this.relativePositionBiasTable, { std: 0.02 });
  }

  private bias(): Tensor {
    const { places, relativePositionBiasTable: table, relativePositionIndex: index } = this;
    const chosen = table.indexSelect(0, index.flatten()).view([places, places, -1]);
    return chosen.permute([2, 0, 1]).contiguous().unsqueeze(0);
  }

  override forward(x: Tensor): Tensor {
    const [batch, groups, places, dim] = x.shape;
    const [q, k, v] = this.toQkv
      .forward(x)
      .chunk(3, -1)
      .map((part) =>
        part.reshape([batch, groups, places, this.heads, this.headDim]).permute([0, 1, 3, 2, 4]),
      );
    const products = q.matmul(k.mul(this.dim ** -0.5).transpose(-2, -1));
    const attention = F.softmax(products.add(this.bias()), { dim: -1 });
    const found = attention.matmul(v).permute([0, 1, 3, 2, 4]).reshape([batch, groups, places, dim]);
    return this.merge.forward(found);
  }
}

class SwapAxes extends Module {
  constructor(
    private readonly a: number,
    private readonly b: number,
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return x.swapaxes(this.a, this.b);
  }
}

/** [B, C, H, W] as windows of p by p: [B, windows, p², C]. */
class WindowPartition extends Module {
  override forward(x: Tensor, p: number): Tensor {
    const [batch, channels, height, width] = x.shape;
    return x
      .reshape([batch, channels, height / p, p, width / p, p])
      .permute([0, 2, 4, 3, 5, 1])
      .reshape([batch, (height / p) * (width / p), p * p, channels]);
  }
}

/** Windows of p by p, so many high and wide, as [B, C, H, W]. */
class WindowDepartition extends Module {
  override forward(x: Tensor, p: number, high: number, wide: number): Tensor {
    const [batch, , , channels] = x.shape;
    return x
      .reshape([batch, high, wide, p, p, channels])
      .permute([0, 5, 1, 3, 2, 4])
      .reshape([batch, channels, high * p, wide * p]);
  }
}

class PartitionAttentionLayer extends SnakeModule {
  declare partitionOp: WindowPartition;
  declare departitionOp: WindowDepartition;
  declare partitionSwap: Module;
  declare departitionSwap: Module;
  declare attnLayer: Sequential;
  declare mlpLayer: Sequential;
  declare stochasticDropout: StochasticDepth;
  private readonly p: number;

  constructor(
    channels: number,
    kind: 'grid' | 'window',
    private readonly gridSize: Pair,
    probability: number,
    given: MaxVitOptions,
  ) {
    super();
    const { partitionSize, mlpRatio } = given;
    this.p = kind === 'window' ? partitionSize : Math.floor(gridSize[0] / partitionSize);
    const swap = () => (kind === 'grid' ? new SwapAxes(-2, -3) : new Identity());
    this.partitionOp = new WindowPartition();
    this.departitionOp = new WindowDepartition();
    this.partitionSwap = swap();
    this.departitionSwap = swap();
    this.attnLayer = new Sequential(
      new LayerNorm(channels),
      new RelativePositionalMultiHeadAttention(channels, given.headDim, partitionSize ** 2),
      new Dropout(new PyFloat(given.attentionDropout)),
    );
    this.mlpLayer = new Sequential(
      new LayerNorm(channels),
      new Linear(channels, channels * mlpRatio),
      makeLayer(given.activationLayer),
      new Linear(channels * mlpRatio, channels),
      new Dropout(new PyFloat(given.mlpDropout)),
    );
    this.stochasticDropout = new StochasticDepth(new PyFloat(probability), 'row');
  }

  override forward(input: Tensor): Tensor {
    const { gridSize, p } = this;
    if (gridSize.some((size) => size % p !== 0))
      throw new AssertionError(
        `Grid size must be divisible by partition size. Got grid size of ${formatTuple(gridSize)} and partition size of ${p}`,
      );
    let x = this.partitionSwap.forward(this.partitionOp.forward(input, p)) as Tensor;
    x = x.add(this.stochasticDropout.forward(this.attnLayer.forward(x)));
    x = x.add(this.stochasticDropout.forward(this.mlpLayer.forward(x)));
    const windows = this.departitionSwap.forward(x) as Tensor;
    return this.departitionOp.forward(windows, p, gridSize[0] / p, gridSize[1] / p);
  }
}

class MaxVitLayer extends Module {
  declare layers: Sequential;

  constructor(
    inputs: number,
    outputs: number,
    stride: number,
    probability: number,
    gridSize: Pair,
    given: MaxVitOptions,
  ) {
    super();
    this.layers = new Sequential({
      MBconv: new MBConv(inputs, outputs, stride, probability, given),
      window_attention: new PartitionAttentionLayer(outputs, 'window', gridSize, probability, given),
      grid_attention: new PartitionAttentionLayer(outputs, 'grid', gridSize, probability, given),
    });
  }

  override forward(x: Tensor): Tensor {
    return this.layers.forward(x);
  }
}

export class MaxVitBlock extends Module {
  declare layers: ModuleList<MaxVitLayer>;
  readonly gridSize: Pair;

  constructor(
    inputs: number,
    outputs: number,
    inputGridSize: Pair,
    probabilities: readonly number[],
    given: MaxVitOptions,
  ) {
    super();
    this.gridSize = halved(inputGridSize);
    this.layers = new ModuleList(
      probabilities.map(
        (probability, i) =>
          new MaxVitLayer(
            i === 0 ? inputs : outputs,
            outputs,
            i === 0 ? 2 : 1,
            probability,
            this.gridSize,
            given,
          ),
      ),
    );
  }

  override forward(input: Tensor): Tensor {
    let x = input;
    for (const layer of this.layers) x = layer.forward(x);
    return x;
  }
}
