/** Rules of what files may hold: the names that their pickles may mention, by what the user has asked for. */
import { NotImplementedError } from '../core/errors.js';
import { isNumpy } from './pickled_arrays.js';
import type { Maker } from './safe_globals.js';
import { dtypeOfPath, storageDtype } from './storage_types.js';
import type { PickleRules } from './unpickler.js';

/** Rebuilds tensors from the arguments of the function that the pickle names. */
export const tensorFunctions = new Set([
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_meta_tensor_no_storage',
]);
export const parameterFunctions = new Set([
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch.nn.parameter.Parameter',
]);
export const otherGlobals = new Set([
  'torch._tensor._rebuild_from_type_v2',
  'torch.Tensor',
  'torch.Size',
  'torch.device',
  '_codecs.encode',
  'builtins.bytearray',
  'builtins.bytes',
  'builtins.set',
  'builtins.complex',
  'torch.serialization._get_layout',
  'torch._utils._rebuild_sparse_tensor',
]);
/** Kinds of values that PyTorch loads and we cannot: named, so that nobody takes such a file for hostile, with what to save instead. */
const unsupported: readonly (readonly [paths: RegExp, what: string, instead: string])[] = [
  [/^torch\._utils\._rebuild_qtensor$|^torch\.Q\w+Storage$/, 'quantized tensors', 'x.dequantize()'],
  [/^torch\.per_(tensor|channel)_\w+$/, 'quantized tensors', 'x.dequantize()'],
  [/^torch\._utils\._rebuild_nested_tensor$|^torch\.nested\./, 'nested tensors', 'x.unbind()'],
  [
    /^torch\._utils\._rebuild_(wrapper_subclass|device_tensor_\w+)$/,
    'tensors of other devices and classes',
    'x.cpu()',
  ],
  [/^torch\.float4_\w+$/, 'tensors of 4 bit floats', 'x.float()'],
  [/^torch\.(bits|q?u?int)\d+(x\d+)?$/, 'tensors of this dtype', 'x.float()'],
];

/** The rules of what a file may hold, and what becomes of it. */
export interface LoadRules {
  /** Whether objects of any class are loaded, as stand-ins. */
  readonly inert: boolean;
  /** Whether quantized and sparse tensors become dense ones. */
  readonly toDense: boolean;
  /** Classes and functions of the user's, by Python's names. */
  readonly makers: ReadonlyMap<string, Maker>;
}

/** The names of which quantized tensors are made. */
export const quantized =
  /^torch\._utils\._rebuild_qtensor$|^torch\.Q(U?Int8|Int32)Storage$|^torch\.per_(tensor|channel)_affine\w*$|^torch\.per_\w+_symmetric$/;

/** Whether a pickle may name this class or function. */
function isAllowed(path: string, { toDense, makers }: LoadRules): boolean {
  if (makers.has(path) || isNumpy(path)) return true;
  if (quantized.test(path)) {
    if (toDense) return true;
  } else {
    const isDtype =
      [path, path.replace(/Tensor$/, 'Storage')].some((name) => storageDtype(name) !== undefined) ||
      dtypeOfPath(path) !== undefined;
    if (tensorFunctions.has(path) || parameterFunctions.has(path) || otherGlobals.has(path) || isDtype)
      return true;
  }
  for (const [paths, what, instead] of unsupported)
    if (paths.test(path)) throw notSupported(path, what, instead);
  return false;
}

export const notSupported = (path: string, what: string, instead: string) =>
  new NotImplementedError(
    `torch.load: ${what} are not supported (${path}): save ${instead} in Python and load that` +
      (quantized.test(path) ? ', or ask for dense ones by `toDense: true`' : ''),
  );

/** The rules for pickles of a file. */
export const pickleRules = (rules: LoadRules): PickleRules => ({
  allowed: (path) => isAllowed(path, rules),
  inert: rules.inert,
});
