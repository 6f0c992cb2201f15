"""A variational autoencoder (after pytorch/examples' vae), on images of crosses."""

import torch
import torch.nn.functional as F
from torch import nn, optim


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 40)
        self.fc21 = nn.Linear(40, 5)
        self.fc22 = nn.Linear(40, 5)
        self.fc3 = nn.Linear(5, 40)
        self.fc4 = nn.Linear(40, 64)

    def forward(self, x):
        h = F.relu(self.fc1(x))
        mu, logvar = self.fc21(h), self.fc22(h)
        std = torch.exp(0.5 * logvar)
        z = mu + torch.randn_like(std) * std
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mu, logvar


def crosses(count):
    images = torch.zeros(count, 8, 8)
    rows, columns = torch.randint(0, 8, (2, count))
    images[torch.arange(count), rows] = 1
    images[torch.arange(count), :, columns] = 1
    return images.view(count, 64)


def run():
    torch.manual_seed(4)
    net = VAE()
    optimizer = optim.Adam(net.parameters(), lr=1e-3)
    losses = []
    for _ in range(10):
        x = crosses(32)
        recon, mu, logvar = net(x)
        bce = F.binary_cross_entropy(recon, x, reduction="sum")
        kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
        loss = bce + kld
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
