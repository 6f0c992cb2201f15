/** `torch.nn.functional`: the functions that layers are made of. */
export * from '../generated/nn_functional.js';
