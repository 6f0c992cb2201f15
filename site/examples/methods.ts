//: Tensor.dim, Tensor.ndimension, Tensor.nelement, Tensor.elementSize, Tensor.storageOffset
const x = torch.arange(6).reshape(2, 3).index(1);
console.log(x.dim(), x.ndimension(), x.nelement(), x.elementSize());
x.storageOffset();
//= 1 1 3 8
//= 3

//: Tensor.size
const x = torch.zeros(2, 3);
console.log(x.size());
x.size(-1);
//= torch.Size([2, 3])
//= 3

//: Tensor.stride
torch.zeros(2, 3).T.stride();
//= [1, 3]

//: Tensor.isContiguous, Tensor.contiguous
const x = torch.zeros(2, 3).T;
console.log(x.isContiguous());
x.contiguous().isContiguous();
//= False
//= True

//: Tensor.requiresGrad_
torch.ones(2).requiresGrad_().requiresGrad;
//= True

//: Tensor.ready
const x = torch.ones(2).to('cpu');
await x.ready();
x;
//= tensor([1., 1.])

//: Tensor.dispose
// Memory comes back by itself; this gives it back at once.
torch.ones(1000).dispose();

//: Tensor.item, Tensor.itemBigint
const x = torch.tensor([42]);
console.log(x.item());
String(x.itemBigint());
//= 42
//= 42

//: Tensor.itemComplex
String(torch.tensor([new torch.Complex(1, -2)]).itemComplex());
//= (1-2j)

//: Tensor.tolist, Tensor.toArray
const x = torch.tensor([
  [1, 2],
  [3, 4.5],
]);
console.log(x.tolist());
x.toArray();
//= [[1, 2], [3, 4.5]]
//= [1, 2, 3, 4.5]

//: Tensor.numpy
const { data, shape } = torch.tensor([[1, 2.5]]).numpy();
console.log(data, shape);
//= [1, 2.5] [1, 2]

//: Tensor.toString
torch.tensor([1, 2.5]).toString();
//= tensor([1.0000, 2.5000])

//: Tensor.index
const x = torch.arange(12).reshape(3, 4);
console.log(x.index(1)); // x[1]
console.log(x.index(':', '1:3')); // x[:, 1:3]
x.index(x.gt(6)); // x[x > 6]
//= tensor([4, 5, 6, 7])
//= tensor([[ 1,  2],
//=         [ 5,  6],
//=         [ 9, 10]])
//= tensor([ 7,  8,  9, 10, 11])

//: Tensor.alias
const x = torch.zeros(2);
x.alias().fill_(1);
x;
//= tensor([1., 1.])

//: Tensor.byte, Tensor.char, Tensor.short, Tensor.int, Tensor.long, Tensor.half, Tensor.float, Tensor.double, Tensor.bool, Tensor.bfloat16, Tensor.cfloat, Tensor.cdouble, Tensor.chalf by NAME
torch.tensor([0, 1, 2]).NAME();

//: Tensor.type
torch.tensor([0, 1]).type(torch.float32);
//= tensor([0., 1.])

//: Tensor.typeAs
torch.tensor([0, 1]).typeAs(torch.ones(1));
//= tensor([0., 1.])

//: Tensor.to
const x = torch.tensor([1, 2]).to(torch.float64);
console.log(x);
x.to('cpu') === x;
//= tensor([1., 2.], dtype=torch.float64)
//= True

//: Tensor.cpu
torch.ones(2).cpu().device;
//= cpu

//: Tensor.cuda
// There is no CUDA here: as without a GPU in Python, this is refused.
try {
  torch.ones(1).cuda();
} catch (error) {
  console.log(error.name);
}
//= AssertionError

//: Tensor.copy_
torch.zeros(3).copy_(torch.tensor([1, 2, 3]));
//= tensor([1., 2., 3.])

//: Tensor.set_
torch.zeros(0).set_(torch.ones(2));
//= tensor([1., 1.])

//: Tensor.isSetTo
const x = torch.ones(2);
x.isSetTo(x.view(2));
//= True

//: Tensor.expand
torch.tensor([[1], [2]]).expand(2, 3);
//= tensor([[1, 1, 1],
//=         [2, 2, 2]])

//: Tensor.expandAs
torch.tensor([[1], [2]]).expandAs(torch.zeros(2, 3));
//= tensor([[1, 1, 1],
//=         [2, 2, 2]])

//: Tensor.repeat
torch.tensor([1, 2]).repeat(2, 2);
//= tensor([[1, 2, 1, 2],
//=         [1, 2, 1, 2]])

//: Tensor.view
const x = torch.arange(6);
x.view(2, 3).fill_(7);
x;
//= tensor([7, 7, 7, 7, 7, 7])

//: Tensor.viewAs, Tensor.reshapeAs by NAME
torch.arange(4).NAME(torch.zeros(2, 2));

//: Tensor.unfold
torch.arange(6).unfold(0, 3, 1);
//= tensor([[0, 1, 2],
//=         [1, 2, 3],
//=         [2, 3, 4],
//=         [3, 4, 5]])

