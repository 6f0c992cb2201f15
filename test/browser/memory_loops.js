/**
 * Loops as people write them, without a scope, a `dispose` or a turn of the event loop: what each needs of memory must not grow with
 * its steps. Every entry makes its step; one whose name ends in `Async` gives a promise that resolves in a microtask on the CPU.
 */
export const loops = {
  /** The fault: 2-64-64-2, Adam, full batch. */
  train: (torch, device) => training(torch, device, 1000),
  trainItemAsync(torch, device) {
    const step = training(torch, device, 1000);
    return async () => Number.isFinite(await step().itemAsync());
  },
  trainReadyAsync(torch, device) {
    const step = training(torch, device, 1000);
    return async () => void (await step().ready());
  },
  wide(torch, device) {
    const { nn } = torch;
    const net = new nn.Sequential(new nn.Linear(512, 512), new nn.ReLU(), new nn.Linear(512, 512)).to(device);
    return supervised(torch, net, torch.randn(4, 512).to(device), torch.randn(4, 512).to(device));
  },
  evaluate(torch, device) {
    const net = new (classOf(torch))().to(device).eval();
    const x = torch.randn(100, 16).to(device);
    return () => torch.noGrad(() => net.forward(x).argmax(1).eq(1).to(torch.float32).mean());
  },
  inference(torch, device) {
    const net = new (classOf(torch))().to(device).eval();
    return () => torch.inferenceMode(() => net.forward(torch.ones([100, 16]).to(device)).softmax(1));
  },
  /** A user's module, whose intermediate results its code has seen; scheduler, clipping, momentum. */
  module(torch, device) {
    const net = new (classOf(torch))().to(device);
    const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
    const scheduler = new torch.optim.lrScheduler.StepLR(optimizer, 1000);
    const criterion = new torch.nn.CrossEntropyLoss();
    return () => {
      const x = torch.randn(64, 16).to(device);
      const y = torch.randint(0, 4, [64]).to(device);
      optimizer.zeroGrad();
      const loss = criterion.forward(net.forward(x), y);
      loss.backward();
      torch.nn.utils.clipGradNorm_(net.parameters(), 1);
      optimizer.step();
      scheduler.step();
      return loss;
    };
  },
  /** A state that is carried on, through steps unrolled by hand. */
  recurrent(torch, device) {
    const { nn } = torch;
    const [input, hidden] = [new nn.Linear(8, 32).to(device), new nn.Linear(32, 32).to(device)];
    const optimizer = new torch.optim.RMSprop([...input.parameters(), ...hidden.parameters()], { lr: 0.001 });
    let state = torch.zeros(16, 32).to(device);
    return () => {
      const x = torch.randn(6, 16, 8).to(device);
      state = state.detach();
      for (let t = 0; t < 6; t++) {
        const gate = torch.sigmoid(hidden.forward(state));
        state = torch
          .tanh(input.forward(x.index(t)))
          .mul(gate)
          .add(state.mul(gate.neg().add(1)));
      }
      const loss = state.pow(2).mean();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
  },
  accumulate(torch, device) {
    const net = new (classOf(torch))().to(device);
    const optimizer = new torch.optim.AdamW(net.parameters(), { lr: 0.001 });
    let count = 0;
    return () => {
      const loss = net.forward(torch.randn(32, 16).to(device)).pow(2).mean().div(4);
      loss.backward();
      if (++count % 4 === 0) {
        optimizer.step();
        optimizer.zeroGrad();
      }
      return loss;
    };
  },
  /** A penalty on the gradient: the backward pass is recorded, and run backward. */
  penalty(torch, device) {
    const net = new (classOf(torch))().to(device);
    const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.001 });
    return () => {
      const x = torch.randn(16, 16).to(device).requiresGrad_();
      const out = torch.tanh(net.forward(x)).sum();
      const [grad] = torch.autograd.grad([out], [x], { createGraph: true });
      const loss = out.add(grad.pow(2).sum());
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
  },
  transforms(torch, device) {
    const w = torch.randn(16, 16).to(device);
    const x = torch.randn(32, 16).to(device);
    const gradient = torch.func.grad((weight) => torch.tanh(x.matmul(weight)).pow(2).mean());
    return () => gradient(w).abs().max();
  },
  inPlace(torch, device) {
    const total = torch.zeros(100, 50).to(device);
    return () => {
      const x = torch.randn(100, 50).to(device);
      x.t().mul_(2);
      x.index(':', '::2').add_(1);
      total.mul_(0.9).add_(x.clamp(-1, 1));
      return total.mean();
    };
  },
  custom(torch, device) {
    class Cube extends torch.autograd.Function {
      static forward(context, x) {
        context.saveForBackward(x);
        return x.pow(3);
      }
      static backward(context, grad) {
        const [x] = context.savedTensors;
        return grad.mul(x.pow(2).mul(3));
      }
    }
    const w = torch.randn(50, 50).to(device).requiresGrad_();
    return () => {
      w.grad = null;
      const loss = Cube.apply(w.mul(0.1)).mean();
      loss.backward();
      return w.grad.abs().mean();
    };
  },
  hooks(torch, device) {
    const net = new (classOf(torch))().to(device);
    const seen = [];
    net.first.registerForwardHook((_module, _inputs, output) => {
      seen.push(output.detach());
      if (seen.length > 10) seen.shift();
      output.registerHook((grad) => grad.mul(0.5));
    });
    return () => {
      const loss = net.forward(torch.randn(32, 16).to(device)).pow(2).mean();
      net.zeroGrad();
      loss.backward();
      return loss;
    };
  },
  /** Tensors that are kept must keep their values, however long it is not looked at. */
  kept(torch, device) {
    const kept = [];
    const history = [];
    let count = 0;
    return () => {
      count++;
      const x = torch.full([1000], count % 1000, { dtype: torch.float32 }).to(device);
      kept.push(x.mul(2));
      history.push(x.mean().detach());
      if (history.length > 2000) history.splice(0, 1000);
      if (kept.length > 300) {
        const [old, late] = [kept.shift(), history[0]];
        if (device === 'cpu') {
          const value = (count - 300) % 1000;
          if (old.sum().item() !== 2000 * value) throw new Error(`step ${count}: a kept tensor has changed`);
          if (late.item() < 0) throw new Error(`step ${count}: a kept number has changed`);
        }
      }
      return x;
    };
  },
  images(torch, device) {
    const { nn } = torch;
    const net = new nn.Sequential(
      new nn.Conv2d(1, 4, 3),
      new nn.BatchNorm2d(4),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Dropout(0.2),
      new nn.Linear(4 * 5 * 5, 4),
    ).to(device);
    return supervised(torch, net, torch.randn(8, 1, 12, 12).to(device), torch.randn(8, 4).to(device));
  },
};

