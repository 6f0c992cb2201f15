/** Ways to train a network on all processes together. */
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';

export const strategies = ['ddp', 'zero', 'fsdp'] as const;
export type Strategy = (typeof strategies)[number];

/** A network that all processes train together. */
export interface Together {
  readonly optimizer: torch.optim.Optimizer;
  forward(input: torch.Tensor): torch.Tensor;
  /** Waits until gradients are those of all processes. */
  finish(): Promise<void>;
  /** The whole weights; all processes call it. */
  weights(): Record<string, torch.Tensor>;
}

type OptimizerClass = new (params: Iterable<torch.Tensor>, options: never) => torch.optim.Optimizer;

/**
 * Lets all processes train a network.
 *
 * @param parts the modules whose parameters are shared out one by one
 * @param compress whether gradients are sent in 16 bits
 */
export async function together(
  net: torch.nn.Module,
  parts: readonly torch.nn.Module[],
  strategy: Strategy,
  compress: boolean,
  Optimizer: OptimizerClass,
  options: Record<string, unknown>,
): Promise<Together> {
  if (strategy === 'fsdp') {
    const { fullyShard, MixedPrecisionPolicy } = dist.fsdp;
    const mpPolicy = new MixedPrecisionPolicy({ reduceDtype: compress ? torch.bfloat16 : null });
    for (const part of parts) fullyShard(part, { mpPolicy });
    fullyShard(net, { mpPolicy });
    return {
      optimizer: new Optimizer(net.parameters(), options as never),
      forward: (input) => net.forward(input) as torch.Tensor,
      async finish() {},
      weights: () => dist.checkpoint.getModelStateDict(net, { options: { fullStateDict: true } }) as never,
    };
  }
  const ddp = await new dist.DistributedDataParallel(net).ready();
  if (compress) ddp.registerCommHook(null, dist.fp16CompressHook);
  const optimizer =
    strategy === 'zero'
      ? new dist.optim.ZeroRedundancyOptimizer(ddp.parameters(), Optimizer as never, options)
      : new Optimizer(ddp.parameters(), options as never);
  return {
    optimizer,
    forward: (input) => ddp.forward(input) as torch.Tensor,
    finish: () => ddp.finish(),
    weights: () => net.stateDict() as never,
  };
}
