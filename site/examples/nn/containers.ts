//: torch.nn.Module
class Net extends nn.Module {
  hidden = new nn.Linear(2, 8);
  out = new nn.Linear(8, 1);

  forward(x) {
    return this.out.forward(this.hidden.forward(x).relu());
  }
}
const net = new Net();
console.log(net);
net.forward(torch.ones(4, 2)).shape
//= Net(
//=   (hidden): Linear(in_features=2, out_features=8, bias=True)
//=   (out): Linear(in_features=8, out_features=1, bias=True)
//= )
//= [4, 1]

//: torch.nn.Parameter
class Scale extends nn.Module {
  factor = new nn.Parameter(torch.ones(1));
}
[...new Scale().namedParameters()].map(([name]) => name)
//= ['factor']

//: torch.nn.Buffer
class Counter extends nn.Module {
  count = new nn.Buffer(torch.zeros(1));
}
new Counter().stateDict()
//= {'count': tensor([0.])}

//: torch.nn.UninitializedParameter, torch.nn.UninitializedBuffer
const parameter = new nn.UninitializedParameter();
parameter.materialize([2, 3]);
parameter.shape
//= [2, 3]

//: torch.nn.Sequential
const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
console.log(net);
net.forward(torch.ones(3, 4)).shape
//= Sequential(
//=   (0): Linear(in_features=4, out_features=8, bias=True)
//=   (1): ReLU()
//=   (2): Linear(in_features=8, out_features=2, bias=True)
//= )
//= [3, 2]

//: torch.nn.ModuleList
class Net extends nn.Module {
  layers = new nn.ModuleList([new nn.Linear(2, 2), new nn.Linear(2, 2)]);
  forward(x) {
    for (const layer of this.layers) x = layer.forward(x);
    return x;
  }
}
new Net().forward(torch.ones(1, 2)).shape
//= [1, 2]

//: torch.nn.ModuleDict
const choices = new nn.ModuleDict({ relu: new nn.ReLU(), tanh: new nn.Tanh() });
choices.get('relu').forward(torch.tensor([-1, 1]))
//= tensor([0, 1])

//: torch.nn.ParameterList
new nn.ParameterList([torch.ones(2), torch.ones(3)]).length
//= 2

//: torch.nn.ParameterDict
[...new nn.ParameterDict({ a: torch.ones(2) }).keys()]
//= ['a']

//: torch.nn.DataParallel
new nn.DataParallel(new nn.Linear(2, 1)).forward(torch.ones(3, 2)).shape
//= [3, 1]

//: torch.nn.Identity
new nn.Identity().forward(torch.tensor([1, 2]))
//= tensor([1, 2])
