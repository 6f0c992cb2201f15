"""Learns the value of pushing a cart left or right, from memory (after "Reinforcement Learning (DQN) Tutorial")."""

import torch
from torch import nn, optim

from cart_pole import CartPole

BATCH, GAMMA, TAU = 32, 0.99, 0.005


def network():
    return nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))


def run():
    torch.manual_seed(8)
    env, policy, target = CartPole(), network(), network()
    target.load_state_dict(policy.state_dict())
    optimizer = optim.AdamW(policy.parameters(), lr=1e-3, amsgrad=True)
    criterion = nn.SmoothL1Loss()
    memory, losses = [], []
    state = env.reset()
    while len(losses) < 10:
        if torch.rand(1).item() > 0.5:
            with torch.no_grad():
                action = policy(state).max(0).indices.item()
        else:
            action = torch.randint(0, 2, (1,)).item()
        following, reward, done = env.step(action)
        memory.append((state, action, reward, None if done else following))
        state = env.reset() if done else following
        if len(memory) < BATCH:
            continue
        batch = [memory[i] for i in torch.randperm(len(memory))[:BATCH].tolist()]
        goes_on = torch.tensor([s is not None for _, _, _, s in batch])
        values = policy(torch.stack([s for s, _, _, _ in batch])).gather(
            1, torch.tensor([[a] for _, a, _, _ in batch])
        )
        future = torch.zeros(BATCH)
        with torch.no_grad():
            future[goes_on] = target(torch.stack([s for _, _, _, s in batch if s is not None])).max(1).values
        expected = future * GAMMA + torch.tensor([r for _, _, r, _ in batch])
        loss = criterion(values, expected.unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(policy.parameters(), 100)
        optimizer.step()
        weights, followed = policy.state_dict(), target.state_dict()
        for key in weights:
            followed[key] = weights[key] * TAU + followed[key] * (1 - TAU)
        target.load_state_dict(followed)
        losses.append(loss.item())
    return losses
