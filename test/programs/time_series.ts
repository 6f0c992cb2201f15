/** Continues sine waves by two LSTM cells and LBFGS, in float64 (after pytorch/examples' time_sequence_prediction). */
import * as torch from 'flambeau';

const { nn, optim } = torch;

type State = [torch.Tensor, torch.Tensor];

class Sequence extends nn.Module {
  lstm1 = new nn.LSTMCell(1, 16);
  lstm2 = new nn.LSTMCell(16, 16);
  linear = new nn.Linear(16, 1);

  forward(given: torch.Tensor, future = 0): torch.Tensor {
    const outputs: torch.Tensor[] = [];
    const zeros = (): State =>
      [0, 1].map(() => torch.zeros(given.size(0), 16, { dtype: torch.double })) as State;
    let [state1, state2] = [zeros(), zeros()];
    const step = (x: torch.Tensor) => {
      state1 = this.lstm1.forward(x, state1);
      state2 = this.lstm2.forward(state1[0], state2);
      outputs.push(this.linear.forward(state2[0]));
    };
    for (const x of given.split(1, 1)) step(x);
    for (let i = 0; i < future; i++) step(outputs.at(-1)!);
    return torch.cat(outputs, 1);
  }
}

export function run(): { losses: number[]; continued: number[] } {
  torch.manualSeed(14);
  const offsets = torch.randint(-80, 80, [8, 1]);
  const waves = torch.sin(torch.arange(40).add(offsets).div(5)).double();
  const net = new Sequence().double();
  const criterion = new nn.MSELoss();
  const optimizer = new optim.LBFGS(net.parameters(), { lr: 0.8, maxIter: 5 });
  const [shown, kept] = [waves.narrow(0, 2, 6), waves.narrow(0, 0, 2)];
  const losses: number[] = [];
  const closure = () => {
    optimizer.zeroGrad();
    const loss = criterion.forward(net.forward(shown.narrow(1, 0, 39)), shown.narrow(1, 1, 39));
    losses.push(loss.item());
    loss.backward();
    return loss;
  };
  while (losses.length < 10) optimizer.step(closure);
  const continued = torch.noGrad(() => net.forward(kept.narrow(1, 0, 39), 5).narrow(1, 39, 5));
  return { losses: losses.slice(0, 10), continued: continued.flatten().tolist() as number[] };
}
