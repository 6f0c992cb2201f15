/** The backend `'mpi'`: what `mpirun` and `srun` start, by the package `@flambeau/mpi`. */
import { int64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { importModule } from '../core/import_module.js';
import { optionalPackage } from '../core/optional_package.js';
import { findPackageFile } from '../core/package_files.js';
import type { CollectiveCall, CollectiveKind, Communicator, Done, StartWorld } from './communicator.js';
import { launchedCount, localRankOf } from './launcher.js';
import type { ReductionName } from './reduce_op.js';
import { Work } from './work.js';

/** What the addon has (mpi/src/addon.cc). */
interface Addon {
  init(
    ended: (id: number, error: string | null, source: number, holdsMemory: boolean) => void,
    direct: number,
  ): [rank: number, size: number, version: string];
  group(id: number, ranks: readonly number[]): object;
  ungroup(id: number): void;
  /** Null if it goes on, else how it has ended: an error's text, or the rank that it heard from. */
  start(
    group: object,
    id: number,
    kind: number,
    op: number,
    dtype: number,
    root: number,
    tag: number,
    seconds: number,
    text: string,
    inputs: readonly Uint8Array[],
    outputs: readonly Uint8Array[],
  ): string | number | null;
  /** Blocks until one of the calls under way has ended, and tells of all that have. */
  wait(): void;
  leave(reason: string, seconds: number): boolean;
  haveLeft(): boolean;
  fail(reason: string): void;
  gone(): string | null;
  finalize(): void;
  abort(code: number): void;
}

/** In the order of their numbers in mpi/src/world.h and reduce.h. */
const kinds: readonly CollectiveKind[] = [
  'allReduce',
  'broadcast',
  'reduce',
  'allGather',
  'gather',
  'reduceScatter',
  'scatter',
  'allToAll',
  'barrier',
  'send',
  'recv',
];
const reductions: readonly ReductionName[] = ['SUM', 'AVG', 'PRODUCT', 'MIN', 'MAX', 'BAND', 'BOR', 'BXOR'];

/** Ranks that exchange first messages with each other; those of larger groups do so by a tree. */
const direct = 16;
/** Seconds that the others have to end by themselves, when this process has failed. */
const grace = 10;
/** Tags of messages that a group has. */
const tagsOfGroup = 4096;

interface Waiting {
  readonly done: Done;
}

/** The addon and the calls that it has not answered. */
class Link {
  readonly waiting = new Map<number, Waiting>();
  private count = 0;
  /** Numbers of groups, the same on all ranks. */
  groups = 0;

  constructor(readonly addon: Addon) {}

  ended(id: number, error: string | null, source: number, holdsMemory: boolean): void {
    const { done } = this.waiting.get(id)!;
    this.waiting.delete(id);
    done(error === null ? null : new RuntimeError(error), source, holdsMemory);
  }

  /** Blocks until one has ended, and tells all that have. */
  wait(): void {
    if (this.waiting.size > 0) this.addon.wait();
  }

  start(group: object, call: CollectiveCall, done: Done): void {
    const id = this.count++;
    const bytes = (list: CollectiveCall['inputs']): Uint8Array[] => list.map((one) => one.bytes);
    const dtype = (call.inputs[0] ?? call.outputs[0])?.dtype.code ?? 0;
    const op = call.op === null ? reductions.length : reductions.indexOf(call.op);
    const how = this.addon.start(
      group,
      id,
      kinds.indexOf(call.kind),
      op,
      dtype,
      call.root,
      call.tag,
      call.timeout / 1000,
      call.text,
      bytes(call.inputs),
      bytes(call.outputs),
    );
    if (how === null) this.waiting.set(id, { done });
    else if (typeof how === 'string') done(new RuntimeError(how), -1);
    else done(null, how);
  }
}

class MpiCommunicator implements Communicator {
  readonly rank: number;
  readonly size: number;
  private readonly id: number;
  private readonly group: object;

  /** @param ranks those of its members among all, in their order */
  constructor(
    private readonly link: Link,
    private readonly ranks: readonly number[],
    own: number,
  ) {
    this.id = link.groups++;
    this.rank = ranks.indexOf(own);
    this.size = ranks.length;
    this.group = link.addon.group(this.id, ranks);
  }

  start(call: CollectiveCall, done: Done): void {
    if ((call.kind === 'send' || call.kind === 'recv') && (call.tag < 0 || call.tag >= tagsOfGroup))
      throw new RuntimeError(`tags of MPI's messages are 0 to ${tagsOfGroup - 1}, not ${call.tag}`);
    this.link.start(this.group, call, done);
  }

  waitSync(): void {
    this.link.wait();
  }

  async monitoredBarrier(timeout: number): Promise<void> {
    await this.meet('monitoredBarrier()', 0, timeout);
  }

  async split(members: readonly number[], timeout: number): Promise<Communicator | null> {
    const steps = this.splitting(members, timeout);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      await step.value;
    }
  }

  splitSync(members: readonly number[], timeout: number): Communicator | null {
    const steps = this.splitting(members, timeout);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      step.value.catch(() => {});
      step.value.waitSync();
    }
  }

  /** Makes a group, and yields what must be waited for. */
  private *splitting(
    members: readonly number[],
    timeout: number,
  ): Generator<Work, Communicator | null, void> {
    // The next number that none has used: groups of groups are counted by their members alone.
    const next = BigInt64Array.of(BigInt(this.link.groups));
    const buffers = [{ bytes: new Uint8Array(next.buffer), dtype: int64 }];
    const text = `newGroup([${members.join(', ')}])`;
    yield this.call({
      kind: 'allReduce',
      inputs: buffers,
      outputs: buffers,
      op: 'MAX',
      root: 0,
      timeout,
      text,
    });
    // Another that was begun meanwhile may have counted on.
    this.link.groups = Math.max(this.link.groups, Number(next[0]));
    const ranks = members.map((rank) => this.ranks[rank]);
    // Made before the others can use it. Those outside count it, too.
    const isMember = members.includes(this.rank);
    const made = isMember ? new MpiCommunicator(this.link, ranks, this.ranks[this.rank]) : null;
    if (!isMember) this.link.groups++;
    // All must mean the same group: what they compare is a number.
    let hash = 17;
    for (const rank of members) hash = (Math.imul(hash, 31) + rank + 1) & 0x3fffffff;
    yield this.meet(text, hash, timeout);
    return made;
  }

  async free(): Promise<void> {
    this.link.addon.ungroup(this.id);
  }

  private meet(text: string, root: number, timeout: number): Work {
    return this.call({ kind: 'barrier', inputs: [], outputs: [], op: null, root, timeout, text });
  }

  private call(call: Omit<CollectiveCall, 'tag'>): Work {
    const ending = Work.begin(false);
    ending.wait(() => this.waitSync());
    this.start({ ...call, tag: 0 }, ending.end);
    return ending.work;
  }
}

