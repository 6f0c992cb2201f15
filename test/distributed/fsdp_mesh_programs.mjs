/** What ranks do in `fsdp_meshes.test.ts`. */
import { task, train } from './networks.mjs';

export default ({ torch, dist, given }) => programs[given.program](given, torch, dist);

/** Trains the small GPT, shared out in one of several ways, or whole by one process. */
async function trained({ way }, torch, dist) {
  const one = task('gpt', torch);
  const { model } = one;
  const { fullyShard } = dist.fsdp;
  const { Replicate, Shard, parallel } = dist.tensor;
  let options = {};
  let data = null;
  if (way === 'replicas' || way === 'partial')
    options = { mesh: await dist.initDeviceMesh('cpu', [2, 2], { meshDimNames: ['replicate', 'shard'] }) };
  if (way === 'keepers') options = { reshardAfterForward: 2 };
  if (way === 'columns')
    options = { shardPlacementFn: (p) => (p.ndim === 2 && p.shape[1] % 4 === 0 ? new Shard(1) : null) };
  if (way === 'both') {
    const mesh = await dist.initDeviceMesh('cpu', [2, 2], { meshDimNames: ['dp', 'tp'] });
    const { ColwiseParallel, RowwiseParallel, SequenceParallel, parallelizeModule } = parallel;
    parallelizeModule(model, mesh.get('tp'), {
      tokens: new RowwiseParallel(),
      'blocks.*.up': new ColwiseParallel(),
      'blocks.*.down': new RowwiseParallel(),
      ln: new SequenceParallel(),
      head: new ColwiseParallel({ inputLayouts: new Shard(1), outputLayouts: new Replicate() }),
      'blocks.1': new parallel.PrepareModuleOutput({
        outputLayouts: new Replicate(),
        desiredOutputLayouts: new Shard(1),
      }),
    });
    options = { mesh: mesh.get('dp') };
    data = mesh.getGroup('dp');
  }
  if (way !== 'alone') {
    for (const block of model.blocks) fullyShard(block, options);
    fullyShard(model, options);
    const [first, second] = model.blocks;
    if (way === 'ahead') {
      model.setModulesToForwardPrefetch([first, second]);
      first.setModulesToForwardPrefetch([second]);
      second.setModulesToBackwardPrefetch([first]);
    }
  }
  const optimizer = new torch.optim.AdamW(model.parameters(), { lr: 0.01, eps: 1e-4 });
  const norms = [];
  const losses = await train(
    one,
    torch,
    dist,
    4,
    (loss, i) => {
      const isLast = way !== 'partial' || i % 2 === 1;
      if (way === 'partial') model.setRequiresAllReduce(isLast);
      loss.backward();
      if (way !== 'partial') {
        norms.push(torch.nn.utils.clipGradNorm_(model.parameters(), 0.5).item());
        optimizer.step();
        optimizer.zeroGrad();
      }
    },
    data,
  );
  const state = model.stateDict();
  const of = (value) => value.fullTensor?.() ?? value;
  const grads = [...model.parameters()].map(({ grad }) => grad?.double().pow(2).sum().item() ?? 0);
  const own = [...model.parameters()].reduce((sum, p) => sum + p.numel(), 0);
  const weight = state['blocks.0.up.weight'];
  model.loadStateDict(state);
  return {
    losses,
    norms,
    own,
    grads: grads.reduce((a, b) => a + b, 0),
    placements: weight.placements?.map(String) ?? null,
    whole: Object.fromEntries(
      Object.entries(state).map(([key, value]) => [key, of(value).double().sum().item()]),
    ),
  };
}

/** Saves what two dimensions of ranks have, and loads it into a network that is shared out along one. */
async function saved({ folder }, torch, dist) {
  const { model } = task('gpt', torch);
  const mesh = await dist.initDeviceMesh('cpu', [2, 2], { meshDimNames: ['dp', 'tp'] });
  const { ColwiseParallel, RowwiseParallel, parallelizeModule } = dist.tensor.parallel;
  parallelizeModule(model, mesh.get('tp'), {
    'blocks.*.up': new ColwiseParallel(),
    'blocks.*.down': new RowwiseParallel(),
  });
  dist.fsdp.fullyShard(model, { mesh: mesh.get('dp') });
  await dist.checkpoint.save({ model: model.stateDict() }, { checkpointId: folder });
  const expected = task('gpt', torch).model.stateDict();
  torch.manualSeed(77);
  const other = task('gpt', torch).model;
  for (const p of other.parameters()) torch.noGrad(() => p.zero_());
  dist.fsdp.fullyShard(other);
  const state = { model: other.stateDict() };
  await dist.checkpoint.load(state, { checkpointId: folder });
  other.loadStateDict(state.model);
  return Object.entries(other.stateDict()).every(([key, value]) =>
    torch.equal(value.fullTensor(), expected[key]),
  );
}

/** What methods of sharded modules do. */
async function methods(_, torch, dist) {
  const { fullyShard, registerFsdpForwardMethod } = dist.fsdp;
  torch.manualSeed(0);
  const net = new torch.nn.Sequential(new torch.nn.Linear(4, 8), new torch.nn.Linear(8, 4));
  const [first, second] = net;
  const whole = first.weight.detach().clone();
  second.twice = (x) => second.weight.mul(x);
  fullyShard(first);
  fullyShard(second);
  fullyShard(net);
  registerFsdpForwardMethod(second, 'twice');
  const part = [...first.weight.shape];
  const handle = first.unshard({ asyncOp: true });
  handle.wait();
  const isWhole = torch.equal(first.weight, whole);
  const x = torch.ones(2, 4);
  const seen = net.forward(x);
  first.reshard();
  const again = net.forward(x);
  const alike = torch.equal(seen, again);
  const sums = [];
  second.setAllReduceHook((reduced) => sums.push(reduced.numel()));
  net.setReshardAfterBackward(false);
  net.forward(x).sum().backward();
  const grad = second.bias.grad.clone();
  torch.noGrad(() => first.weight.mul_(2));
  const changed = net.forward(x);
  net.zeroGrad();
  second.setGradientDivideFactor(1);
  net.forward(x).sum().backward();
  const ratio = second.bias.grad.div(grad).flatten().tolist();
  net.resetIterState();
  const failure = (run) => {
    try {
      run();
      return null;
    } catch (error) {
      return `${error.name}: ${error.message}`.split('\n')[0];
    }
  };
  const mesh = await dist.initDeviceMesh('cpu', [2, 2]);
  const cube = await dist.initDeviceMesh('cpu', [1, 2, 2], { meshDimNames: ['a', 'b', 'c'] });
  const other = () => new torch.nn.Linear(3, 3);
  const scalar = new torch.nn.ParameterList([new torch.nn.Parameter(torch.tensor(1.5))]);
  return {
    part,
    isWhole,
    alike,
    back: [...first.weight.shape],
    sums,
    changed: !torch.equal(changed, again),
    ratio: ratio.every((value) => value === dist.getWorldSize()),
    method: [...second.twice(2).shape],
    errors: [
      failure(() => fullyShard(other(), { mesh })),
      failure(() => fullyShard(other(), { mesh: cube })),
      failure(() => fullyShard(other(), { reshardAfterForward: 3 })),
      failure(() => fullyShard(other(), { shardPlacementFn: () => new dist.tensor.Shard(1) })),
      failure(() => fullyShard(scalar)),
      failure(() => net.setModulesToForwardPrefetch([other()])),
      failure(() => registerFsdpForwardMethod(net, 'gone')),
      failure(() => fullyShard(net)),
    ],
  };
}

const programs = { trained, saved, methods };
