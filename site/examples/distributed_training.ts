//: distributed.optim.ZeroRedundancyOptimizer
await distributed.initProcessGroup('single');
const model = new nn.Linear(2, 1);
const optimizer = new distributed.optim.ZeroRedundancyOptimizer(model.parameters(), torch.optim.Adam, { lr: 0.01 });
model.forward(torch.ones(3, 2)).sum().backward();
optimizer.step();
await optimizer.consolidateStateDict();
console.log(optimizer.stateDict().state.size);
await distributed.destroyProcessGroup();
//= 2

//: distributed.fsdp.fullyShard, distributed.fsdp.MixedPrecisionPolicy
await distributed.initProcessGroup('single');
const model = new nn.Sequential(new nn.Linear(2, 4), new nn.Linear(4, 1));
const mpPolicy = new distributed.fsdp.MixedPrecisionPolicy({ paramDtype: torch.bfloat16, outputDtype: torch.float32 });
for (const layer of model) distributed.fsdp.fullyShard(layer);
distributed.fsdp.fullyShard(model, { mpPolicy });
const optimizer = new torch.optim.SGD(model.parameters(), { lr: 0.1 });
model.forward(torch.ones(3, 2)).sum().backward();
torch.nn.utils.clipGradNorm_(model.parameters(), 1); // over all processes
optimizer.step();
console.log(model.constructor.name, model.stateDict()['0.weight'].placements.join());
await distributed.destroyProcessGroup();
//= FSDPSequential Shard(dim=0)

//: distributed.tensor.DTensor, distributed.tensor.distributeTensor, distributed.tensor.Shard, distributed.tensor.Replicate
const { distributeTensor, Replicate, Shard } = distributed.tensor;
await distributed.initProcessGroup('single');
const x = distributeTensor(torch.arange(6), null, [new Shard(0)]);
const whole = x.redistribute(null, [new Replicate()]);
console.log(x instanceof distributed.tensor.DTensor, whole.placements.join());
console.log(String(x.toLocal()), String(x.fullTensor()));
await distributed.destroyProcessGroup();
//= True Replicate()
//= tensor([0, 1, 2, 3, 4, 5]) tensor([0, 1, 2, 3, 4, 5])

//: distributed.tensor.Partial, distributed.tensor.Placement
const { DTensor, Partial, Placement } = distributed.tensor;
await distributed.initProcessGroup('single');
const placement = new Partial();
const sum = DTensor.fromLocal(torch.ones(2), null, [placement]).fullTensor();
console.log(placement instanceof Placement, String(placement), String(sum));
await distributed.destroyProcessGroup();
//= True Partial(sum) tensor([1., 1.])

//: distributed.checkpoint.getStateDict, distributed.checkpoint.setStateDict
const { getStateDict, setStateDict } = distributed.checkpoint;
const net = new nn.Linear(2, 1);
const optimizer = new torch.optim.Adam(net.parameters());
const [model, optim] = getStateDict(net, optimizer);
console.log(Object.keys(model), Object.keys(optim.state.weight));
setStateDict(net, optimizer, { modelStateDict: model, optimStateDict: optim });
//= ['weight', 'bias'] ['step', 'exp_avg', 'exp_avg_sq']
//= <All keys matched successfully>

//: distributed.checkpoint.getModelStateDict, distributed.checkpoint.setModelStateDict
const { getModelStateDict, setModelStateDict } = distributed.checkpoint;
const net = new nn.Linear(2, 1);
const state = getModelStateDict(net, { options: { fullStateDict: true } });
String(setModelStateDict(net, state));
//= <All keys matched successfully>

//: distributed.checkpoint.getOptimizerStateDict, distributed.checkpoint.setOptimizerStateDict
const { getOptimizerStateDict, setOptimizerStateDict } = distributed.checkpoint;
const net = new nn.Linear(2, 1);
const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1 });
const state = getOptimizerStateDict(net, optimizer);
setOptimizerStateDict(net, optimizer, state);
console.log(state.param_groups[0].params);
//= ['weight', 'bias']

