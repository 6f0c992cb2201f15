/** Makes images twice as large, by convolutions and a shuffle of pixels (after pytorch/examples' super_resolution). */
import * as torch from 'flambeau';
import { images } from './images.js';

const { nn, optim } = torch;
const { functional: F, init } = nn;

class Net extends nn.Module {
  relu = new nn.ReLU();
  conv1 = new nn.Conv2d(1, 16, 5, 1, 2);
  conv2 = new nn.Conv2d(16, 8, 3, 1, 1);
  conv3: torch.nn.Conv2d;
  pixelShuffle: torch.nn.PixelShuffle;

  constructor(upscaleFactor: number) {
    super();
    this.conv3 = new nn.Conv2d(8, upscaleFactor ** 2, 3, 1, 1);
    this.pixelShuffle = new nn.PixelShuffle(upscaleFactor);
    init.orthogonal_(this.conv1.weight, init.calculateGain('relu'));
    init.orthogonal_(this.conv2.weight, init.calculateGain('relu'));
    init.orthogonal_(this.conv3.weight);
  }

  forward(small: torch.Tensor): torch.Tensor {
    const first = this.relu.forward(this.conv1.forward(small));
    const second = this.relu.forward(this.conv2.forward(first));
    return this.pixelShuffle.forward(this.conv3.forward(second));
  }
}

export function run(): number[] {
  torch.manualSeed(11);
  const net = new Net(2);
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.001 });
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    const [large] = images(8, 20);
    const small = F.interpolate(large, { scaleFactor: 0.5, mode: 'bicubic', alignCorners: false });
    const loss = F.mseLoss(net.forward(small), large);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return losses;
}
