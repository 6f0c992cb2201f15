"""A generator and a discriminator of convolutions (after the DCGAN tutorial), for images of 16 x 16."""

import torch
from torch import nn, optim

LATENT, WIDTH = 16, 8


def weights_init(m):
    name = m.__class__.__name__
    if "Conv" in name:
        nn.init.normal_(m.weight.data, 0.0, 0.02)
    elif "BatchNorm" in name:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


def run():
    torch.manual_seed(5)
    generator = nn.Sequential(
        nn.ConvTranspose2d(LATENT, 2 * WIDTH, 4, 1, 0, bias=False),
        nn.BatchNorm2d(2 * WIDTH),
        nn.ReLU(True),
        nn.ConvTranspose2d(2 * WIDTH, WIDTH, 4, 2, 1, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(True),
        nn.ConvTranspose2d(WIDTH, 1, 4, 2, 1, bias=False),
        nn.Tanh(),
    )
    discriminator = nn.Sequential(
        nn.Conv2d(1, WIDTH, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(WIDTH, 2 * WIDTH, 4, 2, 1, bias=False),
        nn.BatchNorm2d(2 * WIDTH),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(2 * WIDTH, 1, 4, 1, 0, bias=False),
        nn.Sigmoid(),
    )
    generator.apply(weights_init)
    discriminator.apply(weights_init)
    criterion = nn.BCELoss()
    optimizer_d = optim.Adam(discriminator.parameters(), lr=0.002, betas=(0.5, 0.999))
    optimizer_g = optim.Adam(generator.parameters(), lr=0.002, betas=(0.5, 0.999))
    ones, zeros = torch.ones(16), torch.zeros(16)
    losses = []
    for _ in range(5):
        real = torch.rand(16, 1, 16, 16).round() * 2 - 1
        discriminator.zero_grad()
        of_real = criterion(discriminator(real).view(-1), ones)
        of_real.backward()
        fake = generator(torch.randn(16, LATENT, 1, 1))
        of_fake = criterion(discriminator(fake.detach()).view(-1), zeros)
        of_fake.backward()
        optimizer_d.step()
        generator.zero_grad()
        of_generator = criterion(discriminator(fake).view(-1), ones)
        of_generator.backward()
        optimizer_g.step()
        losses += [(of_real + of_fake).item(), of_generator.item()]
    return losses
