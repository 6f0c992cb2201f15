import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';

const pixelShuffle = signature('PixelShuffle(int upscale_factor)');

/** Puts channels beside each other as pixels: [*, C · r², H, W] becomes [*, C, H · r, W · r]. */
export class PixelShuffle extends Module {
  upscaleFactor: number;

  /** @param upscaleFactor the factor r by which height and width grow */
  constructor(...args: Arguments<typeof pixelShuffle>) {
    super();
    ({ upscaleFactor: this.upscaleFactor } = pixelShuffle.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

const pixelUnshuffle = signature('PixelUnshuffle(int downscale_factor)');

/** Makes channels of pixels beside each other: [*, C, H · r, W · r] becomes [*, C · r², H, W]. */
export class PixelUnshuffle extends Module {
  downscaleFactor: number;

  /** @param downscaleFactor the factor r by which height and width shrink */
  constructor(...args: Arguments<typeof pixelUnshuffle>) {
    super();
    ({ downscaleFactor: this.downscaleFactor } = pixelUnshuffle.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

const channelShuffle = signature('ChannelShuffle(int groups)');

/** Deals the channels of a [N, C, *] input into groups anew, so that each has some of every old one. */
export class ChannelShuffle extends Module {
  groups: number;

  /** @param groups how many groups the channels are in */
  constructor(...args: Arguments<typeof channelShuffle>) {
    super();
    ({ groups: this.groups } = channelShuffle.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
