/** Exports get their types from the compiler, which writes them into declarations. */
import * as torch from 'flambeau';
import { nn, optim, type Tensor } from 'flambeau';
import type { InitOptions } from 'flambeau/lazy';
import type { LinearOptions } from 'flambeau/types';

const x = torch.arange(12, { dtype: torch.float32 }).reshape(3, 4).requiresGrad_();

export const largest = () => x.max(1);
export const top = (k: number) => torch.topk(x, k, { dim: -1, largest: true });
export const sorted = torch.sort(x, { descending: true });
export const shape = x.shape;
export const sizes = x.size();
export const values = () => x.toArray();
export const nested = () => x.tolist();
export const { linalg, fft, special } = torch;
export const norms = (a: Tensor) => linalg.vectorNorm(a, { dim: 0 });
export const parts = x.split(2, 1);
export const pieces = x.chunk(2);
export const grid = torch.meshgrid([torch.arange(2), torch.arange(3)], { indexing: 'ij' });
export const distinct = torch.unique(x, { returnInverse: true });
export const extremes = x.aminmax({ dim: 0 });
export const adam = new optim.Adam([x]);
export const { state, paramGroups, defaults } = adam;
export const layer = new nn.Linear(4, 2);
export const { weight, bias } = layer;
export const saved = layer.stateDict();
export const report = layer.loadStateDict(saved, { strict: false });
export const handle = layer.registerForwardHook((_module, args, output) =>
  args.length > 0 ? output : undefined,
);
export const hook = (grad: Tensor) => grad.mul(2);
export const loader = new torch.utils.data.DataLoader([[x, 1]], { batchSize: 1 });
export const makeLoader = <T>(items: T[]) => new torch.utils.data.DataLoader(items, { shuffle: true });
export const scheduler = new optim.lrScheduler.OneCycleLR(adam, { maxLr: 0.1, totalSteps: 10 });
export const info = torch.finfo(torch.float32);
export const vjp = torch.func.vjp((a: Tensor) => a.sin(), x);
export const gradAndValue = torch.func.gradAndValue((a: Tensor) => a.square().sum());
export const options: nn.Conv2d['stride'] = new nn.Conv2d(1, 1, 3).stride;
export const functional = { ...nn.functional };
export const engine = (folder: string): InitOptions => ({ wasm: `${folder}/flambeau.wasm` });
export const linear = (given: Partial<LinearOptions>) =>
  new nn.Linear({ inFeatures: 2, outFeatures: 2, ...given });
export class Model extends nn.Module {
  block = new nn.Sequential(new nn.Linear(2, 2), new nn.Softmax({ dim: 1 }));
  forward(a: Tensor) {
    return this.block.forward(a).max(1);
  }
}

export function byPositionAndName(): Tensor[] {
  const [first, where] = largest();
  const { values, indices } = largest();
  const named = x.min({ dim: 1 });
  const [mean, variance] = [x.mean(0), torch.varMean(x, 1)[0]];
  const [a, b] = x.chunk(2, { dim: 1 });
  const [smallest, biggest] = extremes;
  return [first, where, values, indices, named.values, named[1], mean, variance, a, b, smallest, biggest];
}

export function derivatives(): Tensor[] {
  const w = torch.tensor([1, 2, 3], { dtype: torch.float64, requiresGrad: true });
  const y = w.pow(3).sum();
  const [first] = torch.autograd.grad(y, w, { createGraph: true });
  const [second] = torch.autograd.grad([first.sum()], [w], { retainGraph: true });
  const [one, two] = torch.autograd.grad(w.mul(2).sum().add(x.sum()), [w, x]);
  const [perhaps] = torch.autograd.grad(x.sum(), [w], { allowUnused: true });
  w.square().sum().backward();
  const results = [first, second, one, two];
  if (perhaps) results.push(perhaps);
  if (w.grad) results.push(w.grad.neg());
  w.grad = null;
  return results;
}

export function several(a: Tensor, b: Tensor, c: Tensor): Tensor {
  const product = torch.einsum('ij,jk->ik', a, b);
  const chain = torch.einsum('ij,jk,kl->il', [a, b, c]);
  const table = torch
    .zeros(3, 3)
    .indexPut_([torch.tensor([0, 0]), torch.tensor([1, 1])], torch.ones(2), { accumulate: true });
  table.index(0, 1).item();
  table.indexPut_([2, ':'], 5);
  return torch.cat([product, chain], { dim: 1 }).add(torch.where(table.gt(0), table, 0).sum(), { alpha: 2 });
}

export async function checkpoint(model: nn.Module, optimizer: optim.Optimizer): Promise<number> {
  const bytes = await torch.save({ model: model.stateDict(), optimizer: optimizer.stateDict(), epoch: 3 });
  const loaded = await torch.load(bytes);
  if (typeof loaded !== 'object' || loaded === null || !('model' in loaded) || !('epoch' in loaded))
    return -1;
  const { missingKeys, unexpectedKeys } = model.loadStateDict(
    new Map<string, Tensor>().size === 0 ? model.stateDict() : {},
  );
  optimizer.loadStateDict(optimizer.stateDict());
  await torch.safetensors.saveFile(model.stateDict(), '/dev/null');
  return Number(loaded.epoch) + missingKeys.length + unexpectedKeys.length;
}
