/** A language model of nn.TransformerEncoder (after "Language Modeling with nn.Transformer and torchtext"). */
import * as torch from 'flambeau';

const { nn, optim } = torch;

const tokens = 50;
const length = 20;

class PositionalEncoding extends nn.Module {
  dropout: torch.nn.Dropout;
  declare pe: torch.Tensor;

  constructor(width: number, dropout: number, longest = 64) {
    super();
    this.dropout = new nn.Dropout({ p: dropout });
    const position = torch.arange(longest).unsqueeze(1);
    const rates = torch.exp(torch.arange(0, width, 2).mul(-Math.log(10000) / width));
    const waves = [position.mul(rates).sin(), position.mul(rates).cos()];
    this.registerBuffer('pe', torch.stack(waves, -1).reshape(longest, 1, width));
  }

  forward(x: torch.Tensor): torch.Tensor {
    return this.dropout.forward(x.add(this.pe.narrow(0, 0, x.size(0))));
  }
}

class TransformerModel extends nn.Module {
  posEncoder: PositionalEncoding;
  transformerEncoder: torch.nn.TransformerEncoder;
  embedding: torch.nn.Embedding;
  linear: torch.nn.Linear;

  constructor(
    readonly width: number,
    heads: number,
    hidden: number,
    layers: number,
    dropout: number,
  ) {
    super();
    this.posEncoder = new PositionalEncoding(width, dropout);
    const layer = new nn.TransformerEncoderLayer(width, heads, hidden, dropout);
    this.transformerEncoder = new nn.TransformerEncoder(layer, layers, { enableNestedTensor: false });
    this.embedding = new nn.Embedding(tokens, width);
    this.linear = new nn.Linear(width, tokens);
    this.embedding.weight.data.uniform_(-0.1, 0.1);
    this.linear.bias!.data.zero_();
    this.linear.weight.data.uniform_(-0.1, 0.1);
  }

  forward(given: torch.Tensor): torch.Tensor {
    const x = this.posEncoder.forward(this.embedding.forward(given).mul(Math.sqrt(this.width)));
    const mask = nn.Transformer.generateSquareSubsequentMask(given.size(0));
    return this.linear.forward(this.transformerEncoder.forward(x, mask));
  }
}

export function run(): number[] {
  torch.manualSeed(3);
  const net = new TransformerModel(32, 2, 64, 2, 0.2);
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new optim.SGD(net.parameters(), { lr: 5 });
  const scheduler = new optim.lrScheduler.StepLR(optimizer, 1, { gamma: 0.95 });
  const data = torch.randint(0, tokens, [10 * length + 1, 8]);
  const losses: number[] = [];
  for (let i = 0; i < 10 * length; i += length) {
    const logits = net.forward(data.narrow(0, i, length));
    const loss = criterion.forward(logits.view(-1, tokens), data.narrow(0, i + 1, length).reshape(-1));
    optimizer.zeroGrad();
    loss.backward();
    nn.utils.clipGradNorm_(net.parameters(), 0.5);
    optimizer.step();
    scheduler.step();
    losses.push(loss.item());
  }
  return losses;
}
