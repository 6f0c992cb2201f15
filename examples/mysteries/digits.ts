/** Set B: 300 real digits and a small convolutional network, trained as a whole or with random features. */
import * as torch from 'flambeau';
import { accuracy, type ImageSets, type Images, some } from './images.js';
import { inParts, NetworkLearner } from './learner.js';
import type { Study } from './study.js';

const { nn } = torch;

/** Settings that a reader may change. */
export interface DigitSettings {
  readonly networks: number;
  readonly temperature: number;
  readonly replicates: number;
  readonly seed: number;
  readonly points: number;
}

const [trainingCount, batchSize] = [300, 25];

/** Two convolutions, each with a pool: 288 features of an image of 14 × 14. */
const makeFeatures = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
  );
const makeLastLayer = () => new nn.Linear(288, 10);

/** The whole network is trained, on digits of each replicate's own. */
export function digits(sets: ImageSets, settings: DigitSettings): Study {
  const recipe = (learningRate: number) => ({ learningRate, epochs: 40, batchSize });
  return {
    ...settings,
    name: 'digits',
    begin() {
      const training = some(sets.training, trainingCount);
      const make = () => new nn.Sequential(makeFeatures(), makeLastLayer());
      return {
        labels: training.labels,
        make: () => new NetworkLearner(make(), { training: training.pixels, test: sets.test.pixels }),
        scores: (logits) => accuracy(logits, sets.test.labels),
      };
    },
    repeats: 3,
    hardShare: 0,
    recipes: { single: recipe(0.06), student: recipe(0.01), joint: recipe(0.2) },
    untuned: recipe(0.02),
    join: 'mean',
  };
}

/** Convolutions stay as they began, and the last layer alone is trained: features that nobody learns. */
export function randomFeatures(sets: ImageSets, settings: DigitSettings): Study {
  const recipe = (learningRate: number) => ({ learningRate, epochs: 60, batchSize });
  return {
    ...settings,
    name: 'random features',
    begin() {
      const training = some(sets.training, trainingCount);
      return {
        labels: training.labels,
        make: () => new NetworkLearner(makeLastLayer(), standardized(makeFeatures(), training, sets.test)),
        scores: (logits) => accuracy(logits, sets.test.labels),
      };
    },
    repeats: 3,
    hardShare: 0,
    recipes: { single: recipe(0.02), student: recipe(0.02), joint: recipe(0.2) },
    join: 'mean',
  };
}

/** Features with a mean of 0 and a deviation of 1 on the training images. */
function standardized(network: torch.nn.Sequential, training: Images, test: Images) {
  const features = inParts(network, training.pixels);
  const mean = features.mean(0);
  // Some hardly change in 300 images: they are not blown up for those in which they do.
  const deviation = features.std(0).add(0.01);
  const standard = (features: torch.Tensor) => features.sub(mean).div(deviation);
  return { training: standard(features), test: standard(inParts(network, test.pixels)) };
}
