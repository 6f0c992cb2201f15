/** What ranks do in `fully_shard.test.ts`. */
import { task, train } from './networks.mjs';

/** Shards the parts of a network, and all of it. */
function sharded(model, dist, options = {}) {
  const { fullyShard, MixedPrecisionPolicy } = dist.fsdp;
  for (const part of model.blocks ?? [model.conv2, model.fc1]) fullyShard(part, options);
  const { mpPolicy: inner } = options;
  const mpPolicy = inner && new MixedPrecisionPolicy({ ...inner, outputDtype: inner.reduceDtype });
  return fullyShard(model, { ...options, ...(inner && { mpPolicy }) });
}

export async function trained({ name, options, policy, clip, accumulate, isPlain }, torch, dist) {
  const one = task(name, torch);
  const { model } = one;
  const mpPolicy =
    policy && new dist.fsdp.MixedPrecisionPolicy({ paramDtype: torch[policy], reduceDtype: torch.float32 });
  if (!isPlain) sharded(model, dist, { ...options, ...(mpPolicy && { mpPolicy }) });
  const optimizer = new torch.optim.AdamW(model.parameters(), { lr: 0.01, eps: 1e-4 });
  const norms = [];
  const losses = await train(one, torch, dist, accumulate ? 8 : 4, (loss, i) => {
    const isLast = !accumulate || i % 2 === 1;
    if (!isPlain) model.setRequiresGradientSync(isLast);
    loss.backward();
    if (!isLast) return;
    if (clip) norms.push(torch.nn.utils.clipGradNorm_(model.parameters(), clip).item());
    optimizer.step();
    optimizer.zeroGrad();
  });
  const own = [...model.parameters()].reduce((sum, p) => sum + p.numel(), 0);
  const state = model.stateDict();
  const whole = Object.entries(state).map(([key, value]) => [
    key,
    (isPlain ? value : value.fullTensor()).double().sum().item(),
  ]);
  return { losses, norms, own, whole: Object.fromEntries(whole) };
}

/** What of a sharded network is looked at. */
export async function looked(_, torch, dist) {
  const { model, batches } = task('gpt', torch);
  sharded(model, dist);
  const [block] = model.blocks;
  const seen = [];
  block.registerForwardHook(() => void seen.push([...block.qkv.weight.shape]));
  const [ids] = batches();
  const out = model.forward(ids);
  const before = [...block.qkv.weight.shape];
  out.sum().backward();
  const { weight } = block.qkv;
  const state = model.stateDict();
  const full = state['blocks.0.qkv.weight'].fullTensor();
  model.loadStateDict(
    Object.fromEntries(Object.entries(state).map(([key, value]) => [key, value.fullTensor().mul(2)])),
  );
  return {
    name: block.constructor.name,
    printed: String(block).split('\n')[0],
    before,
    grad: [...weight.grad.shape],
    isLeaf: weight.isLeaf,
    full: [...full.shape],
    doubled: torch.equal(model.stateDict()['blocks.0.qkv.weight'].fullTensor(), full.mul(2)),
    isBlock: block instanceof Object.getPrototypeOf(block.constructor),
  };
}

/** Trains, saves, and says how it goes on; or loads that and goes on. */
export async function resumed({ folder, from }, torch, dist) {
  const one = task('gpt', torch);
  sharded(one.model, dist);
  const optimizer = new torch.optim.AdamW(one.model.parameters(), { lr: 0.01 });
  const run = (steps) =>
    train(one, torch, dist, steps, (loss) => {
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
    });
  const { getStateDict, setStateDict, save, load } = dist.checkpoint;
  if (!from) {
    await run(2);
    const [model, optim] = getStateDict(one.model, optimizer);
    await save({ model, optim, random: torch.getRngState() }, { checkpointId: folder });
    return run(3);
  }
  torch.manualSeed(99);
  for (const p of one.model.parameters()) torch.noGrad(() => p.zero_());
  const [model, optim] = getStateDict(one.model, optimizer);
  const state = { model, optim, random: torch.getRngState() };
  await load(state, { checkpointId: folder });
  setStateDict(one.model, optimizer, { modelStateDict: state.model, optimStateDict: state.optim });
  torch.setRngState(state.random);
  return run(3);
}
