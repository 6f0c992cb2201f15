//: torch.nn.Linear
const layer = new nn.Linear(20, 30);
console.log(layer);
layer.forward(torch.randn(128, 20)).shape
//= Linear(in_features=20, out_features=30, bias=True)
//= [128, 30]

//: torch.nn.Bilinear
new nn.Bilinear(20, 30, 40).forward(torch.randn(8, 20), torch.randn(8, 30)).shape
//= [8, 40]

//: torch.nn.LazyLinear
const layer = new nn.LazyLinear(4);
layer.forward(torch.ones(1, 7));
layer
//= Linear(in_features=7, out_features=4, bias=True)

//: torch.nn.LazyConv1d, torch.nn.LazyConvTranspose1d by NAME
const layer = new nn.NAME(8, 3);
layer.forward(torch.ones(1, 5, 10)).shape

//: torch.nn.LazyConv2d, torch.nn.LazyConvTranspose2d by NAME
const layer = new nn.NAME(8, 3);
layer.forward(torch.ones(1, 3, 10, 10)).shape

//: torch.nn.LazyConv3d, torch.nn.LazyConvTranspose3d by NAME
const layer = new nn.NAME(2, 3);
layer.forward(torch.ones(1, 3, 5, 5, 5)).shape

//: torch.nn.LazyBatchNorm1d, torch.nn.LazyInstanceNorm1d by NAME
const layer = new nn.NAME();
layer.forward(torch.randn(2, 5, 10));
layer

//: torch.nn.LazyBatchNorm2d, torch.nn.LazyInstanceNorm2d by NAME
const layer = new nn.NAME();
layer.forward(torch.randn(2, 5, 4, 4));
layer

//: torch.nn.LazyBatchNorm3d, torch.nn.LazyInstanceNorm3d by NAME
const layer = new nn.NAME();
layer.forward(torch.randn(2, 5, 2, 4, 4));
layer

//: torch.nn.Conv1d
new nn.Conv1d(16, 33, 3, { stride: 2 }).forward(torch.randn(20, 16, 50)).shape
//= [20, 33, 24]

//: torch.nn.Conv2d
const layer = new nn.Conv2d(3, 8, 3, { padding: 1 });
console.log(layer);
layer.forward(torch.randn(2, 3, 32, 32)).shape
//= Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
//= [2, 8, 32, 32]

//: torch.nn.Conv3d
new nn.Conv3d(2, 4, [3, 3, 3]).forward(torch.randn(1, 2, 8, 8, 8)).shape
//= [1, 4, 6, 6, 6]

//: torch.nn.ConvTranspose1d
new nn.ConvTranspose1d(16, 8, 3, { stride: 2 }).forward(torch.randn(2, 16, 10)).shape
//= [2, 8, 21]

//: torch.nn.ConvTranspose2d
new nn.ConvTranspose2d(8, 3, 4, { stride: 2, padding: 1 }).forward(torch.randn(1, 8, 16, 16)).shape
//= [1, 3, 32, 32]

//: torch.nn.ConvTranspose3d
new nn.ConvTranspose3d(2, 1, 2, { stride: 2 }).forward(torch.randn(1, 2, 4, 4, 4)).shape
//= [1, 1, 8, 8, 8]

//: torch.nn.Unfold
new nn.Unfold([2, 2]).forward(torch.arange(9).float().reshape(1, 1, 3, 3))
//= tensor([[[0., 1., 3., 4.],
//=          [1., 2., 4., 5.],
//=          [3., 4., 6., 7.],
//=          [4., 5., 7., 8.]]])

//: torch.nn.Fold
new nn.Fold([3, 3], [2, 2]).forward(torch.ones(1, 4, 4))
//= tensor([[[[1., 2., 1.],
//=           [2., 4., 2.],
//=           [1., 2., 1.]]]])

//: torch.nn.MaxPool1d, torch.nn.AvgPool1d by NAME
new nn.NAME(2).forward(torch.tensor([[1, 4, 2, 3.5]]))

//: torch.nn.MaxPool2d, torch.nn.AvgPool2d by NAME
new nn.NAME(2).forward(torch.arange(16).float().reshape(1, 4, 4))

//: torch.nn.MaxPool3d, torch.nn.AvgPool3d by NAME
new nn.NAME(2).forward(torch.randn(1, 2, 4, 4, 4)).shape

//: torch.nn.LPPool1d
new nn.LPPool1d(2, 2).forward(torch.tensor([[3, 4, 6, 8.0]]).float())
//= tensor([[ 5., 10.]])

//: torch.nn.LPPool2d
new nn.LPPool2d(2, 2).forward(torch.ones(1, 1, 4, 4))
//= tensor([[[[2., 2.],
//=           [2., 2.]]]])

//: torch.nn.LPPool3d
new nn.LPPool3d(2, 2).forward(torch.ones(1, 1, 2, 2, 2))
//= tensor([[[[[2.8284]]]]])

