/** Groups that several processes make at once, each for itself. */
import { RuntimeError, ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { makeGroup } from './made_groups.js';
import { groupOr, milliseconds, type ProcessGroup } from './process_group.js';
import { defaultPgTimeout, getProcessGroupRanks, newGroup } from './process_groups.js';

const ofSubgroups = signature(
  'new_subgroups(int? group_size=None, ProcessGroup? group=None, float? timeout=None, str? backend=None, Any pg_options=None, str? group_desc=None)',
);

/**
 * Divides the processes into groups of the same size, whose ranks follow each other: those of one machine, for instance. All processes call it.
 *
 * @param groupSize how many processes each group has, by which those of `group` can be divided
 * @param group what is divided; default: all processes
 * @param timeout seconds after which collectives of the groups fail; default 1800
 * @param backend what carries them: that of all processes
 * @param pgOptions of no use here
 * @param groupDesc what the groups are for
 * @returns the group that this process is in, and all of them
 *
 * @example
 * const [mine, all] = await dist.newSubgroups(4);
 */
export async function newSubgroups(
  ...args: Arguments<typeof ofSubgroups>
): Promise<[subgroup: ProcessGroup, subgroups: ProcessGroup[]]> {
  const { groupSize, group: given, ...more } = ofSubgroups.bind(args);
  if (groupSize === null)
    throw new ValueError(
      "Default group size only takes effect when CUDA is available. If your subgroup using a backend that does not depend on CUDA, please pass in 'groupSize' correctly.",
    );
  if (groupSize <= 0) throw new ValueError(`The arg 'groupSize' (${groupSize}) must be positive`);
  const group = groupOr(given);
  const size = group.size();
  if (size < groupSize)
    throw new ValueError(`The arg 'groupSize' (${groupSize}) must not exceed the world size (${size})`);
  if (size % groupSize !== 0)
    throw new ValueError(`The world size (${size}) must be divisible by 'groupSize=${groupSize}'`);
  const ranks = getProcessGroupRanks(group);
  const lists = Array.from({ length: size / groupSize }, (_, i) =>
    ranks.slice(i * groupSize, (i + 1) * groupSize),
  );
  const [mine, all] = await newSubgroupsByEnumeration(lists, more);
  return [mine!, all];
}

const ofEnumeration = signature(
  'new_subgroups_by_enumeration(Any ranks_per_subgroup_list, float? timeout=None, str? backend=None, Any pg_options=None, str? group_desc=None)',
);

/**
 * Divides the processes into the groups that are listed, of which none may have a process of another. All processes call it.
 *
 * @param ranksPerSubgroupList the members of each group, as ranks among all
 * @param timeout seconds after which collectives of the groups fail; default 1800
 * @param backend what carries them: that of all processes
 * @param pgOptions of no use here
 * @param groupDesc what the groups are for
 * @returns the group that this process is in, or null, and all of them
 */
export async function newSubgroupsByEnumeration(
  ...args: Arguments<typeof ofEnumeration, { ranksPerSubgroupList: readonly (readonly number[])[] }>
): Promise<[subgroup: ProcessGroup | null, subgroups: ProcessGroup[]]> {
  const { ranksPerSubgroupList, ...more } = ofEnumeration.bind(args);
  const lists = ranksPerSubgroupList as readonly (readonly number[])[] | null;
  if (lists === null || lists.length === 0)
    throw new ValueError("The arg 'ranksPerSubgroupList' cannot be empty");
  // Looked at before the first group is made, so that nothing is left behind.
  const owners = new Map<number, readonly number[]>();
  for (const ranks of lists)
    for (const rank of ranks) {
      const other = owners.get(rank);
      if (other !== undefined)
        throw new ValueError(`Rank ${rank} has appeared in both subgroup ${text(other)} and ${text(ranks)}`);
      owners.set(rank, ranks);
    }
  const all: ProcessGroup[] = [];
  for (const ranks of lists) all.push(await newGroup(ranks, more));
  return [all.find((group) => group.isMember) ?? null, all];
}

const text = (ranks: readonly number[]): string => `[${ranks.join(', ')}]`;

const ofSplit = signature(
  'split_group(ProcessGroup? parent_pg=None, Any split_ranks=None, float? timeout=None, Any pg_options=None, str? group_desc=None, str? backend=None)',
);
const splits = new WeakMap<ProcessGroup, number>();

/**
 * Divides a group into groups, as `MPI_Comm_split` does. All its processes call it; each gets the group that it is in.
 *
 * @param parentPg what is divided; default: all processes
 * @param splitRanks the members of each group, as ranks of `parentPg`
 * @param timeout seconds after which collectives of the groups fail; default 1800
 * @param pgOptions of no use here
 * @param groupDesc what the groups are for; default: the parent's, and the number of the division
 * @param backend what carries them: the parent's
 * @returns the group, or null for a process that none of them has
 */
export async function splitGroup(
  ...args: Arguments<typeof ofSplit, { splitRanks: readonly (readonly number[])[] | null }>
): Promise<ProcessGroup | null> {
  const { parentPg, splitRanks, timeout, groupDesc, backend } = ofSplit.bind(args);
  const lists = splitRanks as readonly (readonly number[])[] | null;
  if (lists === null || lists.length === 0) throw new ValueError('splitRanks cannot be null or empty');
  const parent = groupOr(parentPg);
  if (!parent.isMember)
    throw new ValueError(
      `Global rank ${groupOr(null).rank()} is not part of the parent group ${text(parent.ranks)}`,
    );
  for (const list of lists) {
    if (list.length === 0) throw new ValueError('the split group cannot be empty');
    if (list.length > groupOr(null).size())
      throw new ValueError(
        "the split group's size should be less or equal to the world_size set by initProcessGroup",
      );
    if (new Set(list).size !== list.length)
      throw new ValueError('the split group cannot have duplicate ranks');
    for (const rank of list)
      if (parent.ranks[rank] === undefined)
        throw new RuntimeError(`rank ${rank} is out of range in a group of ${parent.size()}`);
  }
  if (backend !== null && backend.toLowerCase() !== parent.backend)
    throw new ValueError(
      `Backend mismatch: parent has '${parent.backend}', requested '${backend}'. Backend names must match exactly when filtering splitGroup backends.`,
    );
  const limit = milliseconds(timeout ?? defaultPgTimeout);
  const number = splits.get(parent) ?? 0;
  splits.set(parent, number + 1);
  const desc = groupDesc ?? `${parent.groupDesc}:split:${number}`;
  let mine: ProcessGroup | null = null;
  for (const [i, list] of lists.entries()) {
    const members = [...list].sort((a, b) => a - b);
    const name = `${parent.groupName}:split:${number}:${i}`;
    const group = await makeGroup(parent, { members, name, desc, limit });
    if (group.isMember) mine ??= group;
  }
  return mine;
}
