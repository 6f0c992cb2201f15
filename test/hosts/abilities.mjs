// Tries the abilities that the table of docs/runtimes.md has, on whatever host: which there are, or why not.

/** The cells of a host's row. */
export async function abilities(torch) {
  const cells = { engine: torch.backends.cpu.engine() };
  for (const [name, ability] of Object.entries({ tensors, training, files, workers }))
    cells[name] = await ability(torch).catch((error) => `no: ${error.stack}`);
  return cells;
}

async function tensors(torch) {
  torch.manualSeed(0);
  const x = torch.tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { dtype: torch.float, requiresGrad: true },
  );
  x.matmul(x).sum().backward();
  same(x.grad.tolist(), [
    [7, 11],
    [9, 13],
  ]);
  same(torch.rand(2).tolist(), [0.49625658988952637, 0.7682217955589294]);
  same(torch.ones(400, 400).matmul(torch.ones(400, 400)).sum().item(), 64_000_000);
  const mode = await torch.noGrad(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return torch.isGradEnabled();
  });
  same(mode, false);
  return 'yes';
}

/** Trains a network, and gives what it has learnt from. */
async function trained(torch) {
  const { nn } = torch;
  torch.manualSeed(0);
  const model = network(torch);
  const optimizer = new torch.optim.Adam(model.parameters(), { lr: 0.01 });
  const inputs = torch.rand(64, 2);
  const targets = inputs.sum(1, true);
  const data = new torch.utils.data.TensorDataset(inputs, targets);
  const losses = [];
  for (let epoch = 0; epoch < 30; epoch++) {
    for await (const [a, b] of new torch.utils.data.DataLoader(data, { batchSize: 16, shuffle: true })) {
      optimizer.zeroGrad();
      const loss = nn.functional.mseLoss(model.forward(a), b);
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
    }
  }
  return { model, inputs, data, losses };
}

const network = ({ nn }) => new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 1));

async function training(torch) {
  const { losses } = await trained(torch);
  same(losses[0].toFixed(4), '1.1187');
  same(losses.at(-1) < losses[0] / 5, true);
  return 'yes';
}

/** `yes` where files have names, `bytes` where values are saved to bytes and loaded from them. */
async function files(torch) {
  const { model, inputs } = await trained(torch);
  const expected = model.forward(inputs);
  const copy = network(torch);
  let kind = 'yes';
  let source = `model-${Date.now()}.pt`;
  try {
    await torch.save(model.stateDict(), source);
  } catch (error) {
    if (!(error instanceof torch.NotImplementedError)) throw error;
    kind = 'bytes';
    source = await torch.save(model.stateDict());
  }
  copy.loadStateDict(await torch.load(source));
  same(copy.forward(inputs).equal(expected), true);
  return kind;
}

async function workers(torch) {
  const { data } = await trained(torch);
  let rows = 0;
  const loader = (numWorkers) => new torch.utils.data.DataLoader(data, { batchSize: 16, numWorkers });
  try {
    for await (const [a] of loader(2)) rows += a.shape[0];
  } catch (error) {
    if (!(error instanceof torch.NotImplementedError)) throw error;
    return 'no';
  }
  same(rows, 64);
  return 'yes';
}

function same(found, expected) {
  const [a, b] = [found, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${a} is not ${b}`);
}
