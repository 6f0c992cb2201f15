/** Chapter 4: a classifier for the images of CIFAR-10. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import type { Settings } from './arguments.js';
import type { Notebook } from './notebook.js';
import { TrainingLog } from './training_log.js';

const { nn, transforms } = torch;
const { CIFAR10 } = torch.datasets;
const { DataLoader } = torch.utils.data;
const F = torch.nn.functional;

const sample = fileURLToPath(new URL('../../../examples/blitz/data', import.meta.url));

export async function classifier({ section, print }: Notebook, settings: Settings): Promise<void> {
  section('load and normalize CIFAR10');
  const { batchSize, epochs, seed, device, workers: numWorkers, out } = settings;
  const transform = new transforms.Compose([
    new transforms.ToTensor(),
    new transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
  ]);

  const root = settings.data ?? sample;
  if (settings.download) await CIFAR10.download(root, { progress: true });
  const trainset = new CIFAR10(root, { train: true, transform });
  const trainloader = new DataLoader(trainset, { batchSize, shuffle: true, numWorkers });
  const testset = new CIFAR10(root, { train: false, transform });
  const testloader = new DataLoader(testset, { batchSize, shuffle: false, numWorkers });
  const { classes } = testset;
  print(`${trainset.length} images to train, ${testset.length} to test: ${classes.join(', ')}`);

  section('define a convolutional neural network');
  class Net extends nn.Module {
    conv1 = new nn.Conv2d(3, 6, 5);
    pool = new nn.MaxPool2d(2, 2);
    conv2 = new nn.Conv2d(6, 16, 5);
    fc1 = new nn.Linear(16 * 5 * 5, 120);
    fc2 = new nn.Linear(120, 84);
    fc3 = new nn.Linear(84, 10);

    override forward(input: torch.Tensor): torch.Tensor {
      let x = this.pool.forward(F.relu(this.conv1.forward(input)));
      x = this.pool.forward(F.relu(this.conv2.forward(x)));
      x = torch.flatten(x, 1); // flatten all dimensions except batch
      x = F.relu(this.fc1.forward(x));
      x = F.relu(this.fc2.forward(x));
      return this.fc3.forward(x);
    }
  }

  torch.manualSeed(seed);
  const net = new Net().to(device);
  print(net);

  section('define a loss function and optimizer');
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.001, momentum: 0.9 });

  section('train the network');
  const log = new TrainingLog(net.stateDict(), seed);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    log.beginEpoch();
    const description = `epoch ${epoch}/${epochs}`;
    const progress = await torch.utils.ProgressBar.start(trainloader.length, { description, unit: 'step' });
    for await (const [inputs, labels] of trainloader) {
      optimizer.zeroGrad();
      const outputs = net.forward(inputs.to(device));
      const loss = criterion.forward(outputs, labels.to(device));
      loss.backward();
      optimizer.step();
      log.step(loss.item(), labels);
      if (log.losses.length % 50 === 0) progress.advance(50, { loss: log.recentLoss().toFixed(3) });
    }
    progress.set(trainloader.length, { loss: log.recentLoss().toFixed(3) });
    progress.stop();
  }
  log.end();
  print('Finished Training');

  section('save and load the weights');
  mkdirSync(out, { recursive: true });
  await torch.save(net.stateDict(), `${out}/cifar_net.pt`); // Python's torch.load reads it, too
  const trained = new Net();
  const loaded = (await torch.load(`${out}/cifar_net.pt`)) as torch.nn.StateDict;
  print(trained.loadStateDict(loaded));

  section('test the network');
  const predictions: number[] = [];
  await torch.noGrad(async () => {
    for await (const [images] of testloader) {
      const outputs = trained.forward(images);
      // the class with the highest energy is what we choose as prediction
      predictions.push(...(outputs.argmax(1).tolist() as number[]));
    }
  });

  const correct = classes.map(() => 0);
  const total = classes.map(() => 0);
  for (const [i, label] of testset.targets.entries()) {
    total[label]++;
    if (predictions[i] === label) correct[label]++;
  }
  const right = correct.reduce((sum, n) => sum + n, 0);
  const percent = (n: number, of: number) => `${((100 * n) / Math.max(of, 1)).toFixed(1)} %`;
  print(`Accuracy of the network on the ${testset.length} test images: ${percent(right, testset.length)}`);
  for (const [i, name] of classes.entries())
    print(`Accuracy for class: ${name.padEnd(10)} is ${percent(correct[i], total[i]).padStart(6)}`);

  section('draw');
  const { drawPredictions, drawTrainingCurve } = await import('./pictures.js');
  drawTrainingCurve(`${out}/training_curve.png`, log.losses, trainloader.length);
  drawPredictions(`${out}/predictions.png`, testset, predictions);
  if (settings.log !== null)
    writeFileSync(settings.log, `${JSON.stringify(log.toJSON(correct, total), null, 1)}\n`);
  print(`In ${out}/: cifar_net.pt, training_curve.png, predictions.png`);
}
