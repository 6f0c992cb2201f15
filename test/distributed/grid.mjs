// Every collective × dtype × layout × op, against what one process computes of all ranks' inputs. Run by mpirun (test/mpi.test.ts).
import assert from 'node:assert/strict';
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';

await dist.initProcessGroup('mpi', { timeout: 60 });
const [rank, size] = [dist.getRank(), dist.getWorldSize()];
const { ReduceOp } = dist;
const ranks = Array.from({ length: size }, (_, i) => i);
let count = 0;

const dtypes = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'complex64',
  'complex128',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'bool',
];
const ops = ['SUM', 'AVG', 'PRODUCT', 'MIN', 'MAX', 'BAND', 'BOR', 'BXOR'];

/** What a rank gives: small whole numbers, so that sums and products are exact in every dtype, and everybody knows those of all. */
function given(of, n, dtype, salt = 0) {
  const values = Array.from(
    { length: n },
    (_, i) => ((i * 7 + of * 3 + salt * 5) % 3) + (of === i % size ? 1 : 0),
  );
  return torch.tensor(values, { dtype: torch.float32 }).to(torch[dtype]);
}

/** Tensors with these values: dense, spread, turned, of a larger storage. */
const layouts = {
  dense: (x) => x.clone(),
  spread: (x) => {
    const wide = torch.zeros([x.numel(), 2], { dtype: x.dtype });
    wide.select(1, 1).copy_(x);
    return wide.select(1, 1);
  },
  within: (x) => {
    const long = torch.zeros([x.numel() + 3], { dtype: x.dtype });
    long.narrow(0, 1, x.numel()).copy_(x);
    return long.narrow(0, 1, x.numel());
  },
};

function same(found, wanted, what) {
  count++;
  assert.ok(
    torch.equal(found, wanted),
    `rank ${rank}: ${what}\nfound  ${String(found.flatten().slice?.(0, 8) ?? found)}\nwanted ${String(wanted)}`.slice(
      0,
      600,
    ),
  );
}

/** The reduction as one process computes it. */
function reduced(inputs, op) {
  const { dtype } = inputs[0];
  const isBool = dtype === torch.bool;
  const wide =
    dtype === torch.float16 || dtype === torch.bfloat16 ? torch.float32 : isBool ? torch.int32 : dtype;
  const [first, ...others] = inputs.map((one) => one.to(wide));
  const with2 = {
    SUM: (a, b) => a.add(b),
    AVG: (a, b) => a.add(b),
    PRODUCT: (a, b) => a.mul(b),
    MIN: (a, b) => torch.minimum(a, b),
    MAX: (a, b) => torch.maximum(a, b),
    BAND: (a, b) => a.bitwiseAnd(b),
    BOR: (a, b) => a.bitwiseOr(b),
    BXOR: (a, b) => a.bitwiseXor(b),
  }[op];
  const all = others.reduce(with2, first);
  return (op === 'AVG' ? all.div(size) : all).to(dtype);
}

function takes(op, dtype) {
  const { isFloatingPoint, isComplex } = torch[dtype];
  if (isComplex) return op === 'SUM' || op === 'AVG';
  if (['BAND', 'BOR', 'BXOR'].includes(op)) return !isFloatingPoint;
  return op !== 'AVG' || isFloatingPoint;
}

// 40 elements go along with the first messages, 5,000 follow them in parts.
for (const n of [4 * size, 1250 * size])
  for (const dtype of dtypes)
    for (const [layout, make] of Object.entries(layouts)) {
      if (layout !== 'dense' && n > 100 && !['float32', 'bool'].includes(dtype)) continue;
      const what = (name) => `${name} of ${n} ${dtype} ${layout}`;
      const own = (salt) => make(given(rank, n, dtype, salt));
      const all = (salt) => ranks.map((one) => given(one, n, dtype, salt));
      const empty = (m = n) => make(torch.zeros([m], { dtype: torch[dtype] }));
      const part = n / size;
      for (const op of ops) {
        if (!takes(op, dtype)) {
          await assert.rejects(
            async () => dist.allReduce(own(), ReduceOp[op]),
            undefined,
            what(`allReduce ${op}`),
          );
          continue;
        }
        const wanted = reduced(all(0), op);
        const x = own(0);
        await dist.allReduce(x, ReduceOp[op]);
        same(x, wanted, what(`allReduce ${op}`));
        const y = own(0);
        const dst = count % size;
        await dist.reduce(y, dst, ReduceOp[op]);
        same(y, rank === dst ? wanted : given(rank, n, dtype), what(`reduce ${op}`));
        const z = empty(part);
        await dist.reduceScatterTensor(z, own(0), ReduceOp[op]);
        same(z, wanted.narrow(0, rank * part, part), what(`reduceScatterTensor ${op}`));
        const w = empty();
        await dist.reduceScatter(
          w,
          ranks.map((one) => own(one)),
          ReduceOp[op],
        );
        same(w, reduced(all(rank), op), what(`reduceScatter ${op}`));
      }
      const root = count % size;
      const b = rank === root ? own(1) : empty();
      await dist.broadcast(b, root);
      same(b, given(root, n, dtype, 1), what('broadcast'));
      const list = ranks.map(() => empty());
      await dist.allGather(list, own(2));
      for (const [i, one] of list.entries()) same(one, given(i, n, dtype, 2), what('allGather'));
      const whole = empty(n * size);
      await dist.allGatherIntoTensor(whole, own(2));
      same(whole, torch.cat(all(2)), what('allGatherIntoTensor'));
      // Every rank another number.
      const uneven = ranks.map((one) => empty(one * 100 + 1));
      await dist.allGather(uneven, make(given(rank, rank * 100 + 1, dtype)));
      for (const [i, one] of uneven.entries())
        same(one, given(i, i * 100 + 1, dtype), what('uneven allGather'));
      const gathered = rank === root ? ranks.map(() => empty()) : null;
      await dist.gather(own(3), gathered, { dst: root });
      for (const [i, one] of (gathered ?? []).entries()) same(one, given(i, n, dtype, 3), what('gather'));
      const scattered = empty();
      await dist.scatter(scattered, rank === root ? ranks.map((one) => own(one)) : null, { src: root });
      same(scattered, given(root, n, dtype, rank), what('scatter'));
      const outputs = ranks.map(() => empty());
      await dist.allToAll(
        outputs,
        ranks.map((one) => own(one)),
      );
      for (const [i, one] of outputs.entries()) same(one, given(i, n, dtype, rank), what('allToAll'));
      const single = empty();
      await dist.allToAllSingle(single, own(4));
      same(single, torch.cat(all(4).map((one) => one.narrow(0, rank * part, part))), what('allToAllSingle'));
      // Rank r sends s + 1 elements to rank s.
      const sizes = ranks.map((one) => one + 1);
      const total = sizes.reduce((a, c) => a + c, 0);
      const ragged = empty(size * (rank + 1));
      await dist.allToAllSingle(ragged, make(given(rank, total, dtype)), {
        outputSplitSizes: ranks.map(() => rank + 1),
        inputSplitSizes: sizes,
      });
      const before = sizes.slice(0, rank).reduce((a, c) => a + c, 0);
      same(
        ragged,
        torch.cat(ranks.map((one) => given(one, total, dtype).narrow(0, before, rank + 1))),
        what('uneven allToAllSingle'),
      );
      if (size > 1) {
        const [next, previous] = [(rank + 1) % size, (rank + size - 1) % size];
        const heard = empty();
        const works = dist.batchIsendIrecv([
          new dist.P2POp(dist.isend, own(5), next, { tag: 3 }),
          new dist.P2POp(dist.irecv, heard, previous, { tag: 3 }),
        ]);
        await Promise.all(works.map((one) => one.wait()));
        same(heard, given(previous, n, dtype, 5), what('batchIsendIrecv'));
        const any = empty();
        if (rank === 0) {
          const seen = new Set();
          for (let i = 1; i < size; i++) seen.add(await dist.recv(any));
          assert.deepEqual([...seen].sort(), ranks.slice(1));
        } else await dist.send(own(6), 0);
        await dist.barrier();
      }
    }

