/** Trainings in the style of Lightning: what they compute, log, keep, and how they go on. */
import * as torch from 'flambeau';
import { nn, optim } from 'flambeau';
import { MemoryFolder } from 'flambeau/tensorboard';
import {
  Callback,
  CSVLogger,
  EarlyStopping,
  LightningModule,
  ModelCheckpoint,
  TensorBoardLogger,
  Trainer,
} from 'flambeau/trainer';
import { beforeEach, describe, expect, it } from 'vitest';

type Batch = [x: torch.Tensor, y: torch.Tensor];

/** A small net with dropout, so that chance shows. */
class Net extends LightningModule<Batch> {
  net = new nn.Sequential(new nn.Linear(3, 8), new nn.Dropout(0.25), new nn.ReLU(), new nn.Linear(8, 1));
  losses: number[] = [];

  loss([x, y]: Batch): torch.Tensor {
    return nn.functional.mseLoss((this.net.forward(x) as torch.Tensor).squeeze(1), y);
  }

  override trainingStep(batch: Batch): torch.Tensor {
    const loss = this.loss(batch);
    this.losses.push(loss.item());
    this.log('train_loss', loss, { onEpoch: true, onStep: true });
    return loss;
  }

  override validationStep(batch: Batch): void {
    this.log('val_loss', this.loss(batch));
  }

  override configureOptimizers() {
    const optimizer = new optim.Adam(this.parameters(), { lr: 0.05 });
    return { optimizer, lrScheduler: new optim.lrScheduler.StepLR(optimizer, 2, { gamma: 0.5 }) };
  }
}

const { DataLoader, TensorDataset } = torch.utils.data;
const data = () => {
  const x = torch.arange(60).float().reshape([20, 3]).div(60);
  return new TensorDataset(x, x.sum(1));
};
const loaderOf = (generator: torch.Generator | null = null) =>
  new DataLoader(data(), { batchSize: 4, shuffle: true, generator });
const quiet = { enableProgressBar: false };
const weights = (net: Net) => Object.values(net.stateDict()).map((x) => (x as torch.Tensor).tolist());

beforeEach(() => void torch.manualSeed(7));

