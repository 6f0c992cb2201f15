/** Networks as the experiments see them, and how they are trained. */
import * as torch from 'flambeau';

const F = torch.nn.functional;

/** Something that learns: it answers samples of its training set while it is trained, and afterwards all of a set. */
export interface Learner {
  parameters(): Iterable<torch.nn.Parameter>;
  /** Logits of training samples, to learn from. @param rows which samples; null: all */
  answer(rows: torch.Tensor | null): torch.Tensor;
  /** Logits of all samples, without gradients. */
  answerAll(set: 'training' | 'test'): torch.Tensor;
}

/** A network on samples that are tensors. */
export class NetworkLearner implements Learner {
  constructor(
    readonly network: torch.nn.Module & { forward(samples: torch.Tensor): torch.Tensor },
    private readonly samples: Readonly<Record<'training' | 'test', torch.Tensor>>,
  ) {}

  parameters(): Iterable<torch.nn.Parameter> {
    return this.network.parameters();
  }

  answer(rows: torch.Tensor | null): torch.Tensor {
    const { training } = this.samples;
    this.network.train();
    return this.network.forward(rows === null ? training : training.index(rows));
  }

  answerAll(set: 'training' | 'test'): torch.Tensor {
    this.network.eval();
    return inParts(this.network, this.samples[set]);
  }
}

/** Puts many samples through a network in parts, whose intermediate results are small. */
export function inParts(network: NetworkLearner['network'], samples: torch.Tensor): torch.Tensor {
  return torch.noGrad(() => torch.cat(samples.split(500).map((part) => network.forward(part))));
}

/** Many networks that are trained as one: their logits are added up, or averaged, before the loss sees them. */
export class Joined implements Learner {
  constructor(
    readonly members: readonly Learner[],
    private readonly how: 'sum' | 'mean',
  ) {}

  parameters(): Iterable<torch.nn.Parameter> {
    return this.members.flatMap((member) => [...member.parameters()]);
  }

  answer(rows: torch.Tensor | null): torch.Tensor {
    return this.join(this.members.map((member) => member.answer(rows)));
  }

  answerAll(set: 'training' | 'test'): torch.Tensor {
    return this.join(this.members.map((member) => member.answerAll(set)));
  }

  private join(logits: readonly torch.Tensor[]): torch.Tensor {
    const all = torch.stack([...logits]);
    return this.how === 'sum' ? all.sum(0) : all.mean(0);
  }
}

/** How a network is trained. */
export interface Recipe {
  readonly learningRate: number;
  readonly epochs: number;
  /** Samples in a step; null: all of them, by plain gradient descent. */
  readonly batchSize: number | null;
  readonly weightDecay?: number;
}

/** A lesson beside the labels: logits of its teacher, made softer by a temperature. */
export interface Lesson {
  readonly logits: torch.Tensor;
  readonly temperature: number;
  /** The share of the loss that the labels have. */
  readonly hardShare: number;
}

/**
 * Loss of a student: (1 − T's share) of the cross entropy, and T² · KL(teacher ‖ student) of distributions at temperature T. T² keeps gradients as
 * large as they are at T = 1 (Hinton, Vinyals and Dean, arXiv 1503.02531).
 */
export function distillationLoss(
  logits: torch.Tensor,
  labels: torch.Tensor,
  { logits: taught, temperature, hardShare }: Lesson,
): torch.Tensor {
  const soft = F.klDiv(logits.div(temperature).logSoftmax(1), taught.div(temperature).logSoftmax(1), {
    reduction: 'batchmean',
    logTarget: true,
  }).mul((1 - hardShare) * temperature ** 2);
  return hardShare === 0 ? soft : soft.add(F.crossEntropy(logits, labels).mul(hardShare));
}

/** Trains; between epochs it tells how much of the training is done, from 0 to 1. */
export async function* train(
  learner: Learner,
  labels: torch.Tensor,
  lesson: Lesson | null,
  { learningRate, epochs, batchSize, weightDecay = 0 }: Recipe,
): AsyncGenerator<number> {
  const [count] = labels.shape;
  const isStochastic = batchSize !== null;
  const optimizer = new torch.optim.SGD([...learner.parameters()], {
    lr: learningRate,
    weightDecay,
    ...(isStochastic && { momentum: 0.9, nesterov: true }),
  });
  const steps = epochs * Math.ceil(count / (batchSize ?? count));
  const schedule = isStochastic ? new torch.optim.lrScheduler.CosineAnnealingLR(optimizer, steps) : null;
  const step = (rows: torch.Tensor | null) => {
    const of = (all: torch.Tensor) => (rows === null ? all : all.index(rows));
    optimizer.zeroGrad();
    const logits = learner.answer(rows);
    const loss =
      lesson === null
        ? F.crossEntropy(logits, of(labels))
        : distillationLoss(logits, of(labels), { ...lesson, logits: of(lesson.logits) });
    loss.backward();
    optimizer.step();
    schedule?.step();
  };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    if (batchSize === null) step(null);
    else for (const rows of torch.randperm(count).split(batchSize)) step(rows);
    yield epoch / epochs;
  }
}
