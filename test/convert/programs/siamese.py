"""Learns distances: pairs of the same kind come near each other, others are pushed away."""
from typing import List, Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F


class SiameseNetwork(nn.Module):
    def __init__(self, in_features: int, embedding: int = 2):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(in_features, 16), nn.ReLU(inplace=True), nn.Linear(16, embedding))

    def forward_once(self, x):
        return self.body(x)

    def forward(self, a, b):
        return self.forward_once(a), self.forward_once(b)


class ContrastiveLoss(nn.Module):
    """Contrastive loss with a margin."""

    def __init__(self, margin=2.0):
        super().__init__()
        self.margin = margin

    def forward(self, output1, output2, label):
        distance = F.pairwise_distance(output1, output2)
        loss = (1 - label) * distance.pow(2) + label * torch.clamp(self.margin - distance, min=0.0).pow(2)
        return loss.mean()


def make_pairs(points: torch.Tensor, kinds: List[int], count: int) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    first = torch.randint(0, len(kinds), (count,)).tolist()
    second = torch.randint(0, len(kinds), (count,)).tolist()
    labels = [0.0 if kinds[i] == kinds[j] else 1.0 for i, j in zip(first, second)]
    return points[first], points[second], torch.tensor(labels)


def mean_distance(net: SiameseNetwork, points: torch.Tensor, mask: Optional[torch.Tensor] = None) -> float:
    with torch.no_grad():
        z = net.forward_once(points)
        d = torch.cdist(z, z)
        if mask is None:
            return d.mean().item()
        return d[mask].mean().item()


def main():
    torch.manual_seed(0)
    centers = torch.randn(3, 8) * 2
    kinds = [i % 3 for i in range(30)]
    points = centers[torch.tensor(kinds)] + torch.randn(30, 8)
    net = SiameseNetwork(8)
    criterion = ContrastiveLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(1, 41):
        a, b, label = make_pairs(points, kinds, 32)
        out1, out2 = net(a, b)
        loss = criterion(out1, out2, label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch % 10 == 0:
            print("epoch", epoch, "loss", "%.3f" % loss.item())
    k = torch.tensor(kinds)
    same = (k[:, None] == k[None, :]) & ~torch.eye(30, dtype=torch.bool)
    different = k[:, None] != k[None, :]
    print(f"same {mean_distance(net, points, same):.2f}, different {mean_distance(net, points, different):.2f}")
    print(mean_distance(net, points) > 0)


if __name__ == "__main__":
    main()
