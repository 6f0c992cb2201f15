/** The two-layer network of the paper's theory. */
import * as torch from 'flambeau';
import { classCount, knee } from './feature_counts.js';

const F = torch.nn.functional;
const [neurons, dimension, outputScale] = [5, 50, 20];

/** z⁴ / (4 · knee³) up to the knee, then a line of slope 1: what is weak stays weak, so that features win that are ahead at the beginning. */
export function smoothedRelu(z: torch.Tensor): torch.Tensor {
  return z
    .clamp(0, knee)
    .square()
    .square()
    .div(4 * knee ** 3)
    .add(z.sub(knee).relu());
}

/** Five neurons for each class, whose answers to all patches are added up. */
export class SmoothedReluNetwork extends torch.nn.Module {
  weight = new torch.nn.Parameter(torch.randn(classCount * neurons, dimension).mul(0.05));

  /** @param patches [samples, patches, 50] */
  override forward(patches: torch.Tensor): torch.Tensor {
    const [samples, count] = patches.shape;
    const answers = smoothedRelu(F.linear(patches.flatten(0, 1), this.weight));
    return answers.reshape(samples, count, classCount, neurons).sum([1, 3]).mul(outputScale);
  }

  /** How strongly the network has learned each feature: the answer w · v of its class's most eager neuron. */
  strengths(features: torch.Tensor): torch.Tensor {
    const answers = this.weight.detach().reshape(classCount, neurons, dimension).matmul(features.T);
    const strongest = answers.amax(1).reshape(classCount, classCount, 2);
    return strongest.diagonal(0, 0, 1).T.flatten();
  }
}
