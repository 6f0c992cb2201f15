/**
 * How far the device is behind. Recording costs far less than running, so a loop that never waits for a value would queue
 * commands and uploads without end, and their memory with them. CUDA's queue blocks the caller when it is full; JavaScript
 * cannot block, but what iterates asynchronously can wait.
 */

/** Dispatches that may wait at the device; some hundreds keep it busy. */
const LIMIT = 1024;
/** An upload of so many bytes counts as a dispatch: its copy lives until the device has come to it. */
const BYTES = 2 ** 16;

export class Backlog {
  private submitted = 0;
  private finished = 0;
  private pending: Promise<void> | null = null;

  constructor(
    private readonly queue: GPUQueue,
    private readonly lost: Promise<unknown>,
  ) {}

  /** The work that waits at the device, in dispatches. */
  get size(): number {
    return this.submitted - this.finished;
  }

  addUpload(nbytes: number): void {
    this.submitted += nbytes / BYTES;
  }

  /** To be called when they have been handed over. */
  addDispatches(count: number): void {
    this.submitted += count;
    // Asked for in good time: when there is too much, half of it may be done soon.
    if (this.pending === null && this.size > LIMIT / 2) this.ask();
  }

  /** Settles when the device has come nearer; null where it is near enough. */
  wait(): Promise<void> | null {
    return this.size > LIMIT ? (this.pending ?? this.ask()) : null;
  }

  private ask(): Promise<void> {
    const { submitted } = this;
    const settle = (): void => {
      this.finished = submitted;
      this.pending = null;
    };
    // A lost device has nothing before it.
    this.pending = Promise.race([this.queue.onSubmittedWorkDone(), this.lost]).then(settle, settle);
    return this.pending;
  }
}
