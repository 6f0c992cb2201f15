//: torch.addbmm
torch.addbmm(torch.zeros(2, 2), torch.ones(3, 2, 4), torch.ones(3, 4, 2));
//= tensor([[12., 12.],
//=         [12., 12.]])

//: torch.addmm
torch.addmm(
  torch.ones(2),
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
  torch.eye(2),
);
//= tensor([[2.0000, 3.0000],
//=         [4.0000, 5.5000]])

//: torch.addmv
torch.addmv(
  torch.ones(2),
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
  torch.ones(2),
);
//= tensor([4.0000, 8.5000])

//: torch.addr
torch.addr(torch.zeros(2, 3), torch.tensor([1, 2.5]), torch.tensor([1, 2, 3.5]));
//= tensor([[1.0000, 2.0000, 3.5000],
//=         [2.5000, 5.0000, 8.7500]])

//: torch.baddbmm
torch.baddbmm(torch.zeros(1), torch.ones(2, 2, 3), torch.ones(2, 3, 2)).shape;
//= [2, 2, 2]

//: torch.bmm
torch.bmm(torch.ones(2, 2, 3), torch.ones(2, 3, 1));
//= tensor([[[3.],
//=          [3.]],
//=
//=         [[3.],
//=          [3.]]])

//: torch.cdist
torch.cdist(
  torch.tensor([[0, 0.5]]),
  torch.tensor([
    [3, 4.5],
    [0, 1.5],
  ]),
);
//= tensor([[5., 1.]])

//: torch.chainMatmul
torch.chainMatmul(torch.ones(2, 3), torch.ones(3, 4), torch.ones(4, 1));
//= tensor([[12.],
//=         [12.]])

//: torch.corrcoef
torch.corrcoef(
  torch.tensor([
    [0, 1, 2.5],
    [2, 1, 0.5],
  ]),
);
//= tensor([[ 1.0000, -0.9538],
//=         [-0.9538,  1.0000]])

//: torch.cov
torch.cov(
  torch.tensor([
    [0, 1, 2.5],
    [2, 1, 0.5],
  ]),
);
//= tensor([[ 1.5833, -0.9167],
//=         [-0.9167,  0.5833]])

//: torch.cross
torch.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0]), 0);
//= tensor([0, 0, 1])

//: torch.dot
torch.dot(torch.tensor([1, 2, 3]), torch.tensor([4, 5, 6]));
//= tensor(32)

//: torch.einsum
const a = torch.arange(6).reshape(2, 3);
torch.einsum('ij,kj->ik', a, a);
//= tensor([[ 5, 14],
//=         [14, 50]])

//: torch.ger
torch.ger(torch.tensor([1, 2]), torch.tensor([3, 4]));
//= tensor([[3, 4],
//=         [6, 8]])

//: torch.inner
torch.inner(torch.tensor([1, 2, 3]), torch.tensor([0, 2, 1]));
//= tensor(7)

//: torch.kron
torch.kron(torch.eye(2), torch.ones(1, 2));
//= tensor([[1., 1., 0., 0.],
//=         [0., 0., 1., 1.]])

//: torch.matmul
const a = torch.tensor([
  [1, 2],
  [3, 4],
]);
console.log(torch.matmul(a, torch.tensor([1, 1])));
torch.matmul(torch.ones(5, 1, 3, 4), torch.ones(2, 4, 2)).shape;
//= tensor([3, 7])
//= [5, 2, 3, 2]

//: torch.matrixExp
torch.matrixExp(torch.zeros(2, 2));
//= tensor([[1., 0.],
//=         [0., 1.]])

//: torch.matrixPower
torch.matrixPower(
  torch.tensor([
    [1, 1],
    [0, 1],
  ]),
  5,
);
//= tensor([[1, 5],
//=         [0, 1]])

//: torch.mm
torch.mm(torch.tensor([[1, 2]]), torch.tensor([[3], [4]]));
//= tensor([[11]])

//: torch.mv
torch.mv(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
  torch.tensor([1, 10]),
);
//= tensor([21, 43])

//: torch.outer
torch.outer(torch.tensor([1, 2]), torch.tensor([3, 4, 5]));
//= tensor([[ 3,  4,  5],
//=         [ 6,  8, 10]])

//: torch.renorm
torch.renorm(
  torch.tensor([
    [3, 4],
    [0.3, 0.4],
  ]),
  2,
  0,
  1,
);
//= tensor([[0.6000, 0.8000],
//=         [0.3000, 0.4000]])

//: torch.tensordot
torch.tensordot(torch.ones(2, 3, 4), torch.ones(3, 4, 5), { dims: 2 }).shape;
//= [2, 5]

//: torch.trace
torch.trace(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
);
//= tensor(5)

//: torch.vander
torch.vander(torch.tensor([1, 2, 3]));
//= tensor([[1, 1, 1],
//=         [4, 2, 1],
//=         [9, 3, 1]])

//: torch.vdot
torch.vdot(torch.tensor([1, 2]), torch.tensor([3, 4]));
//= tensor(11)
