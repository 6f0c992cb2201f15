/** `flambeau/torchinfo`: tables are what Python's torchinfo prints of the same models (`golden/torchinfo_summaries.py`). */
import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { type SummaryOptions, summary } from 'flambeau/torchinfo';
import * as torchvision from 'flambeau/vision';
import { describe, expect, it, vi } from 'vitest';

const { nn } = torch;

class Recurrent extends nn.Module {
  embedding = new nn.Embedding(20, 6);
  lstm = new nn.LSTM(6, 5, { numLayers: 2, batchFirst: true });
  decoder = new nn.Linear(5, 20);

  override forward(x: torch.Tensor): unknown {
    const [output, hidden] = this.lstm.forward(this.embedding.forward(x));
    return [this.decoder.forward(output), hidden];
  }
}

class Again extends nn.Module {
  first = new nn.Conv2d(3, 3, 3, { padding: 1 });
  blocks = new nn.ModuleList(
    [0, 1].map(() => new nn.Sequential(new nn.Conv2d(3, 3, 1, { groups: 3 }), new nn.ReLU())),
  );
  choice = new nn.ModuleDict({ a: new nn.Identity(), b: new nn.BatchNorm2d(3) });

  override forward(x: torch.Tensor): torch.Tensor {
    let y = x;
    for (let i = 0; i < 3; i++) y = this.first.forward(y);
    for (const block of this.blocks) y = (block as torch.nn.Sequential).forward(y) as torch.Tensor;
    return (this.choice.get('b') as torch.nn.BatchNorm2d).forward(y);
  }
}

class Shared extends nn.Module {
  left: torch.nn.Sequential;
  right: torch.nn.Sequential;
  embedding = new nn.Embedding(7, 4);
  head = new nn.Linear(4, 7, { bias: false });
  scale = new nn.Parameter(torch.ones(3));

  constructor() {
    super();
    const one = new nn.Linear(4, 4);
    this.left = new nn.Sequential(one, new nn.ReLU());
    this.right = new nn.Sequential(one, new nn.Tanh());
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const left = this.left.forward(this.embedding.forward(x)) as torch.Tensor;
    const right = this.right.forward(this.embedding.forward(x)) as torch.Tensor;
    return this.head.forward(left.add(right)).mul(this.scale.index(0));
  }
}

class TwoInputs extends nn.Module {
  a = new nn.Bilinear(3, 4, 5);
  b = new nn.LayerNorm(5);

  override forward(x: torch.Tensor, y: torch.Tensor, { factor = 1 } = {}): unknown {
    return { first: x, last: [this.b.forward(this.a.forward(x, y)).mul(factor)] };
  }
}

const mlp = () =>
  new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(12, 8),
    new nn.ReLU(),
    new nn.Dropout(0.1),
    new nn.Linear(8, 2),
  );

const models: Readonly<Record<string, () => torch.nn.Module>> = {
  mlp,
  frozen: () => {
    const net = mlp();
    const parameters = net.parameters();
    for (const i of [0, 1, 3]) parameters[i].requiresGrad = false;
    return net;
  },
  pruned: () => {
    const net = mlp();
    nn.utils.prune.l1Unstructured(net.at(1) as torch.nn.Linear, 'weight', 30);
    return net;
  },
  recurrent: () => new Recurrent(),
  again: () => new Again(),
  shared: () => new Shared(),
  two: () => new TwoInputs(),
  encoder: () =>
    new nn.TransformerEncoder(new nn.TransformerEncoderLayer(8, 2, 16, { batchFirst: true }), 2, {
      enableNestedTensor: false,
    }),
  linear: () => new nn.Linear(3, 2),
  resnet18: () => torchvision.models.resnet18(),
  mobilenet_v3_small: () => torchvision.models.mobilenetV3Small(),
  googlenet: () => torchvision.models.googlenet({ initWeights: false }),
  vit: () => torchvision.models.vitB32(),
};

interface Recorded {
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly text: string;
}
const golden = JSON.parse(
  readFileSync(new URL('golden/torchinfo.json.golden', import.meta.url), 'utf8'),
) as Recorded[];

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function optionsOf({ options }: Recorded): SummaryOptions {
  const entries = Object.entries(options).map(([name, value]) => [
    camel(name),
    name === 'dtypes' ? (value as string[]).map(() => torch.int64) : value,
  ]);
  return Object.fromEntries(entries) as SummaryOptions;
}

