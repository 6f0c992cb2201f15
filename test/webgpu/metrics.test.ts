/** Metrics, summaries, timers and trainings on the GPU give what they give on the CPU. */

import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import * as metrics from '../../src/metrics/index.js';
import { MemoryFolder } from '../../src/tensorboard/index.js';
import { summary } from '../../src/torchinfo/index.js';
import { CSVLogger, LightningModule, Trainer } from '../../src/trainer/index.js';
import { expectSame, hasAdapter } from './device.js';

torch.manualSeed(0);
const scores = torch.rand(40, 3).softmax(1);
const classes = torch.randint(3, [40]);
const chances = torch.rand(40);
const truths = torch.randint(2, [40]);
const numbers = torch.randn(40);

type Made = () => metrics.Metric<torch.Tensor>;
const cases: readonly [name: string, make: Made, ...args: torch.Tensor[]][] = [
  ['accuracy', () => new metrics.MulticlassAccuracy(3), scores, classes],
  ['accuracy of labels', () => new metrics.MulticlassAccuracy(3), scores.argmax(1), classes],
  ['accuracy of two', () => new metrics.BinaryAccuracy(), chances, truths],
  ['precision', () => new metrics.MulticlassPrecision(3), scores, classes],
  ['recall', () => new metrics.MulticlassRecall(3, { average: 'weighted' }), scores, classes],
  ['F1', () => new metrics.MulticlassF1Score(3), scores, classes],
  [
    'a confusion matrix',
    () => new metrics.MulticlassConfusionMatrix(3, { normalize: 'true' }),
    scores,
    classes,
  ],
  ['AUROC of two', () => new metrics.BinaryAUROC({ thresholds: 9 }), chances, truths],
  ['AUROC', () => new metrics.MulticlassAUROC(3, { thresholds: 9 }), scores, classes],
  ['squared errors', () => new metrics.MeanSquaredError(), numbers, chances],
  ['errors', () => new metrics.MeanAbsoluteError(), numbers, chances],
  ['R²', () => new metrics.R2Score(), numbers, chances],
  ['adjusted R²', () => new metrics.R2Score({ adjusted: 3 }), numbers, chances],
  ['a mean', () => new metrics.MeanMetric(), numbers],
  ['a weighted mean', () => new metrics.MeanMetric(), numbers, chances],
  ['a sum', () => new metrics.SumMetric(), numbers],
  ['the greatest', () => new metrics.MaxMetric(), numbers],
  ['the least', () => new metrics.MinMetric(), numbers],
];

describe.runIf(hasAdapter)('metrics', () => {
  function valueOf(make: Made, args: readonly torch.Tensor[], device: string): torch.Tensor {
    const metric = make().to(device);
    for (const part of [0, 20])
      (metric.update as (...batch: torch.Tensor[]) => void)(
        ...args.map((x) => x.narrow(0, part, 20).to(device)),
      );
    return metric.compute();
  }

  it.each(cases)('of all batches are those of the CPU: %s', async (_, make, ...args) => {
    await expectSame(valueOf(make, args, 'webgpu'), valueOf(make, args, 'cpu'), { rtol: 1e-5 });
  });

  it.each([
    ['a mean', () => new metrics.MeanMetric({ nanStrategy: 'ignore' })],
    ['a sum', () => new metrics.SumMetric({ nanStrategy: 'ignore' })],
    ['the greatest', () => new metrics.MaxMetric({ nanStrategy: 'ignore' })],
    ['the least', () => new metrics.MinMetric({ nanStrategy: 'ignore' })],
  ] as const)('leave out what is no number: %s', async (_, make) => {
    const some = numbers.clone();
    some.index(3).fill_(Number.NaN);
    await expectSame(valueOf(make, [some], 'webgpu'), valueOf(make, [some], 'cpu'), { rtol: 1e-5 });
  });

  it('refuse wrong values when something is read next', async () => {
    const metric = new metrics.BinaryAccuracy().to('webgpu');
    metric.update(chances.to('webgpu'), classes.clamp({ min: 2 }).to('webgpu'));
    await expect(metric.compute().itemAsync()).rejects.toThrow('Detected the following values in `target`');
    const mean = new metrics.MeanMetric({ nanStrategy: 'error' }).to('webgpu');
    mean.update(torch.full([2], Number.NaN, { device: 'webgpu' }));
    await expect(mean.compute().itemAsync()).rejects.toThrow('Encountered `nan` values in tensor');
  });

  it('that need every prediction say where they can be computed', () => {
    const metric = new metrics.BinaryAUROC().to('webgpu');
    metric.update(chances.to('webgpu'), truths.to('webgpu'));
    expect(() => metric.compute()).toThrow('give `thresholds`, or compute it on the CPU');
  });
});

class Line extends LightningModule<torch.Tensor[]> {
  layer = new torch.nn.Linear(2, 1);

  override trainingStep([x, y]: torch.Tensor[]): torch.Tensor {
    const loss = this.layer.forward(x).sub(y).square().mean();
    this.log('loss', loss);
    return loss;
  }

  override validationStep([x, y]: torch.Tensor[]): void {
    this.log('val_loss', this.layer.forward(x).sub(y).abs().mean());
  }

  override configureOptimizers(): torch.optim.SGD {
    return new torch.optim.SGD(this.parameters(), { lr: 0.1 });
  }
}

it.runIf(hasAdapter)('a trainer trains, validates and logs there as on the CPU', async () => {
  const xs = torch.rand(32, 2);
  const loader = new torch.utils.data.DataLoader(new torch.utils.data.TensorDataset(xs, xs.sum(1, true)), {
    batchSize: 8,
  });
  const found: Record<string, number>[] = [];
  for (const device of ['cpu', 'webgpu']) {
    torch.manualSeed(1);
    const net = new Line().to(device);
    const batches = [...(loader as Iterable<torch.Tensor[]>)].map((batch) => batch.map((x) => x.to(device)));
    const folder = new MemoryFolder();
    const trainer = new Trainer({
      maxEpochs: 3,
      enableProgressBar: false,
      accumulateGradBatches: 2,
      gradientClipVal: 1,
      logger: new CSVLogger(folder),
    });
    await trainer.fit(net, batches, batches);
    expect(net.layer.weight.device.type).toBe(device);
    expect([...folder.files.keys()]).toContain('metrics.csv');
    found.push(trainer.callbackMetrics as Record<string, number>);
  }
  const [onCpu, onGpu] = found;
  expect(Object.keys(onGpu)).toEqual(Object.keys(onCpu));
  for (const [name, value] of Object.entries(onCpu)) expect(onGpu[name], name).toBeCloseTo(value, 5);
});

it.runIf(hasAdapter)('a summary and a timer look at models there', async () => {
  const net = new torch.nn.Linear(4, 3).to('webgpu');
  expect(summary(net, [2, 4], { verbose: 0 }).totalMultAdds).toBe(30);
  const x = torch.ones([2, 4], { device: 'webgpu' });
  const measured = await new torch.utils.benchmark.Timer(() => net.forward(x)).timeitAsync(3);
  expect(measured.rawTimes).toHaveLength(1);
});
