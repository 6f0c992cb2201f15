import type * as torch from 'flambeau';

/** What resume.py says about optimizers and schedulers. */
export interface Facts {
  readonly optimizers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly schedulers: Readonly<Record<string, readonly unknown[]>>;
  readonly cycled: readonly string[];
  readonly first: number;
  readonly more: number;
  readonly tolerance: number;
}

export interface Parameters {
  readonly weight: torch.Tensor;
  readonly bias: torch.Tensor;
}

export interface State extends Parameters {
  readonly optimizer: torch.optim.OptimizerStateDict;
  readonly scheduler: object;
}

export class Training implements Parameters {
  readonly weight: torch.Tensor;
  readonly bias: torch.Tensor;
  readonly scheduler: torch.optim.lrScheduler.LRScheduler;
  constructor(facts: Facts, optimizer: string, scheduler: string);
  train(steps: number): void;
  state(): State;
  load(state: State): void;
  differences(expected: Parameters): { weight: number; bias: number };
}
