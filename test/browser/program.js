/** The program that every host must run alike: Node, a page, a Web Worker, from the plain modules or from a bundle. Returns what can be compared. */
export async function run(torch, torchvision) {
  const { nn } = torch;
  const F = nn.functional;
  // Where there can be threads; what comes out must not depend on them.
  torch.setNumThreads(3);
  const result = { engine: torch.backends.cpu.engine() };

  torch.manualSeed(0);
  const x = torch.randn(3, 4);
  result.printed = String(x);
  result.streams = [torch.rand(5), torch.randn(40), torch.randint(0, 100, [6]), torch.randperm(9)].map((t) =>
    t.tolist(),
  );
  const w = torch.tensor([0.5, -1], { requiresGrad: true });
  w.mul(torch.tensor([2, 3]))
    .sub(1)
    .pow(2)
    .mean()
    .backward();
  result.gradient = String(w.grad);
  result.graph = [String(w.mul(2)), String(w.clone().t_().gradFn), String(w.gradFn)];
  // Large enough for threads.
  result.large = [
    torch.rand(300, 300).matmul(torch.rand(300, 300)).sum().item(),
    torch.rand(500_000).mul(2).exp().sum().item(),
    torch.rand(100_000).sort().values.index('::10000').tolist(),
  ];
  try {
    torch.ones(2, 3).matmul(torch.ones(2, 3));
  } catch (error) {
    result.error = String(error);
  }

  class Net extends nn.Module {
    // Minifiers change the names of classes, but not this.
    static name = 'Net';
    conv1 = new nn.Conv2d(3, 6, 5);
    pool = new nn.MaxPool2d(2, 2);
    conv2 = new nn.Conv2d(6, 16, 5);
    fc1 = new nn.Linear(16 * 5 * 5, 120);
    fc2 = new nn.Linear(120, 84);
    fc3 = new nn.Linear(84, 10);

    forward(images) {
      let x = this.pool.forward(F.relu(this.conv1.forward(images)));
      x = this.pool.forward(F.relu(this.conv2.forward(x)));
      x = torch.flatten(x, 1);
      x = F.relu(this.fc1.forward(x));
      x = F.relu(this.fc2.forward(x));
      return this.fc3.forward(x);
    }
  }
  torch.manualSeed(0);
  const net = new Net();
  result.net = String(net);
  const set = new torch.utils.data.TensorDataset(
    torch.rand(64, 3, 32, 32).mul(2).sub(1),
    torch.randint(0, 10, [64]),
  );
  const loader = new torch.utils.data.DataLoader(set, { batchSize: 4, shuffle: true });
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
  const criterion = new nn.CrossEntropyLoss();
  result.shown = [optimizer, criterion, new torchvision.transforms.ToTensor(), set.constructor.name].map(
    String,
  );
  result.losses = [];
  for await (const [inputs, labels] of loader) {
    optimizer.zeroGrad();
    const loss = criterion.forward(net.forward(inputs), labels);
    loss.backward();
    optimizer.step();
    result.losses.push(loss.item());
  }
  const file = await torch.save(net.stateDict());
  const copy = new Net();
  result.loaded = String(copy.loadStateDict(await torch.load(new Blob([file]))));
  const images = torch.rand(2, 3, 32, 32);
  result.same = copy.forward(images).equal(net.forward(images));
  return result;
}
