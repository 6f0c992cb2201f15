//: torch.optim.Optimizer
const net = new nn.Linear(2, 1);
const optimizer = new torch.optim.SGD(
  [
    { params: [net.weight], lr: 0.1 },
    { params: [net.bias], lr: 0.01 },
  ],
  { momentum: 0.9 },
);
console.log(optimizer.paramGroups.map(({ lr }) => lr));
Object.keys(optimizer.stateDict());
//= [0.1, 0.01]
//= ['state', 'param_groups']

//: torch.optim.Adadelta, torch.optim.Adafactor, torch.optim.Adagrad, torch.optim.Adam, torch.optim.AdamW, torch.optim.Adamax, torch.optim.ASGD, torch.optim.NAdam, torch.optim.RAdam, torch.optim.RMSprop, torch.optim.Rprop, torch.optim.SGD by NAME
const net = new nn.Linear(2, 1);
const optimizer = new torch.optim.NAME(net.parameters(), { lr: 0.1 });
for (let step = 0; step < 3; step++) {
  optimizer.zeroGrad();
  const loss = net.forward(torch.ones(4, 2)).square().mean();
  loss.backward();
  optimizer.step();
  console.log(loss.item().toFixed(4));
}

//: torch.optim.Muon
const net = new nn.Linear(2, 2, { bias: false });
const optimizer = new torch.optim.Muon(net.parameters(), { lr: 0.1 });
net.forward(torch.ones(4, 2)).square().mean().backward();
optimizer.step();
net.weight.shape;
//= [2, 2]

//: torch.optim.SparseAdam
const table = new nn.Embedding(10, 2, { sparse: true });
const optimizer = new torch.optim.SparseAdam(table.parameters(), { lr: 0.1 });
const before = table.weight.detach().clone();
table
  .forward(torch.tensor([3]))
  .sum()
  .backward();
optimizer.step();
table.weight.ne(before).any(1).nonzero().flatten();
//= tensor([3])

//: torch.optim.LBFGS
const x = torch.tensor([3, -2.5], { requiresGrad: true });
const optimizer = new torch.optim.LBFGS([x], { lineSearchFn: 'strong_wolfe' });
optimizer.step(() => {
  optimizer.zeroGrad();
  const loss = x.sub(1).square().sum();
  loss.backward();
  return loss;
});
x;
//= tensor([1.0000, 1.0000], requires_grad=True)

//: torch.optim.optimizer.registerOptimizerStepPreHook, torch.optim.optimizer.registerOptimizerStepPostHook
const { registerOptimizerStepPreHook, registerOptimizerStepPostHook } = torch.optim.optimizer;
const hooks = [
  registerOptimizerStepPreHook(() => console.log('before')),
  registerOptimizerStepPostHook(() => console.log('after')),
];
new torch.optim.SGD([torch.ones(1, { requiresGrad: true })]).step();
for (const hook of hooks) hook.remove();
//= before
//= after

//: torch.optim.lrScheduler.ConstantLR, torch.optim.lrScheduler.LinearLR, torch.optim.lrScheduler.PolynomialLR by NAME
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const scheduler = new torch.optim.lrScheduler.NAME(optimizer, { totalIters: 4 });
for (let epoch = 0; epoch < 5; epoch++) {
  console.log(optimizer.paramGroups[0].lr.toFixed(4));
  optimizer.step();
  scheduler.step();
}

//: torch.optim.lrScheduler.StepLR
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const scheduler = new torch.optim.lrScheduler.StepLR(optimizer, { stepSize: 2, gamma: 0.1 });
for (let epoch = 0; epoch < 5; epoch++) {
  console.log(scheduler.getLastLr());
  optimizer.step();
  scheduler.step();
}
//= [1]
//= [1]
//= [0.1]
//= [0.1]
//= [0.010000000000000002]

//: torch.optim.lrScheduler.MultiStepLR
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const scheduler = new torch.optim.lrScheduler.MultiStepLR(optimizer, { milestones: [1, 3], gamma: 0.5 });
for (let epoch = 0; epoch < 4; epoch++) {
  console.log(scheduler.getLastLr());
  optimizer.step();
  scheduler.step();
}
//= [1]
//= [0.5]
//= [0.5]
//= [0.25]

//: torch.optim.lrScheduler.ExponentialLR
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const scheduler = new torch.optim.lrScheduler.ExponentialLR(optimizer, { gamma: 0.5 });
for (let epoch = 0; epoch < 4; epoch++) {
  console.log(scheduler.getLastLr());
  optimizer.step();
  scheduler.step();
}
//= [1]
//= [0.5]
//= [0.25]
//= [0.125]

//: torch.optim.lrScheduler.LambdaLR, torch.optim.lrScheduler.MultiplicativeLR, torch.optim.lrScheduler.LRScheduler
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const scheduler = new torch.optim.lrScheduler.LambdaLR(optimizer, (epoch) => 1 / (epoch + 1));
for (let epoch = 0; epoch < 4; epoch++) {
  console.log(scheduler.getLastLr()[0].toFixed(4));
  optimizer.step();
  scheduler.step();
}
//= 1.0000
//= 0.5000
//= 0.3333
//= 0.2500

//: torch.optim.lrScheduler.CosineAnnealingLR
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const scheduler = new torch.optim.lrScheduler.CosineAnnealingLR(optimizer, { T_max: 4 });
for (let epoch = 0; epoch < 5; epoch++) {
  console.log(scheduler.getLastLr()[0].toFixed(4));
  optimizer.step();
  scheduler.step();
}
//= 1.0000
//= 0.8536
//= 0.5000
//= 0.1464
//= 0.0000

