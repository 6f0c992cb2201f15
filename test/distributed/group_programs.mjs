/** What ranks do in `groups.test.ts`. */
const programs = { divided, coalesced, meshes };

export default ({ torch, dist, given }) => programs[given](torch, dist);

const failure = async (run) => {
  try {
    await run();
    return null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

/** Groups of groups: who is in which, and whether they hear of each other. */
async function divided(torch, dist) {
  const rank = dist.getRank();
  const sum = async (group) => {
    const x = torch.tensor([rank]);
    await dist.allReduce(x, { group });
    return x.item();
  };
  const [half, halves] = await dist.newSubgroups(2, { groupDesc: 'half' });
  const [some, both] = await dist.newSubgroupsByEnumeration([[0, 3], [1]]);
  const pair = await dist.splitGroup(null, [
    [0, 1],
    [3, 2],
  ]);
  const own = await dist.splitGroup(pair, [[1]]);
  const result = {
    half: [half.ranks, half.groupDesc, halves.length, await sum(half)],
    some: [some?.ranks ?? null, both.map((one) => dist.getRank(one)), some && (await sum(some))],
    pair: [pair.ranks, pair.groupDesc, await sum(pair)],
    own: own && [own.ranks, own.groupDesc],
  };
  result.errors = [
    await failure(() => dist.newSubgroups()),
    await failure(() => dist.newSubgroups(3)),
    await failure(() => dist.newSubgroups(5)),
    await failure(() => dist.newSubgroups(0)),
    await failure(() => dist.newSubgroupsByEnumeration([])),
    await failure(() =>
      dist.newSubgroupsByEnumeration([
        [0, 1],
        [1, 2],
      ]),
    ),
    await failure(() => dist.splitGroup()),
    await failure(() => dist.splitGroup(null, [[]])),
    await failure(() => dist.splitGroup(null, [[0, 0]])),
    await failure(() => dist.splitGroup(null, [[7]])),
  ];
  return result;
}

/** Several collectives in one. */
async function coalesced(torch, dist) {
  const [rank, size] = [dist.getRank(), dist.getWorldSize()];
  const a = [torch.ones(2).mul(rank), torch.ones(1, 3, { dtype: torch.float64 }).mul(rank + 1)];
  const begun = [];
  await dist.coalescingManager(() => {
    for (const one of a) begun.push(dist.allReduce(one));
  });
  const whole = [torch.zeros(size), torch.zeros(size, 2)];
  const gathering = dist.coalescingManager(
    () => {
      dist.allGatherIntoTensor(whole[0], torch.tensor([rank + 0.5]));
      dist.allGatherIntoTensor(whole[1], torch.tensor([rank, 2 * rank]).float());
    },
    { asyncOps: true },
  );
  if (dist.getBackend() !== 'single') gathering.waitSync();
  const part = [torch.zeros(1), torch.zeros(2)];
  await dist.coalescingManager(() => {
    dist.reduceScatterTensor(part[0], torch.arange(size).float());
    dist.reduceScatterTensor(part[1], torch.arange(2 * size).float());
  });
  const x = [torch.tensor([rank, 1]), torch.tensor([10])];
  await dist.allReduceCoalesced(x, dist.ReduceOp.MAX);
  const lists = Array.from({ length: size }, () => [torch.zeros(2, 2), torch.zeros(1)]);
  await dist.allGatherCoalesced(lists, [torch.ones(2, 2).mul(rank), torch.ones(1).mul(10 + rank)]);
  const mixed = await failure(() =>
    dist.coalescingManager(() => {
      dist.allReduce(torch.ones(2));
      dist.allGatherIntoTensor(torch.zeros(size), torch.ones(1));
    }),
  );
  const nested = await failure(() => dist.coalescingManager(() => dist.coalescingManager(() => {})));
  await dist.barrier();
  const values = (list) => list.map((one) => one.tolist());
  return {
    reduced: values(a),
    completed: begun.map((one) => one.isCompleted()),
    gathered: values(whole),
    scattered: values(part),
    most: values(x),
    lists: lists.map(values),
    errors: [mixed, nested],
  };
}

/** DTensors on a mesh of two dimensions: every layout from every other. */
async function meshes(torch, dist) {
  const { DTensor, Partial, Replicate, Shard, distributeTensor } = dist.tensor;
  const mesh = await dist.initDeviceMesh('cpu', [2, 2], { meshDimNames: ['dp', 'tp'] });
  const x = torch.arange(35).reshape(5, 7).double();
  const layouts = [new Shard(0), new Shard(1), new Replicate()];
  const wrong = [];
  let count = 0;
  for (const a of layouts)
    for (const b of layouts)
      for (const c of layouts)
        for (const d of layouts) {
          const from = distributeTensor(x, mesh, [a, b]);
          const to = from.redistribute(null, [c, d]);
          const direct = distributeTensor(x, mesh, [c, d]);
          count++;
          if (!torch.equal(to.toLocal(), direct.toLocal())) wrong.push(`${a} ${b} -> ${c} ${d}`);
          if (!torch.equal(to.fullTensor(), x)) wrong.push(`${c} ${d} -> full`);
        }
  const terms = DTensor.fromLocal(torch.ones(2, 4).double(), mesh, [new Partial(), new Shard(1)]);
  const leaf = torch.ones(2, 4, { requiresGrad: true });
  DTensor.fromLocal(leaf, mesh, [new Shard(0), new Shard(1)])
    .fullTensor()
    .mul(2)
    .sum()
    .backward();
  const group = dist.group.WORLD;
  const made = dist.DeviceMesh.fromGroup(group, 'cpu');
  return {
    count,
    wrong,
    sum: terms.redistribute(null, [new Replicate(), new Replicate()]).toLocal().tolist(),
    cut: terms
      .redistribute(null, [new Shard(0), new Shard(1)])
      .toLocal()
      .tolist(),
    grad: leaf.grad
      .flatten()
      .tolist()
      .every((value) => value === 8),
    printed: String(distributeTensor(torch.ones(1), mesh, [new Replicate(), new Replicate()])),
    made: [String(made), made.getGroup() === group, String(mesh.get('tp'))],
    errors: [
      await failure(() => distributeTensor(x, mesh, [new Shard(0)])),
      await failure(() => distributeTensor(x, mesh, [new Shard(2), new Replicate()])),
      await failure(() => dist.DeviceMesh.fromGroup([], 'cpu')),
      await failure(() => dist.DeviceMesh.fromGroup(group, 'cpu', [3, 2, 1, 0])),
    ],
  };
}
