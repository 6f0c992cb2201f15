/** `torch.testing`: comparisons for tests. */
export { type AssertCloseOptions, assertClose, assertCloseAsync } from './close.js';
