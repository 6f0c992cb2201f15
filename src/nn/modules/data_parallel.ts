import { type Arguments, signature } from '../../core/signature/signature.js';
import { Module } from '../module.js';

const dataParallel = signature(
  'DataParallel(Any module, Any device_ids=None, Any output_device=None, int dim=0)',
);

/**
 * PyTorch's distribution of a batch to several GPUs. There is one device here, as in PyTorch without CUDA: the module is called as it
 * is. Names in the state dict begin with `module.`, so that checkpoints of such networks can be loaded.
 */
export class DataParallel<M extends Module = Module> extends Module {
  module: M;
  /** None: the module runs where it is. */
  readonly deviceIds: readonly number[] = [];

  /**
   * @param module the module that is called
   * @param deviceIds for PyTorch's sake
   * @param outputDevice for PyTorch's sake
   * @param dim for PyTorch's sake: the dimension that a batch is cut along
   */
  constructor(...args: Arguments<typeof dataParallel, { module: M }>) {
    super();
    this.module = dataParallel.bind(args).module as M;
  }

  override forward(...inputs: Parameters<M['forward']>): ReturnType<M['forward']> {
    return this.module.forward(...(inputs as unknown[])) as ReturnType<M['forward']>;
  }
}