//: Tensor.sumToSize
torch.ones(3, 4).sumToSize(1, 4);
//= tensor([[3., 3., 3., 3.]])

//: Tensor.resize_
torch.arange(6).resize_(2, 2);
//= tensor([[0, 1],
//=         [2, 3]])

//: Tensor.fillDiagonal_
torch.zeros(3, 3).fillDiagonal_(5);
//= tensor([[5., 0., 0.],
//=         [0., 5., 0.],
//=         [0., 0., 5.]])

//: Tensor.newZeros, Tensor.newOnes by NAME
torch.tensor([1], { dtype: torch.int8 }).NAME([2, 2]);

//: Tensor.newFull
torch.tensor([1.5]).newFull([2], 7);
//= tensor([7., 7.])

//: Tensor.newTensor
torch.tensor([1.5]).newTensor([1, 2]);
//= tensor([1., 2.])

//: Tensor.newEmpty
torch.ones(1).newEmpty([2, 3]).shape;
//= [2, 3]

//: Tensor.newEmptyStrided
torch.ones(1).newEmptyStrided([2, 3], [1, 2]).stride();
//= [1, 2]

//: Tensor.uniform_, Tensor.exponential_, Tensor.cauchy_, Tensor.logNormal_ by NAME
torch.manualSeed(0);
torch.zeros(3).NAME();

//: Tensor.geometric_
torch.manualSeed(0);
torch.zeros(3).geometric_(0.5);
//= tensor([1., 1., 2.])

//: Tensor.random_
torch.manualSeed(0);
torch.zeros(4, { dtype: torch.int64 }).random_(0, 10);
//= tensor([4, 9, 3, 0])

//: Tensor.apply_
torch.tensor([1, 2, 3]).apply_((x) => x * x);
//= tensor([1, 4, 9])

//: Tensor.map_
torch.tensor([1, 2]).map_(torch.tensor([10, 20]), (a, b) => a + b);
//= tensor([11, 22])

//: Tensor.backward
const x = torch.tensor([2, 3.5], { requiresGrad: true });
x.square().sum().backward();
x.grad;
//= tensor([4., 7.])

//: Tensor.retainGrad
const x = torch.ones(2, { requiresGrad: true });
const y = x.mul(3);
y.retainGrad();
y.sum().backward();
y.grad;
//= tensor([1., 1.])

//: Tensor.registerHook
const x = torch.ones(2, { requiresGrad: true });
x.registerHook((grad) => grad.mul(10));
x.sum().backward();
x.grad;
//= tensor([10., 10.])

//: Tensor.registerPostAccumulateGradHook
const x = torch.ones(2, { requiresGrad: true });
x.registerPostAccumulateGradHook((self) => console.log('gradient:', self.grad));
x.sum().backward();
//= gradient: tensor([1., 1.])

//: Tensor.untypedStorage
torch.ones(4).untypedStorage().dataPtr() === torch.ones(4).untypedStorage().dataPtr();
//= False

//: Tensor.getDevice
torch.ones(1).getDevice();
//= -1

//: Tensor.dimOrder
torch.zeros(1, 3, 4, 4).contiguous({ memoryFormat: torch.channelsLast }).dimOrder();
//= [0, 2, 3, 1]

//: Tensor.isShared, Tensor.isPinned by NAME
torch.ones(1).NAME();

//: Tensor.pinMemory
// Pinned memory is an accelerator's: without one, this is refused.
try {
  torch.ones(1).pinMemory();
} catch (error) {
  console.log(error.name);
}
//= RuntimeError

//: Tensor.toSparse, Tensor.indices, Tensor.values, Tensor.nnz, Tensor.sparseDim, Tensor.denseDim, Tensor.toDense
const s = torch
  .tensor([
    [0, 2],
    [3, 0],
  ])
  .toSparse();
console.log(s.indices());
console.log(s.values(), s.nnz(), s.sparseDim(), s.denseDim());
s.toDense();
//= tensor([[0, 1],
//=         [1, 0]])
//= tensor([2, 3]) 2 2 0
//= tensor([[0, 2],
//=         [3, 0]])

//: Tensor.coalesce, Tensor.isCoalesced
const s = torch.sparseCooTensor(torch.tensor([[0, 0]]), torch.tensor([1, 2]), [2]);
console.log(s.isCoalesced());
s.coalesce().values();
//= False
//= tensor([3])

//: Tensor.toSparseCsr, Tensor.crowIndices, Tensor.colIndices
const s = torch
  .tensor([
    [0, 2],
    [3, 0],
  ])
  .toSparseCsr();
console.log(s.crowIndices());
s.colIndices();
//= tensor([0, 1, 2])
//= tensor([1, 0])

//: Tensor.sparseMask
torch
  .tensor([
    [1, 2],
    [3, 4],
  ])
  .sparseMask(torch.eye(2).toSparse())
  .toDense();
//= tensor([[1, 0],
//=         [0, 4]])
