//: torch.linalg.cond
torch.linalg.cond(
  torch.tensor([
    [1, 0],
    [0, 0.01],
  ]),
);
//= tensor(100.)

//: torch.linalg.cross
torch.linalg.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0]));
//= tensor([0, 0, 1])

//: torch.linalg.det
torch.linalg.det(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
//= tensor(-1.5000)

//: torch.linalg.diagonal
torch.linalg.diagonal(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
);
//= tensor([1, 4])

//: torch.linalg.inv
torch.linalg.inv(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
//= tensor([[-3.0000,  1.3333],
//=         [ 2.0000, -0.6667]])

//: torch.linalg.invEx
torch.linalg.invEx(torch.zeros(2, 2)).info;
//= tensor(1, dtype=torch.int32)

//: torch.linalg.ldlSolve
const { LD, pivots } = torch.linalg.ldlFactor(
  torch.tensor([
    [4, 2],
    [2, 3.5],
  ]),
);
torch.linalg.ldlSolve(LD, pivots, torch.ones(2, 1));
//= tensor([[0.1500],
//=         [0.2000]])

//: torch.linalg.lstsq
const A = torch
  .tensor([
    [1, 0],
    [1, 1],
    [1, 2.0],
  ])
  .float();
torch.linalg.lstsq(A, torch.tensor([[1], [3], [5.0]]).float()).solution;
//= tensor([[1.0000],
//=         [2.0000]])

//: torch.linalg.luSolve
const { LU, pivots } = torch.linalg.luFactor(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
torch.linalg.luSolve(LU, pivots, torch.ones(2, 1));
//= tensor([[-1.6667],
//=         [ 1.3333]])

//: torch.linalg.matmul
torch.linalg.matmul(torch.tensor([[1, 2]]), torch.tensor([[3], [4]]));
//= tensor([[11]])

//: torch.linalg.matrixExp
torch.linalg.matrixExp(
  torch
    .tensor([
      [0, 1],
      [0, 0.0],
    ])
    .float(),
);
//= tensor([[1., 1.],
//=         [0., 1.]])

//: torch.linalg.matrixNorm
torch.linalg.matrixNorm(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
//= tensor(5.8523)

//: torch.linalg.matrixPower
torch.linalg.matrixPower(
  torch.tensor([
    [1, 1],
    [0, 1.5],
  ]),
  3,
);
//= tensor([[1.0000, 4.7500],
//=         [0.0000, 3.3750]])

//: torch.linalg.matrixRank
torch.linalg.matrixRank(torch.ones(3, 3));
//= tensor(1)

//: torch.linalg.multiDot
torch.linalg.multiDot([torch.ones(2, 3), torch.ones(3, 4), torch.ones(4, 1)]);
//= tensor([[12.],
//=         [12.]])

//: torch.linalg.norm
torch.linalg.norm(torch.tensor([3, 4.0]).float());
//= tensor(5.)

//: torch.linalg.pinv
torch.linalg.pinv(
  torch.tensor([
    [1, 0],
    [0, 2],
    [0, 0.5],
  ]),
);
//= tensor([[1.0000, 0.0000, 0.0000],
//=         [0.0000, 0.4706, 0.1176]])

//: torch.linalg.slogdet
torch.linalg.slogdet(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
).sign;
//= tensor(-1.)

//: torch.linalg.solve
const A = torch.tensor([
  [2, 1],
  [1, 3.5],
]);
const x = torch.linalg.solve(A, torch.tensor([3, 5.5]));
console.log(x);
A.mv(x);
//= tensor([0.8333, 1.3333])
//= tensor([3.0000, 5.5000])

//: torch.linalg.solveEx
torch.linalg.solveEx(torch.eye(2), torch.ones(2)).info;
//= tensor(0, dtype=torch.int32)

//: torch.linalg.solveTriangular
torch.linalg.solveTriangular(
  torch.tensor([
    [2, 1],
    [0, 4.5],
  ]),
  torch.ones(2, 1),
  { upper: true },
);
//= tensor([[0.3889],
//=         [0.2222]])

//: torch.linalg.tensorinv
torch.linalg.tensorinv(torch.eye(4).reshape(2, 2, 4), 2).shape;
//= [4, 2, 2]

//: torch.linalg.tensorsolve
torch.linalg.tensorsolve(torch.eye(6).reshape(2, 3, 6), torch.arange(6).float().reshape(2, 3));
//= tensor([0., 1., 2., 3., 4., 5.])

//: torch.linalg.vander
torch.linalg.vander(torch.tensor([1, 2, 3]));
//= tensor([[1, 1, 1],
//=         [1, 2, 4],
//=         [1, 3, 9]])

//: torch.linalg.vecdot
torch.linalg.vecdot(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
  torch.ones(2),
);
//= tensor([3.0000, 7.5000])

//: torch.linalg.vectorNorm
torch.linalg.vectorNorm(torch.tensor([3, -4.0]).float(), 1);
//= tensor(7.)
