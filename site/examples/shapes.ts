//: torch.adjoint
torch.adjoint(torch.tensor([[new torch.Complex(0, 1), new torch.Complex(2, 0)]]));
//= tensor([[0.-1.j],
//=         [2.-0.j]])

//: torch.asStrided
torch.asStrided(torch.arange(9), [2, 2], [1, 2]);
//= tensor([[0, 2],
//=         [1, 3]])

//: torch.asStridedScatter
torch.asStridedScatter(torch.zeros(3, 3), torch.ones(2, 2), [2, 2], [1, 2]);
//= tensor([[1., 1., 1.],
//=         [1., 0., 0.],
//=         [0., 0., 0.]])

//: torch.atleast1d
torch.atleast1d(torch.tensor(5)).shape;
//= [1]

//: torch.atleast2d
torch.atleast2d(torch.tensor([1, 2])).shape;
//= [1, 2]

//: torch.atleast3d
torch.atleast3d(torch.tensor([1, 2])).shape;
//= [1, 2, 1]

//: torch.blockDiag
torch.blockDiag(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
  torch.tensor([[5]]),
);
//= tensor([[1, 2, 0],
//=         [3, 4, 0],
//=         [0, 0, 5]])

//: torch.broadcastTensors
const [a, b] = torch.broadcastTensors(torch.tensor([[1], [2]]), torch.tensor([10, 20, 30]));
console.log(a);
b;
//= tensor([[1, 1, 1],
//=         [2, 2, 2]])
//= tensor([[10, 20, 30],
//=         [10, 20, 30]])

//: torch.broadcastTo
torch.broadcastTo(torch.tensor([1, 2, 3]), [2, 3]);
//= tensor([[1, 2, 3],
//=         [1, 2, 3]])

//: torch.cartesianProd
torch.cartesianProd(torch.tensor([1, 2]), torch.tensor([4, 5]));
//= tensor([[1, 4],
//=         [1, 5],
//=         [2, 4],
//=         [2, 5]])

//: torch.cat
const x = torch.tensor([[1, 2]]);
console.log(torch.cat([x, x]));
torch.cat([x, x], 1);
//= tensor([[1, 2],
//=         [1, 2]])
//= tensor([[1, 2, 1, 2]])

//: torch.chunk
torch.chunk(torch.arange(7), 3);
//= [tensor([0, 1, 2]), tensor([3, 4, 5]), tensor([6])]

//: torch.clone
const x = torch.tensor([1, 2]);
torch.clone(x).mul_(10);
x;
//= tensor([1, 2])

//: torch.columnStack
torch.columnStack([torch.tensor([1, 2]), torch.tensor([3, 4])]);
//= tensor([[1, 3],
//=         [2, 4]])

//: torch.combinations
torch.combinations(torch.tensor([1, 2, 3]), 2);
//= tensor([[1, 2],
//=         [1, 3],
//=         [2, 3]])

//: torch.constantPadNd
torch.constantPadNd(torch.ones(2), [1, 2], 9);
//= tensor([9., 1., 1., 9., 9.])

//: torch.detach
const x = torch.ones(2, { requiresGrad: true });
torch.detach(x).requiresGrad;
//= False

//: torch.diagEmbed
torch.diagEmbed(torch.tensor([1, 2]));
//= tensor([[1, 0],
//=         [0, 2]])

//: torch.diagonal
torch.diagonal(torch.arange(9).reshape(3, 3), 1);
//= tensor([1, 5])

//: torch.diagonalScatter
torch.diagonalScatter(torch.zeros(2, 2), torch.ones(2));
//= tensor([[1., 0.],
//=         [0., 1.]])

//: torch.dsplit
torch.dsplit(torch.arange(8).reshape(2, 2, 2), 2);
//= [tensor([[[0],
//=          [2]],
//=
//=         [[4],
//=          [6]]]), tensor([[[1],
//=          [3]],
//=
//=         [[5],
//=          [7]]])]

//: torch.dstack
torch.dstack([torch.tensor([1, 2]), torch.tensor([3, 4])]);
//= tensor([[[1, 3],
//=          [2, 4]]])

//: torch.fill
torch.fill(torch.zeros(3), 5);
//= tensor([5., 5., 5.])

//: torch.flatten
torch.flatten(torch.zeros(2, 3, 4), 1).shape;
//= [2, 12]