async function loadAddon(): Promise<Addon> {
  // A checkout has the package beside the library.
  const beside = findPackageFile('../mpi/index.js');
  const { load } = (
    beside === null
      ? await optionalPackage('@flambeau/mpi', "the backend 'mpi'")
      : await importModule(beside.href)
  ) as { load(): Promise<Addon> };
  try {
    return await load();
  } catch (error) {
    throw new RuntimeError((error as Error).message, { cause: error });
  }
}

export const startMpi: StartWorld = async (timeout) => {
  const addon = await loadAddon();
  const link = new Link(addon);
  const [rank, size, version] = addon.init(
    (...how) => link.ended(...how),
    Number(globalThis.process.env.FLAMBEAU_MPI_DIRECT || direct),
  );
  const launched = launchedCount();
  if (launched !== null && launched !== size)
    throw new RuntimeError(
      `${launched} processes were started, but MPI knows of ${size}: the launcher is of another MPI than the addon, which is for ${version.split(',')[0]}. ` +
        'Name the compiler of the launcher’s MPI in FLAMBEAU_MPICC, as mpicxx.openmpi or mpicxx.mpich',
    );
  const all = Array.from({ length: size }, (_, i) => i);
  const communicator = new MpiCommunicator(link, all, rank);
  const stopWatching = watchProcess(addon, timeout / 1000);
  return {
    communicator,
    localRank: localRankOf(),
    async end() {
      addon.leave('', 0);
      const until = Date.now() + timeout;
      while (!addon.haveLeft()) {
        const gone = addon.gone();
        if (gone !== null || Date.now() > until)
          throw new RuntimeError(
            `destroyProcessGroup(): ${gone === null ? 'others have not called it' : `${gone} is gone`}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      stopWatching();
      addon.finalize();
    },
  };
};

/**
 * Tells the others when this process ends before the communication does, and sees to it that none is left behind: one that fails gives the others
 * some seconds to end by themselves, then ends them.
 */
function watchProcess(addon: Addon, seconds: number): () => void {
  let reason = '';
  let trace = '';
  const onError = (error: unknown): void => {
    reason = String((error as Error)?.message ?? error).slice(0, 300);
    trace = String((error as Error)?.stack ?? error);
  };
  const onExit = (code: number): void => {
    // Node would say it afterwards, when there is nobody to say it any more.
    if (trace !== '') globalThis.process.getBuiltinModule('node:fs').writeSync(2, `${trace}\n`);
    const isGood = code === 0 && reason === '';
    const haveLeft = addon.leave(
      isGood ? '' : reason || `its exit code is ${code}`,
      isGood ? seconds : Math.min(grace, seconds),
    );
    if (isGood && haveLeft) addon.finalize();
    else addon.abort(code || 1);
  };
  // The launcher ends all when it has lost one.
  const onEnd = (): void => {
    const gone = addon.gone();
    addon.fail(
      gone === null ? 'the launcher ends the program' : `${gone} is gone: it was killed, or has crashed`,
    );
    setTimeout(() => {
      globalThis.process.off('exit', onExit);
      globalThis.process.exit(143);
    }, 300);
  };
  globalThis.process.on('uncaughtExceptionMonitor', onError);
  globalThis.process.on('exit', onExit);
  globalThis.process.on('SIGTERM', onEnd);
  return () => {
    globalThis.process.off('uncaughtExceptionMonitor', onError);
    globalThis.process.off('exit', onExit);
    globalThis.process.off('SIGTERM', onEnd);
  };
}
