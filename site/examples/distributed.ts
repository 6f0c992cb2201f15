//: distributed.initProcessGroup, distributed.destroyProcessGroup, distributed.isInitialized, distributed.isAvailable
// A process that no launcher has started is alone; with `mpirun -n 4` there are four.
await distributed.initProcessGroup();
const is = distributed.isInitialized();
await distributed.destroyProcessGroup();
[distributed.isAvailable(), is, distributed.isInitialized()].join(' ');
//= true true false

//: distributed.getRank, distributed.getWorldSize, distributed.getBackend, distributed.getPgCount, distributed.getNodeLocalRank
await distributed.initProcessGroup('single');
console.log(distributed.getRank(), distributed.getWorldSize(), distributed.getBackend());
console.log(distributed.getPgCount(), distributed.getNodeLocalRank());
await distributed.destroyProcessGroup();
//= 0 1 single
//= 1 0

//: distributed.isBackendAvailable
distributed.isBackendAvailable('single');
//= True

//: distributed.newGroup, distributed.ProcessGroup, distributed.getProcessGroupRanks, distributed.getGroupRank, distributed.getGlobalRank
await distributed.initProcessGroup('single');
const group = await distributed.newGroup([0], { groupDesc: 'the first' });
console.log(group.rank(), group.size(), group.groupDesc, distributed.getProcessGroupRanks(group));
console.log(distributed.getGroupRank(group, 0), distributed.getGlobalRank(group, 0));
await distributed.destroyProcessGroup();
//= 0 1 the first [0]
//= 0 0

//: distributed.allReduce, distributed.ReduceOp
await distributed.initProcessGroup('single');
const loss = torch.tensor([0.5]);
await distributed.allReduce(loss, distributed.ReduceOp.AVG);
await distributed.destroyProcessGroup();
String(loss);
//= tensor([0.5000])

//: distributed.Work
await distributed.initProcessGroup('single');
const gradient = torch.ones(2);
const work = distributed.allReduce(gradient, { asyncOp: true });
// … what does not need it yet …
await work.wait();
console.log(work.isCompleted());
await distributed.destroyProcessGroup();
//= True

//: distributed.premulSum
await distributed.initProcessGroup('single');
const x = torch.ones(2);
await distributed.allReduce(x, distributed.premulSum(0.5));
await distributed.destroyProcessGroup();
String(x);
//= tensor([0.5000, 0.5000])

//: distributed.reduce, distributed.broadcast, distributed.barrier
await distributed.initProcessGroup('single');
const x = torch.ones(2);
await distributed.broadcast(x, 0);
await distributed.reduce(x, 0);
await distributed.barrier();
await distributed.destroyProcessGroup();
String(x);
//= tensor([1., 1.])

//: distributed.allGather
await distributed.initProcessGroup('single');
const all = Array.from({ length: distributed.getWorldSize() }, () => torch.zeros(2));
await distributed.allGather(all, torch.ones(2));
await distributed.destroyProcessGroup();
String(all[0]);
//= tensor([1., 1.])

//: distributed.allGatherIntoTensor, distributed.allGatherSingle
await distributed.initProcessGroup('single');
const whole = torch.zeros(distributed.getWorldSize(), 2);
await distributed.allGatherIntoTensor(whole, torch.ones(2));
await distributed.destroyProcessGroup();
String(whole);
//= tensor([[1., 1.]])

//: distributed.reduceScatter
await distributed.initProcessGroup('single');
const part = torch.zeros(2);
await distributed.reduceScatter(part, [torch.ones(2)]);
await distributed.destroyProcessGroup();
String(part);
//= tensor([1., 1.])

//: distributed.reduceScatterTensor, distributed.reduceScatterSingle
await distributed.initProcessGroup('single');
const part = torch.zeros(2);
await distributed.reduceScatterTensor(part, torch.ones(2));
await distributed.destroyProcessGroup();
String(part);
//= tensor([1., 1.])

