"""A network that turns and shifts its images before it looks at them (after "Spatial Transformer Networks Tutorial")."""

import torch
import torch.nn.functional as F
from torch import nn, optim

from images import images


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.localization = nn.Sequential(
            nn.Conv2d(1, 4, kernel_size=5), nn.MaxPool2d(2, stride=2), nn.ReLU(True)
        )
        self.fc_loc = nn.Sequential(nn.Linear(4 * 6 * 6, 16), nn.ReLU(True), nn.Linear(16, 3 * 2))
        self.conv = nn.Conv2d(1, 6, kernel_size=5)
        self.conv_drop = nn.Dropout2d()
        self.fc = nn.Linear(6 * 6 * 6, 3)
        self.fc_loc[2].weight.data.zero_()
        self.fc_loc[2].bias.data.copy_(torch.tensor([1, 0, 0, 0, 1, 0], dtype=torch.float))

    def stn(self, x):
        theta = self.fc_loc(self.localization(x).flatten(1)).view(-1, 2, 3)
        grid = F.affine_grid(theta, x.size(), align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv_drop(self.conv(self.stn(x))), 2))
        return F.log_softmax(self.fc(x.flatten(1)), dim=1)


def run():
    torch.manual_seed(9)
    net = Net()
    optimizer = optim.SGD(net.parameters(), lr=0.05)
    losses = []
    for _ in range(10):
        pixels, kinds = images(16, 16)
        loss = F.nll_loss(net(pixels), kinds)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