// Groups, each with ranks of its own; objects; several at once.
for (const members of [[0], [0, size - 1], ranks.filter((one) => one % 2 === 0), [...ranks].reverse()]) {
  const group = await dist.newGroup([...new Set(members)], { sortRanks: false });
  if (group === dist.GroupMember.NON_GROUP_MEMBER) continue;
  const mine = [...new Set(members)];
  assert.equal(group.rank(), mine.indexOf(rank));
  const x = torch.full([3], rank + 1, { dtype: torch.float32 });
  await dist.allReduce(x, { group });
  same(
    x,
    torch.full(
      [3],
      mine.reduce((a, b) => a + b + 1, 0),
      { dtype: torch.float32 },
    ),
    `allReduce in ${mine}`,
  );
  const y = torch.full([2], rank, { dtype: torch.float32 });
  await dist.broadcast(y, mine.at(-1), { group });
  same(y, torch.full([2], mine.at(-1), { dtype: torch.float32 }), `broadcast in ${mine}`);
  await dist.destroyProcessGroup(group);
}
const objects = new Array(size).fill(null);
await dist.allGatherObject(objects, { rank, name: `r${rank}`, list: new Array(rank).fill(rank) });
assert.deepEqual(
  objects.map((one) => [one.rank, one.name, one.list.length]),
  ranks.map((one) => [one, `r${one}`, one]),
);
const shared = rank === 0 ? ['a', { b: torch.ones(2) }] : [null, null];
await dist.broadcastObjectList(shared, 0);
assert.equal(shared[0], 'a');
same(shared[1].b, torch.ones(2), 'broadcastObjectList');
const out = [null];
await dist.scatterObjectList(out, rank === 0 ? ranks.map((one) => `for ${one}`) : null);
assert.equal(out[0], `for ${rank}`);
const gatheredObjects = rank === 0 ? new Array(size).fill(null) : null;
await dist.gatherObject(rank * 2, gatheredObjects);
if (rank === 0)
  assert.deepEqual(
    gatheredObjects,
    ranks.map((one) => 2 * one),
  );
const pair = [torch.ones(3).mul(rank), torch.ones(2, 2)];
await dist.allReduceCoalesced(pair);
same(pair[0], torch.ones(3).mul((size * (size - 1)) / 2), 'allReduceCoalesced');
const many = Array.from({ length: 50 }, (_, i) =>
  torch.full([i % 2 === 0 ? 3 : 3000], rank + i, { dtype: torch.float32 }),
);
await Promise.all(many.map((one) => dist.allReduce(one, { asyncOp: true })));
for (const [i, one] of many.entries())
  same(
    one,
    torch.full([one.numel()], size * i + (size * (size - 1)) / 2, { dtype: torch.float32 }),
    `the ${i}th of many`,
  );
// Of several megabytes, in pieces.
const big = torch
  .arange(1_500_001)
  .float()
  .fmod(17)
  .mul(rank + 1);
await dist.allReduce(big);
same(
  big,
  torch
    .arange(1_500_001)
    .float()
    .fmod(17)
    .mul((size * (size + 1)) / 2),
  'a large allReduce',
);
const half = big.toArray();
await dist.monitoredBarrier();
await dist.destroyProcessGroup();
assert.equal(dist.isInitialized(), false);
if (rank === 0) console.log(`${count} results of ${size} ranks, the last ${half.at(-1)}`);
