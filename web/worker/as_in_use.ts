import * as torch from 'flambeau';

/** Calls `run` without gradients, and while a module is as in use: its dropout rests, its batch norms keep their means. */
export function asInUse<T>(module: torch.nn.Module, run: () => T): T {
  return torch.noGrad(() => {
    const wasTraining = module.training;
    module.eval();
    try {
      return run();
    } finally {
      module.train(wasTraining);
    }
  });
}
