import { complex32, type DType, dtypeByName, dtypes, int8, int32, uint8 } from '../core/dtype.js';

/** Whether PyTorch has no storage class for a dtype: its tensors lie on storages of bytes and name their type themselves. */
export const isUntyped = (dtype: DType): boolean => dtype.family !== null || dtype === complex32;

/** The name of PyTorch's storage class for a dtype: `'FloatStorage'`. */
const storageName = (dtype: DType): string => `${dtype.scalarName}Storage`;

/** The module and name of a dtype's storage class. */
export const storageClass = (dtype: DType): readonly [module: string, name: string] =>
  isUntyped(dtype) ? ['torch.storage', 'UntypedStorage'] : ['torch', storageName(dtype)];

const byName = new Map<string, DType>(dtypes.map((dtype) => [`torch.${storageName(dtype)}`, dtype]));
// A storage without a type: `_rebuild_tensor_v3` names the type of each tensor on it.
byName.set('torch.storage.UntypedStorage', uint8);
byName.set('torch.UntypedStorage', uint8);
// Quantized elements are whole numbers.
byName.set('torch.QInt8Storage', int8);
byName.set('torch.QUInt8Storage', uint8);
byName.set('torch.QInt32Storage', int32);

/** The dtype of a storage class, by its full name. */
export function storageDtype(path: string): DType | undefined {
  return byName.get(path);
}

/** The dtype that `torch.float32` and the like name. */
export function dtypeOfPath(path: string): DType | undefined {
  return path.startsWith('torch.') ? dtypeByName(path.slice('torch.'.length)) : undefined;
}

export function isDtype(value: object): value is DType {
  return (dtypes as readonly object[]).includes(value);
}

/** The beginning of PyTorch's files from before 1.6: a number that no other pickle has, and the layout's version. */
export const legacyMagic = 0x1950a86a20f9469cfc6cn;
export const legacyProtocol = 1001;
