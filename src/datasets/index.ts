/** `torch.datasets`: torchvision's data sets of those names. */
export { CIFAR10, type CIFAR10DownloadOptions, type CIFAR10Options } from './cifar.js';
