/** Data with several views: every class has two features, either of which is enough to tell it. */
import * as torch from 'flambeau';
import { classCount, featureCount } from './feature_counts.js';

const F = torch.nn.functional;

const [dimension, patchCount] = [50, 4];

/** Samples of four patches of 50 numbers each. */
export interface Samples {
  /** [samples, 4, 50]. */
  readonly patches: torch.Tensor;
  readonly labels: torch.Tensor;
  /** Which samples lack one of the two features of their class. */
  readonly isSingleView: torch.Tensor;
}

/** Orthonormal directions, one in a row: rows 2c and 2c + 1 are the features of class c. */
export function makeFeatures(): torch.Tensor {
  return torch.linalg.qr(torch.randn(dimension, featureCount))[0].T.contiguous();
}

/**
 * Makes samples. Each shows the features of its class (weight 1–1.5), and those of other classes with a probability of 0.2 (0.4–0.6), each in one of its
 * patches; noise of norm 0.3 is in every patch.
 * @param singleViewShare how many of the samples lack one feature of their class, as a share
 */
export function makeSamples(features: torch.Tensor, count: number, singleViewShare: number): Samples {
  const labels = torch.arange(count).remainder(classCount);
  const isOwn = F.oneHot(labels, classCount).repeatInterleave(2, 1).bool();
  const lacking = F.oneHot(labels.mul(2).add(torch.randint(0, 2, [count])), featureCount).bool();
  const isSingleView = torch.randperm(count).lt(Math.round(singleViewShare * count));
  const isLacking = lacking.logicalAnd(isSingleView.unsqueeze(1));

  const uniform = (from: number, to: number) => torch.empty(count, featureCount).uniform_(from, to);
  const others = uniform(0.4, 0.6).mul(uniform(0, 1).lt(0.2));
  const weights = torch.where(isOwn, uniform(1, 1.5), others).maskedFill(isLacking, 0);

  const places = F.oneHot(torch.randint(0, patchCount, [count, featureCount]), patchCount);
  const shown = places.mul(weights.unsqueeze(2)).transpose(1, 2).matmul(features);
  const noise = F.normalize(torch.randn(count, patchCount, dimension), { dim: 2 }).mul(0.3);
  return { patches: shown.add(noise), labels, isSingleView };
}
