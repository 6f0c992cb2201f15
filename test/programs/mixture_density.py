"""Fits several answers to one question by a mixture of Gaussians (Bishop 1994), then draws some."""

import torch
from torch import nn, optim
from torch.distributions import Categorical, MixtureSameFamily, Normal


class MixtureDensityNetwork(nn.Module):
    def __init__(self, hidden, components):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(1, hidden), nn.Tanh())
        self.logits = nn.Linear(hidden, components)
        self.mean = nn.Linear(hidden, components)
        self.log_scale = nn.Linear(hidden, components)

    def forward(self, x):
        h = self.hidden(x)
        return MixtureSameFamily(Categorical(logits=self.logits(h)), Normal(self.mean(h), self.log_scale(h).exp()))


def run():
    torch.manual_seed(15)
    y = torch.rand(200, 1) * 20 - 10
    x = torch.sin(0.75 * y) * 7 + y * 0.5 + torch.randn(200, 1)
    net = MixtureDensityNetwork(20, 5)
    optimizer = optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(10):
        loss = -net(x).log_prob(y.squeeze(1)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        mixture = net(torch.linspace(-10, 10, 5).unsqueeze(1))
        return {"losses": losses, "means": mixture.mean.tolist(), "drawn": mixture.sample((2,)).flatten().tolist()}
