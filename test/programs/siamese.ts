/** Tells whether two images are of one kind, by two networks that share their weights (after pytorch/examples' siamese_network). */
import * as torch from 'flambeau';
import { images } from './images.js';

const { nn, optim } = torch;

class SiameseNetwork extends nn.Module {
  body = new nn.Sequential(
    new nn.Conv2d(1, 8, 3, { stride: 2 }),
    new nn.BatchNorm2d(8),
    new nn.PReLU(),
    new nn.Conv2d(8, 8, 3, { bias: false }),
    new nn.GroupNorm(2, 8),
    new nn.GELU(),
    new nn.AdaptiveAvgPool2d(2),
  );
  fc = new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU({ inplace: true }), new nn.Linear(32, 1));

  constructor() {
    super();
    this.apply((m) => {
      if (!(m instanceof nn.Linear)) return;
      nn.init.xavierUniform_(m.weight);
      m.bias!.data.fill_(0.01);
    });
  }

  forward(one: torch.Tensor, other: torch.Tensor): torch.Tensor {
    const both = [one, other].map((x) => this.body.forward(x).view(x.size(0), -1));
    return this.fc.forward(torch.cat(both, 1)).sigmoid();
  }
}

export function run(): number[] {
  torch.manualSeed(10);
  const net = new SiameseNetwork();
  const criterion = new nn.BCELoss();
  const optimizer = new optim.Adadelta(net.parameters(), { lr: 1 });
  const scheduler = new optim.lrScheduler.StepLR(optimizer, { stepSize: 5, gamma: 0.7 });
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    const [one, kinds] = images(12, 14);
    const [other, others] = images(12, 14);
    const loss = criterion.forward(net.forward(one, other).squeeze(), kinds.eq(others).float());
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    scheduler.step();
    losses.push(loss.item());
  }
  return losses;
}
