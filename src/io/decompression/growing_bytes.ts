import type { Bytes } from '../bytes.js';
import { reserve } from '../reserve.js';

/** Bytes that are written one after the other, up to a size that a file claims: memory grows with what is there, not with the claim. */
export class GrowingBytes {
  private room: Bytes;
  length = 0;

  /**
   * @param size how many bytes there are to be; null if nothing says it
   * @param fail makes the error for bytes beyond the size claimed, or too few of them
   */
  constructor(
    private readonly size: number | null,
    private readonly fail: (why: string) => Error,
  ) {
    this.room = reserve(Math.min(size ?? 4096, 4096));
  }

  push(byte: number): void {
    if (this.length === this.room.length) this.grow();
    this.room[this.length++] = byte;
  }

  /** The byte that was written so many before the end. */
  back(distance: number): number {
    return this.room[this.length - distance];
  }

  /** All bytes. @throws what `fail` makes if they are fewer than claimed */
  whole(): Bytes {
    if (this.length < (this.size ?? 0)) throw this.fail('it is smaller than it claims');
    return this.room.length === this.length ? this.room : this.room.slice(0, this.length);
  }

  private grow(): void {
    if (this.length === this.size) throw this.fail('it is larger than it claims');
    const larger = reserve(Math.min(this.size ?? Number.POSITIVE_INFINITY, 2 * this.room.length));
    larger.set(this.room);
    this.room = larger;
  }
}
