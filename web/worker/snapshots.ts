import * as torch from 'flambeau';
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
    if (tensor.dim() === 0 || count < 2 || count > largest || this.numbers + count > most) return null;
    if (tensor.isComplex()) return null;
    this.numbers += count;
    return tensor.device.type === 'cpu'
      ? snapshot(tensor, tensor.toArray())
      : tensor.toArrayAsync().then((values) => snapshot(tensor, values));
  }
}

const snapshot = (tensor: torch.Tensor, values: TypedArray): Snapshot => ({
  shape: [...tensor.shape],
  dtype: String(tensor.dtype).replace('torch.', ''),
  values: Float64Array.from(values as ArrayLike<number | bigint>, Number),
});

/**
 * The tensor as it is now.
 *
 * @param caller who asks, for the message
 * @throws TypeError if it is no tensor that can be shown
 */
export async function snapshotOf(tensor: torch.Tensor, caller: string): Promise<Snapshot> {
  const count = tensor instanceof torch.Tensor ? tensor.numel() : 0;
  if (count === 0 || count > largest || tensor.isComplex())
    throw new TypeError(`${caller} takes a tensor of 1 to ${largest} real numbers, got ${formOf(tensor)}`);
  return snapshot(tensor, await tensor.detach().toArrayAsync());
}

/** What was given in the place of something else, for messages. */
export const formOf = (value: unknown): string =>
  value instanceof torch.Tensor ? `[${value.shape.join(', ')}]` : value === null ? 'null' : typeof value;
