//: torch.nn.functional.elu, torch.nn.functional.gelu, torch.nn.functional.hardsigmoid, torch.nn.functional.hardswish, torch.nn.functional.hardtanh, torch.nn.functional.leakyRelu, torch.nn.functional.logsigmoid, torch.nn.functional.mish, torch.nn.functional.relu6, torch.nn.functional.silu, torch.nn.functional.softplus, torch.nn.functional.softshrink, torch.nn.functional.softsign, torch.nn.functional.tanhshrink by NAME
F.NAME(torch.tensor([-2, -0.3, 0, 0.7, 8]));

//: torch.nn.functional.elu_, torch.nn.functional.gelu_, torch.nn.functional.hardsigmoid_, torch.nn.functional.hardswish_, torch.nn.functional.hardtanh_, torch.nn.functional.leakyRelu_, torch.nn.functional.mish_, torch.nn.functional.relu6_, torch.nn.functional.silu_, torch.nn.functional.softplus_, torch.nn.functional.softshrink_ by NAME
const x = torch.tensor([-2, -0.3, 0, 0.7, 8]);
F.NAME(x);
x;

//: torch.nn.functional.glu
F.glu(torch.tensor([1, 2, 0, 100.5]));
//= tensor([0.5000, 2.0000])

//: torch.nn.functional.rrelu
F.rrelu(torch.tensor([-1, 0, 2.5]), 0.1, 0.3);
//= tensor([-0.2000,  0.0000,  2.5000])

//: torch.nn.functional.tanh
F.tanh(torch.tensor([-1, 0, 1.5]));
//= tensor([-0.7616,  0.0000,  0.9051])

//: torch.nn.functional.softmax, torch.nn.functional.logSoftmax, torch.nn.functional.softmin by NAME
F.NAME(torch.tensor([[1, 2, 3.5]]), 1);

//: torch.nn.functional.gumbelSoftmax
torch.manualSeed(0);
F.gumbelSoftmax(torch.zeros(2, 3), { hard: true }).sum(1);
//= tensor([1., 1.])

//: torch.nn.functional.normalize
F.normalize(torch.tensor([[3, 4.0]]).float());
//= tensor([[0.6000, 0.8000]])

//: torch.nn.functional.batchNorm
F.batchNorm(torch.tensor([[1], [3.5]]), null, null, { training: true });
//= tensor([[-1.0000],
//=         [ 1.0000]])

//: torch.nn.functional.instanceNorm
F.instanceNorm(torch.tensor([[[1, 2, 3.5]]]));
//= tensor([[[-1.1355, -0.1622,  1.2978]]])

//: torch.nn.functional.layerNorm
F.layerNorm(torch.tensor([[1, 2, 3.5]]), [3]);
//= tensor([[-1.1355, -0.1622,  1.2978]])

//: torch.nn.functional.rmsNorm
F.rmsNorm(torch.tensor([[1, 2, 3.5]]), [3]);
//= tensor([[0.4170, 0.8341, 1.4596]])

//: torch.nn.functional.groupNorm
F.groupNorm(torch.tensor([[1, 2, 3, 4.5]]), 2);
//= tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])

//: torch.nn.functional.localResponseNorm
F.localResponseNorm(torch.ones(1, 3, 1), 2);
//= tensor([[[1.0000],
//=          [0.9999],
//=          [0.9999]]])

//: torch.nn.functional.dropout
F.dropout(torch.ones(6), 0.5);
//= tensor([0., 0., 2., 0., 0., 0.])

//: torch.nn.functional.alphaDropout
F.alphaDropout(torch.ones(4), 0.5, true);
//= tensor([-0.7792, -0.7792,  1.6656, -0.7792])

//: torch.nn.functional.dropout1d, torch.nn.functional.featureAlphaDropout by NAME
F.NAME(torch.ones(1, 4, 2), 0.5, true);

//: torch.nn.functional.dropout2d
F.dropout2d(torch.ones(1, 4, 2, 2), 0.5).amax([2, 3]);
//= tensor([[0., 0., 2., 0.]])

//: torch.nn.functional.dropout3d
F.dropout3d(torch.ones(1, 4, 2, 2, 2), 0.5).amax([2, 3, 4]);
//= tensor([[0., 0., 2., 0.]])

//: torch.nn.functional.cosineSimilarity
F.cosineSimilarity(torch.tensor([[1, 0.5]]), torch.tensor([[2, 1.5]]));
//= tensor([0.9839])

//: torch.nn.functional.pairwiseDistance
F.pairwiseDistance(torch.tensor([[0, 0.5]]), torch.tensor([[3, 4.5]]));
//= tensor([5.0000])

//: torch.nn.functional.pdist
F.pdist(
  torch.tensor([
    [0, 0.5],
    [3, 4.5],
    [0, 1.5],
  ]),
);
//= tensor([5.0000, 1.0000, 4.2426])

//: torch.nn.functional.scaledDotProductAttention
const [q, k, v] = torch.randn(3, 1, 2, 4, 8);
F.scaledDotProductAttention(q, k, v, { isCausal: true }).shape;
//= [1, 2, 4, 8]

//: torch.nn.functional.multiHeadAttentionForward
const attention = new nn.MultiheadAttention(4, 2);
const x = torch.randn(3, 1, 4);
const { inProjWeight, inProjBias, outProj } = attention;
const [y] = F.multiHeadAttentionForward(
  x,
  x,
  x,
  4,
  2,
  inProjWeight,
  inProjBias,
  null,
  null,
  false,
  0,
  outProj.weight,
  outProj.bias,
);
y.shape;
//= [3, 1, 4]

//: torch.nn.functional.relu, torch.nn.functional.selu, torch.nn.functional.celu by NAME
F.NAME(torch.tensor([-2, -0.3, 0, 0.7, 8]));

//: torch.nn.functional.threshold
F.threshold(torch.tensor([-1, 0.5, 2]), 1, 0);
//= tensor([0., 0., 2.])