//: torch.flip
torch.flip(torch.arange(6).reshape(2, 3), [1]);
//= tensor([[2, 1, 0],
//=         [5, 4, 3]])

//: torch.fliplr
torch.fliplr(torch.arange(4).reshape(2, 2));
//= tensor([[1, 0],
//=         [3, 2]])

//: torch.flipud
torch.flipud(torch.arange(4).reshape(2, 2));
//= tensor([[2, 3],
//=         [0, 1]])

//: torch.hsplit
torch.hsplit(torch.arange(8).reshape(2, 4), 2);
//= [tensor([[0, 1],
//=         [4, 5]]), tensor([[2, 3],
//=         [6, 7]])]

//: torch.hstack
torch.hstack([torch.tensor([1, 2]), torch.tensor([3, 4])]);
//= tensor([1, 2, 3, 4])

//: torch.meshgrid
const [rows, columns] = torch.meshgrid([torch.tensor([1, 2]), torch.tensor([3, 4, 5])], { indexing: 'ij' });
console.log(rows);
columns;
//= tensor([[1, 1, 1],
//=         [2, 2, 2]])
//= tensor([[3, 4, 5],
//=         [3, 4, 5]])

//: torch.moveaxis, torch.movedim
console.log(torch.movedim(torch.zeros(2, 3, 4), 0, 2).shape);
torch.moveaxis(torch.zeros(2, 3, 4), 0, 2).shape;
//= [3, 4, 2]
//= [3, 4, 2]

//: torch.narrow
torch.narrow(torch.arange(9).reshape(3, 3), 0, 1, 2);
//= tensor([[3, 4, 5],
//=         [6, 7, 8]])

//: torch.permute
torch.permute(torch.zeros(2, 3, 4), [2, 0, 1]).shape;
//= [4, 2, 3]

//: torch.ravel
torch.ravel(torch.arange(4).reshape(2, 2));
//= tensor([0, 1, 2, 3])

//: torch.repeatInterleave
torch.repeatInterleave(torch.tensor([1, 2, 3]), torch.tensor([1, 0, 2]));
//= tensor([1, 3, 3])

//: torch.reshape
torch.reshape(torch.arange(6), [2, -1]);
//= tensor([[0, 1, 2],
//=         [3, 4, 5]])

//: torch.resizeAs_
torch.resizeAs_(torch.arange(4), torch.zeros(2, 2));
//= tensor([[0, 1],
//=         [2, 3]])

//: torch.roll
torch.roll(torch.arange(5), 2);
//= tensor([3, 4, 0, 1, 2])

//: torch.rot90
torch.rot90(torch.arange(4).reshape(2, 2));
//= tensor([[1, 3],
//=         [0, 2]])

//: torch.select
torch.select(torch.arange(6).reshape(2, 3), 1, 2);
//= tensor([2, 5])

//: torch.selectScatter
torch.selectScatter(torch.zeros(2, 2), torch.ones(2), 0, 1);
//= tensor([[0., 0.],
//=         [1., 1.]])

//: torch.sliceScatter
torch.sliceScatter(torch.zeros(4), torch.ones(2), 0, 1, 3);
//= tensor([0., 1., 1., 0.])

//: torch.split
torch.split(torch.arange(5), [2, 3]);
//= [tensor([0, 1]), tensor([2, 3, 4])]

//: torch.splitWithSizes
torch.splitWithSizes(torch.arange(5), [1, 4]);
//= [tensor([0]), tensor([1, 2, 3, 4])]

//: torch.squeeze
torch.squeeze(torch.zeros(1, 3, 1), 0).shape;
//= [3, 1]

//: torch.stack
torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4])], 1);
//= tensor([[1, 3],
//=         [2, 4]])

//: torch.swapaxes
torch.swapaxes(torch.zeros(2, 3, 4), 0, 2).shape;
//= [4, 3, 2]

//: torch.swapdims
torch.swapdims(torch.zeros(2, 3, 4), 0, 2).shape;
//= [4, 3, 2]

//: torch.t
torch.t(torch.arange(6).reshape(2, 3));
//= tensor([[0, 3],
//=         [1, 4],
//=         [2, 5]])

//: torch.tensorSplit
torch.tensorSplit(torch.arange(7), 3);
//= [tensor([0, 1, 2]), tensor([3, 4]), tensor([5, 6])]

//: torch.tile
torch.tile(torch.tensor([1, 2]), [2, 2]);
//= tensor([[1, 2, 1, 2],
//=         [1, 2, 1, 2]])

