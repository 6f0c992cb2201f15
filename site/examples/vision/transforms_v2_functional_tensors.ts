//: vision.transforms.v2.functional.permuteChannels
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.permuteChannels(image, [2, 1, 0]);
//= tensor([[[32, 33, 34, 35],
//=          [36, 37, 38, 39],
//=          [40, 41, 42, 43],
//=          [44, 45, 46, 47]],
//=
//=         [[16, 17, 18, 19],
//=          [20, 21, 22, 23],
//=          [24, 25, 26, 27],
//=          [28, 29, 30, 31]],
//=
//=         [[ 0,  1,  2,  3],
//=          [ 4,  5,  6,  7],
//=          [ 8,  9, 10, 11],
//=          [12, 13, 14, 15]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.jpeg
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.jpeg(image, 50);
//= tensor([[[ 5,  5,  5,  6],
//=          [ 7,  7,  7,  8],
//=          [10, 10, 11, 11],
//=          [13, 13, 13, 14]],
//=
//=         [[18, 18, 18, 19],
//=          [20, 20, 20, 21],
//=          [23, 23, 24, 24],
//=          [26, 26, 26, 27]],
//=
//=         [[35, 35, 35, 36],
//=          [37, 37, 37, 38],
//=          [40, 40, 41, 41],
//=          [43, 43, 43, 44]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.toGrayscale
const image = torchvision.transforms.functional.toPilImage(torch.arange(48).reshape(3, 4, 4).byte());
torchvision.transforms.v2.functional.toGrayscale(image).mode;
//= L

//: vision.transforms.v2.functional.toTensor
const image = torchvision.transforms.functional.toPilImage(torch.arange(48).reshape(3, 4, 4).byte());
torchvision.transforms.v2.functional.toTensor(image).shape;
//= [3, 4, 4]

//: vision.transforms.v2.functional.pilToTensor
const image = torchvision.transforms.functional.toPilImage(torch.arange(48).reshape(3, 4, 4).byte());
torchvision.transforms.v2.functional.pilToTensor(image).dtype;
//= torch.uint8

//: vision.transforms.v2.functional.convertImageDtype
torchvision.transforms.v2.functional.convertImageDtype(torch.tensor([0, 255]).byte(), torch.float32);
//= tensor([0., 1.])

//: vision.transforms.v2.functional.normalize
torchvision.transforms.v2.functional.normalize(torch.tensor([[[0, 0.5, 1]]]), [0.5], [0.5]);
//= tensor([[[-1.,  0.,  1.]]])

//: vision.transforms.v2.functional.toDtype
torchvision.transforms.v2.functional.toDtype(torch.tensor([[[0, 255]]]).byte(), torch.float32, {
  scale: true,
});
//= tensor([[[0., 1.]]])

//: vision.transforms.v2.functional.toImage
torchvision.transforms.v2.functional.toImage(torch.arange(48).reshape(3, 4, 4).byte()).constructor.name;
//= Image

//: vision.transforms.v2.functional.isPureTensor
torchvision.transforms.v2.functional.isPureTensor(torch.ones(1));
//= True

//: vision.transforms.v2.functional.gaussianNoise
torchvision.transforms.v2.functional.gaussianNoise(torch.rand(3, 4, 4)).shape;
//= [3, 4, 4]

//: vision.transforms.v2.functional.grayscaleToRgb
torchvision.transforms.v2.functional.grayscaleToRgb(torch.ones(1, 2, 2)).shape;
//= [3, 2, 2]

//: vision.transforms.v2.functional.uniformTemporalSubsample
torchvision.transforms.v2.functional
  .uniformTemporalSubsample(torch.arange(5).reshape(5, 1, 1, 1), 2)
  .flatten();
//= tensor([0, 4])

//: vision.transforms.v2.functional.getNumFrames
torchvision.transforms.v2.functional.getNumFrames(new torchvision.tvTensors.Video(torch.zeros(5, 3, 2, 2)));
//= 5

//: vision.transforms.v2.functional.registerKernel
class Mine extends torchvision.tvTensors.TVTensor {}
const { horizontalFlip, registerKernel } = torchvision.transforms.v2.functional;
registerKernel(horizontalFlip, Mine)((input) => input.wrap(input.flip(-1).neg()));
horizontalFlip(new Mine(torch.tensor([[1, 2, 3]])));
//= Mine([[-3, -2, -1]])

//: vision.transforms.v2.functional.clampBoundingBoxes
const { BoundingBoxes } = torchvision.tvTensors;
const boxes = new BoundingBoxes([[1, 2, 30, 40]], { format: 'XYXY', canvasSize: [20, 20] });
torchvision.transforms.v2.functional.clampBoundingBoxes(boxes);
//= BoundingBoxes([[ 1,  2, 20, 20]], format=BoundingBoxFormat.XYXY, canvas_size=(20, 20), clamping_mode=soft)

//: vision.transforms.v2.functional.clampKeypoints
const { KeyPoints } = torchvision.tvTensors;
const points = new KeyPoints([[[5, 30]]], { canvasSize: [20, 20] });
torchvision.transforms.v2.functional.clampKeypoints(points);
//= KeyPoints([[[ 5, 19]]], canvas_size=(20, 20))

//: vision.transforms.v2.functional.convertBoundingBoxFormat
const { BoundingBoxes } = torchvision.tvTensors;
const boxes = new BoundingBoxes([[1, 2, 30, 40]], { format: 'XYXY', canvasSize: [20, 20] });
torchvision.transforms.v2.functional.convertBoundingBoxFormat(boxes, { newFormat: 'CXCYWH' });
//= BoundingBoxes([[15, 21, 29, 38]], format=BoundingBoxFormat.CXCYWH, canvas_size=(20, 20), clamping_mode=soft)

//: vision.transforms.v2.functional.sanitizeBoundingBoxes
const boxes = torch.tensor([
  [1, 2, 10, 10],
  [3, 3, 3, 9],
]);
torchvision.transforms.v2.functional.sanitizeBoundingBoxes(boxes, {
  format: 'XYXY',
  canvasSize: [20, 20],
})[1];
//= tensor([ True, False])

//: vision.transforms.v2.functional.sanitizeKeypoints
const { KeyPoints } = torchvision.tvTensors;
const points = new KeyPoints([[[5, 30]]], { canvasSize: [20, 20] });
torchvision.transforms.v2.functional.sanitizeKeypoints(points)[1];
//= tensor([False])
