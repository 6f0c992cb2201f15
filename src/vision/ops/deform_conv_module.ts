import { ValueError } from '../../core/errors.js';
import { formatTuple } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import * as init from '../../nn/init.js';
import { Module } from '../../nn/module.js';
import { resetBias } from '../../nn/modules/linear.js';
import { Parameter } from '../../nn/parameter.js';
import { deformConv2d } from './deform_conv.js';

const deformConv = signature(
  'DeformConv2d(int in_channels, int out_channels, int[2] kernel_size, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1, bool bias=True)',
);
const ofMoved = signature('forward(Tensor input, Tensor offset, Tensor? mask=None)');

/** `deformConv2d` as a layer. */
export class DeformConv2d extends Module {
  declare weight: Parameter;
  declare bias: Parameter | null;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;

  /**
   * @param inChannels the channels of the input
   * @param outChannels the channels of the output
   * @param kernelSize the size of the kernel
   * @param stride how far the kernel moves
   * @param padding what is added on both sides
   * @param dilation the spacing of the kernel's elements
   * @param groups into how many groups channels are cut that do not see each other
   * @param bias whether something is added to each output
   */
  constructor(...args: Arguments<typeof deformConv>) {
    super();
    const given = deformConv.bind(args);
    const { inChannels, outChannels, groups, kernelSize } = given;
    if (inChannels % groups !== 0) throw new ValueError('in_channels must be divisible by groups');
    if (outChannels % groups !== 0) throw new ValueError('out_channels must be divisible by groups');
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.stride = given.stride;
    this.padding = given.padding;
    this.dilation = given.dilation;
    this.groups = groups;
    this.weight = new Parameter(ops.empty([outChannels, inChannels / groups, ...kernelSize]));
    this.registerParameter('bias', given.bias ? new Parameter(ops.empty([outChannels])) : null);
    this.resetParameters();
  }

  /** Draws new values, as convolutions have them. */
  resetParameters(): void {
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    resetBias(this.weight, this.bias);
  }

  override forward(...args: Arguments<typeof ofMoved>): Tensor {
    const [input, offset, mask] = ofMoved.inOrder(args, this);
    const { weight, bias, stride, padding, dilation } = this;
    return deformConv2d(input, offset, weight, bias, { stride, padding, dilation, mask });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, groups } = this;
    const parts = [
      `${this.inChannels}, ${this.outChannels}, kernel_size=${formatTuple(kernelSize)}, stride=${formatTuple(stride)}`,
    ];
    if (padding.some((n) => n !== 0)) parts.push(`padding=${formatTuple(padding)}`);
    if (dilation.some((n) => n !== 1)) parts.push(`dilation=${formatTuple(dilation)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (this.bias === null) parts.push('bias=False');
    return parts.join(', ');
  }
}

takesNothing(DeformConv2d.prototype, ['resetParameters']);
