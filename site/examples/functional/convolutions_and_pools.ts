//: torch.nn.functional.linear
F.linear(
  torch.tensor([[1, 2.5]]),
  torch
    .tensor([
      [1, 0],
      [0, 2.0],
    ])
    .float(),
);
//= tensor([[1., 5.]])

//: torch.nn.functional.bilinear
F.bilinear(torch.ones(1, 2), torch.ones(1, 3), torch.ones(1, 2, 3));
//= tensor([[6.]])

//: torch.nn.functional.embedding
F.embedding(
  torch.tensor([1, 0]),
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
);
//= tensor([[3.0000, 4.5000],
//=         [1.0000, 2.0000]])

//: torch.nn.functional.embeddingBag
F.embeddingBag(
  torch.tensor([0, 1, 1]),
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
  torch.tensor([0, 2]),
  { mode: 'sum' },
);
//= tensor([[4.0000, 6.5000],
//=         [3.0000, 4.5000]])

//: torch.nn.functional.oneHot
F.oneHot(torch.tensor([0, 2]), 3);
//= tensor([[1, 0, 0],
//=         [0, 0, 1]])

//: torch.nn.functional.conv1d, torch.nn.functional.convTranspose1d by NAME
F.NAME(torch.ones(1, 1, 4), torch.ones(1, 1, 2), { stride: 2 });

//: torch.nn.functional.conv2d, torch.nn.functional.convTranspose2d by NAME
F.NAME(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2));

//: torch.nn.functional.conv3d, torch.nn.functional.convTranspose3d by NAME
F.NAME(torch.ones(1, 1, 3, 3, 3), torch.ones(1, 1, 2, 2, 2)).shape;

//: torch.nn.functional.maxPool1d, torch.nn.functional.avgPool1d by NAME
F.NAME(torch.tensor([[1, 4, 2, 3.5]]), 2);

//: torch.nn.functional.maxPool2d, torch.nn.functional.avgPool2d by NAME
F.NAME(torch.arange(16).float().reshape(1, 4, 4), 2);

//: torch.nn.functional.maxPool3d, torch.nn.functional.avgPool3d by NAME
F.NAME(torch.ones(1, 4, 4, 4), 2).shape;

//: torch.nn.functional.maxPool1dWithIndices
F.maxPool1dWithIndices(torch.tensor([[1, 4, 2, 3.5]]), 2);
//= [tensor([[4.0000, 3.5000]]), tensor([[1, 3]])]

//: torch.nn.functional.maxPool2dWithIndices
F.maxPool2dWithIndices(torch.arange(4).float().reshape(1, 2, 2), 2);
//= [tensor([[[3.]]]), tensor([[[3]]])]

//: torch.nn.functional.maxPool3dWithIndices
F.maxPool3dWithIndices(torch.arange(8).float().reshape(1, 2, 2, 2), 2);
//= [tensor([[[[7.]]]]), tensor([[[[7]]]])]

//: torch.nn.functional.adaptiveAvgPool1d, torch.nn.functional.adaptiveMaxPool1d, torch.nn.functional.adaptiveMaxPool1dWithIndices by NAME
F.NAME(torch.tensor([[1, 4, 2, 3, 0.5]]), 2);

//: torch.nn.functional.adaptiveAvgPool2d, torch.nn.functional.adaptiveMaxPool2d, torch.nn.functional.adaptiveMaxPool2dWithIndices by NAME
F.NAME(torch.arange(12).float().reshape(1, 3, 4), [1, 2]);

//: torch.nn.functional.adaptiveAvgPool3d, torch.nn.functional.adaptiveMaxPool3d, torch.nn.functional.adaptiveMaxPool3dWithIndices by NAME
F.NAME(torch.arange(8).float().reshape(1, 2, 2, 2), 1);

//: torch.nn.functional.fractionalMaxPool2d, torch.nn.functional.fractionalMaxPool2dWithIndices by NAME
F.NAME(torch.randn(1, 1, 5, 5), 2, { outputSize: [2, 2] });

//: torch.nn.functional.fractionalMaxPool3d, torch.nn.functional.fractionalMaxPool3dWithIndices by NAME
F.NAME(torch.randn(1, 1, 4, 4, 4), 2, { outputSize: [2, 2, 2] });

