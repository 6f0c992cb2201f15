//: torch.argwhere
torch.argwhere(
  torch.tensor([
    [1, 0],
    [0, 2],
  ]),
);
//= tensor([[0, 0],
//=         [1, 1]])

//: torch.diag
console.log(torch.diag(torch.tensor([1, 2])));
torch.diag(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
);
//= tensor([[1, 0],
//=         [0, 2]])
//= tensor([1, 4])

//: torch.diagflat
torch.diagflat(torch.tensor([1, 2]));
//= tensor([[1, 0],
//=         [0, 2]])

//: torch.gather
torch.gather(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
  1,
  torch.tensor([
    [0, 0],
    [1, 0],
  ]),
);
//= tensor([[1, 1],
//=         [4, 3]])

//: torch.indexAdd
torch.indexAdd(torch.zeros(3, 2), 0, torch.tensor([0, 2, 0]), torch.ones(3, 2));
//= tensor([[2., 2.],
//=         [0., 0.],
//=         [1., 1.]])

//: torch.indexCopy
torch.indexCopy(torch.zeros(3, 2), 0, torch.tensor([0, 2]), torch.ones(2, 2));
//= tensor([[1., 1.],
//=         [0., 0.],
//=         [1., 1.]])

//: torch.indexFill
torch.indexFill(torch.zeros(3), 0, torch.tensor([0, 2]), 7);
//= tensor([7., 0., 7.])

//: torch.indexPut
torch.indexPut(torch.zeros(4), [torch.tensor([1, 3])], torch.tensor([5, 6.5]));
//= tensor([0.0000, 5.0000, 0.0000, 6.5000])

//: torch.indexReduce
torch.indexReduce(torch.ones(3), 0, torch.tensor([0, 2, 0]), torch.tensor([2, 3, 4.5]), 'prod');
//= tensor([9., 1., 3.])

//: torch.indexSelect
torch.indexSelect(torch.arange(6).reshape(3, 2), 0, torch.tensor([2, 0]));
//= tensor([[4, 5],
//=         [0, 1]])

//: torch.maskedFill
torch.maskedFill(torch.tensor([1, 2, 3]), torch.tensor([true, false, true]), 0);
//= tensor([0, 2, 0])

//: torch.maskedScatter
torch.maskedScatter(torch.zeros(3), torch.tensor([true, false, true]), torch.tensor([5.5, 6]));
//= tensor([5.5000, 0.0000, 6.0000])

//: torch.maskedSelect
torch.maskedSelect(torch.tensor([1, 2, 3]), torch.tensor([true, false, true]));
//= tensor([1, 3])

//: torch.nonzero
torch.nonzero(torch.tensor([0, 3, 0, 5]));
//= tensor([[1],
//=         [3]])

//: torch.nonzeroStatic
torch.nonzeroStatic(torch.tensor([0, 3, 0, 5]), { size: 3 });
//= tensor([[ 1],
//=         [ 3],
//=         [-1]])

//: torch.put
torch.put(torch.zeros(4), torch.tensor([1, 3]), torch.tensor([5.5, 6]));
//= tensor([0.0000, 5.5000, 0.0000, 6.0000])

//: torch.scatter
torch.scatter(torch.zeros(2, 3), 1, torch.tensor([[0], [2]]), 1);
//= tensor([[1., 0., 0.],
//=         [0., 0., 1.]])

//: torch.scatterAdd
torch.scatterAdd(torch.zeros(3), 0, torch.tensor([0, 0, 2]), torch.tensor([1, 2, 3.5]));
//= tensor([3.0000, 0.0000, 3.5000])

//: torch.scatterReduce
torch.scatterReduce(torch.zeros(3), 0, torch.tensor([0, 0, 2]), torch.tensor([1, 2, 3.5]), 'amax');
//= tensor([2.0000, 0.0000, 3.5000])

//: torch.take
torch.take(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
  torch.tensor([0, 3]),
);
//= tensor([1, 4])

//: torch.takeAlongDim
const x = torch.tensor([[3, 1, 2]]);
torch.takeAlongDim(x, torch.argsort(x), 1);
//= tensor([[1, 2, 3]])

//: torch.tril
torch.tril(torch.ones(3, 3));
//= tensor([[1., 0., 0.],
//=         [1., 1., 0.],
//=         [1., 1., 1.]])

//: torch.trilIndices
torch.trilIndices(3, 3);
//= tensor([[0, 1, 1, 2, 2, 2],
//=         [0, 0, 1, 0, 1, 2]])

//: torch.triu
torch.triu(torch.ones(3, 3), 1);
//= tensor([[0., 1., 1.],
//=         [0., 0., 1.],
//=         [0., 0., 0.]])

//: torch.triuIndices
torch.triuIndices(3, 3, 1);
//= tensor([[0, 0, 1],
//=         [1, 2, 2]])

//: torch.where
const x = torch.tensor([-1.5, 0, 2]);
console.log(torch.where(x.gt(0), x, 0));
torch.where(x.gt(0));
//= tensor([0., 0., 2.])
//= [tensor([2])]
