/** `torch.nn.utils`. */
export {
  clipGradNorm_,
  clipGradNorm_Async,
  clipGradsWithNorm_,
  clipGradValue_,
  getTotalNorm,
} from './clip_grad.js';
export { parametersToVector, vectorToParameters } from './convert_parameters.js';
export { convertConv2dWeightMemoryFormat, convertConv3dWeightMemoryFormat } from './convolution_formats.js';
export * as fusion from './fusion.js';
export {
  fuseConvBnEval,
  fuseConvBnWeights,
  fuseLinearBnEval,
  fuseLinearBnWeights,
} from './fusion.js';
export * as rnn from './packed_sequence.js';
export * as parametrizations from './parametrizations.js';
export * as parametrize from './parametrize.js';
export * as prune from './prune.js';
export { skipInit } from './skip_init.js';
