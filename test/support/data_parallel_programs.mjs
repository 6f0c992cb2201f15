/**
 * What ranks do in test/data-parallel.test.ts, as in test/golden/data_parallel.py: a program gives the losses of its rank, and the parameters' norms at the
 * end.
 */

/** The networks. */
const networksOf = (torch) => {
  const { nn } = torch;
  const { functional: F } = nn;

  class Net extends nn.Module {
    conv1 = new nn.Conv2d(3, 6, 5);
    conv2 = new nn.Conv2d(6, 16, 5);
    fc1 = new nn.Linear(16 * 5 * 5, 120);
    fc2 = new nn.Linear(120, 84);
    fc3 = new nn.Linear(84, 10);

    forward(input) {
      let x = F.maxPool2d(F.relu(this.conv1.forward(input)), 2);
      x = F.maxPool2d(F.relu(this.conv2.forward(x)), 2);
      return this.fc3.forward(F.relu(this.fc2.forward(F.relu(this.fc1.forward(torch.flatten(x, 1))))));
    }
  }

  class GPT extends nn.Module {
    constructor() {
      super();
      this.tokens = new nn.Embedding(20, 16);
      this.places = new nn.Parameter(torch.randn(12, 16).mul(0.1));
      const layer = new nn.TransformerEncoderLayer(16, 2, 32, 0, {
        activation: 'gelu',
        batchFirst: true,
        normFirst: true,
      });
      this.blocks = new nn.TransformerEncoder(layer, 2, { enableNestedTensor: false });
      this.head = new nn.Linear(16, 20);
    }

    forward(x) {
      const mask = nn.Transformer.generateSquareSubsequentMask(x.shape[1]);
      const all = this.tokens.forward(x).add(this.places.narrow(0, 0, x.shape[1]));
      return this.head.forward(this.blocks.forward(all, mask, { isCausal: true }));
    }
  }

  class Branches extends nn.Module {
    first = new nn.Linear(4, 4);
    a = new nn.Linear(4, 2);
    b = new nn.Linear(4, 2);
    never = new nn.Linear(4, 2);

    forward(x, branch) {
      return (branch === 0 ? this.a : this.b).forward(this.first.forward(this.first.forward(x)));
    }
  }

  return { Net, GPT, Branches, F };
};

