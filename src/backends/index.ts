/** `torch.backends`: which engines there are and what they run on. */
export { cuda, cudnn, mkl, mkldnn, mps, openmp } from '../accelerators/libraries.js';
export * as cpu from './cpu/info.js';
