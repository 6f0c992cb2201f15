//: torch.cholesky
torch.cholesky(
  torch.tensor([
    [4, 2],
    [2, 3.5],
  ]),
);
//= tensor([[2.0000, 0.0000],
//=         [1.0000, 1.5811]])

//: torch.choleskyInverse
const factor = torch.cholesky(
  torch.tensor([
    [4, 2],
    [2, 3.5],
  ]),
);
torch.choleskyInverse(factor);
//= tensor([[ 0.3500, -0.2000],
//=         [-0.2000,  0.4000]])

//: torch.choleskySolve
const factor = torch.cholesky(
  torch.tensor([
    [4, 2],
    [2, 3.5],
  ]),
);
torch.choleskySolve(torch.ones(2, 1), factor);
//= tensor([[0.1500],
//=         [0.2000]])

//: torch.det
torch.det(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
//= tensor(-1.5000)

//: torch.geqrf
torch.geqrf(
  torch.tensor([
    [3, 1],
    [4, 2.5],
  ]),
).a;
//= tensor([[-5.0000, -2.6000],
//=         [ 0.5000,  0.7000]])

//: torch.inverse
torch.inverse(
  torch
    .tensor([
      [2, 0],
      [0, 4.0],
    ])
    .float(),
);
//= tensor([[0.5000, 0.0000],
//=         [0.0000, 0.2500]])

//: torch.lobpcg
torch.manualSeed(0);
const [values] = torch.lobpcg(torch.diag(torch.arange(1, 11).float()), { k: 1 });
values;
//= tensor([10.0000])

//: torch.logdet
torch.logdet(
  torch.tensor([
    [2, 0],
    [0, 3.5],
  ]),
);
//= tensor(1.9459)

//: torch.lu
const [lu, pivots] = torch.lu(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
console.log(lu);
pivots;
//= tensor([[3.0000, 4.5000],
//=         [0.3333, 0.5000]])
//= tensor([2, 2], dtype=torch.int32)

//: torch.luSolve
const [lu, pivots] = torch.lu(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
torch.luSolve(torch.ones(2, 1), lu, pivots);
//= tensor([[-1.6667],
//=         [ 1.3333]])

//: torch.luUnpack
const [P, L, U] = torch.luUnpack(
  ...torch.lu(
    torch.tensor([
      [1, 2],
      [3, 4.5],
    ]),
  ),
);
console.log(L);
P.matmul(L).matmul(U);
//= tensor([[1.0000, 0.0000],
//=         [0.3333, 1.0000]])
//= tensor([[1.0000, 2.0000],
//=         [3.0000, 4.5000]])

//: torch.orgqr
const { a, tau } = torch.geqrf(
  torch.tensor([
    [3, 1],
    [4, 2.5],
  ]),
);
torch.orgqr(a, tau);
//= tensor([[-0.6000, -0.8000],
//=         [-0.8000,  0.6000]])

//: torch.ormqr
const { a, tau } = torch.geqrf(
  torch.tensor([
    [3, 1],
    [4, 2.5],
  ]),
);
torch.ormqr(a, tau, torch.eye(2));
//= tensor([[-0.6000, -0.8000],
//=         [-0.8000,  0.6000]])

//: torch.pcaLowrank
torch.manualSeed(0);
torch.pcaLowrank(torch.randn(6, 3), { q: 2 }).map((part) => part.shape);
//= [[6, 2], [2], [3, 2]]

//: torch.pinverse
torch.pinverse(
  torch
    .tensor([
      [1, 0],
      [0, 2],
      [0, 0.0],
    ])
    .float(),
);
//= tensor([[1.0000, 0.0000, 0.0000],
//=         [0.0000, 0.5000, 0.0000]])

//: torch.qr
const [Q, R] = torch.qr(
  torch.tensor([
    [3, 1],
    [4, 2.5],
  ]),
);
Q.matmul(R);
//= tensor([[3.0000, 1.0000],
//=         [4.0000, 2.5000]])

//: torch.slogdet
torch.slogdet(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
//= [tensor(-1.), tensor(0.4055)]

//: torch.svd
const [U, S, V] = torch.svd(
  torch.tensor([
    [3, 0],
    [0, 2.5],
  ]),
);
S;
//= tensor([3.0000, 2.5000])

//: torch.svdLowrank
torch.manualSeed(0);
torch.svdLowrank(torch.randn(6, 4), { q: 2 }).map((part) => part.shape);
//= [[6, 2], [2], [4, 2]]

//: torch.triangularSolve
torch.triangularSolve(
  torch.ones(2, 1),
  torch
    .tensor([
      [2, 1],
      [0, 4.0],
    ])
    .float(),
).solution;
//= tensor([[0.3750],
//=         [0.2500]])
