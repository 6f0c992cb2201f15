import { dtypeByName } from './dtype.js';
import { RuntimeError } from './errors.js';
import { inspect } from './inspect.js';
import { libraryClass } from './object.js';

/** Where a tensor lives: `new Device('cpu')`, printed as `cpu` or `webgpu:0`. */
export class Device {
  /** `'cpu'`, `'webgpu'`, or what others have: `'cuda'` in a checkpoint, on which nothing can be computed here. */
  readonly type: string;
  /** Which device of that type; null where there is only one. */
  readonly index: number | null;

  constructor(type: string, index: number | null = null) {
    if (type === '') throw new RuntimeError('Device string must not be empty');
    const [, name, number] = /^([a-zA-Z_]+)(?::(0|[1-9]\d*))?$/.exec(type) ?? [];
    if (name === undefined) {
      const remedy = dtypeByName(type) === undefined ? '' : `; the dtype is written torch.${type}`;
      throw new RuntimeError(`Invalid device string: '${type}'${remedy}`);
    }
    if (!deviceTypes.includes(name))
      throw new RuntimeError(
        `Expected one of ${deviceTypes.join(', ')} device type at start of device string: ${name} (here there are 'cpu', 'webgpu' and 'meta')`,
      );
    if (number !== undefined && index !== null)
      throw new RuntimeError(
        `type (string) must not include an index because index was passed explicitly: ${type}`,
      );
    if (index !== null && !(Number.isSafeInteger(index) && index >= 0))
      throw new RuntimeError('Device index must not be negative');
    this.type = name;
    this.index = number === undefined ? index : Number(number);
  }

  /** Its name in error texts and `{ device }` options. */
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

const deviceTypes: readonly string[] =
  'cpu cuda ipu xpu mkldnn opengl opencl ideep hip ve fpga maia xla lazy vulkan mps meta hpu mtia privateuseone webgpu'.split(
    ' ',
  );

/** The CPU. */
export const cpu = new Device('cpu');

/** PyTorch's error for tensors that do not live together. */
export function devicesError(first: Device, second: Device): RuntimeError {
  if (first.type === 'meta' || second.type === 'meta')
    return new RuntimeError(`Tensor on device ${second} is not on the expected device ${first}!`);
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
