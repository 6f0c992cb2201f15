/** A network that learns more from the sample than the chapter's: three convolutions with batch norms, and images that are never twice the same. */
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import type { TrainingOrder } from './messages.js';
import type { Chapter } from './training.js';

const { nn } = torch;

/** Images are shifted by so many dots each way, at most. */
const shift = 4;
/** The learning rate rises for such a share of all steps, and then falls to nothing. */
const warmUp = 0.2;

const block = (from: number, to: number) => [
  new nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(to),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
];

/** Makes what a training of CIFAR-10 needs. */
export async function deeper(order: TrainingOrder, sample: string): Promise<Chapter> {
  const { device, epochs, batchSize, learningRate, seed, files } = order;
  const { transforms } = torchvision;
  const half = [0.5, 0.5, 0.5];
  const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize(half, half)]);
  const open = (train: boolean) => torchvision.datasets.CIFAR10.open(files ?? sample, { train, transform });
  const [trainset, testset] = [await open(true), await open(false)];
  torch.manualSeed(seed);
  const net = new nn.Sequential(
    ...block(3, 16),
    ...block(16, 32),
    ...block(32, 64),
    new nn.Flatten(),
    new nn.Linear(64 * 4 * 4, 10),
  ).to(device);
  const optimizer = new torch.optim.SGD(net.parameters(), {
    lr: learningRate,
    momentum: 0.9,
    nesterov: true,
    weightDecay: 5e-4,
  });
  const length = Math.ceil(trainset.length / batchSize);
  const rate = { total: epochs * length, done: 0, highest: learningRate };
  const { data, targets } = trainset;
  const images = torch.fromNumpy({ data, shape: [targets.length, 3, 32, 32] });
  const labels = torch.fromNumpy(targets).long();
  return {
    net,
    criterion: new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }),
    optimizer,
    testset,
    trainloader: {
      length,
      async *[Symbol.asyncIterator]() {
        for (const chosen of torch.randperm(targets.length).split(batchSize)) {
          optimizer.paramGroups[0].lr = rateOf(rate);
          rate.done++;
          yield [varied(images.index(chosen)), labels.index(chosen)] as const;
        }
      },
    },
  };
}

/** A rate that rises in a line, and falls as a cosine. */
const rateOf = ({ total, done, highest }: { total: number; done: number; highest: number }): number =>
  (highest * Math.min(1, (done + 1) / (warmUp * total)) * (1 + Math.cos((Math.PI * done) / total))) / 2;

/** Bytes as numbers from −1 to 1: a batch that is shifted, and of which half of the images are mirrored. */
function varied(bytes: torch.Tensor): torch.Tensor {
  const padded = nn.functional.pad(bytes.float().div(127.5).sub(1), [shift, shift, shift, shift]);
  const [down, right] = torch.randint(2 * shift + 1, [2]).tolist() as number[];
  const shifted = padded.narrow(2, down, 32).narrow(3, right, 32);
  const isMirrored = torch.rand(bytes.shape[0], 1, 1, 1).lt(0.5);
  return torch.where(isMirrored, shifted.flip(3), shifted);
}
