/** Proximal policy optimization (Schulman et al. 2017) of a Gaussian policy that steers a point to the origin. */
import * as torch from 'flambeau';

const { nn, optim } = torch;

class Agent extends nn.Module {
  actor = new nn.Sequential(new nn.Linear(4, 32), new nn.Tanh(), new nn.Linear(32, 2));
  critic = new nn.Sequential(new nn.Linear(4, 32), new nn.Tanh(), new nn.Linear(32, 1));
  logStd = new nn.Parameter(torch.zeros(2));

  constructor() {
    super();
    for (const m of this.modules())
      if (m instanceof nn.Linear) {
        nn.init.xavierUniform_(m.weight, { gain: 0.5 });
        nn.init.zeros_(m.bias!);
      }
  }

  policy(states: torch.Tensor): torch.distributions.Normal {
    return new torch.distributions.Normal(this.actor.forward(states), this.logStd.exp());
  }
}

/** Eight points at once: where they were, what was done, how likely that was, what it was worth. */
function play(agent: Agent, steps: number): torch.Tensor[] {
  let place = torch.randn(8, 2);
  let speed = torch.zeros(8, 2);
  const states: torch.Tensor[] = [];
  const actions: torch.Tensor[] = [];
  const logProbs: torch.Tensor[] = [];
  const rewards: torch.Tensor[] = [];
  for (let t = 0; t < steps; t++) {
    const state = torch.cat([place, speed], 1);
    const policy = agent.policy(state);
    const action = policy.sample();
    states.push(state);
    actions.push(action);
    logProbs.push(policy.logProb(action).sum(-1));
    speed = speed.mul(0.9).add(action.clamp(-1, 1).mul(0.1));
    place = place.add(speed);
    rewards.push(place.norm({ dim: 1 }).neg().sub(action.pow(2).sum(-1).mul(0.01)));
  }
  const values = agent.critic.forward(torch.stack(states)).squeeze(-1).unbind();
  const advantages: torch.Tensor[] = [];
  let last = torch.zeros(8);
  for (let t = steps - 1; t >= 0; t--) {
    const following = values[t + 1] ?? torch.zeros(8);
    const surprise = rewards[t].add(following.mul(0.99)).sub(values[t]);
    last = surprise.add(last.mul(0.99 * 0.95));
    advantages.unshift(last);
  }
  const gains = torch.stack(advantages);
  return [
    ...[states, actions, logProbs].map((list) => torch.stack(list).flatten(0, 1)),
    gains.flatten(),
    gains.add(torch.stack(values)).flatten(),
  ];
}

export function run(): number[] {
  torch.manualSeed(7);
  const agent = new Agent();
  const optimizer = new optim.Adam(agent.parameters(), { lr: 3e-3, eps: 1e-5 });
  const losses: number[] = [];
  for (let round = 0; round < 3; round++) {
    const [states, actions, logProbs, advantages, returns] = torch.noGrad(() => play(agent, 16));
    for (let epoch = 0; epoch < 2; epoch++)
      for (const batch of torch.randperm(states.size(0)).split(64)) {
        const policy = agent.policy(states.index(batch));
        const ratio = policy.logProb(actions.index(batch)).sum(-1).sub(logProbs.index(batch)).exp();
        const plain = advantages.index(batch);
        const gain = plain.sub(plain.mean()).div(plain.std().add(1e-8));
        const clipped = torch.min(ratio.mul(gain), ratio.clamp(0.8, 1.2).mul(gain)).mean();
        const values = agent.critic.forward(states.index(batch)).squeeze(-1);
        const value = nn.functional.mseLoss(values, returns.index(batch));
        const entropy = policy.entropy().sum(-1).mean();
        const loss = clipped.neg().add(value.mul(0.5)).sub(entropy.mul(0.01));
        optimizer.zeroGrad();
        loss.backward();
        nn.utils.clipGradNorm_(agent.parameters(), 0.5);
        optimizer.step();
        losses.push(loss.item());
      }
  }
  return losses;
}
