/** `torch.safetensors`: the Python package's `safe_open` and its module `safetensors.torch`, in one namespace. */
export { SafetensorError } from './header.js';
export { load, loadFile, loadModel } from './load.js';
export { SafeOpen, SafeSlice, safeOpen } from './open.js';
export { type Metadata, save, saveFile, saveModel } from './save.js';
