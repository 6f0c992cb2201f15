import { AssertionError, RuntimeError, ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { setReplicas } from '../utils/data/replicas.js';
import type { World } from './communicator.js';
import { launchedBackend, localRankOf } from './launcher.js';
import { madeGroups, makeGroup } from './made_groups.js';
import { GroupMember, groupOr, milliseconds, ProcessGroup, setWorldGroup } from './process_group.js';
import { backendNamed } from './worlds.js';

/** Seconds after which a collective fails, unless the group was given others: 1800. */
export const defaultPgTimeout = 1800;

let current: World | null = null;
let isStarting = false;
let count = 0;

setReplicas(() => {
  const { WORLD: world } = GroupMember;
  return world === null ? null : { rank: world.rank(), count: world.size() };
});

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const init = signature(
  'init_process_group(str? backend=None, str? init_method=None, float? timeout=None, int world_size=-1, int rank=-1)',
);

/**
 * Lets this process communicate with the others that were started with it: by `mpirun` or `srun` for the backend `'mpi'`. Every process calls it,
 * before anything else of this module.
 *
 * @param backend `'mpi'` or `'single'`, a single process, with which scripts run without a launcher; default: `'mpi'` where one has started
 *   this process, `'single'` elsewhere
 * @param initMethod how processes find each other: that is the launcher's part, so only `'env://'` is taken
 * @param timeout seconds after which a collective fails; default 1800
 * @param worldSize how many processes there should be; default: as many as there are
 * @param rank this process's number; the launcher gives it
 * @throws ValueError if it has been called before
 *
 * @example
 * import * as dist from 'flambeau/distributed';
 *
 * await dist.initProcessGroup();
 * const x = torch.ones(2).mul(dist.getRank() + 1);
 * await dist.allReduce(x); // with 2 processes: [3, 3]
 * await dist.destroyProcessGroup();
 */
export async function initProcessGroup(...args: Arguments<typeof init>): Promise<void> {
  const { backend, initMethod, timeout, worldSize } = init.bind(args);
  if (current !== null || isStarting)
    throw new ValueError('trying to initialize the default process group twice!');
  if (initMethod !== null && initMethod !== 'env://')
    throw new ValueError(
      `No rendezvous handler for ${initMethod}: the launcher (mpirun, srun) tells processes of each other`,
    );
  const name = backend?.toLowerCase() ?? launchedBackend();
  const limit = milliseconds(timeout ?? defaultPgTimeout);
  const start = backendNamed(name);
  isStarting = true;
  try {
    const world = await start(limit);
    const { communicator } = world;
    if (worldSize >= 0 && worldSize !== communicator.size) {
      await world.end();
      throw new ValueError(`worldSize is ${worldSize}, but ${communicator.size} processes were started`);
    }
    current = world;
    const all = range(communicator.size);
    const group = new ProcessGroup(communicator, name, all, String(count++), 'default_pg', limit);
    madeGroups.add(group);
    setWorldGroup(group);
  } finally {
    isStarting = false;
  }
}

const destroy = signature('destroy_process_group(ProcessGroup? group=None)');

/**
 * Ends a group, or without one all of them and the communication itself. What is under way is to be awaited before.
 *
 * @param group the group; default: all
 */
export async function destroyProcessGroup(...args: Arguments<typeof destroy>): Promise<void> {
  const { group } = destroy.bind(args);
  if (group !== null && !group.isMember) return;
  const world = GroupMember.WORLD;
  if (world === null || current === null) throw new AssertionError('Process group cannot be None');
  if (group !== null && group !== world) {
    if (!madeGroups.delete(group)) throw new ValueError('Invalid process group specified');
    await group.end().free();
    return;
  }
  const ending = current;
  current = null;
  setWorldGroup(null);
  const others = [...madeGroups].filter((one) => one !== world);
  madeGroups.clear();
  count = 0;
  for (const one of others) await one.end().free();
  world.end();
  await ending.end();
}

/** Whether `initProcessGroup` has been called. */
export const isInitialized = signed('is_initialized()', () => GroupMember.WORLD !== null);

/** This process's number in a group; -1 if it is not in it. */
export const getRank = signed('get_rank(ProcessGroup? group=None)', ({ group }) => groupOr(group).rank());

/** The number of processes in a group; -1 if this one is not in it. */
export const getWorldSize = signed('get_world_size(ProcessGroup? group=None)', ({ group }) =>
  groupOr(group).size(),
);

/** The name of a group's backend: `'mpi'`, `'single'`. */
export const getBackend = signed('get_backend(ProcessGroup? group=None)', ({ group }) => {
  const one = groupOr(group);
  if (!one.isAlive) throw new ValueError('Invalid process group specified');
  return one.backend;
});

/** How many groups there are. */
export const getPgCount = signed('get_pg_count()', () => madeGroups.size);

/** The ranks among all processes of a group's members, in the order of their ranks in the group. */
export const getProcessGroupRanks = signed(
  'get_process_group_ranks(ProcessGroup? group=None)',
  ({ group }): number[] => [...groupOr(group).ranks],
);

/** The rank in a group of a rank among all. */
export const getGroupRank = signed(
  'get_group_rank(ProcessGroup group, int global_rank)',
  ({ group, globalRank }) => {
    const found = group.ranks.indexOf(globalRank);
    if (found < 0)
      throw new ValueError(
        `Global rank ${globalRank} is not part of the group of ranks ${group.ranks.join(', ')}`,
      );
    return found;
  },
);

/** The rank among all of a rank in a group. */
export const getGlobalRank = signed(
  'get_global_rank(ProcessGroup group, int group_rank)',
  ({ group, groupRank }) => {
    const found = group.ranks[groupRank];
    if (found === undefined)
      throw new ValueError(
        `Group rank ${groupRank} is not part of the group of ranks ${group.ranks.join(', ')}`,
      );
    return found;
  },
);

/**
 * This process's number among those of its machine, as the launcher says.
 *
 * @param fallbackRank the answer where no launcher has started this process
 */
export const getNodeLocalRank = signed('get_node_local_rank(int? fallback_rank=None)', ({ fallbackRank }) => {
  const found = localRankOf() ?? current?.localRank ?? fallbackRank;
  if (found === null)
    throw new RuntimeError(
      'LOCAL_RANK is not in the environment. Consider passing fallbackRank to allow `getNodeLocalRank` to work, assuming you are not running in a multi-device context and want the code to run locally instead.',
    );
  return found;
});

const ofNewGroup = signature(
  'new_group(int[]? ranks=None, float? timeout=None, str? backend=None, Any pg_options=None, bool use_local_synchronization=False, str? group_desc=None, *, bool sort_ranks=True)',
);

/**
 * Makes a group of some of the processes. All processes call it, in the same order, also those that are not in the group.
 *
 * @param ranks the members; default: all
 * @param timeout seconds after which its collectives fail; default 1800
 * @param backend what carries it: that of all processes, or `'single'` for a group of one
 * @param pgOptions of no use here
 * @param useLocalSynchronization whether only members call it, which MPI does not allow
 * @param groupDesc what the group is for
 * @param sortRanks whether members are numbered by their ranks among all, and not in the order of `ranks`
 * @returns the group, `GroupMember.NON_GROUP_MEMBER` for those that are not in it
 */
export async function newGroup(...args: Arguments<typeof ofNewGroup>): Promise<ProcessGroup> {
  const given = ofNewGroup.bind(args);
  const world = groupOr(null);
  const backend = given.backend?.toLowerCase() ?? world.backend;
  const limit = milliseconds(given.timeout ?? defaultPgTimeout);
  if (backend !== world.backend) {
    backendNamed(backend);
    throw new ValueError(`the backend of a group is that of all processes, ${world.backend}, not ${backend}`);
  }
  if (given.useLocalSynchronization && backend === 'mpi')
    throw new ValueError("MPI backend doesn't support useLocalSynchronization=true");
  const members = checkRanks(given.ranks, given.sortRanks, world.size());
  const name = String(count++);
  return makeGroup(world, { members, name, desc: given.groupDesc ?? 'undefined', limit });
}

function checkRanks(given: readonly number[] | null, isSorted: boolean, size: number): readonly number[] {
  if (given === null) return range(size);
  const ranks = isSorted ? [...given].sort((a, b) => a - b) : [...given];
  if (new Set(ranks).size !== ranks.length)
    throw new ValueError(`ranks list must not contain duplicate entries, got [${ranks.join(', ')}]`);
  if (ranks.length > size)
    throw new ValueError(
      "the new group's world size should be less or equal to the world size set by initProcessGroup",
    );
  for (const rank of ranks)
    if (rank < 0 || rank >= size)
      throw new ValueError(
        `Rank ${rank} is out of range. Valid ranks are 0 to ${size - 1} (worldSize=${size})`,
      );
  return ranks;
}
