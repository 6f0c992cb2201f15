import { noGradSync } from '../../autograd/modes.js';
import type { MemoryFormat } from '../../core/memory_format.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Module } from '../module.js';
import { Conv2d, Conv3d, ConvTranspose2d, ConvTranspose3d } from '../modules/conv.js';

const conv2dSignature = signature(
  'convert_conv2d_weight_memory_format(Any module, MemoryFormat memory_format)',
);
const conv3dSignature = signature(
  'convert_conv3d_weight_memory_format(Any module, MemoryFormat memory_format)',
);

function convert<M extends Module>(
  module: M,
  isConvolution: (m: Module) => boolean,
  memoryFormat: MemoryFormat,
): M {
  noGradSync(() => {
    for (const layer of module.modules()) {
      if (!isConvolution(layer)) continue;
      const { weight } = layer as Conv2d;
      weight.data = weight.detach().clone().contiguous({ memoryFormat });
    }
  });
  return module;
}

/**
 * Lays the weights of two-dimensional convolutions out in this format.
 *
 * @param module the module, which is changed together with all inside of it
 * @param memoryFormat the format, as `torch.channelsLast`
 * @returns the module
 */
export function convertConv2dWeightMemoryFormat<M extends Module>(
  ...args: Arguments<typeof conv2dSignature, { module: M }>
): M {
  const { module, memoryFormat } = conv2dSignature.bind(args);
  return convert(module as M, (m) => m instanceof Conv2d || m instanceof ConvTranspose2d, memoryFormat);
}

/**
 * Lays the weights of three-dimensional convolutions out in this format.
 *
 * @param module the module, which is changed together with all inside of it
 * @param memoryFormat the format, as `torch.channelsLast3d`
 * @returns the module
 */
export function convertConv3dWeightMemoryFormat<M extends Module>(
  ...args: Arguments<typeof conv3dSignature, { module: M }>
): M {
  const { module, memoryFormat } = conv3dSignature.bind(args);
  return convert(module as M, (m) => m instanceof Conv3d || m instanceof ConvTranspose3d, memoryFormat);
}
