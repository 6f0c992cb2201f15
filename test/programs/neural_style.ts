/** Paints an image with another's style by LBFGS on its pixels (after "Neural Transfer Using PyTorch"), with a small network of random weights. */
import * as torch from 'flambeau';
import { images } from './images.js';

const { nn, optim } = torch;
const F = nn.functional;

function gramMatrix(x: torch.Tensor): torch.Tensor {
  const [a, b, c, d] = x.shape;
  const features = x.view(a * b, c * d);
  return torch.mm(features, features.t()).div(a * b * c * d);
}

class Features extends nn.Module {
  conv1 = new nn.Conv2d(1, 8, 3, { padding: 1 });
  conv2 = new nn.Conv2d(8, 16, 3, { padding: 1 });

  forward(x: torch.Tensor): [torch.Tensor, torch.Tensor] {
    const first = this.conv1.forward(x).relu();
    return [first, this.conv2.forward(F.maxPool2d(first, 2)).relu()];
  }
}

export function run(): number[] {
  torch.manualSeed(13);
  const net = new Features().eval().requiresGrad_(false);
  const [pixels] = images(2, 16);
  const [content, style] = pixels.split(1);
  const [, wanted] = net.forward(content);
  const grams = net.forward(style).map(gramMatrix);
  const painting = content.clone().requiresGrad_();
  const optimizer = new optim.LBFGS([painting]);
  const losses: number[] = [];
  const closure = () => {
    torch.noGrad(() => painting.clamp_(0, 1));
    optimizer.zeroGrad();
    const features = net.forward(painting);
    const styleScore = features.map((x, i) => F.mseLoss(gramMatrix(x), grams[i])).reduce((a, b) => a.add(b));
    const loss = styleScore.mul(1e6).add(F.mseLoss(features[1], wanted));
    loss.backward();
    losses.push(loss.item());
    return loss;
  };
  while (losses.length < 10) optimizer.step(closure);
  return losses.slice(0, 10);
}
