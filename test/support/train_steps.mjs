// Trains the tutorial's network for a number of steps without ever yielding, and prints the peak of resident memory.
// usage: node train_steps.mjs STEPS BATCH_SIZE
import * as torch from 'flambeau';

const { nn } = torch;
const F = nn.functional;

class Net extends nn.Module {
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

const [steps, batchSize] = process.argv.slice(2).map(Number);
// Memory is what is asked about; threads only make it slower where the machine is busy.
torch.setNumThreads(1);
torch.manualSeed(0);
const net = new Net();
const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.001, momentum: 0.9 });
const criterion = new nn.CrossEntropyLoss();
let last = Number.NaN;
for (let step = 0; step < steps; step++) {
  const images = torch.rand(batchSize, 3, 32, 32).mul(2).sub(1);
  const labels = torch.randint(0, 10, [batchSize]);
  optimizer.zeroGrad();
  const loss = criterion.forward(net.forward(images), labels);
  loss.backward();
  optimizer.step();
  last = loss.item();
}
// Kilobytes, the unit of getrusage on Linux.
console.log(JSON.stringify({ peakMegabytes: process.resourceUsage().maxRSS / 1024, loss: last }));
