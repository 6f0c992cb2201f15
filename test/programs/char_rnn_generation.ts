/** Learns a text letter by letter, then writes one (after "NLP From Scratch: Generating Names"). */
import * as torch from 'flambeau';

const { nn, optim } = torch;

const text = 'the quick brown fox jumps over the lazy dog and the dog sleeps on ';
const letters = [...new Set(text)].sort();

class Generator extends nn.Module {
  embedding: torch.nn.Embedding;
  gru: torch.nn.GRU;
  decoder: torch.nn.Linear;

  constructor(hidden: number) {
    super();
    this.embedding = new nn.Embedding(letters.length, 16);
    this.gru = new nn.GRU(16, hidden, { numLayers: 2, dropout: 0.1, batchFirst: true });
    this.decoder = new nn.Linear(hidden, letters.length);
  }

  forward(given: torch.Tensor, hidden: torch.Tensor | null = null): [torch.Tensor, torch.Tensor] {
    const [output, next] = this.gru.forward(this.embedding.forward(given), hidden);
    return [this.decoder.forward(output), next];
  }
}

export function run(): { losses: number[]; written: string } {
  torch.manualSeed(1);
  const indices = torch.tensor([...text].map((c) => letters.indexOf(c)));
  const net = new Generator(48);
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
  const losses: number[] = [];
  for (let step = 0; step < 60; step++) {
    const starts = torch.randint(0, text.length - 21, [8]).tolist() as number[];
    const batch = torch.stack(starts.map((i) => indices.narrow(0, i, 21)));
    const [logits] = net.forward(batch.narrow(1, 0, 20));
    const loss = nn.functional.crossEntropy(logits.flatten(0, 1), batch.narrow(1, 1, 20).flatten());
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  net.eval();
  let letter = torch.tensor([[letters.indexOf('t')]]);
  let hidden: torch.Tensor | null = null;
  let written = 't';
  torch.noGrad(() => {
    for (let i = 0; i < 30; i++) {
      const [logits, next] = net.forward(letter, hidden);
      hidden = next;
      letter = torch.multinomial(logits.index(0).div(0.5).softmax(-1), 1);
      written += letters[letter.item()];
    }
  });
  return { losses: losses.slice(0, 10), written };
}
