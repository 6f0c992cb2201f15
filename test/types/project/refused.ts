/** Mistakes that the types refuse: every line behind a comment is an error to the compiler. */
import * as torch from 'flambeau';
import { nn, optim, type Tensor } from 'flambeau';

const F = nn.functional;

export function refused(x: Tensor, layer: nn.Linear, model: nn.Sequential, optimizer: optim.Adam): void {
  // @ts-expect-error a tensor is no parameter
  layer.weight = torch.ones(2, 2);
  // @ts-expect-error a tensor is no parameter
  layer.bias = torch.ones(2);
  // @ts-expect-error the bias may be missing
  layer.bias.add(1);
  // @ts-expect-error the gradient may be missing
  layer.weight.grad.add(1);
  // @ts-expect-error sizes cannot be changed
  x.shape[0] = 2;

  // @ts-expect-error no such reduction
  new nn.MSELoss({ reduction: 'avg' });
  // @ts-expect-error no such reduction
  F.mseLoss(x, x, { reduction: 'avg' });
  // @ts-expect-error no such mode
  new nn.Conv2d(1, 1, 3, { paddingMode: 'mirror' });
  // @ts-expect-error no such mode
  new optim.lrScheduler.ReduceLROnPlateau(optimizer, { mode: 'lowest' });
  // @ts-expect-error no such function
  nn.init.kaimingNormal_(layer.weight, { nonlinearity: 'swish' });

  // @ts-expect-error misspelled
  new nn.Linear(2, 2, { biass: false });
  // @ts-expect-error Python's spelling
  new nn.Linear({ in_features: 2, out_features: 2 });
  // @ts-expect-error misspelled
  new nn.Dropout({ prob: 0.5 });
  // @ts-expect-error misspelled
  new optim.Adam(layer.parameters(), { learningRate: 0.1 });
  // @ts-expect-error misspelled
  new optim.SGD([{ params: layer.parameters(), momentun: 0.9 }], { lr: 0.1 });
  // @ts-expect-error misspelled
  new torch.utils.data.DataLoader([1, 2], { batchsize: 2 });
  // @ts-expect-error misspelled
  x.sum({ dims: 0 });
  // @ts-expect-error misspelled
  torch.zeros(2, { dtyp: torch.int64 });
  // @ts-expect-error misspelled
  F.softmax(x, { dimension: 0 });
  // @ts-expect-error misspelled
  layer.registerForwardHook(() => {}, { prepended: true });
  // @ts-expect-error no such method
  x.unsqueze(0);

  // @ts-expect-error text is no number
  new nn.Linear('2', 2);
  // @ts-expect-error text is no number
  new optim.SGD(layer.parameters(), { lr: '0.1' });
  // @ts-expect-error one size is missing
  new nn.Linear(2);
  // @ts-expect-error one argument too many
  new nn.ReLU(true, 2);
  // @ts-expect-error a module is no list of parameters
  new optim.SGD(layer, { lr: 0.1 });
  // @ts-expect-error a tensor is no scheduler's optimizer
  new optim.lrScheduler.StepLR(layer, 2);
  // @ts-expect-error text is no dtype
  torch.zeros(2, { dtype: 'float32' });
  // @ts-expect-error a list of numbers is no tensor
  layer.forward([1, 2]);
  // @ts-expect-error text is no tensor
  torch.add(x, '1');
  // @ts-expect-error a tensor is no module
  model.append(x);
  // @ts-expect-error a module without its parentheses
  new nn.Sequential(nn.ReLU);
  // @ts-expect-error classes want `new`
  nn.Linear(2, 2);
  // @ts-expect-error modules are called by `forward`
  model(x);
  // @ts-expect-error tensors are made by torch.tensor
  new torch.Tensor([1, 2]);
  // @ts-expect-error one tensor is no list of them
  torch.cat(x, 0);
  // @ts-expect-error a data set has `at`
  new torch.utils.data.DataLoader({ length: 3 });
  // @ts-expect-error the result has no such name
  x.max(1).argmax;
  // @ts-expect-error the result has two parts
  x.max(1)[2];

  // @ts-expect-error tensors are added by `add`
  x - x;
  // @ts-expect-error tensors are multiplied by `mul`
  x * 2;
  // @ts-expect-error tensors are negated by `neg`
  -x + 1 - x;
  // @ts-expect-error items are taken by `index`
  x['0:2'];
  // @ts-expect-error no number, and never equal to one
  x === 1;
}

export class Wrong extends nn.Module {
  // @ts-expect-error `forward` is a function
  forward = 3;
}

export class NoSampler extends torch.utils.data.Sampler {
  // @ts-expect-error indices are numbers
  *[Symbol.iterator]() {
    yield 'a';
  }
  get length() {
    return 1;
  }
}

// @ts-expect-error an optimizer says how it updates
export class NoOptimizer extends optim.Optimizer {}

// @ts-expect-error a data set has `at` and a length
export class NoDataset extends torch.utils.data.Dataset<Tensor> {}

// @ts-expect-error a scheduler says its rates
export class NoScheduler extends optim.lrScheduler.LRScheduler {}