//: distributed.checkpoint.save, distributed.checkpoint.load
// All processes call these, of which each writes and reads its part. In Node.
const checkpointId = '/tmp/flambeau-checkpoint';
const model = new nn.Linear(2, 1);
await distributed.checkpoint.save({ model, step: 100 }, { checkpointId });
const state = { model: new nn.Linear(2, 1), step: 0 };
await distributed.checkpoint.load(state, { checkpointId });
console.log(state.step, torch.equal(state.model.weight, model.weight));
//= 100 True

//: distributed.checkpoint.CheckpointException
const checkpointId = '/tmp/flambeau-checkpoint';
await distributed.checkpoint.save({ x: torch.ones(2) }, { checkpointId });
try {
  await distributed.checkpoint.load({ y: torch.ones(2) }, { checkpointId });
} catch (error) {
  console.log(error instanceof distributed.checkpoint.CheckpointException, error.failures.get(0).message);
}
//= True Missing key in checkpoint state_dict: y.

//: distributed.gather, distributed.scatter
await distributed.initProcessGroup('single');
const [all, mine] = [[torch.zeros(2)], torch.zeros(2)];
await distributed.gather(torch.ones(2), all);
await distributed.scatter(mine, [torch.tensor([1.5, 2])]);
await distributed.destroyProcessGroup();
console.log(String(all[0]), String(mine));
//= tensor([1., 1.]) tensor([1.5000, 2.0000])

//: distributed.allToAll, distributed.allToAllSingle
await distributed.initProcessGroup('single');
const [list, whole] = [[torch.zeros(2)], torch.zeros(2)];
await distributed.allToAll(list, [torch.ones(2)]);
await distributed.allToAllSingle(whole, torch.ones(2));
await distributed.destroyProcessGroup();
console.log(String(list[0]), String(whole));
//= tensor([1., 1.]) tensor([1., 1.])

//: distributed.isend, distributed.irecv, distributed.P2POp, distributed.batchIsendIrecv
await distributed.initProcessGroup('single');
const heard = torch.zeros(2);
const works = distributed.batchIsendIrecv([
  new distributed.P2POp(distributed.isend, torch.ones(2), 0),
  new distributed.P2POp(distributed.irecv, heard, 0),
]);
await Promise.all(works.map((work) => work.wait()));
await distributed.destroyProcessGroup();
String(heard);
//= tensor([1., 1.])

//: distributed.send, distributed.recv, distributed.sendObjectList, distributed.recvObjectList
// With two processes: mpirun -n 2 node program.js
await distributed.initProcessGroup();
const x = torch.zeros(2);
if (distributed.getWorldSize() > 1) {
  if (distributed.getRank() === 0) await distributed.send(x, 1);
  else console.log('from rank', await distributed.recv(x, 0));
  const list = ['an object'];
  if (distributed.getRank() === 0) await distributed.sendObjectList(list, 1);
  else await distributed.recvObjectList(list, 0);
}
await distributed.destroyProcessGroup();

//: distributed.allGatherObject, distributed.gatherObject
await distributed.initProcessGroup('single');
const [all, gathered] = [[null], [null]];
await distributed.allGatherObject(all, { rank: 0 });
await distributed.gatherObject('mine', gathered);
await distributed.destroyProcessGroup();
console.log(JSON.stringify(all), gathered[0]);
//= [{"rank":0}] mine

//: distributed.broadcastObjectList, distributed.scatterObjectList
await distributed.initProcessGroup('single');
const [list, mine] = [['a', 2], [null]];
await distributed.broadcastObjectList(list, 0);
await distributed.scatterObjectList(mine, ['for rank 0']);
await distributed.destroyProcessGroup();
console.log(list[1], mine[0]);
//= 2 for rank 0

