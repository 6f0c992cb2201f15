//: torch.nn.ReLU, torch.nn.ReLU6, torch.nn.SiLU, torch.nn.Mish, torch.nn.Hardswish, torch.nn.Hardsigmoid, torch.nn.SELU, torch.nn.Sigmoid, torch.nn.LogSigmoid, torch.nn.Tanh, torch.nn.Tanhshrink, torch.nn.Softsign, torch.nn.GELU, torch.nn.LeakyReLU, torch.nn.ELU, torch.nn.CELU, torch.nn.Softplus, torch.nn.Hardtanh, torch.nn.Hardshrink, torch.nn.Softshrink, torch.nn.PReLU by NAME
new nn.NAME().forward(torch.tensor([-2, -0.3, 0, 0.7, 8]))

//: torch.nn.RReLU
new nn.RReLU(0.1, 0.3).eval().forward(torch.tensor([-1, 0, 2.5]))
//= tensor([-0.2000,  0.0000,  2.5000])

//: torch.nn.Threshold
new nn.Threshold(1, -5).forward(torch.tensor([0.5, 2]))
//= tensor([-5.,  2.])

//: torch.nn.GLU
new nn.GLU().forward(torch.tensor([1, 2, 0, 100.5]))
//= tensor([0.5000, 2.0000])

//: torch.nn.Softmax, torch.nn.LogSoftmax, torch.nn.Softmin by NAME
new nn.NAME(1).forward(torch.tensor([[1, 2, 3.5]]))

//: torch.nn.Softmax2d
new nn.Softmax2d().forward(torch.zeros(1, 2, 1, 2))
//= tensor([[[[0.5000, 0.5000]],
//=
//=          [[0.5000, 0.5000]]]])

//: torch.nn.AdaptiveLogSoftmaxWithLoss
const layer = new nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10]);
const { output, loss } = layer.forward(torch.randn(3, 8), torch.tensor([1, 5, 15]));
[output.shape, loss.shape]
//= [[3], []]

//: torch.nn.MultiheadAttention
const attention = new nn.MultiheadAttention(16, 4, { batchFirst: true });
const x = torch.randn(2, 10, 16);
const [output, weights] = attention.forward(x, x, x);
console.log(output.shape);
weights.shape
//= [2, 10, 16]
//= [2, 10, 10]

//: torch.nn.TransformerEncoderLayer, torch.nn.TransformerEncoder
const layer = new nn.TransformerEncoderLayer(16, 4, { dimFeedforward: 32, batchFirst: true });
const encoder = new nn.TransformerEncoder(layer, 2);
encoder.forward(torch.randn(2, 10, 16)).shape
//= [2, 10, 16]

//: torch.nn.TransformerDecoderLayer, torch.nn.TransformerDecoder
const layer = new nn.TransformerDecoderLayer(16, 4, { dimFeedforward: 32, batchFirst: true });
const decoder = new nn.TransformerDecoder(layer, 2);
decoder.forward(torch.randn(2, 7, 16), torch.randn(2, 10, 16)).shape
//= [2, 7, 16]

//: torch.nn.Transformer
const net = new nn.Transformer(16, 4, 1, 1, 32, { batchFirst: true });
net.forward(torch.randn(2, 10, 16), torch.randn(2, 7, 16)).shape
//= [2, 7, 16]

//: torch.nn.RNN, torch.nn.GRU, torch.nn.RNNBase
const rnn = new nn.GRU(10, 20, { numLayers: 2, batchFirst: true });
const [output, h] = rnn.forward(torch.randn(3, 5, 10));
console.log(output.shape);
h.shape
//= [3, 5, 20]
//= [2, 3, 20]

//: torch.nn.LSTM
const lstm = new nn.LSTM(10, 20, { bidirectional: true, batchFirst: true });
const [output, [h, c]] = lstm.forward(torch.randn(3, 5, 10));
console.log(output.shape);
[h.shape, c.shape]
//= [3, 5, 40]
//= [[2, 3, 20], [2, 3, 20]]

//: torch.nn.RNNCell, torch.nn.GRUCell, torch.nn.RNNCellBase
const cell = new nn.GRUCell(10, 20);
let h = torch.zeros(3, 20);
for (let t = 0; t < 5; t++) h = cell.forward(torch.randn(3, 10), h);
h.shape
//= [3, 20]

