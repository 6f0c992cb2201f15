// A page that uses little: what a bundler leaves out must not be missed.
import { manualSeed, nn, optim, rand, tensor } from 'flambeau';

manualSeed(0);
const x = tensor([1, 2.5], { requiresGrad: true });
x.mul(x).sum().backward();
const layer = new nn.Linear(2, 1);
const optimizer = new optim.Adam(layer.parameters(), { lr: 0.1 });
layer.forward(rand(3, 2)).pow(2).mean().backward();
optimizer.step();
globalThis.result = [x.grad, layer, layer.weight, layer.weight.sort({ descending: true }).indices].map(
  String,
);
