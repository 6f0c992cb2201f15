/** The training of resume.py, in Flambeau. */
import * as torch from 'flambeau';

const F = torch.nn.functional;
const { lrScheduler } = torch.optim;

const camelCase = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const named = (options) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));

function values(...shape) {
  const count = shape.reduce((product, n) => product * n, 1);
  const list = Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + 0.3));
  return torch.tensor(list, { dtype: torch.float64 }).float().reshape(shape);
}

function makeScheduler({ schedulers, cycled }, name, optimizer) {
  const args = schedulers[name];
  if (name === 'SWALR') return new torch.optim.swaUtils.SWALR(optimizer, ...args);
  if (name === 'LambdaLR') return new lrScheduler.LambdaLR(optimizer, (epoch) => args[0] ** epoch);
  if (name === 'MultiplicativeLR') return new lrScheduler.MultiplicativeLR(optimizer, () => args[0]);
  if (cycled.includes(name))
    return new lrScheduler[name](optimizer, ...args, { cycleMomentum: optimizer instanceof torch.optim.SGD });
  if (name === 'SequentialLR' || name === 'ChainedScheduler') {
    const parts = args.slice(0, 2).map(([part, rest]) => new lrScheduler[part](optimizer, ...rest));
    return name === 'SequentialLR'
      ? new lrScheduler.SequentialLR(optimizer, parts, args[2])
      : new lrScheduler.ChainedScheduler(parts, optimizer);
  }
  return new lrScheduler[name](optimizer, ...args);
}

export class Training {
  /** @param facts what resume.py wrote to pairs.json */
  constructor(facts, optimizer, scheduler) {
    this.isSparse = optimizer === 'SparseAdam';
    this.weight = values(6, 4).requiresGrad_();
    this.bias = values(6).requiresGrad_();
    const options = named(facts.optimizers[optimizer]);
    const [kind] = optimizer.split(' ');
    const parameters = optimizer.endsWith('in groups')
      ? [{ params: [this.weight] }, { params: [this.bias], lr: options.lr / 2 }]
      : this.isSparse || optimizer === 'Muon'
        ? [this.weight]
        : [this.weight, this.bias];
    this.optimizer = new torch.optim[kind](parameters, options);
    this.scheduler = makeScheduler(facts, scheduler, this.optimizer);
  }

  loss() {
    if (!this.isSparse) {
      const output = F.linear(values(8, 4), this.weight, this.bias);
      return output.sub(values(8, 6)).pow(2).mean();
    }
    const rows = F.embedding(torch.tensor([0, 2, 2, 5]), this.weight, { sparse: true });
    return rows.sub(0.5).pow(2).sum();
  }

  train(steps) {
    for (let i = 0; i < steps; i++) {
      const loss = this.optimizer.step(() => {
        this.optimizer.zeroGrad();
        const loss = this.loss();
        loss.backward();
        return loss;
      });
      if (this.scheduler instanceof lrScheduler.ReduceLROnPlateau) this.scheduler.step(loss.item());
      else this.scheduler.step();
    }
  }

  state() {
    const { weight, bias, optimizer, scheduler } = this;
    return {
      weight: weight.detach().clone(),
      bias: bias.detach().clone(),
      optimizer: optimizer.stateDict(),
      scheduler: scheduler.stateDict(),
    };
  }

  load({ weight, bias, optimizer, scheduler }) {
    torch.noGrad(() => {
      this.weight.copy_(weight);
      this.bias.copy_(bias);
    });
    this.optimizer.loadStateDict(optimizer);
    this.scheduler.loadStateDict(scheduler);
  }

  /** How far the parameters are from others, relative to those of more than 1. */
  differences(expected) {
    const from = (name) => {
      const other = expected[name];
      return this[name].detach().sub(other).abs().div(other.abs().clamp(1)).max().item();
    };
    return { weight: from('weight'), bias: from('bias') };
  }
}
