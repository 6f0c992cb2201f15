/** Chapter 3: neural networks. */
import * as torch from 'flambeau';
import type { Notebook } from './notebook.js';

const { nn } = torch;
const F = torch.nn.functional;

export function networks({ section, print }: Notebook): void {
  section('define the network');
  // A network is a Module: its layers are properties, and forward() says what it computes. The backward
  // pass need not be written: autograd finds it.
  class Net extends nn.Module {
    // grey images in, six planes out, each pixel from 5 × 5
    conv1 = new nn.Conv2d(1, 6, 5);
    conv2 = new nn.Conv2d(6, 16, 5);
    // y = W x + b, of what pooling has left: 16 planes of 5 × 5
    fc1 = new nn.Linear(16 * 5 * 5, 120);
    fc2 = new nn.Linear(120, 84);
    fc3 = new nn.Linear(84, 10);

    override forward(input: torch.Tensor): torch.Tensor {
      let x = F.maxPool2d(F.relu(this.conv1.forward(input)), [2, 2]);
      x = F.maxPool2d(F.relu(this.conv2.forward(x)), 2);
      x = torch.flatten(x, 1); // a vector for each image
      x = F.relu(this.fc1.forward(x));
      x = F.relu(this.fc2.forward(x));
      return this.fc3.forward(x);
    }
  }

  const net = new Net();
  print(net);

  section('parameters');
  // A network learns its parameters: the weights and biases of its layers.
  const params = [...net.parameters()];
  print(params.length);
  print(params[0].size()); // conv1's weight

  section('forward');
  // Layers take batches: one image of one channel, 32 pixels wide and high, has the shape [1, 1, 32, 32].
  const input = torch.randn(1, 1, 32, 32);
  const out = net.forward(input);
  print(out);

  section('backward');
  // zeroGrad() clears the gradients of all parameters. backward() fills them, here from random gradients of the
  // output.
  net.zeroGrad();
  out.backward(torch.randn(1, 10));

  section('loss function');
  // A loss tells in one number how far the output is from the target.
  let output = net.forward(input);
  const target = torch.randn(10).view(1, -1); // any numbers will do here, as many as there are outputs
  const criterion = new nn.MSELoss();
  let loss = criterion.forward(output, target);
  print(loss);

  section('the graph of the loss');
  // From the loss the graph leads back to the parameters, node by node.
  print(loss.gradFn!.name()); // MSELoss
  const linear = loss.gradFn!.nextFunctions[0][0]!;
  print(linear.name()); // fc3: its bias, its input and its weight
  print(linear.nextFunctions.map(([node]) => node!.name()));

  section('backprop');
  // backward() fills the gradient of every parameter on the way.
  net.zeroGrad(); // gradients accumulate: clear those that are there
  print('conv1.bias.grad before backward');
  print(net.conv1.bias!.grad);
  loss.backward();
  print('conv1.bias.grad after backward');
  print(net.conv1.bias!.grad);

  section('update the weights by hand');
  // The simplest rule is stochastic gradient descent: weight = weight - learningRate * gradient.
  const learningRate = 0.01;
  for (const f of net.parameters()) f.data.sub_(f.grad!.data.mul(learningRate));

  section('update the weights with an optimizer');
  // torch.optim has this rule and better ones, such as Adam and RMSprop.
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.01 });
  // in the training loop:
  for (let step = 1; step <= 3; step++) {
    optimizer.zeroGrad();
    output = net.forward(input);
    loss = criterion.forward(output, target);
    loss.backward();
    optimizer.step();
    print(`step ${step}: loss ${loss.item().toFixed(4)}`);
  }
}
