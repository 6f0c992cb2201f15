/** The backend of one process: what it sends it receives. */
import { RuntimeError } from '../core/errors.js';
import type { Buffer, CollectiveCall, Communicator, Done, StartWorld } from './communicator.js';

interface Waiting {
  readonly call: CollectiveCall;
  readonly done: Done;
}

class SingleProcess implements Communicator {
  readonly rank = 0;
  readonly size = 1;
  /** Messages to itself that have not met. */
  private readonly sent: Waiting[] = [];
  private readonly awaited: Waiting[] = [];

  start(call: CollectiveCall, done: Done): void {
    if (call.kind === 'send' || call.kind === 'recv') this.message(call, done);
    else {
      copyEach(call.inputs, call.outputs);
      done(null, -1);
    }
  }

  private message(call: CollectiveCall, done: Done): void {
    const isSend = call.kind === 'send';
    const [own, others] = isSend ? [this.sent, this.awaited] : [this.awaited, this.sent];
    const at = others.findIndex((one) => one.call.tag === call.tag);
    const mine = { call, done };
    if (at < 0) {
      own.push(mine);
      this.expire(own, mine);
      return;
    }
    const [other] = others.splice(at, 1);
    const [from, to] = isSend ? [mine, other] : [other, mine];
    const error = copyEach(from.call.inputs, to.call.outputs);
    other.done(error, 0);
    done(error, 0);
  }

  /** Fails what nobody meets in time. */
  private expire(list: Waiting[], one: Waiting): void {
    const timer = setTimeout(
      () => {
        const at = list.indexOf(one);
        if (at < 0) return;
        list.splice(at, 1);
        one.done(new RuntimeError(`${one.call.text} timed out after ${one.call.timeout / 1000} s`), -1);
      },
      Math.min(one.call.timeout, 2 ** 31 - 1),
    );
    // What waits for ever shall not keep a program alive that has nothing else to do. Browsers' timers are numbers.
    if (typeof timer === 'object') (timer as { unref?(): void }).unref?.();
  }

  async monitoredBarrier(): Promise<void> {}

  async split(ranks: readonly number[]): Promise<Communicator | null> {
    return this.splitSync(ranks);
  }

  splitSync(ranks: readonly number[]): Communicator | null {
    return ranks.length === 1 ? new SingleProcess() : null;
  }

  async free(): Promise<void> {}
}

function copyEach(from: readonly Buffer[], to: readonly Buffer[]): Error | null {
  for (const [i, { bytes }] of to.entries()) {
    const source = from[i].bytes;
    if (source.length > bytes.length)
      return new RuntimeError(`a message of ${source.length} bytes does not fit into ${bytes.length}`);
    if (source.byteOffset !== bytes.byteOffset || source.buffer !== bytes.buffer) bytes.set(source);
  }
  return null;
}

export const startSingle: StartWorld = async () => ({
  communicator: new SingleProcess(),
  localRank: 0,
  async end() {},
});
