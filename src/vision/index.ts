/// <reference lib="esnext.disposable" preserve="true" />
/**
 * torchvision's counterpart: `import * as torchvision from 'flambeau/vision'`. It computes with the engine that 'flambeau' or
 * 'flambeau/lazy' brings, one of which a program imports as well.
 */
export * as datasets from './datasets/index.js';
export * as io from './io/index.js';
export * as models from './models/index.js';
export * as ops from './ops/index.js';
export { Image } from './transforms/image.js';
export * as transforms from './transforms/index.js';
export * as tvTensors from './tv_tensors/index.js';
export type * from './types.js';
export * as utils from './utils/index.js';
