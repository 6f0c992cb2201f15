/** `torch.save` and `torch.load`. */
export { PicklingError, UnpicklingError } from './pickle.js';
export { type LoadOptions, load, type MapLocation, save, type Writable } from './serialization.js';
export type { Readable } from './source.js';
