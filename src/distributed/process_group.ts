import { RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { accepting, defineParameterType } from '../core/signature/parameter_types.js';
import { takesNothing } from '../core/signature/takes.js';
import type { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import type { CollectiveCall, Communicator } from './communicator.js';
import { type Loan, lend, type Use } from './loans.js';
import { type Ending, Work } from './work.js';

/** Memory that messages of collectives that have failed may still write: nobody gets it back. */
const held: Loan[] = [];

/** A tensor that a collective uses, and how. */
export interface Operand extends Use {
  readonly tensor: Tensor;
}

/** A tensor that is sent. */
export const sent = (tensor: Tensor): Operand => ({ tensor, read: true, write: false });

/** A tensor that is received. */
export const written = (tensor: Tensor): Operand => ({ tensor, read: false, write: true });

/** A call of a backend, but for the buffers of its operands. */
export type Collective = Omit<CollectiveCall, 'timeout' | 'inputs' | 'outputs'> & {
  readonly timeout?: number;
  /** The buffers among those of the operands, which are in their order. */
  readonly place: (loans: readonly Loan[]) => Pick<CollectiveCall, 'inputs' | 'outputs'>;
};

/** What keeps collectives, to be joined with others; null for those that cannot be. */
export interface Recorder {
  take(collective: Collective, operands: readonly Operand[]): Work | null;
}

/**
 * Processes that communicate with each other. Made by `initProcessGroup` (all processes: `dist.group.WORLD`) and `newGroup`.
 */
export class ProcessGroup {
  /** What must be on the host before later calls begin, so that all ranks begin theirs in one order. */
  #before: Promise<void> | null = null;
  #communicator: Communicator | null;
  /** @internal What collectives are kept by, to be joined with others. */
  recording: Recorder | null = null;

  /** @internal */
  constructor(
    communicator: Communicator | null,
    /** The name of what carries its collectives: `'mpi'`, `'single'`. */
    readonly backend: string,
    /** Ranks among all processes, in the order of those in the group. */
    readonly ranks: readonly number[],
    /** A number for each group, in the order in which they were made. */
    readonly groupName: string,
    /** What it is for. */
    readonly groupDesc: string,
    /** @internal Milliseconds until a collective fails. */
    public timeout: number,
  ) {
    this.#communicator = communicator;
  }

  /** @internal @throws ValueError if it has been destroyed */
  get communicator(): Communicator {
    if (this.#communicator === null) throw new ValueError('Invalid process group specified');
    return this.#communicator;
  }

  /** @internal Whether this process is in it. */
  get isMember(): boolean {
    return this !== nonMember;
  }

  /** @internal Whether collectives can still be called. */
  get isAlive(): boolean {
    return this.#communicator !== null;
  }

  /** @internal Takes what carries it away. */
  end(): Communicator {
    const { communicator } = this;
    this.#communicator = null;
    return communicator;
  }

  /** This process's number in the group; -1 if it is not in it. */
  rank(): number {
    return this.isMember ? this.communicator.rank : -1;
  }

  /** The number of processes in the group; -1 if this one is not in it. */
  size(): number {
    return this.isMember ? this.communicator.size : -1;
  }

  /** @internal Begins a collective on tensors. Whatever its operands wait for, collectives begin in the order of the calls. */
  begin(collective: Collective, operands: readonly Operand[], isAsync: boolean): Work {
    const { communicator } = this;
    const taken = this.recording?.take(collective, operands);
    if (taken) return taken;
    const ending = Work.begin(isAsync);
    const lent = operands.map((one) => lend(one.tensor, one));
    const start = (loans: readonly Loan[]): void => this.#start(communicator, collective, loans, ending);
    if (this.#before === null && lent.every((one): one is Loan => !(one instanceof Promise))) {
      start(lent);
      return ending.work;
    }
    const before = Promise.all([Promise.all(lent), this.#before]).then(
      ([loans]) => start(loans),
      (error: Error) => ending.end(error),
    );
    const mine = before.then(() => {
      if (this.#before === mine) this.#before = null;
    });
    this.#before = mine;
    return ending.work;
  }

  #start(communicator: Communicator, collective: Collective, loans: readonly Loan[], ending: Ending): void {
    try {
      const { kind, op, root, tag, text, timeout = this.timeout } = collective;
      const { inputs, outputs } = collective.place(loans);
      communicator.start(
        { kind, inputs, outputs, op, root, tag, timeout, text },
        (error, source, holdsMemory) => {
          try {
            if (holdsMemory === true) held.push(...loans);
            else for (const loan of loans) error === null ? loan.finish() : loan.release();
          } catch (failure) {
            ending.end(failure as Error);
          }
          ending.end(error, source);
        },
      );
      if (communicator.waitSync !== undefined) ending.wait(() => communicator.waitSync!());
    } catch (error) {
      for (const loan of loans) loan.release();
      ending.end(error as Error);
    }
  }
}

takesNothing(ProcessGroup.prototype, ['rank', 'size']);

declare module '../core/signature/argument_types.js' {
  interface ParameterTypes {
    ProcessGroup: ProcessGroup;
  }
}
defineParameterType(
  'ProcessGroup',
  accepting((value) => value instanceof ProcessGroup),
);

const nonMember: ProcessGroup = new ProcessGroup(null, '', [], '', '', 0);

let world: ProcessGroup | null = null;

/** Sets the group of all processes. */
export function setWorldGroup(group: ProcessGroup | null): void {
  world = group;
}

/** The group of all processes, and what `newGroup` gives to processes that are not in the group. */
export const GroupMember = {
  /** The group of all processes; null before `initProcessGroup`. */
  get WORLD(): ProcessGroup | null {
    return world;
  },
  /** What `newGroup` gives to processes that are not in the group: collectives on it do nothing. */
  get NON_GROUP_MEMBER(): ProcessGroup {
    return nonMember;
  },
};

/** `dist.group.WORLD`, the group of all processes; null before `initProcessGroup`. */
export const group = {
  /** The group of all processes; null before `initProcessGroup`. */
  get WORLD(): ProcessGroup | null {
    return world;
  },
};

/** A group that was given, or that of all processes. @throws ValueError where there is none */
export function groupOr(given: ProcessGroup | null): ProcessGroup {
  if (given !== null) return given;
  if (world === null)
    throw new ValueError(
      'Default process group has not been initialized, please make sure to call initProcessGroup.',
    );
  return world;
}

/** Whether this process takes part; warns where it does not. */
export function takesPart(given: ProcessGroup, name: string): boolean {
  if (given.isMember) return true;
  warn(
    `Running ${name} on global rank ${world === null ? -1 : world.rank()} which does not belong to the given group.`,
  );
  return false;
}

/** A rank of the group, given as a rank among all or as one of the group. */
export function groupRankOf(
  given: ProcessGroup,
  globalRank: number | null,
  groupRank: number | null,
): number {
  if (groupRank !== null) {
    if (globalRank !== null) throw new ValueError("Can't specify both groupRank and globalRank");
    if (groupRank < 0 || groupRank >= given.size())
      throw new RuntimeError(`invalid rank ${groupRank} in a group of ${given.size()}`);
    return groupRank;
  }
  if (globalRank === null) throw new ValueError('Must specify globalRank or groupRank');
  const found = given.ranks.indexOf(globalRank);
  if (given.isMember && found < 0)
    throw new ValueError(
      `Global rank ${globalRank} is not part of the group of ranks ${given.ranks.join(', ')}`,
    );
  return found;
}

/** A timeout in seconds, as milliseconds. */
export function milliseconds(seconds: number): number {
  if (!(seconds > 0))
    throw new TypeError(`Expected timeout argument to be a number of seconds, got ${seconds}`);
  return seconds * 1000;
}
