//: vision.transforms.v2.functional.getDimensions, vision.transforms.v2.functional.getImageSize, vision.transforms.v2.functional.getImageNumChannels, vision.transforms.v2.functional.getNumChannels, vision.transforms.v2.functional.getSize, vision.transforms.v2.functional.hflip, vision.transforms.v2.functional.vflip, vision.transforms.v2.functional.horizontalFlip, vision.transforms.v2.functional.verticalFlip, vision.transforms.v2.functional.invert, vision.transforms.v2.functional.autocontrast, vision.transforms.v2.functional.equalize, vision.transforms.v2.functional.rgbToGrayscale, vision.transforms.v2.functional.toPilImage by NAME
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.NAME(image);

//: vision.transforms.v2.functional.crop
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.crop(image, 1, 1, 2, 2);
//= tensor([[[ 5,  6],
//=          [ 9, 10]],
//=
//=         [[21, 22],
//=          [25, 26]],
//=
//=         [[37, 38],
//=          [41, 42]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.pad
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.pad(image, 1);
//= tensor([[[ 0,  0,  0,  0,  0,  0],
//=          [ 0,  0,  1,  2,  3,  0],
//=          [ 0,  4,  5,  6,  7,  0],
//=          [ 0,  8,  9, 10, 11,  0],
//=          [ 0, 12, 13, 14, 15,  0],
//=          [ 0,  0,  0,  0,  0,  0]],
//=
//=         [[ 0,  0,  0,  0,  0,  0],
//=          [ 0, 16, 17, 18, 19,  0],
//=          [ 0, 20, 21, 22, 23,  0],
//=          [ 0, 24, 25, 26, 27,  0],
//=          [ 0, 28, 29, 30, 31,  0],
//=          [ 0,  0,  0,  0,  0,  0]],
//=
//=         [[ 0,  0,  0,  0,  0,  0],
//=          [ 0, 32, 33, 34, 35,  0],
//=          [ 0, 36, 37, 38, 39,  0],
//=          [ 0, 40, 41, 42, 43,  0],
//=          [ 0, 44, 45, 46, 47,  0],
//=          [ 0,  0,  0,  0,  0,  0]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.resize, vision.transforms.v2.functional.centerCrop, vision.transforms.v2.functional.fiveCrop, vision.transforms.v2.functional.tenCrop by NAME
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.NAME(image, [2, 2]);

//: vision.transforms.v2.functional.resizedCrop
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.resizedCrop(image, 0, 0, 2, 2, [4, 4]);
//= tensor([[[ 0,  0,  1,  1],
//=          [ 1,  1,  2,  2],
//=          [ 3,  3,  4,  4],
//=          [ 4,  4,  5,  5]],
//=
//=         [[16, 16, 17, 17],
//=          [17, 17, 18, 18],
//=          [19, 19, 20, 20],
//=          [20, 20, 21, 21]],
//=
//=         [[32, 32, 33, 33],
//=          [33, 33, 34, 34],
//=          [35, 35, 36, 36],
//=          [36, 36, 37, 37]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.adjustBrightness, vision.transforms.v2.functional.adjustContrast, vision.transforms.v2.functional.adjustSaturation, vision.transforms.v2.functional.adjustGamma, vision.transforms.v2.functional.adjustSharpness, vision.transforms.v2.functional.posterize by NAME
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.NAME(image, 2);

