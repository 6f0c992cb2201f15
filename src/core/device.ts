import { RuntimeError } from './errors.js';
import { inspect } from './inspect.js';
import { libraryClass } from './object.js';

/** Where a tensor lives: `new Device('cpu')`, printed as `cpu` or `webgpu:0`. */
export class Device {
  /** `'cpu'` or `'webgpu'`. */
  readonly type: string;
  /** Which device of that type; null where there is only one. */
  readonly index: number | null;

  constructor(type: string, index: number | null = null) {
    const [name, number, ...rest] = type.split(':');
    if (!deviceTypes.includes(name) || rest.length > 0 || (number !== undefined && !/^\d+$/.test(number)))
      throw new RuntimeError(
        `Expected one of ${deviceTypes.join(', ')} device type at start of device string: ${name}`,
      );
    this.type = name;
    this.index = number === undefined ? index : Number(number);
  }

  /** What error texts and `{ device }` options call it. */
  toString(): string {
    return this.index === null ? this.type : `${this.type}:${this.index}`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** @internal */
  [inspect](): string {
    return this.index === null
      ? `device(type='${this.type}')`
      : `device(type='${this.type}', index=${this.index})`;
  }
}

libraryClass(Device);

const deviceTypes: readonly string[] = ['cpu', 'webgpu'];

/** The CPU. */
export const cpu = new Device('cpu');

/** PyTorch's error for tensors that do not live together. */
export function devicesError(first: Device, second: Device): RuntimeError {
  return new RuntimeError(
    `Expected all tensors to be on the same device, but found at least two devices, ${first} and ${second}!`,
  );
}

/** Where an argument names a device: `'cpu'` or a `Device`. */
export type DeviceLike = string | Device;

export function toDevice(device: DeviceLike): Device {
  if (device instanceof Device) return device;
  return device === 'cpu' ? cpu : new Device(device);
}

/** `torch.device('cpu')`, `torch.device('webgpu', 0)`. */
export function device(type: DeviceLike, index: number | null = null): Device {
  return index === null ? toDevice(type) : new Device(String(type), index);
}
