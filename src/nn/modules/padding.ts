import { formatNumber, formatTuple } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { repeat } from '../arguments.js';
import { functional as F } from '../functional.js';
import { Module } from '../module.js';
import type { Sizes } from './conv.js';

/** Padding of the last `dims` dimensions; amounts come in pairs, the last dimension's first. */
abstract class PadNd extends Module {
  readonly padding: readonly number[];

  protected constructor(
    padding: Sizes,
    dims: number,
    private readonly mode: string,
  ) {
    super();
    this.padding = repeat(padding, 2 * dims);
  }

  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, this.mode);
  }

  override extraRepr(): string {
    return formatTuple(this.padding);
  }
}

abstract class ConstantPadNd extends PadNd {
  protected constructor(
    padding: Sizes,
    dims: number,
    readonly value: number,
  ) {
    super(padding, dims, 'constant');
  }

  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, 'constant', this.value);
  }

  override extraRepr(): string {
    return `padding=${formatTuple(this.padding)}, value=${formatNumber(this.value)}`;
  }
}

abstract class ZeroPadNd extends ConstantPadNd {
  protected constructor(padding: Sizes, dims: number) {
    super(padding, dims, 0);
  }

  override extraRepr(): string {
    return formatTuple(this.padding);
  }
}

/** Pads with zeros. */
export class ZeroPad1d extends ZeroPadNd {
  constructor(padding: Sizes) {
    super(padding, 1);
  }
}
/** Pads with zeros. */
export class ZeroPad2d extends ZeroPadNd {
  constructor(padding: Sizes) {
    super(padding, 2);
  }
}
/** Pads with zeros. */
export class ZeroPad3d extends ZeroPadNd {
  constructor(padding: Sizes) {
    super(padding, 3);
  }
}

/** Pads with one value. */
export class ConstantPad1d extends ConstantPadNd {
  constructor(padding: Sizes, value: number) {
    super(padding, 1, value);
  }
}
/** Pads with one value. */
export class ConstantPad2d extends ConstantPadNd {
  constructor(padding: Sizes, value: number) {
    super(padding, 2, value);
  }
}
/** Pads with one value. */
export class ConstantPad3d extends ConstantPadNd {
  constructor(padding: Sizes, value: number) {
    super(padding, 3, value);
  }
}

/** Pads with what lies behind the rim, mirrored. */
export class ReflectionPad1d extends PadNd {
  constructor(padding: Sizes) {
    super(padding, 1, 'reflect');
  }
}
/** Pads with what lies behind the rim, mirrored. */
export class ReflectionPad2d extends PadNd {
  constructor(padding: Sizes) {
    super(padding, 2, 'reflect');
  }
}
/** Pads with what lies behind the rim, mirrored. */
export class ReflectionPad3d extends PadNd {
  constructor(padding: Sizes) {
    super(padding, 3, 'reflect');
  }
}

/** Pads by repeating the rim. */
export class ReplicationPad1d extends PadNd {
  constructor(padding: Sizes) {
    super(padding, 1, 'replicate');
  }
}
/** Pads by repeating the rim. */
export class ReplicationPad2d extends PadNd {
  constructor(padding: Sizes) {
    super(padding, 2, 'replicate');
  }
}
/** Pads by repeating the rim. */
export class ReplicationPad3d extends PadNd {
  constructor(padding: Sizes) {
    super(padding, 3, 'replicate');
  }
}

/** Pads from the opposite side. */
export class CircularPad1d extends PadNd {
  constructor(padding: Sizes) {
    super(padding, 1, 'circular');
  }
}
/** Pads from the opposite side. */
export class CircularPad2d extends PadNd {
  constructor(padding: Sizes) {
    super(padding, 2, 'circular');
  }
}
/** Pads from the opposite side. */
export class CircularPad3d extends PadNd {
  constructor(padding: Sizes) {
    super(padding, 3, 'circular');
  }
}
