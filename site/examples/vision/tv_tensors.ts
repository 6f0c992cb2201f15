//: vision.tvTensors.BoundingBoxes
const { BoundingBoxes } = torchvision.tvTensors;
const boxes = new BoundingBoxes([[1, 2, 30, 40]], { format: 'XYXY', canvasSize: [48, 64] });
console.log(boxes.format, boxes.canvasSize);
torchvision.transforms.v2.functional.hflip(boxes);
//= XYXY [48, 64]
//= BoundingBoxes([[34,  2, 63, 40]], format=BoundingBoxFormat.XYXY, canvas_size=(48, 64), clamping_mode=soft)

//: vision.tvTensors.KeyPoints
new torchvision.tvTensors.KeyPoints([[[5, 6]]], { canvasSize: [20, 20] }).canvasSize;
//= [20, 20]

//: vision.tvTensors.Image, vision.tvTensors.Video, vision.tvTensors.TVTensor
const image = new torchvision.tvTensors.Image(torch.rand(3, 4, 4));
// Operators give plain tensors, transforms what they were given.
[image.add(1).constructor.name, torchvision.transforms.v2.functional.hflip(image).constructor.name];
//= ['Tensor', 'Image']

//: vision.tvTensors.Mask
new torchvision.tvTensors.Mask([
  [0, 1],
  [1, 0],
]).shape;
//= [2, 2]

//: vision.tvTensors.setReturnType
torchvision.tvTensors.setReturnType('TVTensor');
console.log(new torchvision.tvTensors.Mask([[1]]).add(1).constructor.name);
torchvision.tvTensors.setReturnType('Tensor');
//= Mask
//= {}

//: vision.tvTensors.isRotatedBoundingFormat
torchvision.tvTensors.isRotatedBoundingFormat('CXCYWHR');
//= True

//: vision.tvTensors.wrap
const mask = new torchvision.tvTensors.Mask([[0, 1]]);
torchvision.tvTensors.wrap(torch.ones(1, 2), { like: mask }).constructor.name;
//= Mask
