/** Averages weights along the way (after "Stochastic Weight Averaging in PyTorch"), with the norms' statistics computed anew. */
import * as torch from 'flambeau';
import { images } from './images.js';

const { nn, optim } = torch;
const F = nn.functional;
const { AveragedModel, SWALR, updateBn } = optim.swaUtils;

export async function run() {
  torch.manualSeed(16);
  const net = new nn.Sequential(
    new nn.Conv2d(1, 6, 3),
    new nn.BatchNorm2d(6),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(6 * 5 * 5, 3),
  );
  const batches = Array.from({ length: 4 }, () => images(16, 12));
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const averaged = new AveragedModel(net);
  const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, { T_max: 4 });
  const swaScheduler = new SWALR(optimizer, { swaLr: 0.05, annealEpochs: 2 });
  const losses: number[] = [];
  for (let epoch = 0; epoch < 5; epoch++) {
    for (const [pixels, kinds] of batches) {
      const loss = F.crossEntropy(net.forward(pixels), kinds);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
    }
    if (epoch > 1) {
      averaged.updateParameters(net);
      swaScheduler.step();
    } else scheduler.step();
  }
  await updateBn(
    batches.map(([pixels]) => pixels),
    averaged,
  );
  averaged.eval();
  const [pixels, kinds] = images(64, 12);
  const heldOut = torch.noGrad(() => F.crossEntropy(averaged.forward(pixels), kinds).item());
  return { losses, heldOut, nAveraged: averaged.nAveraged.item() };
}
