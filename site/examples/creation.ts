//: torch.tensor
console.log(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
);
torch.tensor([0.5, 1], { dtype: torch.float64, requiresGrad: true });
//= tensor([[1, 2],
//=         [3, 4]])
//= tensor([0.5000, 1.0000], dtype=torch.float64, requires_grad=True)

//: torch.asTensor
const data = new Float32Array([1, 2, 3]);
torch.asTensor(data);
//= tensor([1., 2., 3.])

//: torch.asarray
const shared = torch.asarray(new Float32Array([1, 2, 3]));
shared.mul_(2);
//= tensor([2., 4., 6.])

//: torch.fromNumpy
const array = new Float32Array([1, 2, 3]);
torch.fromNumpy(array).mul_(10);
Array.from(array);
//= [10, 20, 30]

//: torch.frombuffer
torch.frombuffer(new Uint8Array([1, 0, 2, 0]).buffer, { dtype: torch.int16 });
//= tensor([1, 2], dtype=torch.int16)

//: torch.arange
console.log(torch.arange(5));
torch.arange(1, 2.5, 0.5);
//= tensor([0, 1, 2, 3, 4])
//= tensor([1.0000, 1.5000, 2.0000])

//: torch.linspace
torch.linspace(0, 1, 5);
//= tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])

//: torch.logspace
torch.logspace(0, 3, 4);
//= tensor([   1.,   10.,  100., 1000.])

//: torch.eye
torch.eye(3);
//= tensor([[1., 0., 0.],
//=         [0., 1., 0.],
//=         [0., 0., 1.]])

//: torch.zeros
torch.zeros(2, 3);
//= tensor([[0., 0., 0.],
//=         [0., 0., 0.]])

//: torch.ones
torch.ones(2, 3, { dtype: torch.int64 });
//= tensor([[1, 1, 1],
//=         [1, 1, 1]])

//: torch.full
torch.full([2, 2], 7.5);
//= tensor([[7.5000, 7.5000],
//=         [7.5000, 7.5000]])

//: torch.empty
torch.empty(2, 3).shape;
//= [2, 3]

//: torch.zerosLike, torch.onesLike, torch.fullLike, torch.emptyLike
const x = torch.tensor([
  [1, 2],
  [3, 4],
]);
console.log(torch.zerosLike(x));
console.log(torch.onesLike(x, { dtype: torch.float32 }));
console.log(torch.fullLike(x, 9));
torch.emptyLike(x).shape;
//= tensor([[0, 0],
//=         [0, 0]])
//= tensor([[1., 1.],
//=         [1., 1.]])
//= tensor([[9, 9],
//=         [9, 9]])
//= [2, 2]

//: torch.emptyStrided
torch.emptyStrided([2, 3], [1, 2]).stride();
//= [1, 2]

//: torch.emptyPermuted
torch.emptyPermuted([2, 3, 4], [0, 2, 1]).stride();
//= [12, 1, 3]

//: torch.scalarTensor
torch.scalarTensor(3.5);
//= tensor(3.5000)

//: torch.sparseCooTensor
const indices = torch.tensor([
  [0, 1],
  [2, 0],
]);
torch.sparseCooTensor(indices, torch.tensor([3, 4.5]), [2, 3]).toDense();
//= tensor([[0.0000, 0.0000, 3.0000],
//=         [4.5000, 0.0000, 0.0000]])

//: torch.sparseCsrTensor
const rows = torch.tensor([0, 1, 2]);
torch.sparseCsrTensor(rows, torch.tensor([2, 0]), torch.tensor([3, 4.5]), [2, 3]).toDense();
//= tensor([[0.0000, 0.0000, 3.0000],
//=         [4.5000, 0.0000, 0.0000]])
