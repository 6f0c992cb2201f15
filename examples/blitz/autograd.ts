/** Chapter 2: automatic differentiation. */
import * as torch from 'flambeau';
import type { Notebook } from './notebook.js';

const { nn } = torch;

export function autograd({ section, print }: Notebook): void {
  section('a training step');
  // A model predicts, and a loss tells how far that is from the labels. backward() finds the gradient of every
  // parameter; the optimizer takes a small step against them, which makes the loss smaller.
  const small = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU(), new nn.Linear(16, 4));
  const data = torch.rand(1, 8);
  const labels = torch.rand(1, 4);
  const error = () => small.forward(data).sub(labels).pow(2).sum(); // forward pass
  const before = error();
  before.backward(); // backward pass
  const descent = new torch.optim.SGD(small.parameters(), { lr: 1e-2, momentum: 0.9 });
  descent.step(); // gradient descent
  print(before, '->', error());

  section('differentiation in autograd');
  // What is computed from tensors that require gradients is recorded.
  const a = torch.tensor([2, 3], { requiresGrad: true });
  const b = torch.tensor([6, 4], { requiresGrad: true });
  // Q = 3a³ - b²
  const Q = a.pow(3).mul(3).sub(b.pow(2));
  print(Q);

  section('gradients');
  // Q is a vector: backward() needs the gradient of some scalar with respect to it, here dQ/dQ = 1.
  const externalGrad = torch.tensor([1, 1], { dtype: torch.float });
  Q.backward(externalGrad);
  print(a.pow(2).mul(9).eq(a.grad!)); // dQ/da = 9a²
  print(b.mul(-2).eq(b.grad!)); // dQ/db = -2b

  section('vector calculus');
  // Autograd computes products of a vector v with the Jacobian J of y = f(x).
  const x = torch.arange(1, 4, { dtype: torch.float, requiresGrad: true });
  const y = x.mul(x).mul(x.sum());
  const v = torch.tensor([1, 0, 0.5]);
  const [vJ] = torch.autograd.grad(y, x, v);
  print(vJ);

  section('the graph');
  // What is computed from something that requires gradients requires them, too. gradFn is the node that
  // will compute them.
  const p = torch.rand(5, 5);
  const q = torch.rand(5, 5);
  const r = torch.rand(5, 5, { requiresGrad: true });
  print('Does p + q require gradients?:', p.add(q).requiresGrad);
  print('Does p + r require gradients?:', p.add(r).requiresGrad);
  const chain = p.add(r).sin().sum();
  print(chain.gradFn!.name(), '<-', chain.gradFn!.nextFunctions[0][0]!.name());

  section('accumulation');
  // Gradients add up over calls of backward() until they are cleared.
  const w = torch.ones(2, { requiresGrad: true });
  w.mul(3).sum().backward();
  w.mul(3).sum().backward(); // adds to the gradient that is there
  print(w.grad);
  w.grad!.zero_();
  print(w.grad);

  section('without gradients');
  // Inside noGrad() nothing is recorded, and detach() gives a tensor that has no history.
  torch.noGrad(() => print(w.mul(2).requiresGrad));
  print(w.detach().requiresGrad);

  section('frozen parameters');
  // To train a part of a model, take the gradients from the rest.
  const model = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU(), new nn.Linear(16, 4));
  for (const param of model.parameters()) param.requiresGrad = false;
  // A new last layer: its parameters require gradients, as they do by default.
  model.set(2, new nn.Linear(16, 10));
  const optimizer = new torch.optim.SGD(model.parameters(), { lr: 1e-2, momentum: 0.9 });
  model.forward(torch.rand(3, 8)).sum().backward();
  optimizer.step();
  for (const [name, param] of model.namedParameters())
    print(name, param.grad === null ? 'frozen' : 'trained');

  section('derivatives of derivatives');
  // With createGraph the gradient is recorded itself, and can be differentiated again.
  const z = torch.tensor(2, { requiresGrad: true });
  const [dz] = torch.autograd.grad(z.pow(3), z, { createGraph: true });
  const [d2z] = torch.autograd.grad(dz!, z);
  print(`z = ${z.item()}, 3z² = ${dz!.item()}, 6z = ${d2z!.item()}`);
}