//: torch.transpose
torch.transpose(torch.arange(6).reshape(2, 3), 0, 1);
//= tensor([[0, 3],
//=         [1, 4],
//=         [2, 5]])

//: torch.unbind
torch.unbind(torch.arange(4).reshape(2, 2));
//= [tensor([0, 1]), tensor([2, 3])]

//: torch.unflatten
torch.unflatten(torch.arange(6), 0, [2, 3]);
//= tensor([[0, 1, 2],
//=         [3, 4, 5]])

//: torch.unravelIndex
torch.unravelIndex(torch.tensor([4, 5]), [2, 3]);
//= [tensor([1, 1]), tensor([1, 2])]

//: torch.unsafeChunk
torch.unsafeChunk(torch.arange(4), 2);
//= [tensor([0, 1]), tensor([2, 3])]

//: torch.unsafeSplit
torch.unsafeSplit(torch.arange(5), 2);
//= [tensor([0, 1]), tensor([2, 3]), tensor([4])]

//: torch.unsafeSplitWithSizes
torch.unsafeSplitWithSizes(torch.arange(5), [2, 3]);
//= [tensor([0, 1]), tensor([2, 3, 4])]

//: torch.unsqueeze
torch.unsqueeze(torch.tensor([1, 2]), 0);
//= tensor([[1, 2]])

//: torch.vsplit
torch.vsplit(torch.arange(8).reshape(4, 2), 2);
//= [tensor([[0, 1],
//=         [2, 3]]), tensor([[4, 5],
//=         [6, 7]])]

//: torch.vstack
torch.vstack([torch.tensor([1, 2]), torch.tensor([3, 4])]);
//= tensor([[1, 2],
//=         [3, 4]])

//: torch.zero_
torch.zero_(torch.tensor([1, 2]));
//= tensor([0, 0])

//: torch.aliasCopy, torch.detachCopy, torch.tCopy by NAME
torch.NAME(torch.arange(4).reshape(2, 2));

//: torch.asStridedCopy
torch.asStridedCopy(torch.arange(9), [2, 2], [1, 2]);
//= tensor([[0, 2],
//=         [1, 3]])

//: torch.diagonalCopy
torch.diagonalCopy(torch.arange(4).reshape(2, 2));
//= tensor([0, 3])

//: torch.expandCopy
torch.expandCopy(torch.tensor([[1], [2]]), [2, 3]);
//= tensor([[1, 1, 1],
//=         [2, 2, 2]])

//: torch.narrowCopy
torch.narrowCopy(torch.arange(5), 0, 1, 2);
//= tensor([1, 2])

//: torch.permuteCopy
torch.permuteCopy(torch.arange(4).reshape(2, 2), [1, 0]);
//= tensor([[0, 2],
//=         [1, 3]])

//: torch.selectCopy
torch.selectCopy(torch.arange(4).reshape(2, 2), 0, 1);
//= tensor([2, 3])

//: torch.sliceCopy
torch.sliceCopy(torch.arange(5), 0, 1, 4, 2);
//= tensor([1, 3])

//: torch.splitCopy
torch.splitCopy(torch.arange(5), 2);
//= [tensor([0, 1]), tensor([2, 3]), tensor([4])]

//: torch.splitWithSizesCopy
torch.splitWithSizesCopy(torch.arange(5), [2, 3]);
//= [tensor([0, 1]), tensor([2, 3, 4])]

//: torch.squeezeCopy
torch.squeezeCopy(torch.zeros(1, 3)).shape;
//= [3]

//: torch.transposeCopy
torch.transposeCopy(torch.arange(4).reshape(2, 2), 0, 1);
//= tensor([[0, 2],
//=         [1, 3]])

//: torch.unbindCopy
torch.unbindCopy(torch.arange(4).reshape(2, 2));
//= [tensor([0, 1]), tensor([2, 3])]

//: torch.unfoldCopy
torch.unfoldCopy(torch.arange(5), 0, 3, 1);
//= tensor([[0, 1, 2],
//=         [1, 2, 3],
//=         [2, 3, 4]])

//: torch.unsqueezeCopy
torch.unsqueezeCopy(torch.tensor([1, 2]), 1);
//= tensor([[1],
//=         [2]])

//: torch.viewCopy
torch.viewCopy(torch.arange(4), [2, 2]);
//= tensor([[0, 1],
//=         [2, 3]])
