/** Learns the value of pushing a cart left or right, from memory (after "Reinforcement Learning (DQN) Tutorial"). */
import * as torch from 'flambeau';
import { CartPole } from './cart_pole.js';

const { nn, optim } = torch;

const batchSize = 32;
const gamma = 0.99;
const tau = 0.005;

interface Transition {
  readonly state: torch.Tensor;
  readonly action: number;
  readonly reward: number;
  readonly following: torch.Tensor | null;
}

const network = () =>
  new nn.Sequential(
    new nn.Linear(4, 64),
    new nn.ReLU(),
    new nn.Linear(64, 64),
    new nn.ReLU(),
    new nn.Linear(64, 2),
  );

export function run(): number[] {
  torch.manualSeed(8);
  const env = new CartPole();
  const policy = network();
  const target = network();
  target.loadStateDict(policy.stateDict());
  const optimizer = new optim.AdamW(policy.parameters(), { lr: 1e-3, amsgrad: true });
  const criterion = new nn.SmoothL1Loss();
  const memory: Transition[] = [];
  const losses: number[] = [];
  let state = env.reset();
  while (losses.length < 10) {
    const action =
      torch.rand(1).item() > 0.5
        ? torch.noGrad(() => policy.forward(state).max(0).indices.item())
        : torch.randint(0, 2, [1]).item();
    const [next, reward, done] = env.step(action);
    memory.push({ state, action, reward, following: done ? null : next });
    state = done ? env.reset() : next;
    if (memory.length < batchSize) continue;
    const order = torch.randperm(memory.length).tolist() as number[];
    const batch = order.slice(0, batchSize).map((i) => memory[i]);
    const goesOn = torch.tensor(batch.map(({ following }) => following !== null));
    const states = torch.stack(batch.map((t) => t.state));
    const values = policy.forward(states).gather(1, torch.tensor(batch.map((t) => [t.action])));
    const future = torch.zeros(batchSize);
    torch.noGrad(() => {
      const following = torch.stack(batch.flatMap((t) => t.following ?? []));
      future.indexPut_([goesOn], target.forward(following).max(1).values);
    });
    const expected = future.mul(gamma).add(torch.tensor(batch.map((t) => t.reward)));
    const loss = criterion.forward(values, expected.unsqueeze(1));
    optimizer.zeroGrad();
    loss.backward();
    nn.utils.clipGradValue_(policy.parameters(), 100);
    optimizer.step();
    const weights = policy.stateDict();
    const followed = target.stateDict();
    for (const [key, weight] of Object.entries(weights) as [string, torch.Tensor][])
      followed[key] = weight.mul(tau).add((followed[key] as torch.Tensor).mul(1 - tau));
    target.loadStateDict(followed);
    losses.push(loss.item());
  }
  return losses;
}
