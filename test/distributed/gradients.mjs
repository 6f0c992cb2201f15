// Collectives with gradients, and meshes. Run by mpirun (test/mpi.test.ts). Values are those of torch.distributed.nn over gloo.
import assert from 'node:assert/strict';
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';

await dist.initProcessGroup('mpi', { timeout: 30 });
const [rank, size] = [dist.getRank(), dist.getWorldSize()];
const ranks = Array.from({ length: size }, (_, i) => i);
const total = (f) => ranks.reduce((sum, r) => sum + f(r), 0);

/** A tensor of this rank, what a function makes of it, and the gradient of its product with rank-dependent weights. */
function gradient(n, f) {
  const x = torch.full([n], rank + 1, { dtype: torch.float64, requiresGrad: true });
  const y = f(x);
  y.mul(rank + 1)
    .sum()
    .backward();
  return [y.detach().toArray()[0], x.grad.toArray()[0]];
}
const weights = total((r) => r + 1);

// Every rank weighs its result by its number plus one, so that gradients show who takes part.
assert.deepEqual(
  gradient(3, (x) => dist.nn.allReduce(x)),
  [weights, weights],
);
assert.deepEqual(
  gradient(3, (x) => dist.nn.allReduce(x, dist.ReduceOp.AVG)),
  [weights / size, weights / size],
);
assert.deepEqual(
  gradient(3, (x) => dist.nn.broadcast(x, size - 1)),
  [size, rank === size - 1 ? weights : 0],
);
assert.deepEqual(
  gradient(2, (x) => dist.nn.reduce(x, 0)),
  [rank === 0 ? weights : rank + 1, 1],
);
assert.deepEqual(
  gradient(2000, (x) => torch.stack(dist.nn.allGather(x)).sum(0)),
  [weights, weights],
);
assert.deepEqual(
  gradient(3, (x) =>
    dist.nn.reduceScatter(
      x.detach(),
      ranks.map((r) => x.mul(r + 1)),
    ),
  ),
  [weights * (rank + 1), total((r) => (r + 1) * (r + 1))],
);
assert.deepEqual(
  gradient(3, (x) =>
    torch
      .stack(
        dist.nn.allToAll(
          ranks.map(() => x),
          ranks.map(() => x),
        ),
      )
      .sum(0),
  ),
  [weights, weights],
);
// Twice.
const x = torch.full([1], rank + 2, { dtype: torch.float64, requiresGrad: true });
const [once] = torch.autograd.grad([dist.nn.allReduce(x.pow(3)).sum()], [x], { createGraph: true });
const [twice] = torch.autograd.grad([once.sum()], [x]);
assert.deepEqual([once.item(), twice.item()], [3 * size * (rank + 2) ** 2, 6 * size * (rank + 2)]);

if (size === 4) {
  const mesh = await dist.initDeviceMesh('cpu', [2, 2], { meshDimNames: ['dp', 'tp'] });
  assert.equal(String(mesh), "DeviceMesh((dp=2, tp=2), 'cpu', stride=(2, 1))");
  assert.deepEqual(mesh.mesh.tolist(), [
    [0, 1],
    [2, 3],
  ]);
  assert.deepEqual(mesh.getCoordinate(), [Math.floor(rank / 2), rank % 2]);
  assert.deepEqual(dist.getProcessGroupRanks(mesh.getGroup('dp')), [rank % 2, (rank % 2) + 2]);
  assert.deepEqual(dist.getProcessGroupRanks(mesh.getGroup(1)), rank < 2 ? [0, 1] : [2, 3]);
  assert.deepEqual(
    [mesh.ndim, mesh.size(), mesh.size(1), mesh.getLocalRank('tp'), mesh.getRank()],
    [2, 4, 2, rank % 2, rank],
  );
  const tp = mesh.get('tp');
  assert.equal(tp.getGroup(), mesh.getGroup('tp'));
  assert.deepEqual(tp.mesh.tolist(), rank < 2 ? [0, 1] : [2, 3]);
  assert.equal(mesh.get(['dp', 'tp']).size(), 4);
  assert.throws(() => mesh.getGroup(), /`meshDim` needs to be specified/);
  assert.throws(() => mesh.get('pp'), /Invalid meshDim 'pp'/);
  const sum = torch.tensor([rank]);
  await dist.allReduce(sum, { group: mesh.getGroup('dp') });
  assert.equal(sum.item(), 2 * (rank % 2) + 2);
}
await assert.rejects(() => dist.initDeviceMesh('cpu', [size + 1]), /has \d processes, but there are/);
await dist.destroyProcessGroup();
if (rank === 0) console.log(`gradients of ${size} ranks`);
