/** Leads a trained network astray by the sign of its input's gradient (after "Adversarial Example Generation"). */
import * as torch from 'flambeau';
import { images } from './images.js';

const { nn, optim } = torch;
const F = nn.functional;

export function run(): { losses: number[]; correct: number[] } {
  torch.manualSeed(12);
  const net = new nn.Sequential(
    new nn.Conv2d(1, 8, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Dropout2d(0.25),
    new nn.Flatten(),
    new nn.Linear(8 * 4 * 4, 3),
    new nn.LogSoftmax({ dim: 1 }),
  );
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true });
  const losses: number[] = [];
  for (let step = 0; step < 40; step++) {
    const [pixels, kinds] = images(32, 12);
    const loss = F.nllLoss(net.forward(pixels), kinds);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  net.eval();
  const [pixels, kinds] = images(200, 12);
  const correct = [0, 0.05, 0.1, 0.2, 0.3].map((epsilon) => {
    const data = pixels.clone().requiresGrad_();
    const loss = F.nllLoss(net.forward(data), kinds);
    net.zeroGrad();
    loss.backward();
    const attacked = torch.clamp(data.add(data.grad!.sign().mul(epsilon)), 0, 1);
    return net.forward(attacked).argmax(1).eq(kinds).sum().item();
  });
  return { losses: losses.slice(0, 10), correct };
}
