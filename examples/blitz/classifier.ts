/** Chapter 4: a classifier for the images of CIFAR-10. */
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import type { Settings } from './arguments.js';
import type { Notebook } from './notebook.js';
import type { Place } from './place.js';
import { TrainingLog } from './training_log.js';

const { nn } = torch;
const { transforms } = torchvision;
const { CIFAR10 } = torchvision.datasets;
const { DataLoader } = torch.utils.data;
const F = torch.nn.functional;

export async function classifier(
  { section, print }: Notebook,
  settings: Settings,
  place: Place,
): Promise<void> {
  section('load and normalize CIFAR10');
  // CIFAR-10 has small photographs of ten kinds of things. Transforms turn each into a tensor with values from
  // -1 to 1; a loader makes shuffled batches of them.
  const { batchSize, epochs, seed, device, download, workers: numWorkers } = settings;
  const transform = new transforms.Compose([
    new transforms.ToTensor(),
    new transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
  ]);

  const trainset = await CIFAR10.open(place.images, { train: true, download, transform });
  const trainloader = new DataLoader(trainset, { batchSize, shuffle: true, numWorkers });
  const testset = await CIFAR10.open(place.images, { train: false, transform });
  const testloader = new DataLoader(testset, { batchSize, shuffle: false, numWorkers });
  const { classes } = testset;
  print(`${trainset.length} images to train, ${testset.length} to test: ${classes.join(', ')}`);

  section('define a convolutional neural network');
  // The network of the chapter before, but for images of three channels: red, green and blue.
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
  // The loss is cross entropy, the optimizer stochastic gradient descent with momentum.
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.001, momentum: 0.9 });

  section('train the network');
  // Go through the images again and again: each batch gives a loss, its gradients, and a small step of all
  // weights. Network and batches lie on the device that the settings name.
  const log = await TrainingLog.of(net.stateDict(), seed);
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
      log.step(await loss.itemAsync(), labels);
      if (log.losses.length % 50 === 0) progress.advance(50, { loss: log.recentLoss().toFixed(3) });
    }
    progress.set(trainloader.length, { loss: log.recentLoss().toFixed(3) });
    progress.stop();
  }
  log.end();
  print('Finished Training');

  section('save and load the weights');
  // Weights are saved in PyTorch's format. A second network takes them, as a later program would.
  const file = await torch.save(net.stateDict());
  place.keep('cifar_net.pt', file); // Python's torch.load reads it, too
  const trained = new Net();
  print(trained.loadStateDict((await torch.load(file)) as torch.nn.StateDict));

  section('test the network');
  // How often is the network right about images that it has never seen? Guessing would be right for one in
  // ten.
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
  // The result, as pictures.
  await place.drawTrainingCurve(log.losses, trainloader.length);
  await place.drawPredictions(testset, predictions);
  place.keepLog(log.toJSON(correct, total));
}
