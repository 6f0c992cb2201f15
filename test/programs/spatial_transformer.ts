/** A network that turns and shifts its images before it looks at them (after "Spatial Transformer Networks Tutorial"). */
import * as torch from 'flambeau';
import { images } from './images.js';

const { nn, optim } = torch;
const F = nn.functional;

class Net extends nn.Module {
  localization = new nn.Sequential(
    new nn.Conv2d(1, 4, { kernelSize: 5 }),
    new nn.MaxPool2d(2, { stride: 2 }),
    new nn.ReLU(true),
  );
  fcLoc = new nn.Sequential(new nn.Linear(4 * 6 * 6, 16), new nn.ReLU(true), new nn.Linear(16, 3 * 2));
  conv = new nn.Conv2d(1, 6, { kernelSize: 5 });
  convDrop = new nn.Dropout2d();
  fc = new nn.Linear(6 * 6 * 6, 3);

  constructor() {
    super();
    const theta = this.fcLoc.at(2);
    if (!(theta instanceof nn.Linear)) throw new Error('the last layer gives theta');
    theta.weight.data.zero_();
    theta.bias!.data.copy_(torch.tensor([1, 0, 0, 0, 1, 0]));
  }

  stn(x: torch.Tensor): torch.Tensor {
    const theta = this.fcLoc.forward(this.localization.forward(x).flatten(1)).view(-1, 2, 3);
    const grid = F.affineGrid(theta, x.shape, { alignCorners: false });
    return F.gridSample(x, grid, { alignCorners: false });
  }

  forward(input: torch.Tensor): torch.Tensor {
    const x = F.maxPool2d(this.convDrop.forward(this.conv.forward(this.stn(input))), 2).relu();
    return F.logSoftmax(this.fc.forward(x.flatten(1)), { dim: 1 });
  }
}

export function run(): number[] {
  torch.manualSeed(9);
  const net = new Net();
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.05 });
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    const [pixels, kinds] = images(16, 16);
    const loss = F.nllLoss(net.forward(pixels), kinds);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return losses;
}
