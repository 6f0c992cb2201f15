"""Two networks against each other: one makes points on a circle, the other tells them from real ones."""
import math
import torch
import torch.nn as nn

torch.manual_seed(7)
latent_size = 4
hidden_size = 16
batch_size = 32

# Discriminator
D = nn.Sequential(
    nn.Linear(2, hidden_size),
    nn.LeakyReLU(0.2),
    nn.Linear(hidden_size, 1),
    nn.Sigmoid())

# Generator
G = nn.Sequential(
    nn.Linear(latent_size, hidden_size),
    nn.ReLU(),
    nn.Linear(hidden_size, 2),
    nn.Tanh())

criterion = nn.BCELoss()
d_optimizer = torch.optim.Adam(D.parameters(), lr=0.002, betas=(0.5, 0.999))
g_optimizer = torch.optim.Adam(G.parameters(), lr=0.002, betas=(0.5, 0.999))


def reset_grad():
    d_optimizer.zero_grad()
    g_optimizer.zero_grad()


def real_points(n):
    angle = 2 * math.pi * torch.rand(n)
    return torch.stack((angle.cos(), angle.sin()), dim=1) * 0.8


real_labels = torch.ones(batch_size, 1)
fake_labels = torch.zeros(batch_size, 1)
for step in range(60):
    points = real_points(batch_size)

    outputs = D(points)
    d_loss_real = criterion(outputs, real_labels)
    real_score = outputs

    z = torch.randn(batch_size, latent_size)
    fake = G(z)
    outputs = D(fake.detach())
    d_loss_fake = criterion(outputs, fake_labels)
    fake_score = outputs

    d_loss = d_loss_real + d_loss_fake
    reset_grad()
    d_loss.backward()
    d_optimizer.step()

    z = torch.randn(batch_size, latent_size)
    outputs = D(G(z))
    g_loss = criterion(outputs, real_labels)
    reset_grad()
    g_loss.backward()
    g_optimizer.step()

    if (step + 1) % 20 == 0:
        print('Step [{}/{}], d_loss: {:.4f}, g_loss: {:.4f}, D(x): {:.2f}, D(G(z)): {:.2f}'
              .format(step + 1, 60, d_loss.item(), g_loss.item(),
                      real_score.mean().item(), fake_score.mean().item()))
