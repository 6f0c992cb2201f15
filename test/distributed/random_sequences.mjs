// Collectives at random on random groups, many under way at a time, against what one process computes. Run by mpirun: random_sequences.mjs SEED COUNT
import assert from 'node:assert/strict';
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';

const [seed, total] = process.argv.slice(2).map(Number);
await dist.initProcessGroup('mpi', { timeout: 60 });
const [rank, size] = [dist.getRank(), dist.getWorldSize()];

// Every rank draws the same numbers (Marsaglia, "Xorshift RNGs", 2003).
let state = seed * 2654435761 + 1;
function below(n) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
}
const shuffled = (list) => {
  const left = [...list];
  return list.map(() => left.splice(below(left.length), 1)[0]);
};

const groups = [];
for (let i = 0; i < 8; i++) {
  const members = shuffled(Array.from({ length: size }, (_, r) => r)).slice(0, 1 + below(size));
  groups.push({ members, group: await dist.newGroup(members, { sortRanks: false }) });
}

const value = (of, at) => ((of + 1) * (at + 3)) % 11;
const given = (of, n, salt) =>
  torch.tensor(
    Array.from({ length: n }, (_, i) => value(of + salt, i)),
    { dtype: torch.float32 },
  );
const sum = (list) => list.reduce((a, b) => a.add(b));

/** Begins a collective; gives its works, and what there is to see at their end. */
const kinds = {
  allReduce(group, members, n) {
    const x = given(rank, n, 0);
    return [
      [dist.allReduce(x, { group, asyncOp: true })],
      () => [[x, sum(members.map((of) => given(of, n, 0)))]],
    ];
  },
  max(group, members, n) {
    const x = given(rank, n, 1);
    const wanted = () => members.map((of) => given(of, n, 1)).reduce((a, b) => torch.maximum(a, b));
    return [[dist.allReduce(x, dist.ReduceOp.MAX, { group, asyncOp: true })], () => [[x, wanted()]]];
  },
  broadcast(group, members, n, at) {
    const from = members[at];
    const x = rank === from ? given(from, n, 2) : torch.zeros(n);
    return [[dist.broadcast(x, { groupSrc: at, group, asyncOp: true })], () => [[x, given(from, n, 2)]]];
  },
  allGather(group, members, n) {
    const all = members.map(() => torch.zeros(n));
    const work = dist.allGather(all, given(rank, n, 3), { group, asyncOp: true });
    return [[work], () => all.map((one, i) => [one, given(members[i], n, 3)])];
  },
  reduceScatter(group, members, n) {
    const out = torch.zeros(n);
    const work = dist.reduceScatter(
      out,
      members.map((to) => given(rank, n, to)),
      { group, asyncOp: true },
    );
    return [[work], () => [[out, sum(members.map((of) => given(of, n, rank)))]]];
  },
  allToAll(group, members, n) {
    const out = members.map(() => torch.zeros(n));
    const work = dist.allToAll(
      out,
      members.map((to) => given(rank, n, 5 * to)),
      { group, asyncOp: true },
    );
    return [[work], () => out.map((one, i) => [one, given(members[i], n, 5 * rank)])];
  },
  gather(group, members, n, at) {
    const all = members[at] === rank ? members.map(() => torch.zeros(n)) : null;
    const work = dist.gather(given(rank, n, 4), all, { groupDst: at, group, asyncOp: true });
    return [[work], () => (all ?? []).map((one, i) => [one, given(members[i], n, 4)])];
  },
  ring(group, members, n) {
    const [own, out] = [members.indexOf(rank), torch.zeros(n)];
    const before = members[(own + members.length - 1) % members.length];
    const works = [
      dist.isend(given(rank, n, 6), { groupDst: (own + 1) % members.length, group, tag: n % 7 }),
      dist.irecv(out, { groupSrc: members.indexOf(before), group, tag: n % 7 }),
    ];
    return [works, () => [[out, given(before, n, 6)]]];
  },
  barrier: (group) => [[dist.barrier({ group, asyncOp: true })], () => []],
};

const open = [];
async function close() {
  const [what, works, ends] = open.shift();
  await Promise.all(works.map((work) => work.wait()));
  for (const [found, wanted] of ends()) assert.ok(torch.equal(found, wanted), `rank ${rank}: ${what}`);
}
let count = 0;
for (let step = 0; step < total; step++) {
  const { members, group } = groups[below(groups.length)];
  const name = Object.keys(kinds)[below(Object.keys(kinds).length)];
  const n = [0, 1, 3, 100, 700, 3000][below(6)];
  const at = below(members.length);
  if (below(4) === 0 && open.length > 0) await close();
  if (!members.includes(rank)) continue;
  count++;
  open.push([`#${step} ${name} of ${n} in ${members}`, ...kinds[name](group, members, n, at)]);
  while (open.length > 20) await close();
}
while (open.length > 0) await close();
const all = torch.tensor([count]);
await dist.allReduce(all);
if (rank === 0) console.log(`${all.item()} calls of ${size} ranks`);
await dist.destroyProcessGroup();
