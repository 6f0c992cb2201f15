/** `torch.serialization`. */
export { ForeignName, ForeignObject } from './foreign.js';
export { load, save } from './index.js';
export {
  addSafeGlobals,
  clearSafeGlobals,
  getSafeGlobals,
  type SafeGlobal,
  safeGlobals,
} from './safe_globals.js';
