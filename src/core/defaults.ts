import { cpu, type Device, type DeviceLike, toDevice } from './device.js';
import { Category, type DType, float32 } from './dtype.js';
import { TypeError } from './errors.js';

let dtype: DType = float32;
let device: Device = cpu;

/** The dtype of new floating-point tensors: float32 unless changed. */
export function getDefaultDtype(): DType {
  return dtype;
}

/**
 * Sets the dtype of new floating-point tensors.
 * @throws TypeError if it is not a floating-point dtype
 */
export function setDefaultDtype(d: DType): void {
  if (d.category !== Category.float)
    throw new TypeError('invalid dtype object: only floating-point types are supported as the default type');
  if (d.family !== null) throw new TypeError(`couldn't find storage object ${d.scalarName}Storage`);
  dtype = d;
}

/** The device of new tensors: the CPU unless changed. */
export function getDefaultDevice(): Device {
  return device;
}

/** Sets the device of new tensors. */
export function setDefaultDevice(d: DeviceLike): void {
  device = toDevice(d);
}
