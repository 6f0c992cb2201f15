import * as torch from 'flambeau';

const { nn } = torch;
const F = nn.functional;

/** The tutorial's network. */
export class Net extends nn.Module {
  conv1 = new nn.Conv2d(3, 6, 5);
  pool = new nn.MaxPool2d(2, 2);
  conv2 = new nn.Conv2d(6, 16, 5);
  fc1 = new nn.Linear(16 * 5 * 5, 120);
  fc2 = new nn.Linear(120, 84);
  fc3 = new nn.Linear(84, 10);

  override forward(images: torch.Tensor): torch.Tensor {
    let x = this.pool.forward(F.relu(this.conv1.forward(images)));
    x = this.pool.forward(F.relu(this.conv2.forward(x)));
    x = torch.flatten(x, 1);
    x = F.relu(this.fc1.forward(x));
    x = F.relu(this.fc2.forward(x));
    return this.fc3.forward(x);
  }
}

/** The losses of training it on random images, each step run by `around`. */
export async function losses(
  steps: number,
  batchSize: number,
  around: (step: () => number) => number | Promise<number>,
): Promise<number[]> {
  torch.manualSeed(0);
  const net = new Net();
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 });
  const criterion = new nn.CrossEntropyLoss();
  const images = torch
    .rand(8 * batchSize, 3, 32, 32)
    .mul(2)
    .sub(1);
  const labels = torch.randint(0, 10, [8 * batchSize]);
  const data = new torch.utils.data.TensorDataset(images, labels);
  const loader = new torch.utils.data.DataLoader(data, { batchSize, shuffle: true });
  const log: number[] = [];
  while (log.length < steps)
    for await (const [inputs, targets] of loader)
      log.push(
        await around(() => {
          optimizer.zeroGrad();
          const loss = criterion.forward(net.forward(inputs), targets);
          loss.backward();
          optimizer.step();
          return loss.item();
        }),
      );
  return log;
}
