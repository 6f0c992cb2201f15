/** Files of events: TensorFlow's records, each with its length and two checksums. */

import { crc32c } from '../io/crc32.js';
import { concatenate } from '../io/sink.js';
import type { LogFile } from './log_folder.js';

/** TensorFlow's masked checksum: a checksum of bytes that hold checksums is no good one. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** An event as a record. */
export function recordOf(event: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(12));
  head.setBigUint64(0, BigInt(event.length), true);
  const bytes = new Uint8Array(head.buffer);
  head.setUint32(8, masked(bytes.subarray(0, 8)), true);
  const foot = new DataView(new ArrayBuffer(4));
  foot.setUint32(0, masked(event), true);
  return concatenate([bytes, event, new Uint8Array(foot.buffer)]);
}

/** Bytes, or those that are still to come. */
export type Eventually<T> = T | Promise<T>;

/** An event that waits for its turn. */
interface Slot {
  bytes: Uint8Array | null;
  /** Settles when the bytes are there or cannot be had; never fails. */
  readonly arrival: Promise<void> | null;
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** Files that have something to write should the process end. */
const waiting = new Set<EventFile>();
let isWatched = false;

function watchExit(): void {
  if (isWatched) return;
  isWatched = true;
  globalThis.process?.on?.('exit', () => {
    for (const file of waiting) file.writeReady();
  });
}

/** Writes events in the order in which they are added, also those whose values come later. */
export class EventFile {
  readonly #file: LogFile;
  readonly #maxQueue: number;
  readonly #flushMilliseconds: number;
  #slots: Slot[] = [];
  /** The last write of a file that is waited for. */
  #writing: Promise<unknown> | null = null;
  #failures: unknown[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /**
   * @param maxQueue as many events wait before they are written
   * @param flushSecs so long they wait
   */
  constructor(file: LogFile, maxQueue: number, flushSecs: number) {
    this.#file = file;
    this.#maxQueue = maxQueue;
    this.#flushMilliseconds = 1000 * flushSecs;
    watchExit();
  }

  add(event: Eventually<Uint8Array>): void {
    const slot: Slot = isPromise(event)
      ? {
          bytes: null,
          arrival: event.then(
            (bytes) => {
              slot.bytes = bytes;
            },
            (error: unknown) => {
              this.#failures.push(error);
              this.#slots.splice(this.#slots.indexOf(slot), 1);
            },
          ),
        }
      : { bytes: event, arrival: null };
    this.#slots.push(slot);
    waiting.add(this);
    if (this.#slots.length > this.#maxQueue) this.writeReady();
    else if (this.#timer === null) {
      this.#timer = setTimeout(() => this.writeReady(), this.#flushMilliseconds);
      // Nobody should wait for a log to end a program.
      (this.#timer as { unref?: () => void }).unref?.();
    }
  }

  /** Writes the events whose bytes are there, up to the first that is waited for. */
  writeReady(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const first = this.#slots.findIndex(({ bytes }) => bytes === null);
    const ready = this.#slots.splice(0, first < 0 ? this.#slots.length : first);
    if (this.#slots.length === 0) waiting.delete(this);
    if (ready.length > 0) this.#write(concatenate(ready.map(({ bytes }) => recordOf(bytes!))));
  }

  #write(bytes: Uint8Array): void {
    this.#then(() => this.#file.write(bytes));
  }

  /** Carries out a step after those before it. */
  #then(step: () => unknown): void {
    const attempt = async () => {
      try {
        await step();
      } catch (error) {
        this.#failures.push(error);
      }
    };
    if (this.#writing !== null) {
      const mine: Promise<void> = this.#writing.then(attempt);
      this.#await(mine);
      return;
    }
    // At once where that can be done: a file of this process's system is written when the call returns.
    try {
      const result = step();
      if (isPromise(result)) this.#await(result.catch((error: unknown) => this.#failures.push(error)));
    } catch (error) {
      this.#failures.push(error);
    }
  }

  #await(step: Promise<unknown>): void {
    const mine = step.then(() => {
      if (this.#writing === mine) this.#writing = null;
    });
    this.#writing = mine;
  }

  /** Writes everything that has been added. @throws what went wrong since the last time */
  async flush(): Promise<void> {
    this.writeReady();
    while (this.#slots.length > 0) {
      await this.#slots[0].arrival;
      this.writeReady();
    }
    if (this.#file.flush !== undefined) this.#then(() => this.#file.flush!());
    await this.#writing;
    const [failure] = this.#failures.splice(0);
    if (failure !== undefined) throw failure;
  }

  /** Flushes, and ends the file. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      waiting.delete(this);
      await this.#file.close?.();
    }
  }
}
