/** Collectives of a process that is alone, and what they refuse. Values and errors are PyTorch's, of gloo with one process. */
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const { ReduceOp } = dist;

describe('Before initProcessGroup', () => {
  it('there is no group', async () => {
    const missing =
      'Default process group has not been initialized, please make sure to call initProcessGroup.';
    expect(dist.isInitialized()).toBe(false);
    expect(dist.group.WORLD).toBe(null);
    expect(() => dist.getRank()).toThrow(missing);
    expect(() => dist.getBackend()).toThrow(missing);
    expect(() => dist.allReduce(torch.ones(2))).toThrow(missing);
    await expect(dist.newGroup()).rejects.toThrow(missing);
    await expect(dist.destroyProcessGroup()).rejects.toThrow('Process group cannot be None');
  });

  it('names of backends are checked', async () => {
    await expect(dist.initProcessGroup('foo')).rejects.toThrow('Unknown backend type foo');
    await expect(dist.initProcessGroup('nccl')).rejects.toThrow(
      "Distributed package doesn't have NCCL built in",
    );
    await expect(dist.initProcessGroup({ timeout: -1 })).rejects.toThrow('Expected timeout');
    await expect(dist.initProcessGroup('single', { worldSize: 2 })).rejects.toThrow(
      'worldSize is 2, but 1 processes were started',
    );
    await expect(dist.initProcessGroup({ initMethod: 'tcp://localhost:1' })).rejects.toThrow(
      'No rendezvous handler for tcp://localhost:1',
    );
    expect(dist.isInitialized()).toBe(false);
  });
});

describe('A process that is alone', () => {
  beforeAll(() => dist.initProcessGroup());
  afterAll(() => dist.destroyProcessGroup());

  it('is rank 0 of 1', async () => {
    expect([dist.getRank(), dist.getWorldSize(), dist.getBackend(), dist.getPgCount()]).toEqual([
      0,
      1,
      'single',
      1,
    ]);
    expect(dist.getNodeLocalRank()).toBe(0);
    const world = dist.group.WORLD!;
    expect([world.rank(), world.size(), world.groupName, world.groupDesc]).toEqual([0, 1, '0', 'default_pg']);
    await expect(dist.initProcessGroup()).rejects.toThrow(
      'trying to initialize the default process group twice!',
    );
  });

  it('reduces and gathers its own tensors', async () => {
    const x = torch.tensor([1.5, 2, 3]);
    await dist.allReduce(x);
    await dist.allReduce(x, ReduceOp.AVG);
    await dist.broadcast(x, 0);
    await dist.reduce(x, 0);
    expect(x.tolist()).toEqual([1.5, 2, 3]);
    const [list, whole] = [[torch.zeros(3)], torch.zeros(1, 3)];
    await dist.allGather(list, x);
    await dist.allGatherIntoTensor(whole, x);
    expect([list[0].tolist(), whole.tolist()]).toEqual([[1.5, 2, 3], [[1.5, 2, 3]]]);
    const part = torch.zeros(3);
    await dist.reduceScatter(part, [x]);
    expect(part.tolist()).toEqual([1.5, 2, 3]);
    await dist.reduceScatterTensor(part, x.neg());
    expect(part.tolist()).toEqual([-1.5, -2, -3]);
    await dist.barrier();
  });

  it('multiplies before it adds where it is told so', async () => {
    const x = torch.ones(2);
    await dist.allReduce(x, dist.premulSum(2.5));
    expect(x.tolist()).toEqual([2.5, 2.5]);
  });

  it('writes to tensors whatever their layout, and tells autograd', async () => {
    const whole = torch.zeros(3, 2);
    const column = whole.select(1, 1);
    await dist.allGatherIntoTensor(column, torch.tensor([1.5, 2, 3]));
    expect(whole.tolist()).toEqual([
      [0, 1.5],
      [0, 2],
      [0, 3],
    ]);
    const w = torch.ones(2, { requiresGrad: true });
    const y = w.mul(2);
    const z = y.mul(y).sum();
    await dist.allReduce(y.detach());
    expect(() => z.backward()).toThrow('modified by an inplace operation');
  });

  it('gives a Work, which is a promise', async () => {
    const work = dist.allReduce(torch.ones(2), { asyncOp: true });
    expect(work).toBeInstanceOf(dist.Work);
    expect(work).toBeInstanceOf(Promise);
    expect(await work.wait()).toBe(true);
    expect(work.waitSync()).toBe(true);
    expect([work.isCompleted(), work.isSuccess(), work.exception()]).toEqual([true, true, null]);
    expect(() => work.sourceRank()).toThrow('sourceRank() may only be called on work objects');
  });

  it('makes groups, of itself and without itself', async () => {
    const one = await dist.newGroup([0], { groupDesc: 'mine' });
    expect([one.rank(), one.size(), one.groupDesc, dist.getProcessGroupRanks(one)]).toEqual([
      0,
      1,
      'mine',
      [0],
    ]);
    expect([dist.getGroupRank(one, 0), dist.getGlobalRank(one, 0)]).toEqual([0, 0]);
    expect(() => dist.getGroupRank(one, 1)).toThrow('Global rank 1 is not part of the group');
    await dist.destroyProcessGroup(one);
    expect(() => dist.getBackend(one)).toThrow('Invalid process group specified');
    const none = await dist.newGroup([]);
    expect(none).toBe(dist.GroupMember.NON_GROUP_MEMBER);
    expect([dist.getRank(none), dist.getWorldSize(none)]).toEqual([-1, -1]);
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await dist.allReduce(torch.ones(2), { group: none });
    expect(warned.mock.calls[0][0]).toContain('Running allReduce on global rank 0 which does not belong');
    warned.mockRestore();
    await expect(dist.newGroup([0, 0])).rejects.toThrow('ranks list must not contain duplicate entries');
    await expect(dist.newGroup([1])).rejects.toThrow('Rank 1 is out of range. Valid ranks are 0 to 0');
  });

  it.each([
    [
      'an op on complex numbers',
      () => dist.allReduce(torch.ones(2, { dtype: torch.complex64 }), ReduceOp.MAX),
      'allReduce does not support ReduceOp.MAX on complex tensors',
    ],
    [
      'bits of floats',
      () => dist.allReduce(torch.ones(2), ReduceOp.BAND),
      'Cannot use ReduceOp.BAND with non-integral dtype',
    ],
    [
      'means of integers',
      () => dist.allReduce(torch.tensor([1n]), ReduceOp.AVG),
      "result type Float can't be cast to the desired output type Long",
    ],
    ['no rank', () => dist.broadcast(torch.ones(2)), 'Must specify globalRank or groupRank'],
    [
      'two ranks',
      () => dist.broadcast(torch.ones(2), 0, { groupSrc: 0 }),
      "Can't specify both groupRank and globalRank",
    ],
    [
      'a rank that there is not',
      () => dist.broadcast(torch.ones(2), 3),
      'Global rank 3 is not part of the group',
    ],
    [
      'lists of another length',
      () => dist.allGather([torch.ones(2), torch.ones(2)], torch.ones(2)),
      'expected length 1, got 2',
    ],
    ['other sizes', () => dist.allGather([torch.ones(3)], torch.ones(2)), 'invalid tensor size at index 0'],
    [
      'other dtypes',
      () => dist.allGather([torch.ones(2).long()], torch.ones(2)),
      'Invalid usage of tensors with different dtypes',
    ],
    [
      'tensors without values',
      () => dist.allReduce(torch.ones(2, { device: 'meta' })),
      'collectives take no tensors on meta',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
