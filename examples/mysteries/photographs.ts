/** CIFAR-10 and a convolutional network, for who has the hours. */
import * as torch from 'flambeau';
import { accuracy, type ImageSets } from './images.js';
import { NetworkLearner } from './learner.js';
import type { Study } from './study.js';

const { nn } = torch;

export interface PhotographSettings {
  readonly networks: number;
  readonly temperature: number;
  readonly epochs: number;
  readonly replicates: number;
  readonly seed: number;
  readonly points: number;
}

/** Two convolutions of 3 × 3, each normalized, and a pool. */
const block = (input: number, output: number) => [
  new nn.Conv2d(input, output, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(output),
  new nn.ReLU(),
  new nn.Conv2d(output, output, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(output),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
];

const makeNetwork = () =>
  new nn.Sequential(
    ...block(3, 32),
    ...block(32, 64),
    ...block(64, 128),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(128, 10),
  );

/** All images are shown as they are, so that teachers' answers to them are computed once. */
export function photographs(
  { training, test }: ImageSets,
  { epochs, ...settings }: PhotographSettings,
): Study {
  const recipe = (learningRate: number) => ({ learningRate, epochs, batchSize: 128, weightDecay: 5e-4 });
  return {
    ...settings,
    name: 'photographs',
    begin: () => ({
      labels: training.labels,
      make: () => new NetworkLearner(makeNetwork(), { training: training.pixels, test: test.pixels }),
      scores: (logits) => accuracy(logits, test.labels),
    }),
    repeats: 1,
    hardShare: 0.1,
    recipes: { single: recipe(0.1), student: recipe(0.1), joint: recipe(0.1) },
    join: 'mean',
  };
}
