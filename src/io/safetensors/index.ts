/** `torch.safetensors`: the Python package's `safe_open` and its module `safetensors.torch`, in one namespace. */
export { SafetensorError } from './header.js';
export { type LoadModelOptions, load, loadFile, loadModel } from './load.js';
export { SafeOpen, type SafeOpenOptions, SafeSlice, safeOpen } from './open.js';
export { type Metadata, save, saveFile, saveModel } from './save.js';
