/** What ranks do in `tensor_parallel.test.ts`. */
import { task } from './networks.mjs';

/** Trains the small GPT, of which all ranks see the same batches; its blocks are computed in parts. */
export async function trained({ isPlain, plan: name }, torch, dist) {
  const { model, batches } = task('gpt', torch);
  const { parallel, Shard, Replicate } = dist.tensor;
  const {
    ColwiseParallel,
    RowwiseParallel,
    SequenceParallel,
    PrepareModuleInput,
    PrepareModuleOutput,
    parallelizeModule,
  } = parallel;
  const plans = {
    columns: {
      tokens: new RowwiseParallel(),
      places: new ColwiseParallel({ outputLayouts: new Replicate() }),
      'blocks.*.up': new ColwiseParallel(),
      'blocks.*.down': new RowwiseParallel(),
      head: new ColwiseParallel({ outputLayouts: new Replicate() }),
    },
    sequence: {
      ln: new SequenceParallel(),
      head: new ColwiseParallel({ inputLayouts: new Shard(1), outputLayouts: new Replicate() }),
      'blocks.1': new PrepareModuleOutput({
        outputLayouts: new Replicate(),
        desiredOutputLayouts: new Shard(1),
      }),
      'blocks.*.up': new ColwiseParallel({ outputLayouts: new Replicate() }),
      'blocks.*.ln1': new PrepareModuleInput({
        inputLayouts: new Replicate(),
        desiredInputLayouts: new Replicate(),
      }),
    },
  };
  if (!isPlain) parallelizeModule(model, null, plans[name]);
  const optimizer = new torch.optim.AdamW(model.parameters(), { lr: 0.01, eps: 1e-4 });
  const losses = [];
  const norms = [];
  for (let i = 0; i < 4; i++) {
    const [ids, targets] = batches();
    const loss = torch.nn.functional.crossEntropy(model.forward(ids), targets.flatten());
    optimizer.zeroGrad();
    loss.backward();
    norms.push(torch.nn.utils.clipGradNorm_(model.parameters(), 0.5).item());
    optimizer.step();
    losses.push(loss.item());
  }
  const own = [...model.parameters()].reduce((sum, p) => sum + p.numel(), 0);
  const whole = Object.entries(model.stateDict()).map(([key, value]) => [
    key,
    (value.fullTensor?.() ?? value).double().sum().item(),
  ]);
  return { losses, norms, own, whole: Object.fromEntries(whole) };
}