//: torch.nn.functional.lpPool1d
F.lpPool1d(torch.tensor([[3, 4, 6, 8.5]]), 2, 2);
//= tensor([[ 5.0000, 10.4043]])

//: torch.nn.functional.lpPool2d
F.lpPool2d(torch.ones(1, 1, 2, 2), 2, 2);
//= tensor([[[[2.]]]])

//: torch.nn.functional.lpPool3d
F.lpPool3d(torch.ones(1, 1, 2, 2, 2), 2, 2);
//= tensor([[[[[2.8284]]]]])

//: torch.nn.functional.maxUnpool1d
F.maxUnpool1d(torch.tensor([[4, 3.5]]), torch.tensor([[1, 3]]), 2);
//= tensor([[0.0000, 4.0000, 0.0000, 3.5000]])

//: torch.nn.functional.maxUnpool2d
F.maxUnpool2d(torch.tensor([[[5.5]]]), torch.tensor([[[3]]]), 2);
//= tensor([[[0.0000, 0.0000],
//=          [0.0000, 5.5000]]])

//: torch.nn.functional.maxUnpool3d
F.maxUnpool3d(torch.tensor([[[[5.5]]]]), torch.tensor([[[[7]]]]), 2);
//= tensor([[[[0.0000, 0.0000],
//=           [0.0000, 0.0000]],
//=
//=          [[0.0000, 0.0000],
//=           [0.0000, 5.5000]]]])

//: torch.nn.functional.unfold
F.unfold(torch.arange(9).float().reshape(1, 1, 3, 3), [2, 2]);
//= tensor([[[0., 1., 3., 4.],
//=          [1., 2., 4., 5.],
//=          [3., 4., 6., 7.],
//=          [4., 5., 7., 8.]]])

//: torch.nn.functional.fold
F.fold(torch.ones(1, 4, 4), [3, 3], [2, 2]);
//= tensor([[[[1., 2., 1.],
//=           [2., 4., 2.],
//=           [1., 2., 1.]]]])

//: torch.nn.functional.pad
console.log(F.pad(torch.tensor([[1, 2]]), [1, 2]));
F.pad(torch.tensor([[1, 2.5]]), [1, 1], { mode: 'replicate' });
//= tensor([[0, 1, 2, 0, 0]])
//= tensor([[1.0000, 1.0000, 2.5000, 2.5000]])

//: torch.nn.functional.interpolate
F.interpolate(
  torch.tensor([
    [
      [
        [0, 1],
        [2, 3.5],
      ],
    ],
  ]),
  { scaleFactor: 2, mode: 'nearest' },
);
//= tensor([[[[0.0000, 0.0000, 1.0000, 1.0000],
//=           [0.0000, 0.0000, 1.0000, 1.0000],
//=           [2.0000, 2.0000, 3.5000, 3.5000],
//=           [2.0000, 2.0000, 3.5000, 3.5000]]]])

//: torch.nn.functional.upsampleNearest, torch.nn.functional.upsampleBilinear by NAME
F.NAME(torch.tensor([[[[0, 1.5]]]]), { scaleFactor: 2 });

//: torch.nn.functional.gridSample, torch.nn.functional.affineGrid
const theta = torch
  .tensor([
    [
      [-1, 0, 0],
      [0, 1, 0.0],
    ],
  ])
  .float(); // mirrors
const image = torch.tensor([
  [
    [
      [1, 2],
      [3, 4.5],
    ],
  ],
]);
const grid = F.affineGrid(theta, [1, 1, 2, 2], { alignCorners: true });
F.gridSample(image, grid, { alignCorners: true });
//= tensor([[[[2.0000, 1.0000],
//=           [4.5000, 3.0000]]]])

//: torch.nn.functional.pixelShuffle
F.pixelShuffle(torch.arange(4).reshape(1, 4, 1, 1), 2);
//= tensor([[[[0, 1],
//=           [2, 3]]]])

//: torch.nn.functional.pixelUnshuffle
F.pixelUnshuffle(torch.arange(4).reshape(1, 1, 2, 2), 2).flatten();
//= tensor([0, 1, 2, 3])

//: torch.nn.functional.channelShuffle
F.channelShuffle(torch.arange(4).reshape(1, 4, 1, 1), 2).flatten();
//= tensor([0, 2, 1, 3])
