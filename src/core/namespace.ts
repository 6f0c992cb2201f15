/** Functions of `torch` about dtypes, devices and defaults, with their arguments checked. What is within calls the bodies. */
import * as defaults from './defaults.js';
import { Device, toDevice } from './device.js';
import type { DType } from './dtype.js';
import * as promotion from './promotion.js';
import { signed } from './signature/signed.js';
import * as info from './type_info.js';

/** The dtype of new floating-point tensors: float32 unless changed. */
export const getDefaultDtype = signed('get_default_dtype()', defaults.getDefaultDtype);

/**
 * Sets the dtype of new floating-point tensors.
 * @throws TypeError if it is not a floating-point dtype
 */
export const setDefaultDtype = signed('set_default_dtype(ScalarType d)', ({ d }) =>
  defaults.setDefaultDtype(d),
);

/** The device of new tensors: the CPU unless changed. */
export const getDefaultDevice = signed('get_default_device()', defaults.getDefaultDevice);

/** Sets the device of new tensors. */
export const setDefaultDevice = signed('set_default_device(Device device)', ({ device }) =>
  defaults.setDefaultDevice(device),
);

/** `torch.device('cpu')`, `torch.device('webgpu', 0)`. */
export const device = signed('device(Device type, int? index=None)', ({ type, index }) =>
  index === null ? toDevice(type) : new Device(String(type), index),
);

/** The smallest dtype that holds both. */
export const promoteTypes = signed(
  'promote_types(ScalarType type1, ScalarType type2)',
  ({ type1, type2 }): DType => promotion.promoteTypes(type1, type2),
);

/** Whether a value of `from_` may be stored in `to` by an in-place op or `out`: categories may not fall. */
export const canCast = signed('can_cast(ScalarType from_, ScalarType to)', ({ from_, to }) =>
  promotion.canCast(from_, to),
);

/** Limits of a floating-point dtype, by default the default one. @throws TypeError for any other */
export const finfo = signed('finfo(ScalarType? type=None)', ({ type }) =>
  info.finfo(type ?? defaults.getDefaultDtype()),
);

/** Limits of an integer dtype. @throws TypeError for any other */
export const iinfo = signed('iinfo(ScalarType type)', ({ type }) => info.iinfo(type));
