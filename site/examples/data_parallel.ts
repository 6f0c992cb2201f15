//: distributed.DistributedDataParallel
await distributed.initProcessGroup('single');
torch.manualSeed(0);
const ddp = new distributed.DistributedDataParallel(new torch.nn.Linear(2, 1));
const optimizer = new torch.optim.SGD(ddp.parameters(), { lr: 0.1 });
const x = torch.ones(4, 2);
for (let i = 0; i < 3; i++) {
  optimizer.zeroGrad();
  const loss = ddp.forward(x).square().mean();
  // Averages the gradients of all processes.
  loss.backward();
  optimizer.step();
  console.log(loss.item().toFixed(4));
}
await distributed.destroyProcessGroup();
//= 0.0432
//= 0.0069
//= 0.0011

//: distributed.SyncBatchNorm
const net = new torch.nn.Sequential(new torch.nn.Conv2d(1, 4, 3), new torch.nn.BatchNorm2d(4));
String(distributed.SyncBatchNorm.convertSyncBatchnorm(net));
//= Sequential(
//=   (0): Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1))
//=   (1): SyncBatchNorm(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
//= )

//: distributed.Join, distributed.JoinHook
await distributed.initProcessGroup('single');
const ddp = new distributed.DistributedDataParallel(new torch.nn.Linear(1, 1));
// Each process has as many inputs as it has.
const inputs = [1.5, 2.5, 3.5].map((value) => torch.tensor([value]));
await new distributed.Join([ddp]).run(() => {
  for (const input of inputs) ddp.forward(input).sum().backward();
});
console.log(ddp.joinHook() instanceof distributed.JoinHook);
console.log(String(ddp.module.weight.grad));
await distributed.destroyProcessGroup();
//= True
//= tensor([[7.5000]])

//: distributed.GradBucket, distributed.allreduceHook
await distributed.initProcessGroup('single');
const ddp = new distributed.DistributedDataParallel(new torch.nn.Linear(3, 2));
ddp.registerCommHook(null, (group, bucket) => {
  console.log(bucket.index(), bucket.isLast(), bucket.buffer().shape, bucket.gradients().length);
  return distributed.allreduceHook(group, bucket);
});
ddp.forward(torch.ones(1, 3)).sum().backward();
await distributed.destroyProcessGroup();
//= 0 True [8] 2

//: distributed.fp16CompressHook, distributed.bf16CompressHook
await distributed.initProcessGroup('single');
for (const hook of [distributed.fp16CompressHook, distributed.bf16CompressHook]) {
  const ddp = new distributed.DistributedDataParallel(new torch.nn.Linear(1, 1));
  ddp.registerCommHook(null, hook);
  ddp.forward(torch.tensor([[1.001]])).sum().backward();
  console.log(ddp.module.weight.grad.item());
}
await distributed.destroyProcessGroup();
//= 1.0009765625
//= 1

//: distributed.PowerSGDState, distributed.powerSGDHook, distributed.batchedPowerSGDHook, distributed.fp16CompressWrapper, distributed.bf16CompressWrapper
await distributed.initProcessGroup('single');
const { powerSGDHook, batchedPowerSGDHook, fp16CompressWrapper, bf16CompressWrapper } = distributed;
for (const hook of [powerSGDHook, batchedPowerSGDHook, fp16CompressWrapper(powerSGDHook), bf16CompressWrapper(powerSGDHook)]) {
  const state = new distributed.PowerSGDState(null, { matrixApproximationRank: 1, startPowerSgdIter: 2 });
  const ddp = new distributed.DistributedDataParallel(new torch.nn.Linear(32, 32));
  ddp.registerCommHook(state, hook);
  for (let i = 0; i < 3; i++) ddp.forward(torch.ones(1, 32)).sum().backward();
  console.log(state.compressionStats()[0].toFixed(1));
}
await distributed.destroyProcessGroup();
//= 11.0
//= 16.0
//= 11.0
//= 11.0