//: vision.transforms.v2.functional.adjustHue
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.adjustHue(image, 0.2);
//= tensor([[[22, 23, 24, 25],
//=          [26, 27, 28, 29],
//=          [30, 31, 32, 33],
//=          [34, 35, 36, 37]],
//=
//=         [[ 0,  1,  2,  3],
//=          [ 4,  5,  6,  7],
//=          [ 8,  9, 10, 11],
//=          [12, 13, 14, 15]],
//=
//=         [[32, 33, 34, 35],
//=          [36, 37, 38, 39],
//=          [40, 41, 42, 43],
//=          [44, 45, 46, 47]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.solarize
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.solarize(image, 30);
//= tensor([[[  0,   1,   2,   3],
//=          [  4,   5,   6,   7],
//=          [  8,   9,  10,  11],
//=          [ 12,  13,  14,  15]],
//=
//=         [[ 16,  17,  18,  19],
//=          [ 20,  21,  22,  23],
//=          [ 24,  25,  26,  27],
//=          [ 28,  29, 225, 224]],
//=
//=         [[223, 222, 221, 220],
//=          [219, 218, 217, 216],
//=          [215, 214, 213, 212],
//=          [211, 210, 209, 208]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.rotate
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.rotate(image, 90);
//= tensor([[[ 3,  7, 11, 15],
//=          [ 2,  6, 10, 14],
//=          [ 1,  5,  9, 13],
//=          [ 0,  4,  8, 12]],
//=
//=         [[19, 23, 27, 31],
//=          [18, 22, 26, 30],
//=          [17, 21, 25, 29],
//=          [16, 20, 24, 28]],
//=
//=         [[35, 39, 43, 47],
//=          [34, 38, 42, 46],
//=          [33, 37, 41, 45],
//=          [32, 36, 40, 44]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.affine
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.affine(image, 0, [1, 0], 1, [0, 0]);
//= tensor([[[ 0,  0,  1,  2],
//=          [ 0,  4,  5,  6],
//=          [ 0,  8,  9, 10],
//=          [ 0, 12, 13, 14]],
//=
//=         [[ 0, 16, 17, 18],
//=          [ 0, 20, 21, 22],
//=          [ 0, 24, 25, 26],
//=          [ 0, 28, 29, 30]],
//=
//=         [[ 0, 32, 33, 34],
//=          [ 0, 36, 37, 38],
//=          [ 0, 40, 41, 42],
//=          [ 0, 44, 45, 46]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.perspective
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.perspective(
  image,
  [
    [0, 0],
    [3, 0],
    [3, 3],
    [0, 3],
  ],
  [
    [0, 0],
    [2, 0],
    [2, 2],
    [0, 2],
  ],
);
//= tensor([[[ 1,  3,  3,  0],
//=          [ 7,  9,  8,  0],
//=          [ 9, 10,  8,  0],
//=          [ 0,  0,  0,  0]],
//=
//=         [[17, 19, 15,  0],
//=          [23, 25, 20,  0],
//=          [21, 22, 17,  0],
//=          [ 0,  0,  0,  0]],
//=
//=         [[33, 35, 27,  0],
//=          [39, 41, 32,  0],
//=          [33, 34, 26,  0],
//=          [ 0,  0,  0,  0]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.gaussianBlur
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.gaussianBlur(image, [3, 3]);
//= tensor([[[ 2,  3,  4,  4],
//=          [ 4,  5,  6,  7],
//=          [ 8,  9, 10, 11],
//=          [11, 11, 12, 13]],
//=
//=         [[18, 19, 20, 20],
//=          [20, 21, 22, 23],
//=          [24, 25, 26, 27],
//=          [27, 27, 28, 29]],
//=
//=         [[34, 35, 36, 36],
//=          [36, 37, 38, 39],
//=          [40, 41, 42, 43],
//=          [43, 43, 44, 45]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.erase
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.erase(image, 0, 0, 2, 2, torch.zeros(1).byte());
//= tensor([[[ 0,  0,  2,  3],
//=          [ 0,  0,  6,  7],
//=          [ 8,  9, 10, 11],
//=          [12, 13, 14, 15]],
//=
//=         [[ 0,  0, 18, 19],
//=          [ 0,  0, 22, 23],
//=          [24, 25, 26, 27],
//=          [28, 29, 30, 31]],
//=
//=         [[ 0,  0, 34, 35],
//=          [ 0,  0, 38, 39],
//=          [40, 41, 42, 43],
//=          [44, 45, 46, 47]]], dtype=torch.uint8)

//: vision.transforms.v2.functional.elasticTransform, vision.transforms.v2.functional.elastic by NAME
const image = torch.arange(48).reshape(3, 4, 4).byte();
torchvision.transforms.v2.functional.NAME(image, torch.zeros(1, 4, 4, 2));