//: torch.optim.lrScheduler.CosineAnnealingWarmRestarts
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const scheduler = new torch.optim.lrScheduler.CosineAnnealingWarmRestarts(optimizer, 2);
for (let epoch = 0; epoch < 4; epoch++) {
  console.log(scheduler.getLastLr()[0].toFixed(4));
  optimizer.step();
  scheduler.step();
}
//= 1.0000
//= 0.5000
//= 1.0000
//= 0.5000

//: torch.optim.lrScheduler.CyclicLR
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 0.1, momentum: 0.9 });
const scheduler = new torch.optim.lrScheduler.CyclicLR(optimizer, { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 2 });
for (let step = 0; step < 5; step++) {
  console.log(scheduler.getLastLr()[0].toFixed(4));
  optimizer.step();
  scheduler.step();
}
//= 0.1000
//= 0.3000
//= 0.5000
//= 0.3000
//= 0.1000

//: torch.optim.lrScheduler.OneCycleLR
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 0.1, momentum: 0.9 });
const scheduler = new torch.optim.lrScheduler.OneCycleLR(optimizer, { maxLr: 1, totalSteps: 5 });
for (let step = 0; step < 4; step++) {
  console.log(scheduler.getLastLr()[0].toFixed(4));
  optimizer.step();
  scheduler.step();
}
//= 0.0400
//= 0.9505
//= 0.6113
//= 0.1883

//: torch.optim.lrScheduler.ReduceLROnPlateau
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const scheduler = new torch.optim.lrScheduler.ReduceLROnPlateau(optimizer, { patience: 1, factor: 0.1 });
for (const loss of [1, 0.9, 0.9, 0.9, 0.9]) {
  scheduler.step(loss);
  console.log(optimizer.paramGroups[0].lr);
}
//= 1
//= 1
//= 1
//= 0.1
//= 0.1

//: torch.optim.lrScheduler.ChainedScheduler
const { ChainedScheduler, ConstantLR, ExponentialLR } = torch.optim.lrScheduler;
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const scheduler = new ChainedScheduler([
  new ConstantLR(optimizer, { factor: 0.1, totalIters: 2 }),
  new ExponentialLR(optimizer, { gamma: 0.5 }),
]);
for (let epoch = 0; epoch < 4; epoch++) {
  console.log(optimizer.paramGroups[0].lr.toFixed(4));
  optimizer.step();
  scheduler.step();
}
//= 0.1000
//= 0.0500
//= 0.2500
//= 0.1250

//: torch.optim.lrScheduler.SequentialLR
const { SequentialLR, ConstantLR, ExponentialLR } = torch.optim.lrScheduler;
const optimizer = new torch.optim.SGD([torch.ones(1, { requiresGrad: true })], { lr: 1 });
const warmUp = new ConstantLR(optimizer, { factor: 0.1, totalIters: 2 });
const scheduler = new SequentialLR(optimizer, [warmUp, new ExponentialLR(optimizer, 0.5)], [2]);
for (let epoch = 0; epoch < 4; epoch++) {
  console.log(optimizer.paramGroups[0].lr.toFixed(4));
  optimizer.step();
  scheduler.step();
}
//= 0.1000
//= 0.1000
//= 1.0000
//= 0.5000

//: torch.optim.swaUtils.AveragedModel, torch.optim.swaUtils.SWALR, torch.optim.swaUtils.updateBn
const net = new nn.Linear(2, 1);
const optimizer = new torch.optim.SGD(net.parameters(), { lr: 1 });
const averaged = new torch.optim.swaUtils.AveragedModel(net);
const scheduler = new torch.optim.swaUtils.SWALR(optimizer, { swaLr: 0.05, annealEpochs: 2 });
for (let epoch = 0; epoch < 3; epoch++) {
  optimizer.zeroGrad();
  net.forward(torch.ones(1, 2)).square().sum().backward();
  optimizer.step();
  averaged.updateParameters(net);
  scheduler.step();
}
await torch.optim.swaUtils.updateBn([torch.ones(1, 2)], averaged);
averaged.forward(torch.ones(1, 2)).shape;
//= [1, 1]

//: torch.optim.swaUtils.getEmaAvgFn, torch.optim.swaUtils.getEmaMultiAvgFn, torch.optim.swaUtils.getSwaAvgFn, torch.optim.swaUtils.getSwaMultiAvgFn
const { AveragedModel, getEmaAvgFn, getEmaMultiAvgFn, getSwaAvgFn, getSwaMultiAvgFn } = torch.optim.swaUtils;
console.log(getEmaAvgFn(0.9)(torch.ones(1), torch.zeros(1), torch.tensor(1)));
console.log(getSwaAvgFn()(torch.ones(1), torch.zeros(1), torch.tensor(1)));
// Those of several parameters change the averages themselves.
const averages = [torch.ones(1), torch.zeros(2)];
getSwaMultiAvgFn()(averages, [torch.zeros(1), torch.ones(2)], torch.tensor(1));
averages;

new AveragedModel(new nn.Linear(2, 1), { multiAvgFn: getEmaMultiAvgFn(0.99) }).nAveraged;
//= tensor([0.9000])
//= tensor([0.5000])
//= tensor(0)
