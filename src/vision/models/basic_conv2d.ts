import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import { Module } from '../../nn/module.js';
import { BatchNorm2d, Conv2d } from '../../nn/modules/index.js';

/** Options of a convolution. */
export interface ConvOptions {
  readonly kernelSize: number | readonly number[];
  readonly stride?: number;
  readonly padding?: number | readonly number[];
}

/** A convolution, a batch norm and a rectifier, as Inception networks have them. */
export class BasicConv2d extends Module {
  declare conv: Conv2d;
  declare bn: BatchNorm2d;

  constructor(inputs: number, outputs: number, options: ConvOptions) {
    super();
    this.conv = new Conv2d(inputs, outputs, { bias: false, ...options });
    this.bn = new BatchNorm2d(outputs, 0.001);
  }

  override forward(x: Tensor): Tensor {
    return F.relu(this.bn.forward(this.conv.forward(x)), true);
  }
}

/** Images that are normalized as torchvision does, as the original Inception networks want them: each channel (x - 0.5) / 0.5. */
export function asInceptionWants(x: Tensor): Tensor {
  const mean = [0.485, 0.456, 0.406];
  const std = [0.229, 0.224, 0.225];
  const channels = mean.map((m, i) =>
    x
      .select(1, i)
      .unsqueeze(1)
      .mul(std[i] / 0.5)
      .add((m - 0.5) / 0.5),
  );
  return ops.cat(channels, 1);
}
