/** `torchvision.datasets`. */
export { CIFAR10, type CIFAR10DownloadOptions, type CIFAR10Options } from './cifar.js';
export type { DownloadOptions } from './download_options.js';
export { FakeData } from './fake_data.js';
export { DatasetFolder, type FolderLoader, type FolderSample, ImageFolder } from './folder.js';
export { FashionMNIST, MNIST, type MNISTOptions } from './mnist.js';
export { VisionDataset, type VisionOptions } from './vision.js';
