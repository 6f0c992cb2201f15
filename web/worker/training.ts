/** Trains the classifier of chapter 4, telling the page how it goes. */
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { TrainingLog } from '../../examples/blitz/training_log.js';
import type { Compiled } from '../snippets/compiled.js';
import { Scope } from '../snippets/scope.js';
import { asInUse } from './as_in_use.js';
import { deeper } from './deeper.js';
import { library } from './library.js';
import type { Prediction, TestResult, TrainingOrder } from './messages.js';
import { Pause } from './pause.js';
import { breakOff, post, turn } from './port.js';

/** So many test images are shown with what the network takes them for. */
const shownImages = 16;
/** The page is told about losses so often, and about images. */
const lossesEvery = 0.1;
const guessesEvery = 1;

/** What is trained, and with what: the definitions of the chapter's source. */
export interface Chapter {
  readonly net: torch.nn.Module & { forward(images: torch.Tensor): torch.Tensor };
  readonly criterion: torch.nn.CrossEntropyLoss;
  readonly optimizer: torch.optim.Optimizer;
  readonly trainloader: AsyncIterable<readonly [torch.Tensor, torch.Tensor]> & { readonly length: number };
  readonly testset: torchvision.datasets.CIFAR10<torch.Tensor>;
}

const seconds = () => performance.now() / 1000;

export class Training {
  private chapter: Chapter | null = null;
  private isStopped = false;
  readonly pause = new Pause();

  async run(order: TrainingOrder, sample: string): Promise<void> {
    this.isStopped = false;
    this.pause.goOn();
    try {
      this.chapter = await prepare(order, sample);
      await this.train(this.chapter, order);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends the training after the step that is going on. */
  stop(): void {
    this.isStopped = true;
    this.pause.goOn();
  }

  async sendWeights(): Promise<void> {
    try {
      const weights: Record<string, torch.Tensor> = {};
      for (const [name, tensor] of Object.entries(this.chapter!.net.stateDict()))
        weights[name] = await (tensor as torch.Tensor).to('cpu').ready();
      post({ kind: 'weights', bytes: (await torch.save(weights)) as Uint8Array<ArrayBuffer> });
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    breakOff(error);
  }

  private async train(chapter: Chapter, { device, epochs }: TrainingOrder): Promise<void> {
    const { net, criterion, optimizer, trainloader, testset } = chapter;
    const images = firstImages(testset);
    const inputs = torch.stack(images).to(device);
    const { data, targets, classes } = testset;
    post({
      kind: 'training',
      device: device === 'webgpu' ? `WebGPU: ${torch.webgpu.getDeviceName()}` : 'WebAssembly',
      stepsPerEpoch: trainloader.length,
      images: {
        data: data.slice(0, images.length * 3072),
        targets: targets.slice(0, images.length),
        classes,
      },
    });

    let pending: torch.Tensor[] = [];
    // Losses are read many at a time: reading one from a GPU waits for all that came before.
    let stretch = 1;
    let toldLosses = seconds();
    let toldGuesses = Number.NEGATIVE_INFINITY;
    const tell = async () => {
      if (pending.length === 0) return;
      const losses = (await torch.stack(pending).tolistAsync()) as number[];
      const now = seconds();
      const secondsPerStep = (now - toldLosses) / losses.length;
      post({ kind: 'losses', losses, secondsPerStep });
      stretch = Math.max(1, Math.min(2 * stretch, Math.floor(lossesEvery / secondsPerStep)));
      pending = [];
      if (now - toldGuesses >= guessesEvery) {
        post({ kind: 'guesses', predictions: await predict(net, inputs) });
        toldGuesses = seconds();
      }
      await this.pause.pass();
      toldLosses = seconds();
    };

    for (let epoch = 1; epoch <= epochs && !this.isStopped; epoch++) {
      for await (const [inputs, labels] of trainloader) {
        optimizer.zeroGrad();
        const loss = criterion.forward(net.forward(inputs.to(device)), labels.to(device));
        loss.backward();
        optimizer.step();
        pending.push(loss.detach());
        if (pending.length >= stretch) await tell();
        if (this.isStopped) break;
      }
    }
    await tell();
    post({ kind: 'guesses', predictions: await predict(net, inputs) });
    const wasStopped = this.isStopped;
    post({ kind: 'testing' });
    post({ kind: 'trained', wasStopped, test: await test(net, testset, device) });
  }
}

async function prepare(order: TrainingOrder, sample: string): Promise<Chapter> {
  if (order.device === 'webgpu') await torch.webgpu.init();
  return order.chapter === null ? deeper(order, sample) : ofChapter(order, order.chapter, sample);
}

/** Runs the chapter's own source up to the optimizer. */
async function ofChapter(
  { device, epochs, batchSize, learningRate, seed, files }: TrainingOrder,
  chapter: readonly Compiled[],
  sample: string,
): Promise<Chapter> {
  const settings = { device, epochs, batchSize, seed, workers: 0, download: false };
  const place = { images: files ?? sample };
  const scope = new Scope({ torch, torchvision, print: () => {}, settings, place, TrainingLog }, library);
  for (const [i, compiled] of chapter.entries()) await scope.run(compiled, i);
  const names = ['net', 'criterion', 'optimizer', 'trainloader', 'testset'];
  const made = Object.fromEntries(names.map((name) => [name, scope.get(name)])) as unknown as Chapter;
  for (const group of made.optimizer.paramGroups) group.lr = learningRate;
  return made;
}

function firstImages(testset: torchvision.datasets.CIFAR10<torch.Tensor>): torch.Tensor[] {
  const count = Math.min(shownImages, testset.length);
  return Array.from({ length: count }, (_, i) => testset.at(i)[0]);
}

async function predict(net: Chapter['net'], inputs: torch.Tensor): Promise<Prediction[]> {
  const { values, indices } = asInUse(net, () => net.forward(inputs).softmax(1).max(1));
  const probabilities = (await values.tolistAsync()) as number[];
  const guesses = (await indices.tolistAsync()) as number[];
  return guesses.map((guess, i) => ({ guess, probability: probabilities[i] }));
}

async function test(net: Chapter['net'], testset: Chapter['testset'], device: string): Promise<TestResult> {
  const correct = testset.classes.map(() => 0);
  const total = testset.classes.map(() => 0);
  const loader = new torch.utils.data.DataLoader(testset, { batchSize: 100 });
  for await (const [images, labels] of loader) {
    const guesses = asInUse(net, () => net.forward(images.to(device)).argmax(1));
    const found = (await guesses.tolistAsync()) as number[];
    for (const [i, label] of (labels.tolist() as number[]).entries()) {
      total[label]++;
      if (found[i] === label) correct[label]++;
    }
    await turn();
  }
  return { correct, total };
}
