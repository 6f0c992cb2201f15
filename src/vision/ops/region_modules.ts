/** Pooling of regions as layers. */
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { Module } from '../../nn/module.js';
import { settingText, take } from '../../nn/settings.js';
import { type PooledSize, psRoiAlign, roiAlign } from './region_align.js';
import { psRoiPool, roiPool } from './region_pool.js';

const ofRegions = signature('forward(Tensor input, Tensor|Tensor[] rois)');
const pooling = 'int|int[] output_size, float spatial_scale' as const;
const sampling = `${pooling}, int sampling_ratio` as const;
const align = signature(`RoIAlign(${sampling}, bool aligned=False)`);
const pool = signature(`RoIPool(${pooling})`);
const positionAlign = signature(`PSRoIAlign(${sampling})`);
const positionPool = signature(`PSRoIPool(${pooling})`);

/** The settings that a layer prints. */
const listed = (module: Module, ...names: string[]): string =>
  names
    .map((name) => `${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}=${settingText(module, name)}`)
    .join(', ');

/** `roiAlign` as a layer. */
export class RoIAlign extends Module {
  declare outputSize: PooledSize;
  declare spatialScale: number;
  declare samplingRatio: number;
  declare aligned: boolean;

  /**
   * @param outputSize the height and width of the result
   * @param spatialScale what coordinates are multiplied by
   * @param samplingRatio how many samples a bin has in each direction; 0 or less: one for each pixel that it covers
   * @param aligned whether coordinates are moved by half a pixel
   */
  constructor(...args: Arguments<typeof align>) {
    super();
    take(this, align.bind(args));
  }

  override forward(...args: Arguments<typeof ofRegions>): Tensor {
    const [input, rois] = ofRegions.inOrder(args, this);
    return roiAlign(input, rois, this.outputSize, this.spatialScale, this.samplingRatio, this.aligned);
  }

  override extraRepr(): string {
    return listed(this, 'outputSize', 'spatialScale', 'samplingRatio', 'aligned');
  }
}

/** `roiPool` as a layer. */
export class RoIPool extends Module {
  declare outputSize: PooledSize;
  declare spatialScale: number;

  /**
   * @param outputSize the height and width of the result
   * @param spatialScale what coordinates are multiplied by
   */
  constructor(...args: Arguments<typeof pool>) {
    super();
    take(this, pool.bind(args));
  }

  override forward(...args: Arguments<typeof ofRegions>): Tensor {
    const [input, rois] = ofRegions.inOrder(args, this);
    return roiPool(input, rois, this.outputSize, this.spatialScale);
  }

  override extraRepr(): string {
    return listed(this, 'outputSize', 'spatialScale');
  }
}

/** `psRoiAlign` as a layer. */
export class PSRoIAlign extends Module {
  declare outputSize: PooledSize;
  declare spatialScale: number;
  declare samplingRatio: number;

  /**
   * @param outputSize the height and width of the result
   * @param spatialScale what coordinates are multiplied by
   * @param samplingRatio how many samples a bin has in each direction; 0 or less: one for each pixel that it covers
   */
  constructor(...args: Arguments<typeof positionAlign>) {
    super();
    take(this, positionAlign.bind(args));
  }

  override forward(...args: Arguments<typeof ofRegions>): Tensor {
    const [input, rois] = ofRegions.inOrder(args, this);
    return psRoiAlign(input, rois, this.outputSize, this.spatialScale, this.samplingRatio);
  }

  override extraRepr(): string {
    return listed(this, 'outputSize', 'spatialScale', 'samplingRatio');
  }
}

/** `psRoiPool` as a layer. */
export class PSRoIPool extends Module {
  declare outputSize: PooledSize;
  declare spatialScale: number;

  /**
   * @param outputSize the height and width of the result
   * @param spatialScale what coordinates are multiplied by
   */
  constructor(...args: Arguments<typeof positionPool>) {
    super();
    take(this, positionPool.bind(args));
  }

  override forward(...args: Arguments<typeof ofRegions>): Tensor {
    const [input, rois] = ofRegions.inOrder(args, this);
    return psRoiPool(input, rois, this.outputSize, this.spatialScale);
  }

  override extraRepr(): string {
    return listed(this, 'outputSize', 'spatialScale');
  }
}