describe('A trainer', () => {
  it('computes what a loop written by hand does', async () => {
    const net = new Net();
    torch.manualSeed(1);
    await new Trainer({ ...quiet, maxEpochs: 3 }).fit(net, loaderOf());

    torch.manualSeed(7);
    const own = new Net();
    torch.manualSeed(1);
    const { optimizer, lrScheduler } = own.configureOptimizers();
    const losses: number[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      for (const batch of loaderOf()) {
        optimizer.zeroGrad();
        const loss = own.loss(batch as Batch);
        losses.push(loss.item());
        loss.backward();
        optimizer.step();
      }
      lrScheduler.step();
    }
    expect(net.losses).toEqual(losses);
    expect(weights(net)).toEqual(weights(own));
  });

  it('makes a step of several batches, with limited gradients', async () => {
    const net = new Net();
    const trainer = new Trainer({
      ...quiet,
      maxEpochs: 1,
      accumulateGradBatches: 2,
      gradientClipVal: 0.01,
    });
    const norms: number[] = [];
    net.configureOptimizers = () => {
      const optimizer = new optim.SGD(net.parameters(), { lr: 1 });
      const { step } = optimizer;
      optimizer.step = ((...args: Parameters<typeof step>) => {
        const all = [...net.parameters()].map((p) => p.grad!.pow(2).sum().item());
        norms.push(Math.sqrt(all.reduce((a, b) => a + b, 0)));
        return step.apply(optimizer, args);
      }) as typeof step;
      return optimizer as never;
    };
    await trainer.fit(net, loaderOf());
    // Five batches are three steps: the last is one of a single batch.
    expect(trainer.globalStep).toBe(3);
    for (const norm of norms) expect(norm).toBeCloseTo(0.01, 5);
  });

  it('ends after so many steps', async () => {
    const trainer = new Trainer({ ...quiet, maxSteps: 7 });
    await trainer.fit(new Net(), loaderOf());
    expect([trainer.globalStep, trainer.currentEpoch]).toEqual([7, 1]);
  });

  it('takes so many batches, or such a share', async () => {
    for (const [limitTrainBatches, steps] of [
      [2, 2],
      [0.6, 3],
    ]) {
      const trainer = new Trainer({ ...quiet, maxEpochs: 1, limitTrainBatches });
      await trainer.fit(new Net(), loaderOf());
      expect(trainer.globalStep).toBe(steps);
    }
  });

  it('validates in evaluation mode and without gradients, and gives means by the sizes of batches', async () => {
    const net = new Net();
    const modes: boolean[] = [];
    net.validationStep = ([x, y]: Batch) => {
      modes.push(net.training, torch.isGradEnabled());
      net.log('val', y.mean());
      expect(x.requiresGrad).toBe(false);
    };
    const batches = new DataLoader(data(), { batchSize: 7 });
    const found = await new Trainer(quiet).validate(net, batches);
    expect(modes).toEqual(new Array(6).fill(false));
    expect(found.val).toBeCloseTo(data().tensors[1].mean().item(), 5);
    expect(net.training).toBe(true);
  });

  it('calls hooks in their order', async () => {
    const calls: string[] = [];
    const hooks = [
      'onFitStart',
      'onFitEnd',
      'onTrainEpochStart',
      'onTrainEpochEnd',
      'onTrainBatchEnd',
      'onValidationStart',
      'onValidationEnd',
      'onEpochSettled',
    ] as const;
    class Watch extends Callback {}
    const watch = new Watch();
    for (const name of hooks) watch[name] = () => calls.push(name.slice(2));
    const trainer = new Trainer({ ...quiet, maxEpochs: 1, limitTrainBatches: 1, callbacks: watch });
    await trainer.fit(new Net(), loaderOf(), loaderOf());
    expect(calls).toEqual([
      'FitStart',
      'TrainEpochStart',
      'TrainBatchEnd',
      'ValidationStart',
      'ValidationEnd',
      'TrainEpochEnd',
      'EpochSettled',
      'FitEnd',
    ]);
  });

  it('shows progress where it is told', async () => {
    const seen: [string, number][] = [];
    const trainer = new Trainer({
      maxEpochs: 1,
      progress: (total, description) => {
        seen.push([description, total]);
        return { advance: (count) => seen.push(['advance', count]), stop: () => seen.push(['stop', 0]) };
      },
      limitTrainBatches: 2,
    });
    await trainer.fit(new Net(), loaderOf());
    expect(seen).toEqual([
      ['epoch 0', 2],
      ['advance', 1],
      ['advance', 1],
      ['stop', 0],
    ]);
  });

  it('refuses what is no module, several optimizers, and values nobody asked for', async () => {
    await expect(new Trainer(quiet).fit(new nn.Linear(1, 1) as never, [])).rejects.toThrow(
      '`model` must be a `LightningModule`, got `Linear`',
    );
    const net = new Net();
    net.configureOptimizers = () =>
      [new optim.SGD(net.parameters()), new optim.SGD(net.parameters())] as never;
    await expect(new Trainer(quiet).fit(net, [])).rejects.toThrow(/only supported with manual optimization/);
    expect(() => new Net().log('x', 1)).toThrow(/not registered on the model yet/);
  });
});

