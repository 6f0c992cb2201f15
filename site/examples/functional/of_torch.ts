//: torch.conv1d, torch.convTranspose1d by NAME
torch.NAME(torch.ones(1, 1, 4), torch.ones(1, 1, 2));

//: torch.conv2d, torch.convTranspose2d by NAME
torch.NAME(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2));

//: torch.conv3d, torch.convTranspose3d by NAME
torch.NAME(torch.ones(1, 1, 3, 3, 3), torch.ones(1, 1, 2, 2, 2)).shape;

//: torch.convolution
torch.convolution(torch.ones(1, 1, 4), torch.ones(1, 1, 2), null, [1], [0], [1], false, [0], 1);
//= tensor([[[2., 2., 2.]]])

//: torch.channelShuffle
torch.channelShuffle(torch.arange(4).reshape(1, 4, 1, 1), 2).flatten();
//= tensor([0, 2, 1, 3])

//: torch.cosineSimilarity
torch.cosineSimilarity(torch.tensor([[1, 0.5]]), torch.tensor([[2, 1.5]]));
//= tensor([0.9839])

//: torch.pairwiseDistance
torch.pairwiseDistance(torch.tensor([[0, 0.5]]), torch.tensor([[3, 4.5]]));
//= tensor([5.0000])

//: torch.pdist
torch.pdist(
  torch.tensor([
    [0, 0.5],
    [3, 4.5],
    [0, 1.5],
  ]),
);
//= tensor([5.0000, 1.0000, 4.2426])

//: torch.dropout
torch.dropout(torch.ones(6), 0.5, true);
//= tensor([0., 0., 2., 0., 0., 0.])

//: torch.embedding
torch.embedding(torch.arange(6).reshape(3, 2), torch.tensor([2, 0]));
//= tensor([[4, 5],
//=         [0, 1]])

//: torch.gridSampler, torch.gridSampler2d by NAME
torch.NAME(torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 1, 2), 0, 0, false);

//: torch.gridSampler3d
torch.gridSampler3d(torch.ones(1, 1, 2, 2, 2), torch.zeros(1, 1, 1, 1, 3), 0, 0, false);
//= tensor([[[[[1.]]]]])

//: torch.groupNorm
torch.groupNorm(torch.tensor([[1, 2, 3, 4.5]]), 2);
//= tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])

//: torch.layerNorm
torch.layerNorm(torch.tensor([[1, 2, 3, 4.5]]), [4]);
//= tensor([[-1.2568, -0.4834,  0.2900,  1.4501]])

//: torch.rmsNorm
torch.rmsNorm(torch.tensor([[1, 2, 3, 4.5]]), [4]);
//= tensor([[0.3417, 0.6835, 1.0252, 1.5378]])

//: torch.nativeBatchNorm
const { out } = torch.nativeBatchNorm(torch.tensor([[1], [3.5]]), null, null, null, null, true, 0.1, 1e-5);
out;
//= tensor([[-1.0000],
//=         [ 1.0000]])

//: torch.nativeGroupNorm
const [out] = torch.nativeGroupNorm(torch.randn(1, 4, 2), null, null, 1, 4, 2, 2, 1e-5);
out.shape;
//= [1, 4, 2]

//: torch.nativeLayerNorm
const [out, mean] = torch.nativeLayerNorm(torch.tensor([[1, 2.5]]), [2], null, null, 1e-5);
mean;
//= tensor([[1.7500]])

//: torch.nativeDropoutBackward
torch.nativeDropoutBackward(torch.ones(2), torch.tensor([true, false]), 2);
//= tensor([2., 0.])

//: torch.maxPool2dWithIndicesBackward
const x = torch.arange(4).float().reshape(1, 1, 2, 2);
const [y, indices] = F.maxPool2dWithIndices(x, [2, 2]);
torch.maxPool2dWithIndicesBackward(torch.ones(1, 1, 1, 1), x, [2, 2], [2, 2], [0, 0], [1, 1], false, indices);
//= tensor([[[[0., 0.],
//=           [0., 1.]]]])

//: torch.gruCell, torch.rnnTanhCell, torch.rnnReluCell by NAME
const gates = 'NAME' === 'gruCell' ? 3 : 1;
torch.NAME(torch.ones(1, 2), torch.zeros(1, 3), torch.ones(gates * 3, 2), torch.ones(gates * 3, 3));

//: torch.lstmCell
const [h, c] = torch.lstmCell(
  torch.ones(1, 2),
  [torch.zeros(1, 3), torch.zeros(1, 3)],
  torch.ones(12, 2),
  torch.ones(12, 3),
);
h;
//= tensor([[0.6083, 0.6083, 0.6083]])

//: torch.gru, torch.rnnTanh, torch.rnnRelu by NAME
const weights = [torch.ones('NAME' === 'gru' ? 9 : 3, 2), torch.ones('NAME' === 'gru' ? 9 : 3, 3)];
const [output, h] = torch.NAME(
  torch.ones(1, 5, 2),
  torch.zeros(1, 1, 3),
  weights,
  false,
  1,
  0,
  false,
  false,
  true,
);
output.shape;

//: torch.lstm
const weights = [torch.ones(12, 2), torch.ones(12, 3)];
const state = [torch.zeros(1, 1, 3), torch.zeros(1, 1, 3)];
const [output] = torch.lstm(torch.ones(1, 5, 2), state, weights, false, 1, 0, false, false, true);
output.shape;
//= [1, 5, 3]
