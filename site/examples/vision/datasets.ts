//: vision.datasets.Caltech101, vision.datasets.Caltech256, vision.datasets.CIFAR10, vision.datasets.CIFAR100, vision.datasets.Flowers102, vision.datasets.Food101, vision.datasets.FashionMNIST, vision.datasets.KMNIST, vision.datasets.MNIST, vision.datasets.OxfordIIITPet, vision.datasets.QMNIST, vision.datasets.STL10, vision.datasets.SVHN, vision.datasets.USPS, vision.datasets.VOCDetection, vision.datasets.VOCSegmentation by NAME
// `await torchvision.datasets.NAME.open('data', { download: true })` fetches what is not there.
try {
  new torchvision.datasets.NAME('no such folder');
} catch (error) {
  console.log(error.name);
}

//: vision.datasets.FakeData, vision.datasets.VisionDataset
const data = new torchvision.datasets.FakeData({
  size: 4,
  imageSize: [3, 8, 8],
  transform: new torchvision.transforms.ToTensor(),
});
const [image, label] = data.at(0);
console.log(image.shape);
data.length;
//= [3, 8, 8]
//= 4

//: vision.datasets.EMNIST
try {
  new torchvision.datasets.EMNIST('no such folder', 'letters');
} catch (error) {
  console.log(error.name);
}
//= RuntimeError

//: vision.datasets.ImageFolder, vision.datasets.DatasetFolder
// One folder for each class: photos/cat/1.png, photos/dog/7.png.
try {
  new torchvision.datasets.ImageFolder('no such folder');
} catch (error) {
  console.log(error.name);
}
//= Error

//: vision.datasets.CocoDetection, vision.datasets.CocoCaptions by NAME
try {
  new torchvision.datasets.NAME('images', 'annotations.json');
} catch (error) {
  console.log(error instanceof Error);
}

//: vision.datasets.wrapDatasetForTransformsV2
const data = new torchvision.datasets.FakeData({ size: 2 });
try {
  torchvision.datasets.wrapDatasetForTransformsV2(data);
} catch (error) {
  console.log(error.name);
}
//= TypeError