/** What `run` prints. */
function printed(run: () => void): string {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    run();
    return log.mock.calls.map(([text]) => text as string).join('\n');
  } finally {
    log.mockRestore();
  }
}

describe('a summary', () => {
  it.each(golden.map((one) => [one.model, JSON.stringify(one.options), one] as const))(
    'is as in Python: %s, %s',
    (_, __, one) => {
      const model = models[one.model]();
      expect(printed(() => summary(model, optionsOf(one)))).toBe(one.text);
    },
  );

  it('has the sums as numbers, and prints nothing where it is told so', () => {
    let found: ReturnType<typeof summary> | undefined;
    const text = printed(() => {
      found = summary(mlp(), [5, 3, 4], { verbose: 0 });
    });
    expect(text).toBe('');
    const { totalParams, trainableParams, totalMultAdds, totalParamBytes, summaryList } = found!;
    expect([totalParams, trainableParams, totalMultAdds, totalParamBytes]).toEqual([122, 122, 610, 488]);
    expect(summaryList.map(({ className, outputSize }) => [className, outputSize])).toEqual([
      ['Sequential', [5, 2]],
      ['Flatten', [5, 12]],
      ['Linear', [5, 8]],
      ['ReLU', [5, 8]],
      ['Dropout', [5, 8]],
      ['Linear', [5, 2]],
    ]);
  });

  it('counts parameters once that two layers share', () => {
    const net = new Shared();
    net.head.weight = net.embedding.weight;
    const { totalParams, summaryList } = summary(net, {
      inputSize: [2, 3],
      dtypes: [torch.int64],
      verbose: 0,
    });
    expect(totalParams).toBe(51);
    expect(summaryList.filter(({ isRecursive }) => isRecursive).map(({ varName }) => varName)).toEqual([
      'embedding',
      '0',
      'head',
    ]);
  });

  it('takes arguments themselves: one, several, or by name', () => {
    const texts = [torch.ones(5, 3, 4), [torch.ones(5, 3, 4)], { input: torch.ones(5, 3, 4) }].map(
      (inputData) => String(summary(mlp(), { inputData, verbose: 0 })),
    );
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain('[5, 2]');
  });

  it('leaves the model as it was: its mode, its hooks, and where it is', () => {
    const net = mlp().eval();
    summary(net, { inputSize: [2, 12], mode: 'train', verbose: 0 });
    expect(net.training).toBe(false);
    expect(() => summary(net, { inputSize: [2, 13], mode: 'train', verbose: 0 })).toThrow(
      /^Failed to run torchinfo: .*shapes cannot be multiplied.*Executed layers up to: \[Flatten: 1\]$/,
    );
    expect(net.training).toBe(false);
    expect(net.forward(torch.ones(2, 12)).shape).toEqual([2, 2]);
  });

  it('computes nothing on `meta`, where a model has only shapes', () => {
    const net = mlp().to('meta');
    expect(String(summary(net, { inputSize: [5, 12], verbose: 0 }))).toContain('Total mult-adds: 610');
  });

  it('says what is wrong', () => {
    const net = mlp();
    const fails = (options: object, text: string) =>
      expect(() => summary(net, { verbose: 0, ...options } as SummaryOptions)).toThrow(text);
    fails({ colNames: ['sizes'] }, "'sizes' is not a valid ColumnSettings");
    fails({ rowSettings: ['colour'] }, "'colour' is not a valid RowSettings");
    fails({ colNames: ['output_size'] }, 'You must pass inputData or inputSize in order to use columns');
    fails(
      { inputSize: [1], inputData: torch.ones(1) },
      'Only one of (inputData, inputSize) should be specified.',
    );
    fails({ inputSize: [0, 3] }, 'Input_data is invalid, or negative size found in input_data.');
    fails({ colWidth: 0 }, 'Column width must be greater than 0: col_width=0');
    fails({ verbose: 3 }, 'Verbose must be either 0 (quiet), 1 (default), or 2 (verbose).');
    expect(() => summary(1 as never)).toThrow('1 is not an instance of torch.nn.Module');
    fails({ inputData: 'text' }, 'inputData is a tensor, a list or an object of them');
  });
});
