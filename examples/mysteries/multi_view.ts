/** Set A: multi-view data and the paper's network, where one can see which features are learned. */
import type * as torch from 'flambeau';
import { learnedCount } from './feature_counts.js';
import { Joined, type Learner, NetworkLearner } from './learner.js';
import { makeFeatures, makeSamples } from './multi_view_data.js';
import { SmoothedReluNetwork } from './smoothed_relu_network.js';
import type { Study, World } from './study.js';

/** Settings that a reader may change. */
export interface MultiViewSettings {
  readonly networks: number;
  readonly temperature: number;
  /** The share of training samples that lack one of the two features of their class. */
  readonly singleViewShare: number;
  readonly replicates: number;
  readonly seed: number;
  readonly points: number;
}

const [trainingCount, testCount] = [400, 2000];

export function multiView({ singleViewShare, ...settings }: MultiViewSettings): Study {
  const plain = { batchSize: null };
  return {
    ...settings,
    name: `multi-view, ${singleViewShare}`,
    begin: () => makeWorld(singleViewShare),
    repeats: 3,
    hardShare: 0.1,
    recipes: {
      single: { ...plain, learningRate: 0.2, epochs: 150 },
      student: { ...plain, learningRate: 0.1, epochs: 400 },
      joint: { ...plain, learningRate: 0.05, epochs: 150 },
    },
    join: 'sum',
  };
}

function makeWorld(singleViewShare: number): World {
  const features = makeFeatures();
  const training = makeSamples(features, trainingCount, singleViewShare);
  const test = makeSamples(features, testCount, 0.5);
  const samples = { training: training.patches, test: test.patches };
  const percent = (isRight: torch.Tensor) => 100 * isRight.float().mean().item();
  return {
    labels: training.labels,
    make: () => new NetworkLearner(new SmoothedReluNetwork(), samples),
    scores(logits, learner) {
      const isRight = logits.argmax(1).eq(test.labels);
      return {
        'single-view': percent(isRight.index(test.isSingleView)),
        'multi-view': percent(isRight.index(test.isSingleView.logicalNot())),
        ...(learner !== null && { features: learnedCount(strengthsOf(learner, features)) }),
      };
    },
    strengths: (learner) => strengthsOf(learner, features),
  };
}

/** Of many networks the strongest of all. */
function strengthsOf(learner: Learner, features: torch.Tensor): number[] {
  if (learner instanceof Joined) {
    const all = learner.members.map((member) => strengthsOf(member, features));
    return all[0].map((_, i) => Math.max(...all.map((strengths) => strengths[i])));
  }
  const { network } = learner as NetworkLearner;
  return (network as SmoothedReluNetwork).strengths(features).tolist() as number[];
}
