"""Averages weights along the way (after "Stochastic Weight Averaging in PyTorch"), with the norms' statistics computed anew."""

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.optim.swa_utils import SWALR, AveragedModel, update_bn

from images import images


def run():
    torch.manual_seed(16)
    net = nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(6 * 5 * 5, 3)
    )
    batches = [images(16, 12) for _ in range(4)]
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    averaged = AveragedModel(net)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
    swa_scheduler = SWALR(optimizer, swa_lr=0.05, anneal_epochs=2)
    losses = []
    for epoch in range(5):
        for pixels, kinds in batches:
            loss = F.cross_entropy(net(pixels), kinds)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        if epoch > 1:
            averaged.update_parameters(net)
            swa_scheduler.step()
        else:
            scheduler.step()
    update_bn((pixels for pixels, _ in batches), averaged)
    averaged.eval()
    pixels, kinds = images(64, 12)
    with torch.no_grad():
        held_out = F.cross_entropy(averaged(pixels), kinds).item()
    return {"losses": losses, "heldOut": held_out, "nAveraged": averaged.n_averaged.item()}
