"""Makes images twice as large, by convolutions and a shuffle of pixels (after pytorch/examples' super_resolution)."""

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.nn import init

from images import images


class Net(nn.Module):
    def __init__(self, upscale_factor):
        super().__init__()
        self.relu = nn.ReLU()
        self.conv1 = nn.Conv2d(1, 16, 5, 1, 2)
        self.conv2 = nn.Conv2d(16, 8, 3, 1, 1)
        self.conv3 = nn.Conv2d(8, upscale_factor**2, 3, 1, 1)
        self.pixel_shuffle = nn.PixelShuffle(upscale_factor)
        init.orthogonal_(self.conv1.weight, init.calculate_gain("relu"))
        init.orthogonal_(self.conv2.weight, init.calculate_gain("relu"))
        init.orthogonal_(self.conv3.weight)

    def forward(self, x):
        x = self.relu(self.conv2(self.relu(self.conv1(x))))
        return self.pixel_shuffle(self.conv3(x))


def run():
    torch.manual_seed(11)
    net = Net(2)
    optimizer = optim.Adam(net.parameters(), lr=0.001)
    losses = []
    for _ in range(10):
        large, _ = images(8, 20)
        small = F.interpolate(large, scale_factor=0.5, mode="bicubic", align_corners=False)
        loss = F.mse_loss(net(small), large)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
