"""Paints an image with another's style by LBFGS on its pixels (after "Neural Transfer Using PyTorch"), with a small network of random weights."""

import torch
import torch.nn.functional as F
from torch import nn, optim

from images import images


def gram_matrix(x):
    a, b, c, d = x.size()
    features = x.view(a * b, c * d)
    return torch.mm(features, features.t()).div(a * b * c * d)


class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)

    def forward(self, x):
        first = F.relu(self.conv1(x))
        second = F.relu(self.conv2(F.max_pool2d(first, 2)))
        return first, second


def run():
    torch.manual_seed(13)
    net = Features().eval().requires_grad_(False)
    pixels, _ = images(2, 16)
    content, style = pixels[:1], pixels[1:]
    wanted = net(content)[1]
    grams = [gram_matrix(x) for x in net(style)]
    painting = content.clone().requires_grad_()
    optimizer = optim.LBFGS([painting])
    losses = []

    def closure():
        with torch.no_grad():
            painting.clamp_(0, 1)
        optimizer.zero_grad()
        features = net(painting)
        style_score = sum(F.mse_loss(gram_matrix(x), gram) for x, gram in zip(features, grams))
        loss = 1e6 * style_score + F.mse_loss(features[1], wanted)
        loss.backward()
        losses.append(loss.item())
        return loss

    while len(losses) < 10:
        optimizer.step(closure)
    return losses[:10]
