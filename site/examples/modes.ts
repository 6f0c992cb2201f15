//: torch.autocast
const net = new nn.Linear(4, 2);
torch.autocast('cpu', { dtype: torch.bfloat16 }, () => net.forward(torch.ones(1, 4)).dtype);
//= torch.bfloat16

//: torch.getAutocastDtype, torch.setAutocastDtype
const before = torch.getAutocastDtype('cpu');
torch.setAutocastDtype('cpu', torch.float16);
console.log(torch.getAutocastDtype('cpu'));
torch.setAutocastDtype('cpu', before);
//= torch.float16

//: torch.isAutocastEnabled, torch.setAutocastEnabled
torch.setAutocastEnabled('cpu', true);
console.log(torch.isAutocastEnabled('cpu'));
torch.setAutocastEnabled('cpu', false);
//= True

//: torch.isAnomalyEnabled, torch.isAnomalyCheckNanEnabled
torch.autograd.detectAnomaly(() => [torch.isAnomalyEnabled(), torch.isAnomalyCheckNanEnabled()]);
//= [True, True]

//: torch.isGradEnabled
torch.noGrad(() => torch.isGradEnabled());
//= False

//: torch.isInferenceModeEnabled
torch.inferenceMode(() => torch.isInferenceModeEnabled());
//= True

//: torch.memoryStats
const before = torch.memoryStats();
const x = torch.ones(256, 256);
const { aliveBytes, aliveCount } = torch.memoryStats();
[aliveBytes - before.aliveBytes >= x.nbytes, aliveCount - before.aliveCount];
//= [True, 1]

//: torch.resetPeakMemoryStats
torch.resetPeakMemoryStats();

//: torch.getNumThreads, torch.setNumThreads
const before = torch.getNumThreads();
torch.setNumThreads(1);
console.log(torch.getNumThreads());
torch.setNumThreads(before);
//= 1

//: torch.scope
// All tensors made inside are given back at once, but for the result.
torch.scope(() => torch.ones(3).mul(2).add(1));
//= tensor([3., 3., 3.])

//: torch.getDefaultDevice, torch.setDefaultDevice
torch.setDefaultDevice('meta');
console.log(String(torch.zeros(1000, 1000).device), String(torch.getDefaultDevice()));
torch.setDefaultDevice('cpu');
//= meta meta

//: torch.getDefaultDtype, torch.setDefaultDtype
torch.setDefaultDtype(torch.float64);
console.log(torch.getDefaultDtype(), torch.zeros(1).dtype);
torch.setDefaultDtype(torch.float32);
//= torch.float64 torch.float64

//: torch.getPrintoptions, torch.setPrintoptions
torch.setPrintoptions({ precision: 2 });
console.log(torch.tensor([Math.PI]), torch.getPrintoptions().precision);
torch.setPrintoptions({ profile: 'default' });
//= tensor([3.14]) 2

//: torch.isWarnAlwaysEnabled, torch.setWarnAlways
torch.setWarnAlways(true);
console.log(torch.isWarnAlwaysEnabled());
torch.setWarnAlways(false);
//= True

//: torch.useDeterministicAlgorithms, torch.areDeterministicAlgorithmsEnabled, torch.isDeterministicAlgorithmsWarnOnlyEnabled
torch.useDeterministicAlgorithms(true, { warnOnly: true });
console.log(torch.areDeterministicAlgorithmsEnabled(), torch.isDeterministicAlgorithmsWarnOnlyEnabled());
torch.useDeterministicAlgorithms(false);
//= True True

//: torch.save, torch.load
const net = new nn.Linear(2, 1);
const file = await torch.save(net.stateDict());
const state = await torch.load(file);
new nn.Linear(2, 1).loadStateDict(state);
//= <All keys matched successfully>

//: torch.nn.modules.module.registerModuleForwardPreHook
const hook = nn.modules.module.registerModuleForwardPreHook((module, [x]) => console.log('in:', x.shape));
new nn.ReLU().forward(torch.ones(2, 3));
hook.remove();
//= in: [2, 3]

//: torch.nn.modules.module.registerModuleForwardHook
const hook = nn.modules.module.registerModuleForwardHook((module, inputs, output) =>
  console.log(output.shape),
);
new nn.Linear(3, 4).forward(torch.ones(2, 3));
hook.remove();
//= [2, 4]

//: torch.nn.modules.module.registerModuleFullBackwardPreHook, torch.nn.modules.module.registerModuleFullBackwardHook
const { registerModuleFullBackwardPreHook, registerModuleFullBackwardHook } = nn.modules.module;
const first = registerModuleFullBackwardPreHook((module, [grad]) => console.log('arrives:', grad.shape));
const second = registerModuleFullBackwardHook((module, [input]) => console.log('leaves:', input.shape));
new nn.Linear(3, 4)
  .forward(torch.ones(2, 3, { requiresGrad: true }))
  .sum()
  .backward();
first.remove();
second.remove();
//= arrives: [2, 4]
//= leaves: [2, 3]
