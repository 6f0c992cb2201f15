/**
 * What carries collectives from one process to others: the contract of a backend. Collectives check and know tensors; a backend knows bytes, ranks
 * and nothing else. `single_process.ts` is the smallest.
 */
import type { DType } from '../core/dtype.js';
import type { ReductionName } from './reduce_op.js';

/** Elements of one dtype that lie one after the other in the host's memory. */
export interface Buffer {
  readonly bytes: Uint8Array;
  readonly dtype: DType;
}

/**
 * What is to be done. Ranks are those of the communicator, and `inputs` and `outputs` are, by kind:
 *
 * - `allReduce`, `broadcast`, `reduce`: the same one buffer, which is changed in place (`reduce`: on the root alone);
 * - `allGather`: one, and one of every rank; `gather`: one, and one of every rank on the root, none elsewhere;
 * - `reduceScatter`: one for every rank, and one; `scatter`: one for every rank on the root, none elsewhere, and one;
 * - `allToAll`: one for every rank, and one of every rank;
 * - `send`: one, and none; `recv`: none, and one; `barrier`: none.
 *
 * Buffers that lie one after the other in memory may be taken for one.
 */
export type CollectiveKind =
  | 'allReduce'
  | 'broadcast'
  | 'reduce'
  | 'allGather'
  | 'gather'
  | 'reduceScatter'
  | 'scatter'
  | 'allToAll'
  | 'barrier'
  | 'send'
  | 'recv';

export interface CollectiveCall {
  readonly kind: CollectiveKind;
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  /** How elements of several ranks become one; null where none do. */
  readonly op: ReductionName | null;
  /** The rank that has or gets all; of `send` and `recv` the other one, -1 for any. */
  readonly root: number;
  readonly tag: number;
  /** Milliseconds until it fails. */
  readonly timeout: number;
  /** The call as it stands in errors: `allReduce(SUM, float32[2, 3])`. */
  readonly text: string;
}

/**
 * Is told once how a call ended, perhaps before `start` returns: `source` is the rank that a `recv` has heard from. After some errors messages may
 * still read or write the buffers (`holdsMemory`): they must stay for good.
 */
export type Done = (error: Error | null, source: number, holdsMemory?: boolean) => void;

/** Processes that communicate with each other: those of a group. */
export interface Communicator {
  /** This process's number among them. */
  readonly rank: number;
  readonly size: number;
  /**
   * Begins a call. Every rank of the communicator begins the same ones in the same order (`send` and `recv` aside), and does not touch their
   * buffers until they are done.
   */
  start(call: CollectiveCall, done: Done): void;
  /**
   * Blocks until one of the calls under way has ended, and tells all that have: their `done` is called before it returns, and not again by the
   * event loop. Returns at once where none is under way. Not there where nothing but the event loop lets messages go on.
   */
  waitSync?(): void;
  /** Waits for all ranks, and says which have not come after so many milliseconds. */
  monitoredBarrier(timeout: number): Promise<void>;
  /**
   * The communicator of some of these processes, which all of them ask for; null for those that are not in it.
   *
   * @param ranks the members, in the order of their ranks there
   */
  split(ranks: readonly number[], timeout: number): Promise<Communicator | null>;
  /** The same, without the event loop. Not there where `waitSync` is not. */
  splitSync?(ranks: readonly number[], timeout: number): Communicator | null;
  /** Gives back what it holds. Nothing may be under way. */
  free(): Promise<void>;
}

/** All processes of a program that was started several times. */
export interface World {
  readonly communicator: Communicator;
  /** This process's number among those of its machine; null where nobody knows. */
  readonly localRank: number | null;
  /** Ends the communication for good; what was ended cannot begin again. */
  end(): Promise<void>;
}

/** Begins the communication of all processes. `timeout` in milliseconds. */
export type StartWorld = (timeout: number) => Promise<World>;
