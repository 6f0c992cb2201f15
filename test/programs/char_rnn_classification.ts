/** Tells a name's language, letter by letter (after "NLP From Scratch: Classifying Names"). */
import * as torch from 'flambeau';

const { nn, optim } = torch;

const names = {
  Scottish: ['Mackay', 'Duncan', 'Fraser', 'Munro'],
  Italian: ['Rossi', 'Bianchi', 'Moretti', 'Conti'],
  Czech: ['Novak', 'Dvorak', 'Kucera', 'Horak'],
};
const letters = 'abcdefghijklmnopqrstuvwxyz';

function oneHot(name: string): torch.Tensor {
  const indices = torch.tensor([...name.toLowerCase()].map((c) => letters.indexOf(c)));
  return nn.functional.oneHot(indices, letters.length).float();
}

class CharRNN extends nn.Module {
  rnn: torch.nn.RNN;
  h2o: torch.nn.Linear;
  softmax = new nn.LogSoftmax({ dim: 1 });

  constructor(hidden: number) {
    super();
    this.rnn = new nn.RNN(letters.length, hidden);
    this.h2o = new nn.Linear(hidden, Object.keys(names).length);
  }

  forward(name: torch.Tensor): torch.Tensor {
    const [, hidden] = this.rnn.forward(name.unsqueeze(1));
    return this.softmax.forward(this.h2o.forward(hidden.index(0)));
  }
}

export function run(): number[] {
  torch.manualSeed(0);
  const net = new CharRNN(64);
  const criterion = new nn.NLLLoss();
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.15 });
  const pairs = Object.values(names).flatMap((list, i) => list.map((name) => [name, i] as const));
  const losses: number[] = [];
  for (const i of torch.randperm(pairs.length).tolist() as number[]) {
    const [name, language] = pairs[i];
    const loss = criterion.forward(net.forward(oneHot(name)), torch.tensor([language]));
    optimizer.zeroGrad();
    loss.backward();
    nn.utils.clipGradNorm_(net.parameters(), 3);
    optimizer.step();
    losses.push(loss.item());
  }
  return losses;
}
