//: torch.linalg.cholesky
const A = torch.tensor([
  [4, 2],
  [2, 3.5],
]);
const L = torch.linalg.cholesky(A);
console.log(L);
L.matmul(L.T);
//= tensor([[2.0000, 0.0000],
//=         [1.0000, 1.5811]])
//= tensor([[4.0000, 2.0000],
//=         [2.0000, 3.5000]])

//: torch.linalg.choleskyEx
torch.linalg.choleskyEx(
  torch
    .tensor([
      [1, 2],
      [2, 1.0],
    ])
    .float(),
).info;
//= tensor(2, dtype=torch.int32)

//: torch.linalg.eig
const { eigenvalues } = torch.linalg.eig(
  torch
    .tensor([
      [0, 1],
      [-1, 0.0],
    ])
    .float(),
);
eigenvalues;
//= tensor([0.+1.j, 0.-1.j])

//: torch.linalg.eigh
const { eigenvalues, eigenvectors } = torch.linalg.eigh(
  torch
    .tensor([
      [2, 1],
      [1, 2.0],
    ])
    .float(),
);
console.log(eigenvalues);
eigenvectors.abs();
//= tensor([1., 3.])
//= tensor([[0.7071, 0.7071],
//=         [0.7071, 0.7071]])

//: torch.linalg.eigvals
torch.linalg.eigvals(
  torch.tensor([
    [2, 0],
    [0, 3.5],
  ]),
);
//= tensor([2.0000+0.j, 3.5000+0.j])

//: torch.linalg.eigvalsh
torch.linalg.eigvalsh(
  torch
    .tensor([
      [2, 1],
      [1, 2.0],
    ])
    .float(),
);
//= tensor([1., 3.])

//: torch.linalg.householderProduct
const { a, tau } = torch.geqrf(
  torch.tensor([
    [3, 1],
    [4, 2.5],
  ]),
);
torch.linalg.householderProduct(a, tau);
//= tensor([[-0.6000, -0.8000],
//=         [-0.8000,  0.6000]])

//: torch.linalg.ldlFactor
torch.linalg.ldlFactor(
  torch.tensor([
    [4, 2],
    [2, 3.5],
  ]),
).LD;
//= tensor([[4.0000, 0.0000],
//=         [0.5000, 2.5000]])

//: torch.linalg.ldlFactorEx
torch.linalg.ldlFactorEx(
  torch.tensor([
    [4, 2],
    [2, 3.5],
  ]),
).info;
//= tensor(0, dtype=torch.int32)

//: torch.linalg.lu
const { P, L, U } = torch.linalg.lu(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
P.matmul(L).matmul(U);
//= tensor([[1.0000, 2.0000],
//=         [3.0000, 4.5000]])

//: torch.linalg.luFactor
torch.linalg.luFactor(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
).pivots;
//= tensor([2, 2], dtype=torch.int32)

//: torch.linalg.luFactorEx
torch.linalg.luFactorEx(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
).LU;
//= tensor([[3.0000, 4.5000],
//=         [0.3333, 0.5000]])

//: torch.linalg.qr
const { Q, R } = torch.linalg.qr(
  torch.tensor([
    [3, 1],
    [4, 2.5],
  ]),
);
console.log(R.abs());
Q.matmul(R);
//= tensor([[5.0000, 2.6000],
//=         [0.0000, 0.7000]])
//= tensor([[3.0000, 1.0000],
//=         [4.0000, 2.5000]])

//: torch.linalg.svd
const { U, S, Vh } = torch.linalg.svd(
  torch.tensor([
    [3, 0],
    [0, 2.5],
  ]),
);
console.log(S);
U.mul(S).matmul(Vh);
//= tensor([3.0000, 2.5000])
//= tensor([[3.0000, 0.0000],
//=         [0.0000, 2.5000]])

//: torch.linalg.svdvals
torch.linalg.svdvals(
  torch.tensor([
    [3, 0],
    [0, 2.5],
  ]),
);
//= tensor([3.0000, 2.5000])
