"""Leads a trained network astray by the sign of its input's gradient (after "Adversarial Example Generation")."""

import torch
import torch.nn.functional as F
from torch import nn, optim

from images import images


def run():
    torch.manual_seed(12)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout2d(0.25),
        nn.Flatten(),
        nn.Linear(8 * 4 * 4, 3),
        nn.LogSoftmax(dim=1),
    )
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    losses = []
    for _ in range(40):
        pixels, kinds = images(32, 12)
        loss = F.nll_loss(net(pixels), kinds)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    net.eval()
    pixels, kinds = images(200, 12)
    correct = []
    for epsilon in (0, 0.05, 0.1, 0.2, 0.3):
        data = pixels.clone().requires_grad_()
        loss = F.nll_loss(net(data), kinds)
        net.zero_grad()
        loss.backward()
        attacked = torch.clamp(data + epsilon * data.grad.sign(), 0, 1)
        correct.append((net(attacked).argmax(1) == kinds).sum().item())
    return {"losses": losses[:10], "correct": correct}
