import type * as torch from 'flambeau';
import type { Snapshot } from './messages.js';

type TypedArray = ReturnType<torch.Tensor['toArray']>;

/** Larger tensors are not sent to the page, and not more than so much of one snippet. */
const largest = 2 ** 20;
const most = 2 ** 22;

/** Notes the values of tensors that are printed, as long as they are few enough to be looked at. */
export class Snapshots {
  private numbers = 0;

  begin(): void {
    this.numbers = 0;
  }

  /** The tensor as it is now; null if there is nothing to look at. Waits only for devices that must be waited for. */
  take(tensor: torch.Tensor): Snapshot | Promise<Snapshot> | null {
    const count = tensor.numel();
    const { dtype } = tensor;
    if (tensor.dim() === 0 || count < 2 || count > largest || this.numbers + count > most) return null;
    if (tensor.isComplex()) return null;
    this.numbers += count;
    const snapshot = (values: TypedArray): Snapshot => ({
      shape: [...tensor.shape],
      dtype: String(dtype).replace('torch.', ''),
      values: Float64Array.from(values as ArrayLike<number | bigint>, Number),
    });
    return tensor.device.type === 'cpu' ? snapshot(tensor.toArray()) : tensor.toArrayAsync().then(snapshot);
  }
}