//: torch.nn.LSTMCell
const cell = new nn.LSTMCell(10, 20);
const [h, c] = cell.forward(torch.randn(3, 10), [torch.zeros(3, 20), torch.zeros(3, 20)]);
[h.shape, c.shape]
//= [[3, 20], [3, 20]]

//: torch.nn.BatchNorm1d, torch.nn.InstanceNorm1d by NAME
const layer = new nn.NAME(3);
const y = layer.forward(torch.randn(8, 3, 10).mul(5).add(2));
[y.mean().abs().lt(1e-5).item(), y.shape]

//: torch.nn.BatchNorm2d, torch.nn.InstanceNorm2d by NAME
new nn.NAME(3).forward(torch.randn(8, 3, 4, 4)).shape

//: torch.nn.BatchNorm3d, torch.nn.InstanceNorm3d by NAME
new nn.NAME(3).forward(torch.randn(2, 3, 2, 4, 4)).shape

//: torch.nn.LayerNorm
new nn.LayerNorm(4).forward(torch.tensor([[1, 2, 3, 4.5]]))
//= tensor([[-1.2568, -0.4834,  0.2900,  1.4501]],
//=        grad_fn=<NativeLayerNormBackward0>)

//: torch.nn.RMSNorm
new nn.RMSNorm(4).forward(torch.tensor([[1, 2, 3, 4.5]]))
//= tensor([[0.3417, 0.6835, 1.0252, 1.5378]], grad_fn=<MulBackward0>)

//: torch.nn.GroupNorm
new nn.GroupNorm(2, 6).forward(torch.randn(1, 6, 4, 4)).shape
//= [1, 6, 4, 4]

//: torch.nn.LocalResponseNorm
new nn.LocalResponseNorm(2).forward(torch.ones(1, 3, 1))
//= tensor([[[1.0000],
//=          [0.9999],
//=          [0.9999]]])

//: torch.nn.Dropout, torch.nn.AlphaDropout by NAME
const layer = new nn.NAME(0.5);
console.log(layer.forward(torch.ones(6)));
layer.eval().forward(torch.ones(6))

//: torch.nn.Dropout1d
new nn.Dropout1d(0.5).forward(torch.ones(1, 4, 2))
//= tensor([[[0., 0.],
//=          [0., 0.],
//=          [2., 2.],
//=          [0., 0.]]])

//: torch.nn.Dropout2d
new nn.Dropout2d(0.5).forward(torch.ones(1, 4, 2, 2)).amax([2, 3])
//= tensor([[0., 0., 2., 0.]])

//: torch.nn.Dropout3d
new nn.Dropout3d(0.5).forward(torch.ones(1, 4, 2, 2, 2)).amax([2, 3, 4])
//= tensor([[0., 0., 2., 0.]])

//: torch.nn.FeatureAlphaDropout
new nn.FeatureAlphaDropout(0.5).forward(torch.ones(1, 4, 2)).shape
//= [1, 4, 2]

//: torch.nn.Embedding
const embedding = new nn.Embedding(10, 3, { paddingIdx: 0 });
embedding.forward(torch.tensor([[0, 2, 0, 5]]))
//= tensor([[[ 0.0000,  0.0000,  0.0000],
//=          [-0.3160, -2.1152,  0.3223],
//=          [ 0.0000,  0.0000,  0.0000],
//=          [-0.1116, -0.6136,  0.0316]]], grad_fn=<EmbeddingBackward0>)

//: torch.nn.EmbeddingBag
const bags = new nn.EmbeddingBag(10, 3, { mode: 'sum' });
bags.forward(torch.tensor([1, 2, 4, 5]), torch.tensor([0, 3])).shape
//= [2, 3]

//: torch.nn.CosineSimilarity
new nn.CosineSimilarity().forward(torch.tensor([[1, 0.5]]), torch.tensor([[2, 1.5]]))
//= tensor([0.9839])

//: torch.nn.PairwiseDistance
new nn.PairwiseDistance().forward(torch.tensor([[0, 0.5]]), torch.tensor([[3, 4.5]]))
//= tensor([5.0000])
