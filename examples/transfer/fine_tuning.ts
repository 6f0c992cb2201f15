/** Fine-tuning of a classifier, step by step, for a terminal and for a page. */
import * as torch from 'flambeau';

const { getEmaMultiAvgFn, AveragedModel } = torch.optim.swaUtils;
const F = torch.nn.functional;

type Batch = readonly [images: torch.Tensor, labels: torch.Tensor];
type Classifier = torch.nn.Module & { forward(images: torch.Tensor): torch.Tensor };

/** Batches that can be gone through again and again, as a `DataLoader` gives them. */
export interface Batches extends AsyncIterable<Batch> {
  readonly length: number;
}

/** A training: the network, its batches, and how it goes. */
export interface Plan<Model extends Classifier> {
  readonly model: Model;
  readonly train: Batches;
  readonly validation: Batches;
  readonly epochs: number;
  /** The largest learning rate, reached after a fifth of the steps. */
  readonly learningRate: number;
  readonly device: string;
}

/** A training step that was taken. */
export interface Step {
  readonly kind: 'step';
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
}

/** An epoch that has ended. Accuracies and the loss are those of the averages, on the validation images. */
export interface Epoch<Model> {
  readonly kind: 'epoch';
  readonly epoch: number;
  readonly loss: number;
  /** The share of images that are recognized. */
  readonly accuracy: number;
  /** Of the weights that are being trained. */
  readonly ownAccuracy: number;
  readonly predictions: readonly number[];
  readonly averages: Model;
}

/** Steps over which weights are averaged, as a share of all. */
const AVERAGED_SHARE = 0.1;

/** Trains, and tells of each step and each epoch. */
export async function* fineTune<Model extends Classifier>(
  plan: Plan<Model>,
): AsyncGenerator<Step | Epoch<Model>> {
  const { train, validation, epochs, learningRate, device } = plan;
  const model = plan.model.to(device);
  const steps = epochs * train.length;
  const parameters = [...model.parameters()].filter((parameter) => parameter.requiresGrad);
  const optimizer = new torch.optim.SGD(parameters, { lr: learningRate, momentum: 0.9, weightDecay: 1e-4 });
  const scheduler = new torch.optim.lrScheduler.OneCycleLR(optimizer, learningRate, {
    totalSteps: steps,
    pctStart: 0.2,
  });
  const decay = 1 - 1 / Math.max(1, AVERAGED_SHARE * steps);
  const averages = new AveragedModel(model, { multiAvgFn: getEmaMultiAvgFn(decay), useBuffers: true });

  let step = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    model.train();
    for await (const [images, labels] of train) {
      optimizer.zeroGrad();
      const loss = F.crossEntropy(model.forward(images.to(device)), labels.to(device), {
        labelSmoothing: 0.1,
      });
      loss.backward();
      const [rate] = scheduler.getLastLr() as number[];
      optimizer.step();
      scheduler.step();
      averages.updateParameters(model);
      yield { kind: 'step', step: ++step, epoch, loss: await loss.itemAsync(), learningRate: rate };
    }
    const own = await evaluate(model, validation, device);
    const { loss, accuracy, predictions } = await evaluate(averages.module, validation, device);
    yield {
      kind: 'epoch',
      epoch,
      loss,
      accuracy,
      ownAccuracy: own.accuracy,
      predictions,
      averages: averages.module,
    };
  }
}

/** How a classifier does on images that it has not been trained with. */
export interface Evaluation {
  readonly loss: number;
  readonly accuracy: number;
  readonly predictions: readonly number[];
}

export async function evaluate(model: Classifier, batches: Batches, device: string): Promise<Evaluation> {
  model.eval();
  const predictions: number[] = [];
  let [loss, right, count] = [0, 0, 0];
  await torch.noGrad(async () => {
    for await (const [images, labels] of batches) {
      const outputs = model.forward(images.to(device));
      const guesses = outputs.argmax(1);
      const target = labels.to(device);
      loss += await F.crossEntropy(outputs, target, { reduction: 'sum' }).itemAsync();
      right += await guesses.eq(target).sum().itemAsync();
      predictions.push(...((await guesses.tolistAsync()) as number[]));
      count += labels.shape[0];
    }
  });
  return { loss: loss / count, accuracy: right / count, predictions };
}
