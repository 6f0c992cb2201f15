//: vision.transforms.RandomAutocontrast, vision.transforms.RandomEqualize, vision.transforms.RandomGrayscale, vision.transforms.RandomInvert, vision.transforms.AutoAugment, vision.transforms.RandAugment, vision.transforms.TrivialAugmentWide, vision.transforms.AugMix, vision.transforms.RandomHorizontalFlip, vision.transforms.RandomVerticalFlip by NAME
const image = torch.arange(48).reshape(3, 4, 4).byte();
new torchvision.transforms.NAME().forward(image).shape;

//: vision.transforms.RandomAdjustSharpness
new torchvision.transforms.RandomAdjustSharpness(2, { p: 1 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 4, 4]

//: vision.transforms.RandomPosterize
new torchvision.transforms.RandomPosterize(2, { p: 1 })
  .forward(torch.arange(48).reshape(3, 4, 4).byte())
  .index(0, 0);
//= tensor([0, 0, 0, 0], dtype=torch.uint8)

//: vision.transforms.RandomSolarize
new torchvision.transforms.RandomSolarize(30, { p: 1 })
  .forward(torch.arange(48).reshape(3, 4, 4).byte())
  .index(2, 0);
//= tensor([223, 222, 221, 220], dtype=torch.uint8)

//: vision.transforms.Grayscale
new torchvision.transforms.Grayscale().forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [1, 4, 4]

//: vision.transforms.Normalize
const normalize = new torchvision.transforms.Normalize([0.5], [0.5]);
normalize.forward(torch.tensor([[[0, 0.5, 1]]]));
//= tensor([[[-1.,  0.,  1.]]])

//: vision.transforms.PILToTensor
const image = torchvision.transforms.functional.toPilImage(torch.arange(48).reshape(3, 4, 4).byte());
new torchvision.transforms.PILToTensor().forward(image).dtype;
//= torch.uint8

//: vision.transforms.ToTensor
const image = torchvision.transforms.functional.toPilImage(torch.arange(48).reshape(3, 4, 4).byte());
const x = new torchvision.transforms.ToTensor().forward(image);
[x.shape, x.dtype];
//= [[3, 4, 4], torch.float32]

//: vision.transforms.ToPILImage
new torchvision.transforms.ToPILImage().forward(torch.arange(48).reshape(3, 4, 4).byte()).size;
//= [4, 4]

//: vision.transforms.ColorJitter
new torchvision.transforms.ColorJitter({ brightness: 0.5, hue: 0.1 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 4, 4]

//: vision.transforms.Compose
const { CenterCrop, Compose, ConvertImageDtype } = torchvision.transforms;
const steps = new Compose([new CenterCrop(2), new ConvertImageDtype(torch.float32)]);
console.log(steps);
steps.forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= Compose(
//=     CenterCrop(size=(2, 2))
//=     ConvertImageDtype()
//= )
//= [3, 2, 2]

//: vision.transforms.Lambda
new torchvision.transforms.Lambda((x) => x.mul(2)).forward(torch.tensor([1, 2]));
//= tensor([2, 4])

//: vision.transforms.RandomApply
new torchvision.transforms.RandomApply([new torchvision.transforms.CenterCrop(2)], { p: 1 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 2, 2]

//: vision.transforms.RandomChoice
new torchvision.transforms.RandomChoice([
  new torchvision.transforms.CenterCrop(2),
  new torchvision.transforms.CenterCrop(3),
]).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 3, 3]

//: vision.transforms.RandomOrder
new torchvision.transforms.RandomOrder([
  new torchvision.transforms.CenterCrop(2),
  new torchvision.transforms.Pad(1),
]).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 4, 4]

//: vision.transforms.ConvertImageDtype
new torchvision.transforms.ConvertImageDtype(torch.float32).forward(torch.tensor([0, 255]).byte());
//= tensor([0., 1.])

//: vision.transforms.LinearTransformation
new torchvision.transforms.LinearTransformation(torch.eye(4), torch.zeros(4)).forward(torch.ones(1, 2, 2));
//= tensor([[[1., 1.],
//=          [1., 1.]]])

//: vision.transforms.CenterCrop
new torchvision.transforms.CenterCrop(2).forward(torch.arange(48).reshape(3, 4, 4).byte()).index(0);
//= tensor([[ 5,  6],
//=         [ 9, 10]], dtype=torch.uint8)

//: vision.transforms.Pad
new torchvision.transforms.Pad(1, { paddingMode: 'reflect' }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 6, 6]

//: vision.transforms.RandomCrop
new torchvision.transforms.RandomCrop(2).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 2, 2]

//: vision.transforms.RandomErasing
new torchvision.transforms.RandomErasing({ p: 1 }).forward(torch.ones(3, 8, 8)).shape;
//= [3, 8, 8]

//: vision.transforms.FiveCrop
new torchvision.transforms.FiveCrop(2)
  .forward(torch.arange(48).reshape(3, 4, 4).byte())
  .map((crop) => crop.shape);
//= [[3, 2, 2], [3, 2, 2], [3, 2, 2], [3, 2, 2], [3, 2, 2]]

//: vision.transforms.TenCrop
new torchvision.transforms.TenCrop(2).forward(torch.arange(48).reshape(3, 4, 4).byte()).length;
//= 10

//: vision.transforms.RandomResizedCrop
new torchvision.transforms.RandomResizedCrop(2).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 2, 2]

//: vision.transforms.Resize
new torchvision.transforms.Resize([8, 6]).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 8, 6]

//: vision.transforms.ElasticTransform
new torchvision.transforms.ElasticTransform({ alpha: 10, sigma: 0.5 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 4, 4]

//: vision.transforms.GaussianBlur
new torchvision.transforms.GaussianBlur(3).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 4, 4]

//: vision.transforms.RandomAffine
new torchvision.transforms.RandomAffine(30, { translate: [0.1, 0.1] }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 4, 4]

//: vision.transforms.RandomPerspective
new torchvision.transforms.RandomPerspective({ p: 1 }).forward(torch.arange(48).reshape(3, 4, 4).byte())
  .shape;
//= [3, 4, 4]

//: vision.transforms.RandomRotation
new torchvision.transforms.RandomRotation(45).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 4, 4]

//: vision.transforms.ImageClassification
// What the weights of a classifier want done before.
new torchvision.transforms.ImageClassification({ cropSize: 2, resizeSize: 4 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 2, 2]

//: vision.transforms.ObjectDetection
new torchvision.transforms.ObjectDetection().forward(torch.arange(48).reshape(3, 4, 4).byte()).dtype;
//= torch.float32

//: vision.transforms.SemanticSegmentation
new torchvision.transforms.SemanticSegmentation({ resizeSize: 4 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 4, 4]

//: vision.transforms.Transform
class Negative extends torchvision.transforms.Transform {
  forward(x) {
    return x.neg();
  }
}
new Negative().forward(torch.tensor([1, 2]));
//= tensor([-1, -2])
