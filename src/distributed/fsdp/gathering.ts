/** Gathers of parameters that are under way. */
import { noGradSync } from '../../autograd/modes.js';
import type { DType } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { allGatherIntoTensor } from '../moving_collectives.js';
import type { ProcessGroup } from '../process_group.js';
import type { Work } from '../work.js';
import { padded, type ShardedParameter, wholeOf } from './sharded_parameter.js';

/** What processes have of some parameters of one dtype: a row of each. */
export interface Rows {
  readonly indices: readonly number[];
  readonly all: Tensor;
}

interface Begun extends Rows {
  readonly work: Work;
}

/** A gather that has begun: it brings parameters as they were then. */
export class Gathering {
  readonly #begun: readonly Begun[];
  readonly #versions: readonly number[];

  private constructor(
    private readonly members: readonly ShardedParameter[],
    begun: readonly Begun[],
  ) {
    this.#begun = begun;
    this.#versions = versionsOf(members);
  }

  /** Begins to gather parts, one dtype at a time. */
  static ofParts(
    members: readonly ShardedParameter[],
    group: ProcessGroup,
    lists: ReadonlyMap<DType, readonly number[]>,
  ): Gathering {
    const begun = noGradSync(() =>
      [...lists].map(([dtype, indices]): Begun => {
        const flat = indices.map((i) => {
          const { parameter, sent } = members[i];
          return padded(parameter.detach().reshape([-1]).to(dtype), sent);
        });
        const own = ops.cat(flat);
        const all = ops.empty([group.size(), own.numel()], { dtype, device: own.device });
        return { indices, all, work: allGatherIntoTensor(all, own, { group, asyncOp: true }) };
      }),
    );
    return new Gathering(members, begun);
  }

  /** Begins to gather rows that several processes of a smaller group have kept. */
  static ofRows(members: readonly ShardedParameter[], group: ProcessGroup, kept: readonly Rows[]): Gathering {
    const begun = kept.map(({ indices, all: own }): Begun => {
      const [rows, length] = own.shape;
      const all = ops.empty([rows * group.size(), length], { dtype: own.dtype, device: own.device });
      return { indices, all, work: allGatherIntoTensor(all, own, { group, asyncOp: true }) };
    });
    return new Gathering(members, begun);
  }

  /** Whether the parts are as they were. */
  get isFresh(): boolean {
    return versionsOf(this.members).every((version, i) => version === this.#versions[i]);
  }

  /** Waits until all is there. */
  wait(): readonly Rows[] {
    for (const { work } of this.#begun) work.waitSync();
    return this.#begun;
  }

  /** The whole parameters. */
  wholes(): Tensor[] {
    return noGradSync(() => {
      const wholes: Tensor[] = [];
      for (const { indices, all } of this.wait()) {
        let offset = 0;
        for (const i of indices) {
          const { sent } = this.members[i];
          wholes[i] = wholeOf(all.narrow(1, offset, sent), this.members[i]);
          offset += sent;
        }
      }
      return wholes;
    });
  }
}

const versionsOf = (members: readonly ShardedParameter[]): number[] =>
  members.map(({ parameter }) => parameter.storage.version);
