/** The meta device: tensors that have shapes, dtypes and strides, and no values. Every computation on them does nothing. */

import { snakeCase } from '../../core/camel_case.js';
import { Device } from '../../core/device.js';
import type { Ending } from '../../core/disposed.js';
import { NotImplementedError, noDataError, RuntimeError } from '../../core/errors.js';
import { type Backend, type Block, type MemoryStats, Storage } from '../backend.js';
import { type Kernels, kernels } from '../kernels.js';

/** Memory that is as large as it says, and is not there. */
class Nowhere implements Block {
  users = 1;
  readonly place = this;
}

const nothing = { aliveBytes: 0, aliveCount: 0, pooledBytes: 0, pooledCount: 0 };

export class MetaBackend implements Backend {
  readonly device = new Device('meta');
  readonly isHost = false;
  readonly hasValues = false;
  // Dtypes are those of the CPU.
  readonly hasFloat64 = true;
  readonly kernels = Object.fromEntries(kernels.map(({ name }) => [name, () => {}])) as unknown as Kernels;

  takesWhole(): boolean {
    return true;
  }

  checkDtype(): void {}

  allocate(nbytes: number): Storage {
    return new Storage(this, nbytes, new Nowhere());
  }

  wrap(): Storage {
    throw new RuntimeError('memory of the host cannot be used in place by meta, which has no memory');
  }

  upload(): void {}

  host(): null {
    return null;
  }

  expose(): null {
    return null;
  }

  download(): never {
    throw noDataError();
  }

  arriving(): never {
    throw new RuntimeError('nothing arrives at meta later');
  }

  unreadable(reader: string, isOp: boolean): Error {
    if (isOp)
      return new NotImplementedError(
        `aten::${snakeCase(reader)}: attempted to run this operator with Meta tensors, but there was no fake impl or Meta kernel registered: its result depends on values, which tensors on meta do not have`,
      );
    return reader.startsWith('item')
      ? new RuntimeError('Tensor.item() cannot be called on meta tensors')
      : noDataError();
  }

  release(storage: Storage, how: Ending): void {
    if (storage.ended === null) storage.end(how);
  }

  memoryStats(): MemoryStats {
    return { ...nothing, peakBytes: 0, peakCount: 0, reservedBytes: 0 };
  }

  resetPeakMemoryStats(): void {}

  pointwise(): void {}

  reduce(): void {}
}
