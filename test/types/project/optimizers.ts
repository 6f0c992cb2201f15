/** Optimizers and schedulers of one's own; groups and states. */
import * as torch from 'flambeau';
import { nn, optim, type Tensor } from 'flambeau';

/** Overrides `step` to count, and to warm up. */
export class Warmup extends optim.SGD {
  steps = 0;

  override step(): null;
  override step<Loss>(closure: () => Loss): Loss;
  override step<Loss>(closure?: () => Loss): Loss | null {
    this.steps++;
    for (const group of this.paramGroups) group.lr = Math.min(0.1, this.steps * 0.01);
    return closure ? super.step(closure) : super.step();
  }
}

interface LionOptions {
  lr: number;
  beta: number;
}

interface LionState {
  [name: string]: Tensor | number;
  momentum: Tensor;
  step: number;
}

export class Lion extends optim.Optimizer<LionState, LionOptions> {
  constructor(params: Iterable<nn.Parameter>, { lr = 1e-3, beta = 0.9 }: Partial<LionOptions> = {}) {
    super(params, { lr, beta });
  }

  protected update(
    parameter: Tensor,
    grad: Tensor,
    { lr, beta }: LionOptions,
    state: Partial<LionState>,
  ): void {
    state.step = (state.step ?? 0) + 1;
    const momentum = state.momentum ?? torch.zerosLike(grad);
    parameter.sub_(
      momentum
        .lerp(grad, 1 - beta)
        .sign()
        .mul(lr),
    );
    state.momentum = momentum.lerp(grad, 1 - beta);
  }
}

export class InverseRoot extends optim.lrScheduler.LRScheduler {
  constructor(
    optimizer: optim.Optimizer,
    readonly warmup: number,
  ) {
    super(optimizer);
    this.start();
  }

  getLr(): number[] {
    const t = this.lastEpoch + 1;
    return this.baseLrs.map((lr) => lr * Math.min(1 / Math.sqrt(t), t / this.warmup ** 1.5));
  }
}

export function groups(model: nn.Module): optim.AdamW {
  const decay: nn.Parameter[] = [];
  const others: nn.Parameter[] = [];
  for (const [name, p] of model.namedParameters()) (name.endsWith('bias') ? others : decay).push(p);
  const optimizer = new optim.AdamW(
    [
      { params: decay, weightDecay: 0.1 },
      { params: others, weightDecay: 0, lr: 1e-4 },
    ],
    { lr: 1e-3 },
  );
  optimizer.addParamGroup({ params: [new nn.Parameter(torch.ones(2))], betas: [0.8, 0.9] });
  for (const group of optimizer.paramGroups) {
    group.lr *= 0.5;
    group.weightDecay += 0;
  }
  return optimizer;
}

export function moments(optimizer: optim.Adam): Tensor[] {
  return [...optimizer.state.values()].map(({ expAvg, expAvgSq }) => expAvg.div(expAvgSq.sqrt().add(1e-8)));
}

export function train(
  model: nn.Module,
  optimizer: optim.Optimizer,
  epochs: number,
): { losses: number[]; lrs: number[] } {
  const schedulers: optim.lrScheduler.LRScheduler[] = [
    new InverseRoot(optimizer, 2),
    new optim.lrScheduler.StepLR(optimizer, 2, { gamma: 0.5 }),
    new optim.lrScheduler.LambdaLR(optimizer, (epoch) => 0.9 ** epoch),
  ];
  const plateau = new optim.lrScheduler.ReduceLROnPlateau(optimizer, { mode: 'min', patience: 1 });
  const criterion: nn.Module = new nn.MSELoss({ reduction: 'mean' });
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const [x, y] = [torch.randn(4, 3), torch.randn(4, 2)];
    const loss: Tensor = optimizer.step(() => {
      optimizer.zeroGrad();
      const value: Tensor = criterion.forward(model.forward(x), y);
      value.backward();
      return value;
    });
    for (const scheduler of schedulers) scheduler.step();
    plateau.step(loss);
    losses.push(loss.item());
  }
  return { losses, lrs: schedulers.flatMap((scheduler) => scheduler.getLastLr()) };
}
