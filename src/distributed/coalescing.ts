/** Collectives of several tensors in one: what many small ones cost is mostly the wait for each. */
import { noGradSync } from '../autograd/modes.js';
import { RuntimeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import type { Collective, Operand, ProcessGroup } from './process_group.js';
import { type Ending, following, Work } from './work.js';

/** A collective that waits for others that it can be joined with. */
interface Recorded {
  readonly collective: Collective;
  readonly tensors: readonly Tensor[];
  readonly ending: Ending;
}

/** The collectives that have been called since a group began to record. */
export class Recording {
  readonly #all: Recorded[] = [];

  /** Takes a collective if it is of a kind that can be joined with others; null if not. */
  take(collective: Collective, operands: readonly Operand[]): Work | null {
    const count = operandsOf[collective.kind];
    if (operands.length !== count) return null;
    // Who began the recording is told of failures.
    const ending = Work.begin(true);
    this.#all.push({ collective, tensors: operands.map(({ tensor }) => tensor), ending });
    return ending.work;
  }

  /** Fails what was taken. */
  drop(error: Error): void {
    for (const { ending } of this.#all) ending.end(error);
  }

  /** Begins one collective for all of one dtype, in the place of those that were taken. @returns theirs */
  begin(group: ProcessGroup): Work[] {
    const kinds = new Set(this.#all.map(({ collective }) => collective.kind));
    const ops = new Set(this.#all.map(({ collective }) => collective.op));
    if (kinds.size > 1 || ops.size > 1) {
      const mixed = [...(kinds.size > 1 ? kinds : ops)].join(', ');
      const error = new RuntimeError(
        `Coalescing manager requires all collectives to be the same type, but got mixed types: {${mixed}}`,
      );
      this.drop(error);
      throw error;
    }
    const lists = new Map<string, Recorded[]>();
    for (const one of this.#all) {
      const [{ dtype, device }] = one.tensors;
      const key = `${dtype} ${device}`;
      lists.set(key, [...(lists.get(key) ?? []), one]);
    }
    for (const list of lists.values()) beginJoined(list, group);
    return this.#all.map(({ ending }) => ending.work);
  }
}

/** How many tensors a call of each kind has that can be joined with others: `allReduce`, `allGatherIntoTensor`, `reduceScatterTensor`. */
const operandsOf: Readonly<Partial<Record<string, number>>> = {
  allReduce: 1,
  allGather: 2,
  reduceScatter: 2,
};

const flat = (tensors: readonly Tensor[]): Tensor =>
  noGradSync(() => ops.cat(tensors.map((one) => one.detach().reshape(-1))));

/** Writes the parts of a flat tensor to tensors. */
function spread(from: Tensor, tensors: readonly Tensor[]): void {
  noGradSync(() => {
    let at = 0;
    for (const one of tensors) {
      one.copy_(from.narrow(0, at, one.numel()).view([...one.shape]));
      at += one.numel();
    }
  });
}

/** The tensors of a joined collective, and what puts its results where they belong. */
interface Joined {
  readonly operands: readonly Operand[];
  readonly finish: () => void;
}

const joins: Readonly<Record<string, (list: readonly Recorded[], count: number) => Joined>> = {
  allReduce(list) {
    const tensors = list.map(({ tensors: [tensor] }) => tensor);
    const all = flat(tensors);
    return {
      operands: [{ tensor: all, read: true, write: true }],
      finish: () => spread(all, tensors),
    };
  },
  allGather(list, count) {
    const own = flat(list.map(({ tensors: [input] }) => input));
    const all = ops.empty([count, own.numel()], { dtype: own.dtype, device: own.device });
    return {
      operands: [
        { tensor: own, read: true, write: false },
        { tensor: all, read: false, write: true },
      ],
      finish: () =>
        noGradSync(() => {
          let at = 0;
          for (const { tensors } of list) {
            const length = tensors[0].numel();
            tensors[1].copy_(all.narrow(1, at, length).reshape([...tensors[1].shape]));
            at += length;
          }
        }),
    };
  },
  reduceScatter(list, count) {
    const rows = list.map(({ tensors: [, input] }) => input.detach().reshape([count, -1]));
    const all = noGradSync(() => ops.cat(rows, 1).contiguous());
    const own = ops.empty([all.numel() / count], { dtype: all.dtype, device: all.device });
    return {
      operands: [
        { tensor: own, read: false, write: true },
        { tensor: all, read: true, write: false },
      ],
      finish: () =>
        spread(
          own,
          list.map(({ tensors: [output] }) => output),
        ),
    };
  },
};

function beginJoined(list: readonly Recorded[], group: ProcessGroup): void {
  const { kind } = list[0].collective;
  const { operands, finish } = joins[kind](list, group.size());
  const text = `coalesced ${list.length} × ${list[0].collective.text}`;
  const work = following([group.begin({ ...list[0].collective, text }, operands, true)], true, finish);
  const end = (error: Error | null): void => {
    for (const { ending } of list) ending.end(error);
  };
  work.then(() => end(null), end);
  if (work.blocks)
    for (const { ending } of list)
      ending.wait(() => {
        try {
          work.waitSync();
          end(null);
        } catch (error) {
          end(error as Error);
        }
      });
}
