"""Tells whether two images are of one kind, by two networks that share their weights (after pytorch/examples' siamese_network)."""

import torch
from torch import nn, optim

from images import images


class SiameseNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2),
            nn.BatchNorm2d(8),
            nn.PReLU(),
            nn.Conv2d(8, 8, 3, bias=False),
            nn.GroupNorm(2, 8),
            nn.GELU(),
            nn.AdaptiveAvgPool2d(2),
        )
        self.fc = nn.Sequential(nn.Linear(64, 32), nn.ReLU(inplace=True), nn.Linear(32, 1))
        self.apply(self.init_weights)

    def init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            m.bias.data.fill_(0.01)

    def forward(self, one, other):
        both = [self.body(x).view(x.size(0), -1) for x in (one, other)]
        return torch.sigmoid(self.fc(torch.cat(both, 1)))


def run():
    torch.manual_seed(10)
    net = SiameseNetwork()
    criterion = nn.BCELoss()
    optimizer = optim.Adadelta(net.parameters(), lr=1.0)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.7)
    losses = []
    for _ in range(10):
        (one, kinds), (other, others) = images(12, 14), images(12, 14)
        loss = criterion(net(one, other).squeeze(), (kinds == others).float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses
