"""Balances the pole by an actor and a critic of one body (after pytorch/examples' reinforcement_learning)."""

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.distributions import Categorical

from cart_pole import CartPole


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 128)
        self.action_head = nn.Linear(128, 2)
        self.value_head = nn.Linear(128, 1)

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


def run():
    torch.manual_seed(6)
    env, net = CartPole(), Policy()
    optimizer = optim.Adam(net.parameters(), lr=3e-2)
    losses, lengths = [], []
    for _ in range(10):
        state, log_probs, values, rewards = env.reset(), [], [], []
        for _ in range(200):
            probs, value = net(state)
            chosen = Categorical(probs)
            action = chosen.sample()
            state, reward, done = env.step(action.item())
            log_probs.append(chosen.log_prob(action))
            values.append(value)
            rewards.append(reward)
            if done:
                break
        returns, total = [], 0.0
        for reward in reversed(rewards):
            total = reward + 0.99 * total
            returns.insert(0, total)
        returns = torch.tensor(returns)
        returns = (returns - returns.mean()) / (returns.std() + 1e-7)
        policy_losses = [-p * (r - v.item()) for p, v, r in zip(log_probs, values, returns)]
        value_losses = [F.smooth_l1_loss(v, torch.tensor([r])) for v, r in zip(values, returns)]
        loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        lengths.append(len(rewards))
    return {"losses": losses, "lengths": lengths}