//: torch.nn.AdaptiveAvgPool1d, torch.nn.AdaptiveMaxPool1d by NAME
new nn.NAME(2).forward(torch.tensor([[1, 4, 2, 3, 0.5]]))

//: torch.nn.AdaptiveAvgPool2d, torch.nn.AdaptiveMaxPool2d by NAME
new nn.NAME([1, 1]).forward(torch.randn(2, 64, 8, 9)).shape

//: torch.nn.AdaptiveAvgPool3d, torch.nn.AdaptiveMaxPool3d by NAME
new nn.NAME(2).forward(torch.randn(1, 4, 5, 6, 7)).shape

//: torch.nn.FractionalMaxPool2d
new nn.FractionalMaxPool2d(2, { outputSize: [3, 3] }).forward(torch.randn(1, 1, 7, 7)).shape
//= [1, 1, 3, 3]

//: torch.nn.FractionalMaxPool3d
new nn.FractionalMaxPool3d(2, { outputRatio: 0.5 }).forward(torch.randn(1, 1, 6, 6, 6)).shape
//= [1, 1, 3, 3, 3]

//: torch.nn.MaxUnpool1d
const [pooled, indices] = new nn.MaxPool1d(2, { returnIndices: true }).forward(torch.tensor([[1, 4, 2, 3.5]]));
new nn.MaxUnpool1d(2).forward(pooled, indices)
//= tensor([[0.0000, 4.0000, 0.0000, 3.5000]])

//: torch.nn.MaxUnpool2d
const [pooled, indices] = new nn.MaxPool2d(2, { returnIndices: true }).forward(torch.randn(1, 1, 4, 4));
new nn.MaxUnpool2d(2).forward(pooled, indices).shape
//= [1, 1, 4, 4]

//: torch.nn.MaxUnpool3d
const [pooled, indices] = new nn.MaxPool3d(2, { returnIndices: true }).forward(torch.randn(1, 1, 4, 4, 4));
new nn.MaxUnpool3d(2).forward(pooled, indices).shape
//= [1, 1, 4, 4, 4]

//: torch.nn.ZeroPad1d, torch.nn.ReflectionPad1d, torch.nn.ReplicationPad1d, torch.nn.CircularPad1d by NAME
new nn.NAME([1, 2]).forward(torch.tensor([[1, 2, 3.5]]))

//: torch.nn.ConstantPad1d
new nn.ConstantPad1d(1, 9).forward(torch.tensor([[1, 2.5]]))
//= tensor([[9.0000, 1.0000, 2.5000, 9.0000]])

//: torch.nn.ZeroPad2d, torch.nn.ReflectionPad2d, torch.nn.ReplicationPad2d, torch.nn.CircularPad2d by NAME
new nn.NAME(1).forward(torch.arange(4).float().reshape(1, 2, 2))

//: torch.nn.ConstantPad2d
new nn.ConstantPad2d(1, 9).forward(torch.zeros(1, 1, 2))
//= tensor([[[9., 9., 9., 9.],
//=          [9., 0., 0., 9.],
//=          [9., 9., 9., 9.]]])

//: torch.nn.ZeroPad3d, torch.nn.ReflectionPad3d, torch.nn.ReplicationPad3d, torch.nn.CircularPad3d by NAME
new nn.NAME(1).forward(torch.zeros(1, 2, 3, 4)).shape

//: torch.nn.ConstantPad3d
new nn.ConstantPad3d(1, 9).forward(torch.zeros(1, 2, 3, 4)).shape
//= [1, 4, 5, 6]

//: torch.nn.PixelShuffle
new nn.PixelShuffle(2).forward(torch.randn(1, 8, 4, 4)).shape
//= [1, 2, 8, 8]

//: torch.nn.PixelUnshuffle
new nn.PixelUnshuffle(2).forward(torch.randn(1, 2, 8, 8)).shape
//= [1, 8, 4, 4]

//: torch.nn.ChannelShuffle
new nn.ChannelShuffle(2).forward(torch.arange(4).float().reshape(1, 4, 1, 1)).flatten()
//= tensor([0., 2., 1., 3.])

//: torch.nn.Upsample
new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }).forward(torch.tensor([[[[0, 1], [2, 3.5]]]]))
//= tensor([[[[0.0000, 0.2500, 0.7500, 1.0000],
//=           [0.5000, 0.7812, 1.3438, 1.6250],
//=           [1.5000, 1.8438, 2.5312, 2.8750],
//=           [2.0000, 2.3750, 3.1250, 3.5000]]]])

//: torch.nn.UpsamplingNearest2d, torch.nn.UpsamplingBilinear2d by NAME
new nn.NAME({ scaleFactor: 2 }).forward(torch.tensor([[[[0, 1.5]]]]))

//: torch.nn.Flatten
new nn.Flatten().forward(torch.zeros(32, 1, 5, 5)).shape
//= [32, 25]

//: torch.nn.Unflatten
new nn.Unflatten(1, [2, 5]).forward(torch.zeros(3, 10)).shape
//= [3, 2, 5]
