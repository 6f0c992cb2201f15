//: torch.autograd.backward
const x = torch.tensor([1, 2.5], { requiresGrad: true });
torch.autograd.backward(x.mul(3), torch.ones(2));
x.grad;
//= tensor([3., 3.])

//: torch.autograd.grad
const x = torch.tensor([1, 2.5], { requiresGrad: true });
const [gradient] = torch.autograd.grad(x.pow(3).sum(), [x], { createGraph: true });
console.log(gradient);
torch.autograd.grad(gradient.sum(), [x])[0];
//= tensor([ 3.0000, 18.7500], grad_fn=<PowBackwardBackward0>)
//= tensor([ 6., 15.])

//: torch.autograd.gradcheck, torch.autograd.gradgradcheck
const x = torch.tensor([0.3, 0.7], { dtype: torch.float64, requiresGrad: true });
console.log(torch.autograd.gradcheck((x) => x.sin(), x));
torch.autograd.gradgradcheck((x) => x.sin(), x);
//= True
//= True

//: torch.autograd.detectAnomaly, torch.autograd.setDetectAnomaly
const x = torch.tensor([0], { dtype: torch.float32, requiresGrad: true });
try {
  torch.autograd.detectAnomaly(() => x.sqrt().mul(0).sum().backward());
} catch (error) {
  console.log(error.message.split('\n')[0]);
}
torch.autograd.setDetectAnomaly(false, true, () => torch.isAnomalyEnabled());
//= Function 'SqrtBackward0' returned nan values in its 0th output.
//= False

//: torch.autograd.Function, torch.autograd.FunctionContext
class Cube extends torch.autograd.Function {
  static forward(ctx, x) {
    ctx.saveForBackward(x);
    return x.pow(3);
  }
  static backward(ctx, grad) {
    const [x] = ctx.savedTensors;
    return grad.mul(x.square().mul(3));
  }
}
const x = torch.tensor([2, 3.5], { requiresGrad: true });
Cube.apply(x).sum().backward();
x.grad;
//= tensor([12.0000, 36.7500])

//: torch.autograd.noGrad
const x = torch.ones(2, { requiresGrad: true });
torch.noGrad(() => x.mul(2)).requiresGrad;
//= False

//: torch.autograd.enableGrad
const x = torch.ones(2, { requiresGrad: true });
torch.noGrad(() => torch.enableGrad(() => x.mul(2))).requiresGrad;
//= True

//: torch.autograd.inferenceMode
const y = torch.inferenceMode(() => torch.ones(2).mul(2));
y.isInference();
//= True

//: torch.autograd.setGradEnabled
const x = torch.ones(2, { requiresGrad: true });
torch.setGradEnabled(false, () => x.mul(2)).requiresGrad;
//= False

//: torch.autograd.Node
const y = torch.ones(2, { requiresGrad: true }).exp().sum();
console.log(y.gradFn.name());
y.gradFn.nextFunctions[0][0].name();
//= SumBackward0
//= ExpBackward0

//: torch.autograd.forwardAd.dualLevel, torch.autograd.forwardAd.makeDual, torch.autograd.forwardAd.unpackDual
const { dualLevel, makeDual, unpackDual } = torch.autograd.forwardAd;
dualLevel(() => {
  const x = makeDual(torch.tensor([2, 3.5]), torch.ones(2));
  return unpackDual(x.square()).tangent;
});
//= tensor([4., 7.])

//: torch.autograd.forwardAd.enterDualLevel, torch.autograd.forwardAd.exitDualLevel
const fwAD = torch.autograd.forwardAd;
fwAD.enterDualLevel();
const { tangent } = fwAD.unpackDual(fwAD.makeDual(torch.ones(1), torch.tensor([5.5])).mul(2));
console.log(tangent);
fwAD.exitDualLevel();
//= tensor([11.])

//: torch.autograd.functional.jacobian
torch.autograd.functional.jacobian((x) => x.square(), torch.tensor([1, 2.5]));
//= tensor([[2., 0.],
//=         [0., 5.]])

//: torch.autograd.functional.hessian
torch.autograd.functional.hessian((x) => x.pow(3).sum(), torch.tensor([1, 2.5]));
//= tensor([[ 6.,  0.],
//=         [ 0., 15.]])

//: torch.autograd.functional.vjp, torch.autograd.functional.jvp by NAME
torch.autograd.functional.NAME((x) => x.square(), torch.tensor([1, 2.5]), torch.ones(2));

//: torch.autograd.functional.vhp, torch.autograd.functional.hvp by NAME
torch.autograd.functional.NAME((x) => x.pow(3).sum(), torch.tensor([1, 2.5]), torch.ones(2));

//: torch.autograd.graph.incrementVersion
const x = torch.ones(2);
torch.autograd.graph.incrementVersion(x);
x._version;
//= 1

//: torch.autograd.graph.GradientEdge, torch.autograd.graph.getGradientEdge
const x = torch.ones(2, { requiresGrad: true });
const y = x.mul(3);
const edge = torch.autograd.graph.getGradientEdge(y);
torch.autograd.grad(y.sum(), [edge])[0];
//= tensor([1., 1.])

//: torch.autograd.graph.registerMultiGradHook
const a = torch.ones(1, { requiresGrad: true });
const b = torch.ones(1, { requiresGrad: true });
torch.autograd.graph.registerMultiGradHook([a, b], ([forA, forB]) => console.log(forA, forB));
a.mul(b.mul(4)).backward();
//= tensor([4.]) tensor([4.])

