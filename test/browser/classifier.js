// The first steps of the tutorial's training on a device, whatever the host.

/** Trains for `steps` steps; returns each one's loss and labels. `root` is a folder's path or URL with CIFAR-10's files. */
export async function train(torch, torchvision, root, device, steps) {
  const { nn } = torch;
  const { transforms } = torchvision;
  const F = nn.functional;
  class Net extends nn.Module {
    conv1 = new nn.Conv2d(3, 6, 5);
    pool = new nn.MaxPool2d(2, 2);
    conv2 = new nn.Conv2d(6, 16, 5);
    fc1 = new nn.Linear(16 * 5 * 5, 120);
    fc2 = new nn.Linear(120, 84);
    fc3 = new nn.Linear(84, 10);

    forward(input) {
      let x = this.pool.forward(F.relu(this.conv1.forward(input)));
      x = this.pool.forward(F.relu(this.conv2.forward(x)));
      x = torch.flatten(x, 1);
      x = F.relu(this.fc1.forward(x));
      x = F.relu(this.fc2.forward(x));
      return this.fc3.forward(x);
    }
  }
  const transform = new transforms.Compose([
    new transforms.ToTensor(),
    new transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
  ]);
  const set = await torchvision.datasets.CIFAR10.open(root, { train: true, transform });
  const loader = new torch.utils.data.DataLoader(set, { batchSize: 4, shuffle: true });
  torch.manualSeed(0);
  const net = new Net().to(device);
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.001, momentum: 0.9 });
  const losses = [];
  const labels = [];
  while (losses.length < steps)
    for await (const [inputs, targets] of loader) {
      optimizer.zeroGrad();
      const loss = criterion.forward(net.forward(inputs.to(device)), targets.to(device));
      loss.backward();
      optimizer.step();
      losses.push(await loss.itemAsync());
      labels.push(targets.tolist());
      if (losses.length === steps) break;
    }
  return { losses, labels };
}