/** A data loader, which is a loop of its own. */
export async function loader(torch, device, steps, report) {
  const { DataLoader, TensorDataset } = torch.utils.data;
  const set = new TensorDataset(torch.randn(640, 16), torch.randint(0, 4, [640]));
  const net = new (classOf(torch))().to(device);
  const optimizer = new torch.optim.Adagrad(net.parameters(), { lr: 0.01 });
  const criterion = new torch.nn.CrossEntropyLoss();
  for (let step = 0; step < steps; )
    for await (const [x, y] of new DataLoader(set, { batchSize: 64, shuffle: true })) {
      optimizer.zeroGrad();
      criterion.forward(net.forward(x.to(device)), y.to(device)).backward();
      optimizer.step();
      report(++step);
    }
}

/**
 * Takes so many steps of a loop and tells what memory was set aside after a tenth of them, a half and all, in bytes.
 * @param look more that is looked at then
 * @param say what is told of every tenth as it is reached: a loop that is cut off has said something
 */
export async function measure(torch, name, steps, device = 'cpu', look = () => ({}), say = () => {}) {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const figures = [];
  const tenths = Array.from({ length: 10 }, (_, i) => Math.ceil(((i + 1) * steps) / 10));
  const kept = [tenths[0], tenths[4], tenths[9]];
  const report = (step) => {
    if (!tenths.includes(step)) return;
    const { reservedBytes, aliveBytes, aliveCount } = backendStats(torch, device);
    const figure = { step, reservedBytes, aliveBytes, aliveCount, ...look() };
    if (kept.includes(step)) figures.push(figure);
    say({ name, steps, seconds: seconds(), ...figure });
  };
  torch.manualSeed(0);
  if (name === 'loader') await loader(torch, device, steps, report);
  else {
    const step = loops[name](torch, device);
    // Not one await, where the loop has none; a device that must be waited for is, as it must be.
    for (let i = 1; i <= steps; i++) {
      const result = step(i);
      if (name.endsWith('Async')) await result;
      else if (device !== 'cpu' && i % 10 === 0) await result.sum().itemAsync();
      report(i);
    }
  }
  return { name, steps, seconds: seconds(), figures };
}

function backendStats(torch, device) {
  return device === 'cpu'
    ? torch.memoryStats()
    : {
        reservedBytes: torch.webgpu.memoryReserved(),
        aliveBytes: torch.webgpu.memoryAllocated(),
        aliveCount: 0,
      };
}

function training(torch, device, batch) {
  const { nn } = torch;
  const net = new nn.Sequential(
    new nn.Linear(2, 64),
    new nn.ReLU(),
    new nn.Linear(64, 64),
    new nn.ReLU(),
    new nn.Linear(64, 2),
  ).to(device);
  return supervised(torch, net, torch.randn(batch, 2).to(device), torch.randn(batch, 2).to(device));
}

function supervised(torch, net, x, y) {
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 0.001 });
  return () => {
    optimizer.zeroGrad();
    const loss = torch.nn.functional.mseLoss(net.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
}

function classOf(torch) {
  const { nn } = torch;
  return class Net extends nn.Module {
    first = new nn.Linear(16, 64);
    second = new nn.Linear(64, 4);

    forward(x) {
      const hidden = torch.relu(this.first.forward(x));
      return this.second.forward(hidden);
    }
  };
}
