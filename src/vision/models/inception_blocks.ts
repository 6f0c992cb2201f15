/** Blocks of Inception v3. Names of their parts are those of the original network. */
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import type { Module } from '../../nn/module.js';
import { Linear } from '../../nn/modules/index.js';
import { SnakeModule } from '../ops/snake_module.js';
import { BasicConv2d, type ConvOptions } from './basic_conv2d.js';

/** Standard deviations of initial weights, where they are not 0.1. */
const spreads = new WeakMap<Module, number>();

/** The standard deviation of a layer's initial weights. */
export const spreadOf = (module: Module): number => spreads.get(module) ?? 0.1;

/** A block of branches, which are made by name and joined in the end. */
abstract class Branches extends SnakeModule {
  /** Makes a convolution. */
  protected conv(name: string, inputs: number, outputs: number, options: Partial<ConvOptions> = {}): void {
    Reflect.set(this, name, new BasicConv2d(inputs, outputs, { kernelSize: 1, ...options }));
  }

  /** Sends an input through convolutions, one after the other. */
  protected through(x: Tensor, ...names: readonly string[]): Tensor {
    return names.reduce((value, name) => (Reflect.get(this, name) as BasicConv2d).forward(value), x);
  }

  protected averaged(x: Tensor): Tensor {
    return this.through(F.avgPool2d(x, { kernelSize: 3, stride: 1, padding: 1 }), 'branchPool');
  }
}

const wide = (size: number): ConvOptions => ({ kernelSize: [1, size], padding: [0, size >> 1] });
const high = (size: number): ConvOptions => ({ kernelSize: [size, 1], padding: [size >> 1, 0] });
const halving = { kernelSize: 3, stride: 2 };

export class InceptionA extends Branches {
  constructor(inputs: number, { poolFeatures }: { poolFeatures: number }) {
    super();
    this.conv('branch1x1', inputs, 64);
    this.conv('branch5x5_1', inputs, 48);
    this.conv('branch5x5_2', 48, 64, { kernelSize: 5, padding: 2 });
    this.conv('branch3x3dbl_1', inputs, 64);
    this.conv('branch3x3dbl_2', 64, 96, { kernelSize: 3, padding: 1 });
    this.conv('branch3x3dbl_3', 96, 96, { kernelSize: 3, padding: 1 });
    this.conv('branchPool', inputs, poolFeatures);
  }

  override forward(x: Tensor): Tensor {
    const one = this.through(x, 'branch1x1');
    const five = this.through(x, 'branch5x5_1', 'branch5x5_2');
    const three = this.through(x, 'branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3');
    return ops.cat([one, five, three, this.averaged(x)], 1);
  }
}

export class InceptionB extends Branches {
  constructor(inputs: number) {
    super();
    this.conv('branch3x3', inputs, 384, halving);
    this.conv('branch3x3dbl_1', inputs, 64);
    this.conv('branch3x3dbl_2', 64, 96, { kernelSize: 3, padding: 1 });
    this.conv('branch3x3dbl_3', 96, 96, halving);
  }

  override forward(x: Tensor): Tensor {
    const three = this.through(x, 'branch3x3');
    const twice = this.through(x, 'branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3');
    return ops.cat([three, twice, F.maxPool2d(x, { kernelSize: 3, stride: 2 })], 1);
  }
}

export class InceptionC extends Branches {
  constructor(inputs: number, { channels7x7: inner }: { channels7x7: number }) {
    super();
    this.conv('branch1x1', inputs, 192);
    this.conv('branch7x7_1', inputs, inner);
    this.conv('branch7x7_2', inner, inner, wide(7));
    this.conv('branch7x7_3', inner, 192, high(7));
    this.conv('branch7x7dbl_1', inputs, inner);
    this.conv('branch7x7dbl_2', inner, inner, high(7));
    this.conv('branch7x7dbl_3', inner, inner, wide(7));
    this.conv('branch7x7dbl_4', inner, inner, high(7));
    this.conv('branch7x7dbl_5', inner, 192, wide(7));
    this.conv('branchPool', inputs, 192);
  }

  override forward(x: Tensor): Tensor {
    const numbered = (name: string, count: number) =>
      Array.from({ length: count }, (_, i) => `${name}_${i + 1}`);
    const one = this.through(x, 'branch1x1');
    const seven = this.through(x, ...numbered('branch7x7', 3));
    const twice = this.through(x, ...numbered('branch7x7dbl', 5));
    return ops.cat([one, seven, twice, this.averaged(x)], 1);
  }
}

export class InceptionD extends Branches {
  constructor(inputs: number) {
    super();
    this.conv('branch3x3_1', inputs, 192);
    this.conv('branch3x3_2', 192, 320, halving);
    this.conv('branch7x7x3_1', inputs, 192);
    this.conv('branch7x7x3_2', 192, 192, wide(7));
    this.conv('branch7x7x3_3', 192, 192, high(7));
    this.conv('branch7x7x3_4', 192, 192, halving);
  }

  override forward(x: Tensor): Tensor {
    const three = this.through(x, 'branch3x3_1', 'branch3x3_2');
    const seven = this.through(x, 'branch7x7x3_1', 'branch7x7x3_2', 'branch7x7x3_3', 'branch7x7x3_4');
    return ops.cat([three, seven, F.maxPool2d(x, { kernelSize: 3, stride: 2 })], 1);
  }
}

export class InceptionE extends Branches {
  constructor(inputs: number) {
    super();
    this.conv('branch1x1', inputs, 320);
    this.conv('branch3x3_1', inputs, 384);
    this.conv('branch3x3_2a', 384, 384, wide(3));
    this.conv('branch3x3_2b', 384, 384, high(3));
    this.conv('branch3x3dbl_1', inputs, 448);
    this.conv('branch3x3dbl_2', 448, 384, { kernelSize: 3, padding: 1 });
    this.conv('branch3x3dbl_3a', 384, 384, wide(3));
    this.conv('branch3x3dbl_3b', 384, 384, high(3));
    this.conv('branchPool', inputs, 192);
  }

  override forward(x: Tensor): Tensor {
    const both = (value: Tensor, name: string) => [
      this.through(value, `${name}a`),
      this.through(value, `${name}b`),
    ];
    const one = this.through(x, 'branch1x1');
    const three = ops.cat(both(this.through(x, 'branch3x3_1'), 'branch3x3_2'), 1);
    const twice = this.through(x, 'branch3x3dbl_1', 'branch3x3dbl_2');
    return ops.cat([one, three, ops.cat(both(twice, 'branch3x3dbl_3'), 1), this.averaged(x)], 1);
  }
}

/** A classifier on the features of the middle, for training. */
export class InceptionAux extends Branches {
  declare fc: Linear;

  constructor(inputs: number, numClasses: number) {
    super();
    this.conv('conv0', inputs, 128);
    this.conv('conv1', 128, 768, { kernelSize: 5 });
    this.fc = new Linear(768, numClasses);
    // torchvision means 0.01 for conv1 as well, but asks its parts, which do not know.
    spreads.set(this.fc, 0.001);
  }

  override forward(x: Tensor): Tensor {
    const found = this.through(F.avgPool2d(x, { kernelSize: 5, stride: 3 }), 'conv0', 'conv1');
    return this.fc.forward(ops.flatten(F.adaptiveAvgPool2d(found, [1, 1]), 1));
  }
}
