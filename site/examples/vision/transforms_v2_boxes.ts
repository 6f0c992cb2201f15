//: vision.transforms.v2.CutMix
const mix = new torchvision.transforms.v2.CutMix({ numClasses: 3 });
const [images, labels] = mix.forward(torch.rand(4, 3, 8, 8), torch.tensor([0, 1, 2, 0]));
[images.shape, labels.shape];
//= [[4, 3, 8, 8], [4, 3]]

//: vision.transforms.v2.MixUp
const mix = new torchvision.transforms.v2.MixUp({ numClasses: 3 });
const [images, labels] = mix.forward(torch.rand(4, 3, 8, 8), torch.tensor([0, 1, 2, 0]));
[images.shape, labels.shape];
//= [[4, 3, 8, 8], [4, 3]]

//: vision.transforms.v2.ClampBoundingBoxes
const { BoundingBoxes } = torchvision.tvTensors;
const boxes = new BoundingBoxes([[1, 2, 30, 40]], { format: 'XYXY', canvasSize: [20, 20] });
new torchvision.transforms.v2.ClampBoundingBoxes().forward(boxes);
//= BoundingBoxes([[ 1,  2, 20, 20]], format=BoundingBoxFormat.XYXY, canvas_size=(20, 20), clamping_mode=soft)

//: vision.transforms.v2.ClampKeyPoints
const { KeyPoints } = torchvision.tvTensors;
const points = new KeyPoints([[[5, 30]]], { canvasSize: [20, 20] });
new torchvision.transforms.v2.ClampKeyPoints().forward(points);
//= KeyPoints([[[ 5, 19]]], canvas_size=(20, 20))

//: vision.transforms.v2.ConvertBoundingBoxFormat
const { BoundingBoxes } = torchvision.tvTensors;
const boxes = new BoundingBoxes([[1, 2, 30, 40]], { format: 'XYXY', canvasSize: [20, 20] });
new torchvision.transforms.v2.ConvertBoundingBoxFormat('XYWH').forward(boxes);
//= BoundingBoxes([[ 1,  2, 29, 38]], format=BoundingBoxFormat.XYWH, canvas_size=(20, 20), clamping_mode=soft)

//: vision.transforms.v2.SetClampingMode
const { BoundingBoxes } = torchvision.tvTensors;
const boxes = new BoundingBoxes([[1, 2, 30, 40]], { format: 'XYXY', canvasSize: [20, 20] });
new torchvision.transforms.v2.SetClampingMode('hard').forward(boxes).shape;
//= [1, 4]

//: vision.transforms.v2.SanitizeBoundingBoxes
const { BoundingBoxes } = torchvision.tvTensors;
const boxes = new BoundingBoxes(
  [
    [1, 2, 10, 10],
    [3, 3, 3, 9],
  ],
  { format: 'XYXY', canvasSize: [20, 20] },
);
new torchvision.transforms.v2.SanitizeBoundingBoxes({ labelsGetter: null }).forward({ boxes }).boxes;
//= BoundingBoxes([[ 1,  2, 10, 10]], format=BoundingBoxFormat.XYXY, canvas_size=(20, 20), clamping_mode=soft)

//: vision.transforms.v2.SanitizeKeyPoints
const { KeyPoints } = torchvision.tvTensors;
const points = new KeyPoints([[[5, 30]]], { canvasSize: [20, 20] });
new torchvision.transforms.v2.SanitizeKeyPoints({ labelsGetter: null }).forward({ points }).points.shape;
//= [0, 1, 2]

//: vision.transforms.v2.RandomIoUCrop
const { BoundingBoxes, Image } = torchvision.tvTensors;
const boxes = new BoundingBoxes([[1, 2, 10, 10]], { format: 'XYXY', canvasSize: [16, 16] });
const [image] = new torchvision.transforms.v2.RandomIoUCrop().forward([
  new Image(torch.rand(3, 16, 16)),
  boxes,
]);
image.dim();
//= 3

//: vision.transforms.v2.checkType
torchvision.transforms.v2.checkType(torch.ones(1), [torch.Tensor]);
//= True

//: vision.transforms.v2.hasAny
torchvision.transforms.v2.hasAny([torch.ones(1)], torchvision.tvTensors.Mask);
//= False

//: vision.transforms.v2.hasAll
torchvision.transforms.v2.hasAll([torch.ones(1)], torch.Tensor);
//= True

//: vision.transforms.v2.queryChw
torchvision.transforms.v2.queryChw([torch.rand(3, 4, 5)]);
//= [3, 4, 5]

//: vision.transforms.v2.querySize
torchvision.transforms.v2.querySize([torch.rand(3, 4, 5)]);
//= [4, 5]

//: vision.transforms.v2.getBoundingBoxes
const { BoundingBoxes } = torchvision.tvTensors;
const boxes = new BoundingBoxes([[1, 2, 30, 40]], { format: 'XYXY', canvasSize: [20, 20] });
torchvision.transforms.v2.getBoundingBoxes([boxes]);
//= BoundingBoxes([[ 1,  2, 30, 40]], format=BoundingBoxFormat.XYXY, canvas_size=(20, 20), clamping_mode=soft)

//: vision.transforms.v2.getKeypoints
const { KeyPoints } = torchvision.tvTensors;
const points = new KeyPoints([[[5, 30]]], { canvasSize: [20, 20] });
torchvision.transforms.v2.getKeypoints([points]);
//= KeyPoints([[[ 5, 30]]], canvas_size=(20, 20))
