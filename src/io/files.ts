/** Readers and writers of files of tensors: imported as a whole when the first is read or written. */
export { load } from './loading.js';
export { loadArray, loadRawArray, saveArchive, saveArray } from './numpy/array_files.js';
export { save } from './saving.js';
export { loadShards } from './sharded.js';
