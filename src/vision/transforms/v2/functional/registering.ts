import { type Arguments, signature } from '../../../../core/signature/signature.js';
import type { TVTensor } from '../../../tv_tensors/tv_tensor.js';
import { type Kernel, registrar } from './kernels_by_class.js';

const ofRegister = signature('register_kernel(Any functional, Any tv_tensor_cls)');

/** A class of the user's, below `TVTensor`. */
export type TVTensorClass<T extends TVTensor> = abstract new (...args: never[]) => T;

/**
 * Tells a function of `v2.functional` what to do with TVTensors of a class of the user's. What it returns takes the kernel, which is
 * given the tensor and the function's other arguments by name.
 *
 * @param functional the function
 * @param tvTensorCls the class
 *
 * @example
 * registerKernel(functional.horizontalFlip, Depth)((depth) => depth.wrap(depth.flip(-1)));
 */
export function registerKernel<T extends TVTensor>(
  ...args: Arguments<typeof ofRegister, { functional: object; tvTensorCls: TVTensorClass<T> }>
): <Given>(kernel: Kernel<T, Given>) => Kernel<T, Given> {
  const { functional, tvTensorCls } = ofRegister.bind(args);
  const register = registrar(functional, tvTensorCls);
  return (kernel) => {
    register(kernel as Kernel);
    return kernel;
  };
}
