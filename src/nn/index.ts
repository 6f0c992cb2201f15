/** Neural networks: `torch.nn`. */
export type { RemovableHandle } from '../core/grad_fn.js';
export { Buffer } from './buffer.js';
export { functional } from './functional.js';
export * as init from './init.js';
export {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardHookWithKwargs,
  type ForwardPreHook,
  type ForwardPreHookWithKwargs,
  Module,
} from './module.js';
export type { IncompatibleKeys, StateDict, StateHookTypes, StateMetadata } from './module_state.js';
export * from './modules/index.js';
export * as modules from './modules_namespace.js';
export { Parameter } from './parameter.js';
export { UninitializedBuffer, UninitializedParameter } from './uninitialized.js';
export * as utils from './utils/index.js';
