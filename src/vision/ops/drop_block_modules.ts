/** Dropout of whole blocks as layers. */
import { formatBool } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ofInput } from '../../nn/inputs.js';
import { Module } from '../../nn/module.js';
import { settingText, take } from '../../nn/settings.js';
import { dropBlock2d, dropBlock3d } from './drop_block.js';

const settings = 'float p, int block_size, bool inplace=False, float eps=1e-06' as const;
const block2d = signature(`DropBlock2d(${settings})`);
const block3d = signature(`DropBlock3d(${settings})`);

/** `dropBlock2d` as a layer. */
export class DropBlock2d extends Module {
  declare p: number;
  declare blockSize: number;
  declare inplace: boolean;
  declare eps: number;

  /**
   * @param p the part that is zeroed
   * @param blockSize the side of a block
   * @param inplace whether the input is changed
   * @param eps added to what is divided by
   */
  constructor(...args: Arguments<typeof block2d>) {
    super();
    take(this, block2d.bind(args, new.target.name));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return dropBlock2d(input, this.p, this.blockSize, this.inplace, this.eps, this.training);
  }

  override extraRepr(): string {
    return `p=${settingText(this, 'p')}, block_size=${this.blockSize}, inplace=${formatBool(this.inplace)}`;
  }
}

/** `dropBlock3d` as a layer. */
export class DropBlock3d extends DropBlock2d {
  /**
   * @param p the part that is zeroed
   * @param blockSize the side of a block
   * @param inplace whether the input is changed
   * @param eps added to what is divided by
   */
  constructor(...args: Arguments<typeof block3d>) {
    super(...args);
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return dropBlock3d(input, this.p, this.blockSize, this.inplace, this.eps, this.training);
  }
}
