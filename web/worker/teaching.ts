/** Fine-tunes ResNet-18 on a visitor's pictures, and recognizes others with it. */
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { type Batches, fineTune } from '../../examples/transfer/fine_tuning.js';
import { makeModel } from '../../examples/transfer/model.js';
import { augmented, normalized } from '../../examples/transfer/preparation.js';
import { pictureSide, type TeachingOrder } from './messages.js';
import { breakOff, post, turn } from './port.js';

const { DataLoader, Dataset } = torch.utils.data;

/** Pictures reach the network in this size. */
const inputSide = 64;
const learningRate = 0.02;
/** With few pictures batches are small, so that an epoch has some steps. */
const [leastInABatch, mostInABatch, stepsOfFew] = [4, 16, 8];
/** Of a class, every so many pictures one is kept apart to validate. */
const validationEvery = 5;
const pictureBytes = 4 * pictureSide ** 2;
/** The page is told about losses so often, in seconds. */
const tellEvery = 0.1;

type Sample = [picture: torchvision.Image, label: number];

/** Pictures and their classes, transformed anew each time they are asked for. */
class Pictures extends Dataset<[torch.Tensor, number]> {
  constructor(
    private readonly samples: readonly Sample[],
    private readonly transform: { forward(picture: torchvision.Image): torch.Tensor },
  ) {
    super();
  }

  get length(): number {
    return this.samples.length;
  }

  override at(index: number): [torch.Tensor, number] {
    const [picture, label] = this.samples[index];
    return [this.transform.forward(picture), label];
  }
}

export class Teaching {
  private best: torchvision.models.ResNet | null = null;
  private classes: readonly string[] = [];
  private accuracy = 0;
  private epoch = 0;
  private isStopped = false;
  private readonly look = normalized(inputSide);

  async run(order: TeachingOrder): Promise<void> {
    this.isStopped = false;
    this.best = null;
    try {
      await this.train(order);
    } catch (error) {
      breakOff(error);
    }
  }

  /** Ends the training after the step that is going on. */
  stop(): void {
    this.isStopped = true;
  }

  /** Tells how likely each class is for a picture. */
  async recognize(picture: Uint8Array): Promise<void> {
    const { best } = this;
    if (best === null) return;
    const input = this.look.forward(imageOf(picture)).unsqueeze(0);
    const probabilities = torch.noGrad(() => best.forward(input).softmax(1).index(0));
    post({ kind: 'recognized', probabilities: (await probabilities.tolistAsync()) as number[] });
  }

  async sendWeights(): Promise<void> {
    try {
      const { classes, accuracy, epoch } = this;
      const model = this.best!.stateDict();
      const bytes = await torch.save({ epoch, accuracy, classes, model });
      post({ kind: 'weights', bytes: bytes as Uint8Array<ArrayBuffer> });
    } catch (error) {
      breakOff(error);
    }
  }

  private async train({ classes, epochs, seed, weights }: TeachingOrder): Promise<void> {
    this.classes = classes.map(({ name }) => name);
    torch.manualSeed(seed);
    const [train, validation] = split(classes);
    const model = makeModel(classes.length, weights === null ? null : await torch.load(weights), false);
    const batchSize = Math.max(leastInABatch, Math.min(mostInABatch, Math.floor(train.length / stepsOfFew)));
    const trainloader = new DataLoader(new Pictures(train, augmented(inputSide)), {
      batchSize,
      shuffle: true,
      // A last batch of one picture has no variance for batch norms.
      dropLast: train.length % batchSize === 1,
    });
    const valloader: Batches = new DataLoader(new Pictures(validation, this.look), { batchSize });
    post({
      kind: 'teaching',
      stepsPerEpoch: trainloader.length,
      counts: [train.length, validation.length],
    });

    let losses: number[] = [];
    let told = performance.now();
    const tell = () => {
      if (losses.length === 0) return;
      const now = performance.now();
      post({ kind: 'losses', losses, secondsPerStep: (now - told) / 1000 / losses.length });
      [losses, told] = [[], now];
    };
    const plan = { model, train: trainloader, validation: valloader, epochs, learningRate, device: 'cpu' };
    for await (const event of fineTune(plan)) {
      if (event.kind === 'step') {
        losses.push(event.loss);
        if (performance.now() - told > 1000 * tellEvery) tell();
      } else {
        tell();
        const { epoch, accuracy } = event;
        const isBest = this.best === null || accuracy >= this.accuracy;
        // The averages go on changing: what is best is a copy.
        if (isBest)
          [this.best, this.accuracy, this.epoch] = [torch.deepcopy(event.averages), accuracy, epoch];
        post({ kind: 'epoch', epoch, accuracy, isBest });
        told = performance.now();
      }
      await turn();
      if (this.isStopped) break;
    }
    // Who stops within the first epoch has the network as it is.
    if (this.best === null) this.best = model.eval();
    post({ kind: 'taught', wasStopped: this.isStopped, best: this.accuracy });
  }
}

function imageOf(rgba: Uint8Array): torchvision.Image {
  return torchvision.Image.fromInterleaved(rgba, pictureSide, pictureSide, 4).convert('RGB');
}

/** Pictures to train with, and others to validate; where there are too few for that, the same. */
function split(classes: TeachingOrder['classes']): [train: Sample[], validation: Sample[]] {
  const [train, validation]: [Sample[], Sample[]] = [[], []];
  for (const [label, { pictures }] of classes.entries()) {
    const count = pictures.length / pictureBytes;
    for (let i = 0; i < count; i++) {
      const sample: Sample = [imageOf(pictures.subarray(i * pictureBytes, (i + 1) * pictureBytes)), label];
      (i % validationEvery === validationEvery - 1 ? validation : train).push(sample);
    }
  }
  return [train, validation.length === 0 ? train : validation];
}
