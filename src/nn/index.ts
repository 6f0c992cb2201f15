/** Neural networks: `torch.nn`. */
export type { RemovableHandle } from '../autograd/node.js';
export { functional } from './functional.js';
export * as init from './init.js';
export {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type IncompatibleKeys,
  Module,
  type StateDict,
} from './module.js';
export * from './modules/index.js';
export { Parameter } from './parameter.js';
export { UninitializedBuffer, UninitializedParameter } from './uninitialized.js';
export * as utils from './utils/index.js';
