/** `torch.nn.functional`: the functions that layers are made of. */
export { functional } from '../generated/nn_functional.js';
