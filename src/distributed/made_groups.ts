/** The groups that there are. */
import { RuntimeError } from '../core/errors.js';
import type { Communicator } from './communicator.js';
import { GroupMember, ProcessGroup } from './process_group.js';

/** All that were made and not destroyed, that of all processes among them. */
export const madeGroups = new Set<ProcessGroup>();

/** What a new group is told of. */
export interface GroupSettings {
  /** Its members, as ranks of the group that it is made of, in the order of their ranks. */
  readonly members: readonly number[];
  readonly name: string;
  readonly desc: string;
  /** Milliseconds until its collectives fail. */
  readonly limit: number;
}

/** Makes a group of some members of another, all of which call it; those that are not in it get `NON_GROUP_MEMBER`. */
export async function makeGroup(parent: ProcessGroup, settings: GroupSettings): Promise<ProcessGroup> {
  const { members, limit } = settings;
  const communicator = await parent.communicator.split(members, limit);
  return groupOf(parent, communicator, settings);
}

/** Makes a group like `makeGroup`, without the event loop. @throws RuntimeError where the backend cannot */
export function makeGroupSync(parent: ProcessGroup, members: readonly number[], desc: string): ProcessGroup {
  const { communicator, groupName, timeout } = parent;
  if (communicator.splitSync === undefined)
    throw new RuntimeError(`the backend ${parent.backend} cannot make a group without the event loop`);
  const made = communicator.splitSync(members, timeout);
  const name = `${groupName}:${desc}:${members[0]}`;
  return groupOf(parent, made, { members, name, desc, limit: timeout });
}

function groupOf(
  parent: ProcessGroup,
  communicator: Communicator | null,
  { members, name, desc, limit }: GroupSettings,
): ProcessGroup {
  if (communicator === null) return GroupMember.NON_GROUP_MEMBER;
  const ranks = members.map((member) => parent.ranks[member]);
  const group = new ProcessGroup(communicator, parent.backend, ranks, name, desc, limit);
  madeGroups.add(group);
  return group;
}
