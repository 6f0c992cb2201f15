/** `npm run transfer`: fine-tunes ResNet-18 on a folder of images. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import * as torch from 'flambeau';
import { SummaryWriter } from 'flambeau/tensorboard';
import * as torchvision from 'flambeau/vision';
import { drawPredictions, drawTrainingCurve } from '../blitz/pictures.js';
import { runCommand, startDevice, UsageError } from '../command_line.js';
import { readArguments, type Settings, usage } from './arguments.js';
import { fineTune } from './fine_tuning.js';
import { makeImages } from './made_images.js';
import { type Checkpoint, makeModel } from './model.js';
import { augmented, normalized, plain } from './preparation.js';

const { transforms } = torchvision;
const { ImageFolder } = torchvision.datasets;
const { DataLoader } = torch.utils.data;

async function dataFolder({ data, out, perClass }: Settings): Promise<string> {
  if (data === null) {
    const made = `${out}/images`;
    rmSync(made, { recursive: true, force: true });
    await makeImages(made, perClass);
    return made;
  }
  for (const name of ['train', 'val'])
    if (!existsSync(`${data}/${name}`))
      throw new UsageError(
        `--data ${data}: there is no folder '${name}' in it, with a folder of images for each class`,
      );
  return data;
}

async function readWeights(path: string | null): Promise<unknown> {
  if (path === null) return null;
  if (!existsSync(path)) throw new UsageError(`--weights ${path}: there is no such file`);
  return torch.load(readFileSync(path));
}

async function main(settings: Settings): Promise<void> {
  const { size, batchSize, epochs, learningRate, workers: numWorkers, seed, device, out } = settings;
  await startDevice(device);
  mkdirSync(out, { recursive: true });
  const weights = await readWeights(settings.weights);
  const folder = await dataFolder(settings);

  const trainset = new ImageFolder(`${folder}/train`, { transform: augmented(size) });
  const valset = new ImageFolder(`${folder}/val`, { transform: normalized(size) });
  const { classes } = trainset;
  if (classes.join() !== valset.classes.join())
    throw new UsageError(
      `${folder}: the classes in 'train' (${classes.join(', ')}) and in 'val' (${valset.classes.join(', ')}) differ`,
    );
  console.log(`${trainset.length} images to train, ${valset.length} to validate: ${classes.join(', ')}`);

  torch.manualSeed(seed);
  const model = makeModel(classes.length, weights, settings.freeze);
  const trained = [...model.parameters()].filter((parameter) => parameter.requiresGrad);
  const count = trained.reduce((sum, parameter) => sum + parameter.numel(), 0);
  console.log(
    `ResNet-18 ${settings.weights === null ? 'from scratch' : `with ${settings.weights}`}: ${count.toLocaleString('en')} parameters to train`,
  );

  // Batch norms need two images at least.
  const train = new DataLoader(trainset, { batchSize, shuffle: true, numWorkers, dropLast: true });
  const validation = new DataLoader(valset, { batchSize, numWorkers });
  if (train.length === 0)
    throw new UsageError(`--batch-size ${batchSize}: there are but ${trainset.length} images to train with`);

  const log = new SummaryWriter(`${out}/log`);
  const losses: number[] = [];
  let best: Checkpoint | null = null;
  let predictions: readonly number[] = [];
  const begin = () =>
    torch.utils.ProgressBar.start(train.length, {
      description: `epoch ${1 + Math.floor(losses.length / train.length)}/${epochs}`,
      unit: 'step',
    });
  let progress = await begin();
  for await (const told of fineTune({ model, train, validation, epochs, learningRate, device })) {
    if (told.kind === 'step') {
      losses.push(told.loss);
      log.addScalar('loss/train', told.loss, told.step);
      log.addScalar('learning rate', told.learningRate, told.step);
      progress.advance(1, { loss: told.loss.toFixed(3) });
      continue;
    }
    progress.stop();
    const { epoch, loss, accuracy, ownAccuracy, averages } = told;
    log.addScalar('loss/validation', loss, losses.length);
    log.addScalars('accuracy', { averages: accuracy, network: ownAccuracy }, losses.length);
    console.log(
      `validation: loss ${loss.toFixed(3)}, accuracy ${percent(accuracy)} (averages), ${percent(ownAccuracy)} (network)`,
    );
    if (best === null || accuracy > best.accuracy) {
      predictions = told.predictions;
      best = { epoch, accuracy, classes, model: averages.stateDict() };
      await torch.save(best, `${out}/best.pt`);
    }
    if (epoch < epochs) progress = await begin();
  }
  console.log(`\nBest after epoch ${best!.epoch}: ${percent(best!.accuracy)}. Saved as ${out}/best.pt`);

  const shown = await picturesOf(new ImageFolder(`${folder}/val`, { transform: plain(size) }), predictions);
  drawTrainingCurve(`${out}/training_curve.png`, losses, train.length, 'Training loss of ResNet-18');
  drawPredictions(`${out}/predictions.png`, { ...shown, classes }, shown.predictions);
  log.addImage(
    'predictions',
    await torchvision.Image.open(`${out}/predictions.png`).then(asTensor),
    losses.length,
  );
  await log.close();
  console.log(
    `Drawn in ${out}/training_curve.png and ${out}/predictions.png; log for TensorBoard in ${out}/log`,
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

const asTensor = (image: torchvision.Image) => transforms.functional.pilToTensor(image.convert('RGB'));

/** Some images of all classes, with what the network takes them for. */
async function picturesOf(
  set: torchvision.datasets.ImageFolder<torch.Tensor>,
  predictions: readonly number[],
): Promise<{ data: Uint8Array; targets: Uint8Array; predictions: number[] }> {
  const shown = 32;
  const indices = Array.from({ length: Math.min(shown, set.length) }, (_, i) =>
    Math.floor((i * set.length) / Math.min(shown, set.length)),
  );
  const images = await Promise.all(indices.map((i) => set.at(i)));
  const pixels = torch
    .stack(images.map(([image]) => image))
    .mul(255)
    .round()
    .to(torch.uint8);
  return {
    data: pixels.numpy().data as Uint8Array,
    targets: Uint8Array.from(images, ([, label]) => label),
    predictions: indices.map((i) => predictions[i]),
  };
}

await runCommand(usage, async (args) => {
  const settings = readArguments(args);
  if (settings === null) console.log(usage);
  else await main(settings);
});