export function programsOf(context) {
  const { torch, dist, parallel = true } = context;
  const { nn, optim } = torch;
  const { Net, GPT, Branches, F } = networksOf(torch);
  const [rank, size] = parallel ? [dist.getRank(), dist.getWorldSize()] : [0, 1];
  const wrap = async (net, options = {}) =>
    parallel ? await new dist.DistributedDataParallel(net, options).ready() : net;
  const share = (step, shape) => {
    torch.manualSeed(100 + step);
    return torch.randn(shape).chunk(size)[rank];
  };
  const meanSquare = (x) => x.square().mean();
  const norms = (net) => net.parameters().map((p) => p.norm().item());

  async function train(net, optimizer, steps, lossOf) {
    const losses = [];
    for (let step = 0; step < steps; step++) {
      optimizer.zeroGrad();
      const loss = lossOf(step);
      loss.backward();
      await net.finish?.();
      optimizer.step();
      losses.push(loss.item());
    }
    return { losses, norms: norms(net) };
  }

  async function tutorial(options = {}, hook = null, state = null) {
    torch.manualSeed(rank);
    const net = await wrap(new Net(), options);
    if (hook !== null) net.registerCommHook(state, hook);
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
    return train(net, optimizer, 6, (step) => {
      torch.manualSeed(100 + step);
      const [x, y] = [torch.randn(8, 3, 32, 32), torch.randint(0, 10, [8])];
      return F.crossEntropy(net.forward(x.chunk(size)[rank]), y.chunk(size)[rank]);
    });
  }

  async function compressed(hook, matrixRank, options = {}) {
    const state = new dist.PowerSGDState(null, matrixRank, { startPowerSgdIter: 2, ...options });
    return { ...(await tutorial({}, hook, state)), stats: state.compressionStats() };
  }

  async function joined(divideByInitialWorldSize) {
    torch.manualSeed(rank);
    const net = await wrap(
      new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.Linear(8, 1)),
    );
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    const result = await net.join(
      () => train(net, optimizer, 2 + rank, (step) => meanSquare(net.forward(share(step, [16, 4])))),
      { divideByInitialWorldSize },
    );
    return { ...result, norms: norms(net) };
  }

  return {
    tutorial: () => tutorial(),
    views: () => tutorial({ gradientAsBucketView: true, bucketCapMb: 0.05 }),
    async gpt() {
      torch.manualSeed(rank);
      const net = await wrap(new GPT(), { gradientAsBucketView: true, bucketCapMb: 0.005 });
      const optimizer = new optim.AdamW(net.parameters(), { lr: 1e-2 });
      return train(net, optimizer, 6, (step) => {
        torch.manualSeed(100 + step);
        const x = torch.randint(0, 20, [8, 13]).chunk(size)[rank];
        const logits = net.forward(x.narrow(1, 0, 12)).flatten(0, 1);
        return F.crossEntropy(logits, x.narrow(1, 1, 12).flatten());
      });
    },
    async unused() {
      torch.manualSeed(rank);
      const net = await wrap(new Branches(), { findUnusedParameters: true });
      const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, weightDecay: 0.1 });
      return train(net, optimizer, 4, (step) =>
        meanSquare(net.forward(share(step, [8, 4]), step < 2 ? rank % 2 : 0)),
      );
    },
    async static() {
      torch.manualSeed(rank);
      const net = await wrap(new Branches(), { staticGraph: true });
      const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, weightDecay: 0.1 });
      return train(net, optimizer, 4, (step) => meanSquare(net.forward(share(step, [8, 4]), 1)));
    },
    async accumulated() {
      torch.manualSeed(rank);
      const net = await wrap(new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 1)));
      const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
      return train(net, optimizer, 4, (step) => {
        net.noSync(() => meanSquare(net.forward(share(2 * step, [8, 4]))).backward());
        return meanSquare(net.forward(share(2 * step + 1, [8, 4])));
      });
    },
    async normed() {
      torch.manualSeed(rank);
      const norm = new nn.BatchNorm1d(8);
      const net = await wrap(new nn.Sequential(new nn.Linear(4, 8), norm, new nn.Linear(8, 1)));
      const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
      const result = await train(net, optimizer, 4, (step) => meanSquare(net.forward(share(step, [16, 4]))));
      return { ...result, mean: norm.runningMean.tolist() };
    },
    joined: () => joined(true),
    joinedByActive: () => joined(false),
    plainHook: () => tutorial({}, dist.allreduceHook),
    half: () => tutorial({}, dist.fp16CompressHook),
    powerSGD: () => compressed(dist.powerSGDHook, 1),
    powerSGD3: () =>
      compressed(dist.powerSGDHook, 3, { batchTensorsWithSameShape: true, orthogonalizationEpsilon: 1e-8 }),
    batchedPowerSGD: () => compressed(dist.batchedPowerSGDHook, 1),
    brainHalf: () => tutorial({}, dist.bf16CompressHook),
    wrappedHalf: () => tutorial({}, dist.fp16CompressWrapper(dist.allreduceHook)),
    asyncHook: () =>
      tutorial({}, async (_, bucket) => {
        const buffer = bucket.buffer();
        await dist.allReduce(buffer, dist.ReduceOp.AVG);
        return buffer;
      }),
    /** Batch norms over the batches of all, beside plain ones over the whole batch. */
    async syncNormed() {
      torch.manualSeed(7);
      const plain = new nn.Sequential(
        new nn.Conv2d(2, 4, 3),
        new nn.BatchNorm2d(4),
        new nn.ReLU(),
        new nn.Flatten(),
        new nn.Linear(64, 1),
      );
      const net = await wrap(parallel ? dist.SyncBatchNorm.convertSyncBatchnorm(plain) : plain);
      const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
      const result = await train(net, optimizer, 4, (step) =>
        meanSquare(net.forward(share(step, [8, 2, 6, 6]))),
      );
      return { ...result, buffers: net.buffers().map((b) => b.tolist()) };
    },
    /** A `Trainer`, with a share of the data on each rank. */
    async trainer() {
      const { LightningModule, Trainer } = await import('../../dist/trainer/index.js');
      const { DataLoader, DistributedSampler, TensorDataset } = torch.utils.data;
      class Line extends LightningModule {
        net = new nn.Linear(3, 1);

        async trainingStep([x, y]) {
          const loss = this.net.forward(x).sub(y).square().mean();
          this.log('train_loss', loss, { onEpoch: true });
          return loss;
        }

        configureOptimizers() {
          return new optim.SGD(this.parameters(), { lr: 0.05 });
        }
      }
      torch.manualSeed(1);
      const data = new TensorDataset(torch.randn(32, 3), torch.randn(32, 1));
      torch.manualSeed(5 + rank);
      const model = new Line();
      const sampler = parallel ? new DistributedSampler(data, { shuffle: false }) : null;
      const loader = new DataLoader(data, { batchSize: 8 / size, sampler });
      const logged = [];
      const trainer = new Trainer({
        maxEpochs: 3,
        accumulateGradBatches: 2,
        gradientClipVal: 1,
        strategy: parallel ? 'ddp' : 'auto',
        enableProgressBar: false,
        logger: { logMetrics: (values) => logged.push(values) },
      });
      await trainer.fit(model, loader);
      const weights = model.parameters().map((p) => p.tolist());
      return {
        weights: weights.flat(2),
        loss: trainer.callbackMetrics.train_loss ?? trainer.callbackMetrics.train_loss_epoch,
        logs: logged.length,
        steps: trainer.globalStep,
        isFirst: trainer.isGlobalZero,
        epoch: sampler?.epoch,
      };
    },
    errors: () => errors(context),
  };
}