describe('Early stopping', () => {
  const lossesOf = async (values: number[], options: object): Promise<number> => {
    const net = new Net();
    let epoch = 0;
    net.validationStep = () => net.log('val_loss', values[epoch]);
    class Count extends Callback {
      override onTrainEpochEnd() {
        epoch++;
      }
    }
    const callbacks = [new EarlyStopping('val_loss', options), new Count()];
    const trainer = new Trainer({ ...quiet, maxEpochs: values.length, limitTrainBatches: 1, callbacks });
    await trainer.fit(net, loaderOf(), [torch.ones(1)]);
    return epoch;
  };

  it.each([
    ['after epochs that are not better', [3, 2, 2.5, 2.2, 1, 1], { patience: 2 }, 4],
    ['by less than a difference, too', [3, 2, 1.95, 1.9, 1, 1], { patience: 2, minDelta: 0.2 }, 4],
    ['where more is better', [1, 2, 1, 1, 3, 3], { patience: 2, mode: 'max' }, 4],
    ['at what is good enough', [3, 1, 0.4, 0.3], { stoppingThreshold: 0.5 }, 3],
    ['at what is hopeless', [3, 11, 1, 1], { divergenceThreshold: 10 }, 2],
    ['at what is no number', [3, Number.NaN, 1, 1], {}, 2],
    ['never while it gets better', [4, 3, 2, 1], { patience: 1 }, 4],
  ])('ends a training %s', async (_, values, options, epochs) => {
    expect(await lossesOf(values, options)).toBe(epochs);
  });

  it('says what is logged if its value is not', async () => {
    const trainer = new Trainer({ ...quiet, maxEpochs: 1, callbacks: new EarlyStopping('acc') });
    await expect(trainer.fit(new Net(), loaderOf(), loaderOf())).rejects.toThrow(
      /Early stopping conditioned on metric `acc` which is not available.*`val_loss`/,
    );
  });
});

describe('Checkpoints', () => {
  it.each([
    ['an epoch', { everyNEpochs: 1 }, 'epoch=1-step=10.ckpt', null],
    ['the middle of an epoch', { everyNTrainSteps: 7 }, 'epoch=1-step=7.ckpt', null],
    ['an epoch, with a generator of its own', { everyNEpochs: 1 }, 'epoch=1-step=10.ckpt', 3],
    ['the middle, with a generator of its own', { everyNTrainSteps: 7 }, 'epoch=1-step=7.ckpt', 3],
  ])('let a training go on after %s to the digit', async (_, when, name, seed) => {
    const generator = () => (seed === null ? null : new torch.Generator().manualSeed(seed));
    const folder = new MemoryFolder('ckpt');
    const whole = new Net();
    const whole_csv = new MemoryFolder();
    await new Trainer({
      ...quiet,
      maxEpochs: 4,
      logger: new CSVLogger(whole_csv),
      callbacks: new ModelCheckpoint(folder, { saveTopK: -1, ...when }),
    }).fit(whole, loaderOf(generator()), loaderOf());

    torch.manualSeed(99);
    const resumed = new Net();
    const csv = new MemoryFolder();
    const trainer = new Trainer({ ...quiet, maxEpochs: 4, logger: new CSVLogger(csv) });
    await trainer.fit(resumed, loaderOf(generator()), loaderOf(), folder.files.get(name)!);
    expect(resumed.losses).toEqual(whole.losses.slice(-resumed.losses.length));
    expect(resumed.losses.length).toBe(name.includes('10') ? 10 : 13);
    expect(weights(resumed)).toEqual(weights(whole));
    const lines = (files: MemoryFolder) =>
      new TextDecoder().decode(files.files.get('metrics.csv')).trim().split('\n');
    expect(lines(csv).slice(1)).toEqual(lines(whole_csv).slice(-(lines(csv).length - 1)));
  });

  it('keeps the best, the last, and takes worse ones away', async () => {
    const folder = new MemoryFolder('best');
    const net = new Net();
    const values = [3, 1, 2, 0.5];
    let epoch = 0;
    net.validationStep = () => net.log('val_loss', values[epoch++]);
    const checkpoint = new ModelCheckpoint(folder, '{epoch}-{val_loss:.2f}', {
      monitor: 'val_loss',
      saveTopK: 2,
      saveLast: true,
    });
    const trainer = new Trainer({ ...quiet, maxEpochs: 4, limitTrainBatches: 1, callbacks: [checkpoint] });
    await trainer.fit(net, loaderOf(), [torch.ones(1)]);
    expect([...folder.files.keys()].sort()).toEqual([
      'epoch=1-val_loss=1.00.ckpt',
      'epoch=3-val_loss=0.50.ckpt',
      'last.ckpt',
    ]);
    expect(checkpoint.bestModelPath).toBe('best/epoch=3-val_loss=0.50.ckpt');
    expect(checkpoint.bestModelScore).toBe(0.5);
  });

  it('have the state dicts of module, optimizer and schedule where Lightning has them', async () => {
    const folder = new MemoryFolder();
    const callbacks = [new ModelCheckpoint(folder), new EarlyStopping('val_loss')];
    const net = new Net();
    await new Trainer({ ...quiet, maxEpochs: 1, callbacks }).fit(net, loaderOf(), loaderOf());
    const [file] = folder.files.values();
    const state = (await torch.load(file)) as Record<string, unknown>;
    expect(Object.keys(state)).toEqual(
      expect.arrayContaining([
        'epoch',
        'global_step',
        'state_dict',
        'optimizer_states',
        'lr_schedulers',
        'callbacks',
      ]),
    );
    expect(Object.keys(state.state_dict as object)).toEqual(Object.keys(net.stateDict()));
    expect(Object.keys(state.callbacks as object)).toEqual(['ModelCheckpoint', 'EarlyStopping']);
  });
});