//: distributed.tensor.parallel.parallelizeModule, distributed.tensor.parallel.ColwiseParallel, distributed.tensor.parallel.RowwiseParallel
const { ColwiseParallel, parallelizeModule, RowwiseParallel } = distributed.tensor.parallel;
await distributed.initProcessGroup('single');
const mlp = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
parallelizeModule(mlp, null, { 0: new ColwiseParallel(), 2: new RowwiseParallel() });
console.log(mlp.stateDict()['2.weight'].placements.join(), mlp.forward(torch.ones(3, 4)).shape.join());
await distributed.destroyProcessGroup();
//= Shard(dim=1) 3,2

//: distributed.tensor.parallel.SequenceParallel, distributed.tensor.parallel.PrepareModuleInput, distributed.tensor.parallel.PrepareModuleOutput
const { parallelizeModule, PrepareModuleInput, PrepareModuleOutput, SequenceParallel } = distributed.tensor.parallel;
const { Replicate, Shard } = distributed.tensor;
await distributed.initProcessGroup('single');
const norm = new nn.LayerNorm(4);
parallelizeModule(norm, null, new SequenceParallel());
const [whole, part] = [new Replicate(), new Shard(1)];
parallelizeModule(norm, null, new PrepareModuleInput({ inputLayouts: whole, desiredInputLayouts: part }));
parallelizeModule(norm, null, new PrepareModuleOutput({ outputLayouts: part, desiredOutputLayouts: whole }));
norm.forward(torch.ones(1, 3, 4)).shape.join();
await distributed.destroyProcessGroup();

//: distributed.tensor.parallel.ParallelStyle
new distributed.tensor.parallel.ColwiseParallel() instanceof distributed.tensor.parallel.ParallelStyle;
//= True

//: distributed.fsdp.registerFsdpForwardMethod, distributed.fsdp.UnshardHandle, distributed.fsdp.CPUOffloadPolicy, distributed.fsdp.OffloadPolicy
const { CPUOffloadPolicy, fullyShard, OffloadPolicy, registerFsdpForwardMethod, UnshardHandle } = distributed.fsdp;
await distributed.initProcessGroup('single');
class Net extends nn.Module {
  layer = new nn.Linear(2, 3);

  override forward(x: torch.Tensor): torch.Tensor {
    return this.layer.forward(x);
  }

  norm(): torch.Tensor {
    return this.layer.weight.norm();
  }
}
const offloadPolicy: distributed.fsdp.OffloadPolicy = new CPUOffloadPolicy();
const net = fullyShard(new Net(), { offloadPolicy });
registerFsdpForwardMethod(net, 'norm');
const handle = net.unshard({ asyncOp: true })!;
handle.wait();
console.log(net.layer.weight.shape.join(), net.norm().ndim);
net.reshard();
console.log(handle instanceof UnshardHandle, offloadPolicy instanceof OffloadPolicy);
await distributed.destroyProcessGroup();
//= 3,2 0
//= True True

//: distributed.checkpoint.asyncSave, distributed.checkpoint.FileSystemWriter, distributed.checkpoint.FileSystemReader, distributed.checkpoint.DefaultSavePlanner, distributed.checkpoint.DefaultLoadPlanner
const { asyncSave, DefaultLoadPlanner, DefaultSavePlanner, FileSystemReader, FileSystemWriter, load } = distributed.checkpoint;
const x = torch.ones(2);
const storageWriter = new FileSystemWriter('/tmp/flambeau-steps', { overwrite: true });
const saved = asyncSave({ x }, { storageWriter, planner: new DefaultSavePlanner() });
x.zero_(); // what is saved is a copy
await saved;
const state = { x, later: 1 };
await load(state, {
  storageReader: new FileSystemReader('/tmp/flambeau-steps'),
  planner: new DefaultLoadPlanner({ allowPartialLoad: true }),
});
console.log(String(state.x), state.later);
//= tensor([1., 1.]) 1
