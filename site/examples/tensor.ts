//: torch.Tensor
const x = torch.tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
console.log(x.shape, x.dtype, String(x.device));
x.T;
//= [2, 3] torch.int64 cpu
//= tensor([[1, 4],
//=         [2, 5],
//=         [3, 6]])

//: torch.Device, torch.device
const device = torch.device('cpu');
console.log(device.type);
torch.zeros(2, { device }).device;
//= cpu
//= cpu

//: torch.Generator
const generator = new torch.Generator().manualSeed(7);
torch.rand(2, { generator });
//= tensor([0.5349, 0.1988])

//: torch.Size
const { shape } = torch.zeros(2, 3);
console.log(shape, shape[1]);
shape.length;
//= [2, 3] 3
//= 2

//: torch.Layout
torch.zeros(2).layout;
//= torch.strided

//: torch.MemoryFormat
torch.zeros(1, 3, 4, 4).contiguous({ memoryFormat: torch.channelsLast }).stride();
//= [48, 1, 12, 3]

//: torch.DType
console.log(torch.float16.itemsize, torch.float16.isFloatingPoint);
torch.int64;
//= 2 True
//= torch.int64

//: torch.canCast
torch.canCast(torch.float32, torch.int64);
//= False

//: torch.promoteTypes
torch.promoteTypes(torch.int32, torch.float16);
//= torch.float16

//: torch.resultType
torch.resultType(torch.tensor([1, 2]), 1.5);
//= torch.float32

//: torch.finfo, torch.FloatInfo
const { eps, max } = torch.finfo(torch.float32);
[eps, max];
//= [1.1920928955078125e-7, 3.4028234663852886e+38]

//: torch.iinfo, torch.IntInfo
torch.iinfo(torch.int8).max;
//= 127

//: torch.pyfloat, torch.PyFloat
// A number that Python would have as a float, though it is whole.
torch.tensor([torch.pyfloat(1), 2]).dtype;
//= torch.float32

//: torch.deepcopy
const net = new nn.Linear(2, 1);
const copy = torch.deepcopy(net);
copy.weight === net.weight;
//= False

//: torch.isTensor
torch.isTensor([1, 2]);
//= False

//: torch.isComplex
torch.isComplex(torch.zeros(1, { dtype: torch.complex64 }));
//= True

//: torch.isConj
torch.isConj(torch.zeros(1, { dtype: torch.complex64 }));
//= False

//: torch.isFloatingPoint
torch.isFloatingPoint(torch.tensor([1, 2]));
//= False

//: torch.isInference
torch.isInference(torch.inferenceMode(() => torch.ones(2)));
//= True

//: torch.isNeg
torch.isNeg(torch.ones(2));
//= False

//: torch.isNonzero
torch.isNonzero(torch.tensor([0.5]));
//= True

//: torch.isSameSize
torch.isSameSize(torch.zeros(2, 3), torch.ones(3, 2));
//= False

//: torch.isSigned
torch.isSigned(torch.tensor([1], { dtype: torch.uint8 }));
//= False

//: torch.numel
torch.numel(torch.zeros(2, 3));
//= 6

//: torch.broadcastShapes
torch.broadcastShapes([2, 1], [3]);
//= torch.Size([2, 3])

//: torch.Slice, torch.slice
const y = torch.arange(10);
y.index(torch.slice(1, 8, 3));
//= tensor([1, 4, 7])