/** What is refused, by what it is. */
async function errors({ torch, dist }) {
  const { nn } = torch;
  const rank = dist.getRank();
  const messages = {};
  const note = async (name, run) => {
    try {
      await run();
      messages[name] = 'nothing';
    } catch (error) {
      messages[name] = `${error.name}: ${error.message}`;
    }
  };
  const ddpOf = (net, options) => new dist.DistributedDataParallel(net, options).ready();
  await note('shapes', () => ddpOf(new nn.Linear(2 + rank, 2)));
  await note('dimensions', () => ddpOf(rank === 0 ? new nn.Linear(2, 2) : new nn.Conv1d(2, 2, 1)));
  await note('counts', () => ddpOf(new nn.Linear(2, 2, { bias: rank === 0 })));
  await note('sparse', async () => {
    const ddp = await ddpOf(new nn.Embedding(4, 2, { sparse: true }));
    ddp
      .forward(torch.tensor([1]))
      .sum()
      .backward();
  });
  const parts = new nn.ModuleDict({ used: new nn.Linear(2, 2), idle: new nn.Linear(2, 2) });
  parts.forward = (x) => parts.get('used').forward(x);
  const ddp = await ddpOf(parts);
  const optimizer = new torch.optim.SGD(ddp.parameters(), { lr: 0.1 });
  const x = torch.ones(1, 2);
  ddp.forward(x).sum().backward();
  await note('step', () => optimizer.step());
  await note('finish', () => ddp.finish());
  await note('again', () => ddp.forward(x));
  const twice = new nn.Linear(2, 2);
  const wrapped = await ddpOf(twice);
  const loss = wrapped.forward(x).sum();
  loss.backward({ retainGraph: true });
  await note('unawaited', () => new torch.optim.SGD(wrapped.parameters(), { lr: 0.1 }).step());
  await note('gradient', () => twice.weight.grad);
  await note('forward', () => wrapped.forward(x));
  await wrapped.finish();
  messages.gradients = twice.weight.grad.tolist();
  const part = await ddpOf(new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 2)));
  const [first, second] = part.module.children();
  part.forward(x);
  first.forward(x).sum().backward();
  await note('twice', () => first.forward(x).sum().backward());
  second.forward(x).sum().backward();
  await part.finish();
  await note('outOfInputs', () =>
    wrapped.join(
      () => {
        for (let i = 0; i <= rank; i++) wrapped.forward(x).sum().backward();
      },
      { throwOnEarlyTermination: true },
    ),
  );
  return messages;
}

export default async (context) => {
  const results = {};
  for (const name of context.given) results[name] = await programsOf(context)[name]();
  return results;
};
