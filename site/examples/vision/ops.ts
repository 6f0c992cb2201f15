//: vision.ops.nms
const boxes = torch.tensor([
  [0, 0, 10, 10],
  [1, 1, 11, 11],
  [20, 20, 30, 30.5],
]);
torchvision.ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5);
//= tensor([0, 2])

//: vision.ops.batchedNms
const boxes = torch.tensor([
  [0, 0, 10, 10],
  [1, 1, 11, 11.5],
]);
torchvision.ops.batchedNms(boxes, torch.tensor([0.9, 0.8]), torch.tensor([0, 1]), 0.5);
//= tensor([0, 1])

//: vision.ops.boxArea
torchvision.ops.boxArea(torch.tensor([[0, 0, 10, 20.5]]));
//= tensor([205.])

//: vision.ops.boxConvert
torchvision.ops.boxConvert(torch.tensor([[0, 0, 10, 20.5]]), 'xyxy', 'cxcywh');
//= tensor([[ 5.0000, 10.2500, 10.0000, 20.5000]])

//: vision.ops.boxIou, vision.ops.generalizedBoxIou, vision.ops.distanceBoxIou, vision.ops.completeBoxIou by NAME
torchvision.ops.NAME(torch.tensor([[0, 0, 10, 10.5]]), torch.tensor([[5, 5, 15, 15.5]]));

//: vision.ops.generalizedBoxIouLoss, vision.ops.distanceBoxIouLoss, vision.ops.completeBoxIouLoss by NAME
torchvision.ops.NAME(torch.tensor([[0, 0, 10, 10.5]]), torch.tensor([[5, 5, 15, 15.5]]));

//: vision.ops.sigmoidFocalLoss
torchvision.ops.sigmoidFocalLoss(torch.tensor([1.5, -2]), torch.tensor([1, 0]).float(), {
  reduction: 'mean',
});
//= tensor(0.0015)

//: vision.ops.clipBoxesToImage
torchvision.ops.clipBoxesToImage(torch.tensor([[-5, 2, 30, 10.5]]), [20, 20]);
//= tensor([[ 0.0000,  2.0000, 20.0000, 10.5000]])

//: vision.ops.removeSmallBoxes
torchvision.ops.removeSmallBoxes(
  torch.tensor([
    [0, 0, 1, 1],
    [0, 0, 9, 9.5],
  ]),
  5,
);
//= tensor([1])

//: vision.ops.masksToBoxes
torchvision.ops.masksToBoxes(
  torch.tensor([
    [
      [0, 1, 1],
      [0, 1, 0],
    ],
  ]),
);
//= tensor([[1., 0., 2., 1.]])

//: vision.ops.roiAlign, vision.ops.roiPool by NAME
torchvision.ops.NAME(
  torch.arange(16).float().reshape(1, 1, 4, 4),
  [torch.tensor([[0, 0, 3, 3.0]]).float()],
  [2, 2],
);

//: vision.ops.psRoiAlign, vision.ops.psRoiPool by NAME
torchvision.ops.NAME(torch.ones(1, 4, 4, 4), [torch.tensor([[0, 0, 3, 3]]).float()], [2, 2]);

//: vision.ops.RoIAlign
new torchvision.ops.RoIAlign([2, 2], 1, 2).forward(torch.ones(1, 1, 4, 4), [
  torch.tensor([[0, 0, 3, 3]]).float(),
]);
//= tensor([[[[1., 1.],
//=           [1., 1.]]]])

//: vision.ops.RoIPool
new torchvision.ops.RoIPool([2, 2], 1).forward(torch.ones(1, 1, 4, 4), [
  torch.tensor([[0, 0, 3, 3]]).float(),
]);
//= tensor([[[[1., 1.],
//=           [1., 1.]]]])

//: vision.ops.PSRoIAlign
new torchvision.ops.PSRoIAlign(2, 1, 2).forward(torch.ones(1, 4, 4, 4), [
  torch.tensor([[0, 0, 3, 3]]).float(),
]);
//= tensor([[[[1., 1.],
//=           [1., 1.]]]])

