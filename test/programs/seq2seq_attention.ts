/** Turns sequences round, with a decoder that looks at the encoder's states (after "Translation with a Sequence to Sequence Network"). */
import * as torch from 'flambeau';

const { nn, optim } = torch;
const F = nn.functional;

const symbols = 12;
const length = 6;
const start = 0;

class Encoder extends nn.Module {
  embedding: torch.nn.Embedding;
  gru: torch.nn.GRU;
  dropout = new nn.Dropout(0.1);

  constructor(hidden: number) {
    super();
    this.embedding = new nn.Embedding(symbols, hidden);
    this.gru = new nn.GRU(hidden, hidden, { batchFirst: true });
  }

  forward(source: torch.Tensor) {
    return this.gru.forward(this.dropout.forward(this.embedding.forward(source)));
  }
}

class Attention extends nn.Module {
  Wa: torch.nn.Linear;
  Ua: torch.nn.Linear;
  Va: torch.nn.Linear;

  constructor(hidden: number) {
    super();
    this.Wa = new nn.Linear(hidden, hidden);
    this.Ua = new nn.Linear(hidden, hidden);
    this.Va = new nn.Linear(hidden, 1);
  }

  forward(query: torch.Tensor, keys: torch.Tensor): [context: torch.Tensor, weights: torch.Tensor] {
    const sums = this.Wa.forward(query).add(this.Ua.forward(keys)).tanh();
    const weights = F.softmax(this.Va.forward(sums).squeeze(2).unsqueeze(1), { dim: -1 });
    return [torch.bmm(weights, keys), weights];
  }
}

class Decoder extends nn.Module {
  embedding: torch.nn.Embedding;
  attention: Attention;
  gru: torch.nn.GRU;
  out: torch.nn.Linear;
  dropout = new nn.Dropout(0.1);

  constructor(hidden: number) {
    super();
    this.embedding = new nn.Embedding(symbols, hidden);
    this.attention = new Attention(hidden);
    this.gru = new nn.GRU(2 * hidden, hidden, { batchFirst: true });
    this.out = new nn.Linear(hidden, symbols);
  }

  forward(states: torch.Tensor, first: torch.Tensor, target: torch.Tensor): torch.Tensor {
    let symbol = torch.full([states.size(0), 1], start);
    let hidden = first;
    const outputs: torch.Tensor[] = [];
    for (let i = 0; i < length; i++) {
      const embedded = this.dropout.forward(this.embedding.forward(symbol));
      const [context] = this.attention.forward(hidden.permute(1, 0, 2), states);
      const [output, next] = this.gru.forward(torch.cat([embedded, context], 2), hidden);
      hidden = next;
      const logits = this.out.forward(output);
      outputs.push(logits);
      symbol = i % 2 === 0 ? target.select(1, i).unsqueeze(1) : logits.topk(1).indices.squeeze(-1).detach();
    }
    return F.logSoftmax(torch.cat(outputs, 1), { dim: -1 });
  }
}

export function run(): number[] {
  torch.manualSeed(2);
  const encoder = new Encoder(32);
  const decoder = new Decoder(32);
  const optimizers = [encoder, decoder].map((net) => new optim.Adam(net.parameters(), { lr: 0.005 }));
  const criterion = new nn.NLLLoss();
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    const source = torch.randint(1, symbols, [16, length]);
    const target = source.flip(1);
    const [states, hidden] = encoder.forward(source);
    const outputs = decoder.forward(states, hidden, target);
    const loss = criterion.forward(outputs.view(-1, symbols), target.reshape(-1));
    for (const optimizer of optimizers) optimizer.zeroGrad();
    loss.backward();
    for (const optimizer of optimizers) optimizer.step();
    losses.push(loss.item());
  }
  return losses;
}