//: distributed.allReduceCoalesced, distributed.monitoredBarrier
await distributed.initProcessGroup('single');
const tensors = [torch.ones(2), torch.ones(3)];
await distributed.allReduceCoalesced(tensors);
await distributed.monitoredBarrier({ timeout: 5 });
await distributed.destroyProcessGroup();
String(tensors[1]);
//= tensor([1., 1., 1.])

//: distributed.nn.allReduce, distributed.nn.reduce, distributed.nn.broadcast
await distributed.initProcessGroup('single');
const x = torch.ones([2], { requiresGrad: true });
const y = distributed.nn.allReduce(distributed.nn.broadcast(distributed.nn.reduce(x.mul(3), 0), 0));
y.sum().backward();
await distributed.destroyProcessGroup();
String(x.grad);
//= tensor([3., 3.])

//: distributed.nn.allGather, distributed.nn.reduceScatter, distributed.nn.allToAll
await distributed.initProcessGroup('single');
const x = torch.ones([2], { requiresGrad: true });
const [all] = distributed.nn.allGather(x);
const part = distributed.nn.reduceScatter(torch.empty(2), [all]);
const [other] = distributed.nn.allToAll([torch.empty(2)], [part]);
other.mul(2).sum().backward();
await distributed.destroyProcessGroup();
String(x.grad);
//= tensor([2., 2.])

//: distributed.initDeviceMesh, distributed.DeviceMesh
await distributed.initProcessGroup('single');
const mesh = await distributed.initDeviceMesh('cpu', [1, 1], { meshDimNames: ['dp', 'tp'] });
console.log(String(mesh));
console.log(mesh.size(), mesh.getLocalRank('dp'), mesh.get('tp').ndim);
await distributed.destroyProcessGroup();
//= DeviceMesh((dp=1, tp=1), 'cpu', stride=(1, 1))
//= 1 0 1

//: distributed.isMpiAvailable, distributed.isGlooAvailable, distributed.isNcclAvailable, distributed.isUccAvailable, distributed.isXcclAvailable, distributed.isTorchelasticLaunched
const { isGlooAvailable, isMpiAvailable, isNcclAvailable, isTorchelasticLaunched, isUccAvailable, isXcclAvailable } = distributed;
console.log(typeof isMpiAvailable(), isTorchelasticLaunched());
console.log(isGlooAvailable(), isNcclAvailable(), isUccAvailable(), isXcclAvailable());
//= boolean False
//= False False False False

//: distributed.getDefaultBackendForDevice, distributed.getBackendConfig
await distributed.initProcessGroup('single');
console.log(distributed.getBackendConfig());
await distributed.destroyProcessGroup();
distributed.getDefaultBackendForDevice('cpu');
//= cpu:single,webgpu:single
//= single

//: distributed.newSubgroups, distributed.newSubgroupsByEnumeration, distributed.splitGroup
await distributed.initProcessGroup('single');
const [mine, all] = await distributed.newSubgroups(1); // with `mpirun -n 8`, 4 for instance
const [listed] = await distributed.newSubgroupsByEnumeration([[0]]);
const part = await distributed.splitGroup(mine, [[0]], { groupDesc: 'a part' });
console.log(all.length, mine.ranks, listed!.ranks, part!.groupDesc);
await distributed.destroyProcessGroup();
//= 1 [0] [0] a part

//: distributed.coalescingManager, distributed.allGatherCoalesced
await distributed.initProcessGroup('single');
const gradients = [torch.ones(2), torch.ones(3)];
await distributed.coalescingManager(() => {
  for (const one of gradients) distributed.allReduce(one);
});
const everybodys = [gradients.map((one) => torch.zerosLike(one))];
await distributed.allGatherCoalesced(everybodys, gradients);
console.log(String(everybodys[0][1]));
await distributed.destroyProcessGroup();
//= tensor([1., 1., 1.])

//: distributed.supportsComplex
distributed.supportsComplex(distributed.ReduceOp.MAX);
//= False
