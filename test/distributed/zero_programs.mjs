/** What ranks do in `zero_redundancy_optimizer.test.ts`. */
import { average, task, train } from './networks.mjs';

/** Trains with a ZeroRedundancyOptimizer, or without. */
export async function trained({ name, optimizer: type, options, isPlain }, torch, dist) {
  const one = task(name, torch);
  const { model } = one;
  const all = [...model.parameters()];
  const groups = [{ params: all.slice(0, 3), lr: 0.02 }, { params: all.slice(3) }];
  const optimizer = isPlain
    ? new torch.optim[type](groups, options)
    : new dist.optim.ZeroRedundancyOptimizer(groups, torch.optim[type], options);
  const losses = await train(one, torch, dist, 4, async (loss, i) => {
    optimizer.zeroGrad();
    loss.backward();
    await average(model, dist);
    for (const group of optimizer.paramGroups) group.lr /= i + 1;
    optimizer.step();
  });
  let own = 0;
  if (!isPlain) for (const state of optimizer.optim.state.values()) own += state.expAvg?.numel() ?? 0;
  return { losses, own, sum: all.reduce((sum, p) => sum + p.double().sum().item(), 0) };
}

/** A state that is consolidated on rank 1, and what another optimizer makes of it. */
export async function consolidated({ folder }, torch, dist) {
  const one = task('gpt', torch);
  const make = () =>
    new dist.optim.ZeroRedundancyOptimizer(one.model.parameters(), torch.optim.Adam, { lr: 0.1 });
  const optimizer = make();
  await train(one, torch, dist, 2, async (loss) => {
    loss.backward();
    await average(one.model, dist);
    optimizer.step();
  });
  let refusal = null;
  try {
    optimizer.stateDict();
  } catch (error) {
    refusal = error.message;
  }
  await optimizer.consolidateStateDict(dist.getWorldSize() - 1);
  const path = `${folder}/zero${dist.getWorldSize()}.pt`;
  if (dist.getRank() === dist.getWorldSize() - 1) await torch.save(optimizer.stateDict(), path);
  await dist.barrier();
  const state = await torch.load(path);
  const other = make();
  other.loadStateDict(state);
  const same = [...optimizer.optim.state].every(([p, { expAvg }]) =>
    torch.equal(other.optim.state.get(p).expAvg, expAvg),
  );
  const plain = new torch.optim.Adam(one.model.parameters(), { lr: 1 });
  plain.loadStateDict(state);
  return {
    refusal,
    same,
    entries: [...plain.state.keys()].length,
    lr: plain.paramGroups[0].lr,
    step: plain.state.get([...one.model.parameters()][3]).step,
  };
}

/** Which rank has which parameters, before and after others are added. */
export async function shares({ sizes, more }, torch, dist) {
  const parameter = (n) => new torch.nn.Parameter(torch.zeros(n));
  const optimizer = new dist.optim.ZeroRedundancyOptimizer(sizes.map(parameter), torch.optim.SGD, {
    lr: 0.1,
    parametersAsBucketView: true,
  });
  optimizer.addParamGroup({ params: more.map(parameter), lr: 0.5 });
  return optimizer.optim.paramGroups.map(({ params, lr }) => [params.map((p) => p.numel()), lr]);
}