//: vision.ops.PSRoIPool
new torchvision.ops.PSRoIPool(2, 1).forward(torch.ones(1, 4, 4, 4), [torch.tensor([[0, 0, 3, 3]]).float()]);
//= tensor([[[[1., 1.],
//=           [1., 1.]]]])

//: vision.ops.deformConv2d
torchvision.ops.deformConv2d(torch.ones(1, 1, 3, 3), torch.zeros(1, 8, 2, 2), torch.ones(1, 1, 2, 2));
//= tensor([[[[4., 4.],
//=           [4., 4.]]]])

//: vision.ops.DeformConv2d
new torchvision.ops.DeformConv2d(1, 2, 2).forward(torch.ones(1, 1, 3, 3), torch.zeros(1, 8, 2, 2)).shape;
//= [1, 2, 2, 2]

//: vision.ops.dropBlock2d, vision.ops.DropBlock2d
console.log(torchvision.ops.dropBlock2d(torch.ones(1, 1, 6, 6), 0.5, 3).shape);
new torchvision.ops.DropBlock2d(0.5, 3)
  .eval()
  .forward(torch.ones(1, 1, 6, 6))
  .mean();
//= [1, 1, 6, 6]
//= tensor(1.)

//: vision.ops.dropBlock3d, vision.ops.DropBlock3d
console.log(torchvision.ops.dropBlock3d(torch.ones(1, 1, 4, 4, 4), 0.5, 3).shape);
new torchvision.ops.DropBlock3d(0.5, 3)
  .eval()
  .forward(torch.ones(1, 1, 4, 4, 4))
  .mean();
//= [1, 1, 4, 4, 4]
//= tensor(1.)

//: vision.ops.stochasticDepth, vision.ops.StochasticDepth
console.log(torchvision.ops.stochasticDepth(torch.ones(4, 1), 0.5, 'row'));
new torchvision.ops.StochasticDepth(0.5, 'row');
//= tensor([[0.],
//=         [0.],
//=         [2.],
//=         [0.]])
//= StochasticDepth(p=0.5, mode=row)

//: vision.ops.FeaturePyramidNetwork, vision.ops.ExtraFPNBlock, vision.ops.LastLevelMaxPool, vision.ops.LastLevelP6P7
const { FeaturePyramidNetwork, LastLevelMaxPool } = torchvision.ops;
const fpn = new FeaturePyramidNetwork([8, 16], 4, { extraBlocks: new LastLevelMaxPool() });
const maps = fpn.forward({ near: torch.ones(1, 8, 8, 8), far: torch.ones(1, 16, 4, 4) });
Object.keys(maps);
//= ['near', 'far', 'pool']

//: vision.ops.MultiScaleRoIAlign
const align = new torchvision.ops.MultiScaleRoIAlign(['near'], 3, 2);
align.forward({ near: torch.ones(1, 5, 16, 16) }, [torch.tensor([[0, 0, 30, 30]]).float()], [[64, 64]]).shape;
//= [1, 5, 3, 3]

//: vision.ops.Conv2dNormActivation
new torchvision.ops.Conv2dNormActivation(3, 8, 3).forward(torch.ones(2, 3, 4, 4)).shape;
//= [2, 8, 4, 4]

//: vision.ops.Conv3dNormActivation
new torchvision.ops.Conv3dNormActivation(3, 8, 3).forward(torch.ones(2, 3, 4, 4, 4)).shape;
//= [2, 8, 4, 4, 4]

//: vision.ops.FrozenBatchNorm2d
new torchvision.ops.FrozenBatchNorm2d(3).forward(torch.ones(1, 3, 2, 2)).shape;
//= [1, 3, 2, 2]

//: vision.ops.MLP
new torchvision.ops.MLP(4, [8, 2]).forward(torch.ones(1, 4)).shape;
//= [1, 2]

//: vision.ops.Permute
new torchvision.ops.Permute([0, 2, 1]).forward(torch.ones(1, 2, 3)).shape;
//= [1, 3, 2]

//: vision.ops.SqueezeExcitation
new torchvision.ops.SqueezeExcitation(8, 2).forward(torch.ones(1, 8, 4, 4)).shape;
//= [1, 8, 4, 4]
