"""Proximal policy optimization (Schulman et al. 2017) of a Gaussian policy that steers a point to the origin."""

import torch
from torch import nn, optim
from torch.distributions import Normal


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2))
        self.critic = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 1))
        self.log_std = nn.Parameter(torch.zeros(2))
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight, gain=0.5)
                nn.init.zeros_(m.bias)

    def policy(self, states):
        return Normal(self.actor(states), self.log_std.exp())


@torch.no_grad()
def play(agent, steps):
    """Eight points at once: where they were, what was done, how likely that was, what it was worth."""
    place, speed = torch.randn(8, 2), torch.zeros(8, 2)
    states, actions, log_probs, rewards = [], [], [], []
    for _ in range(steps):
        state = torch.cat([place, speed], dim=1)
        policy = agent.policy(state)
        action = policy.sample()
        states.append(state)
        actions.append(action)
        log_probs.append(policy.log_prob(action).sum(-1))
        speed = 0.9 * speed + 0.1 * action.clamp(-1, 1)
        place = place + speed
        rewards.append(-place.norm(dim=1) - 0.01 * action.pow(2).sum(-1))
    values = agent.critic(torch.stack(states)).squeeze(-1)
    advantages, last = [], torch.zeros(8)
    for t in reversed(range(steps)):
        following = values[t + 1] if t + 1 < steps else torch.zeros(8)
        last = rewards[t] + 0.99 * following - values[t] + 0.99 * 0.95 * last
        advantages.insert(0, last)
    advantages = torch.stack(advantages)
    return [x.flatten(0, 1) for x in map(torch.stack, (states, actions, log_probs))] + [
        advantages.flatten(),
        (advantages + values).flatten(),
    ]


def run():
    torch.manual_seed(7)
    agent = Agent()
    optimizer = optim.Adam(agent.parameters(), lr=3e-3, eps=1e-5)
    losses = []
    for _ in range(3):
        states, actions, log_probs, advantages, returns = play(agent, 16)
        for _ in range(2):
            for batch in torch.randperm(len(states)).split(64):
                policy = agent.policy(states[batch])
                ratio = (policy.log_prob(actions[batch]).sum(-1) - log_probs[batch]).exp()
                gain = advantages[batch]
                gain = (gain - gain.mean()) / (gain.std() + 1e-8)
                clipped = torch.min(ratio * gain, ratio.clamp(0.8, 1.2) * gain).mean()
                value = nn.functional.mse_loss(agent.critic(states[batch]).squeeze(-1), returns[batch])
                loss = -clipped + 0.5 * value - 0.01 * policy.entropy().sum(-1).mean()
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
                optimizer.step()
                losses.append(loss.item())
    return losses
