/** Images with labels, as tensors. */
import * as torch from 'flambeau';
import type { DatasetSource } from 'flambeau/vision';
import * as torchvision from 'flambeau/vision';

export interface Images {
  /** [images, channels, side, side]. */
  readonly pixels: torch.Tensor;
  readonly labels: torch.Tensor;
}

export interface ImageSets {
  readonly training: Images;
  readonly test: Images;
}

/** Mean and deviation of MNIST's dots. */
const [digitMean, digitDeviation] = [0.1307, 0.3081];

/** Reads MNIST's digits, and halves their sides: 14 × 14 dots, each the mean of four. The sample's are as small already. */
export async function readDigits(source: DatasetSource): Promise<ImageSets> {
  const read = async (train: boolean): Promise<Images> => {
    const { data, targets } = await torchvision.datasets.MNIST.open(source, { train });
    const pixels = data.unsqueeze(1).float().div(255).sub(digitMean).div(digitDeviation);
    return {
      pixels: pixels.shape[3] === 28 ? torch.nn.functional.avgPool2d(pixels, 2) : pixels,
      labels: targets,
    };
  };
  return { training: await read(true), test: await read(false) };
}

/** Reads CIFAR-10's photographs, with means of 0 and deviations of 1 in each colour. */
export async function readPhotographs(source: DatasetSource): Promise<ImageSets> {
  const read = async (train: boolean): Promise<Images> => {
    const { data, targets } = await torchvision.datasets.CIFAR10.open(source, { train });
    const pixels = torch
      .fromNumpy({ data, shape: [targets.length, 3, 32, 32] })
      .float()
      .div(255);
    return { pixels, labels: torch.fromNumpy(targets).long() };
  };
  const [training, test] = [await read(true), await read(false)];
  const mean = training.pixels.mean([0, 2, 3], { keepdim: true });
  const deviation = training.pixels.std([0, 2, 3], { keepdim: true });
  const normalized = ({ pixels, labels }: Images) => ({ pixels: pixels.sub(mean).div(deviation), labels });
  return { training: normalized(training), test: normalized(test) };
}

/** So many random images. */
export function some({ pixels, labels }: Images, count: number): Images {
  const chosen = torch.randperm(labels.shape[0]).index(`:${count}`);
  return { pixels: pixels.index(chosen), labels: labels.index(chosen) };
}

/** The share of images that are recognized, as the score that it is. */
export function accuracy(logits: torch.Tensor, labels: torch.Tensor): { readonly accuracy: number } {
  return { accuracy: 100 * logits.argmax(1).eq(labels).float().mean().item() };
}