//: torch.autograd.graph.savedTensorsHooks
const x = torch.ones(2, { requiresGrad: true });
const y = torch.autograd.graph.savedTensorsHooks(
  (saved) => saved.to(torch.bfloat16),
  (packed) => packed.float(),
  () => x.exp().sum(),
);
y.backward();
x.grad;
//= tensor([2.7188, 2.7188])

//: torch.autograd.graph.saveOnCpu
const x = torch.ones(2, { requiresGrad: true });
torch.autograd.graph.saveOnCpu(() => x.exp().sum()).backward();
x.grad;
//= tensor([2.7183, 2.7183])

//: torch.autograd.graph.disableSavedTensorsHooks
torch.autograd.graph.disableSavedTensorsHooks('not here', () => torch.ones(1));
//= tensor([1.])

//: torch.autograd.graph.allowMutationOnSavedTensors
const x = torch.tensor([2, 3.5], { requiresGrad: true });
torch.autograd.graph.allowMutationOnSavedTensors(() => {
  const y = x.clone();
  const z = y.square().sum();
  y.mul_(0);
  z.backward();
});
x.grad;
//= tensor([4., 7.])

//: torch.func.grad
torch.func.grad((x) => x.pow(3).sum())(torch.tensor([1, 2.5]));
//= tensor([ 3.0000, 18.7500])

//: torch.func.gradAndValue
torch.func.gradAndValue((x) => x.pow(3).sum())(torch.tensor([1, 2.5]));
//= [tensor([ 3.0000, 18.7500]), tensor(16.6250)]

//: torch.func.vjp
const [output, pullback] = torch.func.vjp((x) => x.square(), torch.tensor([1, 2.5]));
console.log(output);
pullback(torch.ones(2));
//= tensor([1.0000, 6.2500])
//= [tensor([2., 5.])]

//: torch.func.jvp
torch.func.jvp((x) => x.square(), [torch.tensor([1, 2.5])], [torch.ones(2)]);
//= [tensor([1.0000, 6.2500]), tensor([2., 5.])]

//: torch.func.linearize
const [output, pushforward] = torch.func.linearize((x) => x.square(), torch.tensor([1, 2.5]));
console.log(output);
pushforward(torch.ones(2));
//= tensor([1.0000, 6.2500])
//= tensor([2., 5.])

//: torch.func.jacrev, torch.func.jacfwd by NAME
torch.func.NAME((x) => x.square())(torch.tensor([1, 2.5]));

//: torch.func.hessian
torch.func.hessian((x) => x.pow(3).sum())(torch.tensor([1, 2.5]));
//= tensor([[ 6.,  0.],
//=         [ 0., 15.]])

//: torch.func.vmap
const dot = torch.func.vmap((a, b) => a.dot(b));
dot(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
  torch.tensor([
    [1, 1],
    [2, 2],
  ]),
);
//= tensor([ 3, 14])

//: torch.func.functionalCall
const net = new nn.Linear(2, 1);
const weights = { weight: torch.ones(1, 2), bias: torch.zeros(1) };
torch.func.functionalCall(net, weights, torch.tensor([[3, 4.5]]));
//= tensor([[7.5000]])

//: torch.func.stackModuleState
const nets = [new nn.Linear(2, 1), new nn.Linear(2, 1)];
const [params] = torch.func.stackModuleState(nets);
params.weight.shape;
//= [2, 1, 2]

//: torch.func.replaceAllBatchNormModules_
const net = new nn.Sequential(new nn.BatchNorm1d(2));
torch.func.replaceAllBatchNormModules_(net);
net.at(0).trackRunningStats;
//= False

//: torch.amp.isAutocastAvailable
torch.amp.isAutocastAvailable('cpu');
//= True

//: torch.amp.customFwd, torch.amp.customBwd
class Double extends torch.autograd.Function {
  static forward = torch.amp.customFwd((ctx, x) => x.mul(2), {
    deviceType: 'cpu',
    castInputs: torch.float32,
  });
  static backward = torch.amp.customBwd((ctx, grad) => grad.mul(2), { deviceType: 'cpu' });
}
torch.autocast('cpu', { dtype: torch.bfloat16 }, () => Double.apply(torch.ones(2)).dtype);
//= torch.float32

//: torch.amp.GradScaler
const net = new nn.Linear(2, 1);
const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1 });
const scaler = new torch.amp.GradScaler('cpu', { initScale: 1024 });
scaler.scale(net.forward(torch.ones(1, 2)).sum()).backward();
scaler.step(optimizer);
scaler.update();
scaler.getScale();
//= 1024

//: torch.fx.symbolicTrace, torch.fx.GraphModule, torch.fx.Graph, torch.fx.Node
const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
const traced = torch.fx.symbolicTrace(net, [torch.ones(1, 2)]);
for (const node of traced.graph.nodes) console.log(node.op, node.name);
//= placeholder input_1
//= call_module _0
//= call_module _1
//= output output

//: torch.fx.experimental.proxyTensor.makeFx
const traced = torch.fx.experimental.proxyTensor.makeFx((x) => x.sin().mul(2))(torch.ones(2));
[...traced.graph.nodes].map(({ name }) => name);
//= ['x_1', 'sin', 'mul', 'output']

//: torch.hub.getDir, torch.hub.setDir
const before = torch.hub.getDir();
torch.hub.setDir('/tmp/models');
console.log(torch.hub.getDir());
torch.hub.setDir(before);
//= /tmp/models
