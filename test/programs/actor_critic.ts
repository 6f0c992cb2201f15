/** Balances the pole by an actor and a critic of one body (after pytorch/examples' reinforcement_learning). */
import * as torch from 'flambeau';
import { CartPole } from './cart_pole.js';

const { nn, optim } = torch;
const F = nn.functional;

class Policy extends nn.Module {
  affine1 = new nn.Linear(4, 128);
  actionHead = new nn.Linear(128, 2);
  valueHead = new nn.Linear(128, 1);

  forward(state: torch.Tensor): [probs: torch.Tensor, value: torch.Tensor] {
    const x = this.affine1.forward(state).relu();
    return [this.actionHead.forward(x).softmax(-1), this.valueHead.forward(x)];
  }
}

export function run(): { losses: number[]; lengths: number[] } {
  torch.manualSeed(6);
  const env = new CartPole();
  const net = new Policy();
  const optimizer = new optim.Adam(net.parameters(), { lr: 3e-2 });
  const losses: number[] = [];
  const lengths: number[] = [];
  for (let episode = 0; episode < 10; episode++) {
    let state = env.reset();
    const logProbs: torch.Tensor[] = [];
    const values: torch.Tensor[] = [];
    const rewards: number[] = [];
    for (let step = 0; step < 200; step++) {
      const [probs, value] = net.forward(state);
      const chosen = new torch.distributions.Categorical(probs);
      const action = chosen.sample();
      const [next, reward, done] = env.step(action.item());
      state = next;
      logProbs.push(chosen.logProb(action));
      values.push(value);
      rewards.push(reward);
      if (done) break;
    }
    let total = 0;
    const sums = rewards.map(() => 0);
    for (let i = rewards.length - 1; i >= 0; i--) {
      total = rewards[i] + 0.99 * total;
      sums[i] = total;
    }
    const plain = torch.tensor(sums);
    const returns = plain.sub(plain.mean()).div(plain.std().add(1e-7)).unbind();
    const policyLosses = returns.map((r, i) => logProbs[i].neg().mul(r.sub(values[i].item())));
    const valueLosses = returns.map((r, i) => F.smoothL1Loss(values[i], r.view(1)));
    const loss = torch.stack(policyLosses).sum().add(torch.stack(valueLosses).sum());
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
    lengths.push(rewards.length);
  }
  return { losses, lengths };
}
