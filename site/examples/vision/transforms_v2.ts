//: vision.transforms.v2.RandomAutocontrast, vision.transforms.v2.RandomEqualize, vision.transforms.v2.RandomGrayscale, vision.transforms.v2.RandomInvert, vision.transforms.v2.AutoAugment, vision.transforms.v2.RandAugment, vision.transforms.v2.TrivialAugmentWide, vision.transforms.v2.AugMix, vision.transforms.v2.RandomHorizontalFlip, vision.transforms.v2.RandomVerticalFlip by NAME
const image = torch.arange(48).reshape(3, 4, 4).byte();
new torchvision.transforms.v2.NAME().forward(image).shape;

//: vision.transforms.v2.RandomAdjustSharpness
new torchvision.transforms.v2.RandomAdjustSharpness(2, { p: 1 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 4, 4]

//: vision.transforms.v2.RandomPosterize
new torchvision.transforms.v2.RandomPosterize(2, { p: 1 })
  .forward(torch.arange(48).reshape(3, 4, 4).byte())
  .index(0, 0);
//= tensor([0, 0, 0, 0], dtype=torch.uint8)

//: vision.transforms.v2.RandomSolarize
new torchvision.transforms.v2.RandomSolarize(30, { p: 1 })
  .forward(torch.arange(48).reshape(3, 4, 4).byte())
  .index(2, 0);
//= tensor([223, 222, 221, 220], dtype=torch.uint8)

//: vision.transforms.v2.Grayscale
new torchvision.transforms.v2.Grayscale().forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [1, 4, 4]

//: vision.transforms.v2.Normalize
const normalize = new torchvision.transforms.v2.Normalize([0.5], [0.5]);
normalize.forward(torch.tensor([[[0, 0.5, 1]]]));
//= tensor([[[-1.,  0.,  1.]]])

//: vision.transforms.v2.PILToTensor
const image = torchvision.transforms.functional.toPilImage(torch.arange(48).reshape(3, 4, 4).byte());
new torchvision.transforms.v2.PILToTensor().forward(image).dtype;
//= torch.uint8

//: vision.transforms.v2.ToTensor
const image = torchvision.transforms.functional.toPilImage(torch.arange(48).reshape(3, 4, 4).byte());
const x = new torchvision.transforms.v2.ToTensor().forward(image);
[x.shape, x.dtype];
//= [[3, 4, 4], torch.float32]

//: vision.transforms.v2.ToPILImage
new torchvision.transforms.v2.ToPILImage().forward(torch.arange(48).reshape(3, 4, 4).byte()).size;
//= [4, 4]

//: vision.transforms.v2.ColorJitter
new torchvision.transforms.v2.ColorJitter({ brightness: 0.5, hue: 0.1 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 4, 4]

//: vision.transforms.v2.Compose
const { CenterCrop, Compose, ConvertImageDtype } = torchvision.transforms.v2;
const steps = new Compose([new CenterCrop(2), new ConvertImageDtype(torch.float32)]);
console.log(steps);
steps.forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= Compose(
//=       CenterCrop(size=(2, 2))
//=       ConvertImageDtype()
//= )
//= [3, 2, 2]

//: vision.transforms.v2.Lambda
new torchvision.transforms.v2.Lambda((x) => x.mul(2)).forward(torch.tensor([1, 2]));
//= tensor([2, 4])

//: vision.transforms.v2.RandomApply
new torchvision.transforms.v2.RandomApply([new torchvision.transforms.v2.CenterCrop(2)], { p: 1 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 2, 2]

//: vision.transforms.v2.RandomChoice
new torchvision.transforms.v2.RandomChoice([
  new torchvision.transforms.v2.CenterCrop(2),
  new torchvision.transforms.v2.CenterCrop(3),
]).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 3, 3]

//: vision.transforms.v2.RandomOrder
new torchvision.transforms.v2.RandomOrder([
  new torchvision.transforms.v2.CenterCrop(2),
  new torchvision.transforms.v2.Pad(1),
]).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 4, 4]

//: vision.transforms.v2.ConvertImageDtype
new torchvision.transforms.v2.ConvertImageDtype(torch.float32).forward(torch.tensor([0, 255]).byte());
//= tensor([0., 1.])

//: vision.transforms.v2.ToDtype
new torchvision.transforms.v2.ToDtype(torch.float32, { scale: true }).forward(
  torch.tensor([[[0, 255]]]).byte(),
);
//= tensor([[[0., 1.]]])

//: vision.transforms.v2.LinearTransformation
new torchvision.transforms.v2.LinearTransformation(torch.eye(4), torch.zeros(4)).forward(torch.ones(1, 2, 2));
//= tensor([[[1., 1.],
//=          [1., 1.]]])

//: vision.transforms.v2.CenterCrop
new torchvision.transforms.v2.CenterCrop(2).forward(torch.arange(48).reshape(3, 4, 4).byte()).index(0);
//= tensor([[ 5,  6],
//=         [ 9, 10]], dtype=torch.uint8)

//: vision.transforms.v2.Pad
new torchvision.transforms.v2.Pad(1, { paddingMode: 'reflect' }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 6, 6]

//: vision.transforms.v2.RandomCrop
new torchvision.transforms.v2.RandomCrop(2).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 2, 2]

//: vision.transforms.v2.RandomErasing
new torchvision.transforms.v2.RandomErasing({ p: 1 }).forward(torch.ones(3, 8, 8)).shape;
//= [3, 8, 8]

//: vision.transforms.v2.FiveCrop
new torchvision.transforms.v2.FiveCrop(2)
  .forward(torch.arange(48).reshape(3, 4, 4).byte())
  .map((crop) => crop.shape);
//= [[3, 2, 2], [3, 2, 2], [3, 2, 2], [3, 2, 2], [3, 2, 2]]

//: vision.transforms.v2.TenCrop
new torchvision.transforms.v2.TenCrop(2).forward(torch.arange(48).reshape(3, 4, 4).byte()).length;
//= 10

//: vision.transforms.v2.RandomResizedCrop
new torchvision.transforms.v2.RandomResizedCrop(2).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 2, 2]

