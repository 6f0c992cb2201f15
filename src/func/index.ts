/** `torch.func`: functions that take functions and give their derivatives. */
export type { Argnums } from './argnums.js';
export { replaceAllBatchNormModules_ } from './batch_norm_replacement.js';
export {
  type FunctionalCallOptions,
  functionalCall,
  type NamedTensors,
  stackModuleState,
} from './functional_call.js';
export {
  hessian,
  type JacfwdOptions,
  type Jacobian,
  type JacrevOptions,
  jacfwd,
  jacrev,
} from './jacobian.js';
export { type JvpOptions, jvp } from './jvp.js';
export { linearize } from './linearize.js';
export {
  type GradFunctionOptions,
  grad,
  gradAndValue,
  type Picked,
  type VjpFunction,
  vjp,
} from './reverse.js';
export { type MappedDims, type VmapOptions, vmap } from './vmap.js';
