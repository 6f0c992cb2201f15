/** `torchvision.datasets`. */
export { Caltech101, Caltech256 } from './caltech.js';
export { CIFAR10, type CIFAR10DownloadOptions, type CIFAR10Options, CIFAR100 } from './cifar.js';
export { type CocoAnnotation, CocoCaptions, CocoDetection, type CocoImage, type CocoIndex } from './coco.js';
export type { DownloadOptions } from './download_options.js';
export { EMNIST } from './emnist.js';
export { FakeData } from './fake_data.js';
export { Flowers102 } from './flowers102.js';
export { DatasetFolder, type FolderLoader, type FolderSample, ImageFolder } from './folder.js';
export { Food101 } from './food101.js';
export { FashionMNIST, KMNIST, MNIST, type MNISTOptions } from './mnist.js';
export { OxfordIIITPet } from './oxford_pets.js';
export { QMNIST } from './qmnist.js';
export { STL10 } from './stl10.js';
export { SVHN } from './svhn.js';
export { USPS } from './usps.js';
export { type TargetKeys, wrapDatasetForTransformsV2 } from './v2_wrapping.js';
export { VisionDataset, type VisionOptions } from './vision.js';
export { type VOCAnnotation, VOCDetection, VOCSegmentation, type VOCValue } from './voc.js';