//: vision.transforms.v2.Resize
new torchvision.transforms.v2.Resize([8, 6]).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 8, 6]

//: vision.transforms.v2.ElasticTransform
new torchvision.transforms.v2.ElasticTransform({ alpha: 10, sigma: 0.5 }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 4, 4]

//: vision.transforms.v2.GaussianBlur
new torchvision.transforms.v2.GaussianBlur(3).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 4, 4]

//: vision.transforms.v2.RandomAffine
new torchvision.transforms.v2.RandomAffine(30, { translate: [0.1, 0.1] }).forward(
  torch.arange(48).reshape(3, 4, 4).byte(),
).shape;
//= [3, 4, 4]

//: vision.transforms.v2.RandomPerspective
new torchvision.transforms.v2.RandomPerspective({ p: 1 }).forward(torch.arange(48).reshape(3, 4, 4).byte())
  .shape;
//= [3, 4, 4]

//: vision.transforms.v2.RandomRotation
new torchvision.transforms.v2.RandomRotation(45).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 4, 4]

//: vision.transforms.v2.Transform
class Negative extends torchvision.transforms.v2.Transform {
  transform(x) {
    return x.neg();
  }
}
new Negative().forward(torch.tensor([1, 2]));
//= tensor([-1, -2])

//: vision.transforms.v2.Identity
new torchvision.transforms.v2.Identity().forward(torch.tensor([1, 2]));
//= tensor([1, 2])

//: vision.transforms.v2.ToImage
new torchvision.transforms.v2.ToImage().forward(torch.arange(48).reshape(3, 4, 4).byte()).constructor.name;
//= Image

//: vision.transforms.v2.ToPureTensor
new torchvision.transforms.v2.ToPureTensor().forward(new torchvision.tvTensors.Mask([[1, 0]])).constructor
  .name;
//= Tensor

//: vision.transforms.v2.RGB
new torchvision.transforms.v2.RGB().forward(torch.ones(1, 2, 2)).shape;
//= [3, 2, 2]

//: vision.transforms.v2.JPEG
new torchvision.transforms.v2.JPEG(50).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 4, 4]

//: vision.transforms.v2.GaussianNoise
new torchvision.transforms.v2.GaussianNoise().forward(torch.rand(3, 4, 4)).shape;
//= [3, 4, 4]

//: vision.transforms.v2.RandomChannelPermutation
new torchvision.transforms.v2.RandomChannelPermutation().forward(torch.arange(48).reshape(3, 4, 4).byte())
  .shape;
//= [3, 4, 4]

//: vision.transforms.v2.RandomPhotometricDistort
new torchvision.transforms.v2.RandomPhotometricDistort().forward(torch.arange(48).reshape(3, 4, 4).byte())
  .shape;
//= [3, 4, 4]

//: vision.transforms.v2.RandomResize
new torchvision.transforms.v2.RandomResize(4, 9).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 8, 8]

//: vision.transforms.v2.RandomShortestSize
new torchvision.transforms.v2.RandomShortestSize([8]).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 8, 8]

//: vision.transforms.v2.RandomZoomOut
new torchvision.transforms.v2.RandomZoomOut({ p: 1 }).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 13, 13]

//: vision.transforms.v2.ScaleJitter
new torchvision.transforms.v2.ScaleJitter([8, 8]).forward(torch.arange(48).reshape(3, 4, 4).byte()).shape;
//= [3, 8, 8]

//: vision.transforms.v2.UniformTemporalSubsample
new torchvision.transforms.v2.UniformTemporalSubsample(2)
  .forward(torch.arange(5).reshape(5, 1, 1, 1))
  .flatten();
//= tensor([0, 4])
