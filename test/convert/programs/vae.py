"""A variational autoencoder of small random drawings."""
import torch
from torch import nn, optim
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self, d=36, latent=4):
        super(VAE, self).__init__()
        self.fc1 = nn.Linear(d, 24)
        self.fc21 = nn.Linear(24, latent)
        self.fc22 = nn.Linear(24, latent)
        self.fc3 = nn.Linear(latent, 24)
        self.fc4 = nn.Linear(24, d)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5*logvar)
        eps = torch.randn_like(std)
        return mu + eps*std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 36))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


# Reconstruction + KL divergence losses summed over all elements and batch
def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 36), reduction='sum')
    # 0.5 * sum(1 + log(sigma^2) - mu^2 - sigma^2)
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


torch.manual_seed(1)
data = (torch.rand(64, 6, 6) > 0.7).float()
data[:, 2] = 1
model = VAE()
optimizer = optim.Adam(model.parameters(), lr=1e-2)


def train(epoch):
    model.train()
    train_loss = 0
    for batch_idx in range(4):
        batch = data[batch_idx * 16:(batch_idx + 1) * 16]
        optimizer.zero_grad()
        recon_batch, mu, logvar = model(batch)
        loss = loss_function(recon_batch, batch, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
    print('====> Epoch: {} Average loss: {:.3f}'.format(epoch, train_loss / len(data)))


for epoch in range(1, 6):
    train(epoch)
with torch.no_grad():
    sample = model.decode(torch.randn(2, 4)).view(2, 6, 6)
    print(sample.shape, (sample > 0.5).sum(dim=(1, 2)))
