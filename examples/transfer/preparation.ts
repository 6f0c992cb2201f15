/** How pictures become what the network takes. */
import * as torchvision from 'flambeau/vision';

const { transforms } = torchvision;

/** Normalizes as ImageNet's images are, which the public weights are used to. */
const normalize = () => new transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

/** Each time a picture is seen, another part of it is, mirrored or not, in somewhat other colours. */
export const augmented = (size: number) =>
  new transforms.Compose([
    new transforms.RandomResizedCrop(size, { scale: [0.6, 1] }),
    new transforms.RandomHorizontalFlip(),
    new transforms.ColorJitter(0.2, 0.2, 0.2),
    new transforms.ToTensor(),
    normalize(),
  ]);

/** The middle of a picture, with values from 0 to 1. */
export const plain = (size: number) =>
  new transforms.Compose([
    new transforms.Resize(size),
    new transforms.CenterCrop(size),
    new transforms.ToTensor(),
  ]);

/** The middle of a picture, as the network takes it. */
export const normalized = (size: number) => new transforms.Compose([plain(size), normalize()]);