describe('Loggers', () => {
  it('write values of steps and epochs as CSV and for TensorBoard', async () => {
    const [csv, board] = [new MemoryFolder(), new MemoryFolder()];
    const logger = [new CSVLogger(csv), new TensorBoardLogger(board)];
    const trainer = new Trainer({ ...quiet, maxEpochs: 1, logEveryNSteps: 2, logger });
    await trainer.fit(new Net(), loaderOf(), loaderOf());
    const lines = new TextDecoder().decode(csv.files.get('metrics.csv')).trim().split('\n');
    expect(lines[0]).toBe('step,epoch,train_loss_step,val_loss,train_loss_epoch');
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['1', '3', '4']);
    const text = Buffer.concat([...board.files.values()]).toString('latin1');
    for (const name of ['train_loss_step', 'train_loss_epoch', 'val_loss']) expect(text).toContain(name);
  });

  it('draw curves of what they are asked for', async () => {
    const folder = new MemoryFolder();
    const train = (chart: string[]) =>
      new Trainer({ ...quiet, maxEpochs: 3, logger: new CSVLogger(folder, { chart }) }).fit(
        new Net(),
        loaderOf(),
        loaderOf(),
      );
    await train(['train_loss_epoch', 'val_loss']);
    const svg = new TextDecoder().decode(folder.files.get('metrics.svg'));
    expect([...svg.matchAll(/>(\w+_loss\w*)</g)].map(([, name]) => name)).toEqual([
      'train_loss_epoch',
      'val_loss',
    ]);
    const curves = [...svg.matchAll(/<path d="([^"]*)" fill="none"/g)].map(
      ([, path]) => path.match(/[ML]/g)!.length,
    );
    expect(curves).toEqual([3, 3]);
    await expect(train(['loss'])).rejects.toThrow(
      "chart names 'loss', which was not logged; what was logged is 'epoch', 'val_loss', 'train_loss_epoch'",
    );
  });

  it('lets ReduceLROnPlateau look at what is logged', async () => {
    const net = new Net();
    const optimizer = new optim.SGD(net.parameters(), { lr: 1e-6 });
    const scheduler = new optim.lrScheduler.ReduceLROnPlateau(optimizer, { patience: 0 });
    net.configureOptimizers = () => ({ optimizer, lrScheduler: { scheduler, monitor: 'val' } }) as never;
    net.validationStep = () => net.log('val', 1);
    const trainer = new Trainer({ ...quiet, maxEpochs: 2, limitTrainBatches: 1 });
    await trainer.fit(net, loaderOf(), [torch.ones(1)]);
    expect(optimizer.paramGroups[0].lr).toBeCloseTo(1e-7, 12);
  });
});
