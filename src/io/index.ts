/** `torch.save` and `torch.load`. */
export { type LoadOptions, load } from './loading.js';
export { PicklingError, UnpicklingError } from './pickle.js';
export { type SaveOptions, save } from './saving.js';
export type { Writable } from './sink.js';
export type { Readable } from './source.js';
export type { MapLocation } from './storages.js';
