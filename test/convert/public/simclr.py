import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader


class ContrastiveTransformations:
    def __init__(self, base_transforms, n_views=2):
        self.base_transforms = base_transforms
        self.n_views = n_views

    def __call__(self, x):
        return [self.base_transforms(x) for i in range(self.n_views)]


class Compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, x):
        for transform in self.transforms:
            x = transform(x)
        return x


class AddNoise:
    def __init__(self, std: float):
        self.std = std

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.randn_like(x) * self.std


class RandomFlip(object):
    def __call__(self, x: torch.Tensor):
        if torch.rand(1) < 0.5:
            return x.flip(-1)
        return x


class Views(Dataset):
    def __init__(self, n, transform):
        self.centers = torch.eye(4, 8) * 3
        self.labels = torch.arange(n) % 4
        self.transform = transform

    def __len__(self):
        return self.labels.numel()

    def __getitem__(self, i):
        return self.transform(self.centers[self.labels[i]]), self.labels[i]


class SimCLR(nn.Module):
    def __init__(self, hidden_dim, temperature=0.5, **kwargs):
        super().__init__()
        assert temperature > 0.0, "The temperature must be a positive float!"
        self.temperature = temperature
        self.net = nn.Sequential(nn.Linear(8, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, 4, **kwargs))

    def forward(self, x):
        return self.net(x)

    def info_nce_loss(self, batch, mode='train'):
        imgs, _ = batch
        imgs = torch.cat(imgs, dim=0)

        # Encode all images
        feats = self(imgs)
        # Calculate cosine similarity
        cos_sim = F.cosine_similarity(feats[:, None, :], feats[None, :, :], dim=-1)
        # Mask out cosine similarity to itself
        self_mask = torch.eye(cos_sim.shape[0], dtype=torch.bool, device=cos_sim.device)
        cos_sim.masked_fill_(self_mask, -9e15)
        # Find positive example -> batch_size//2 away from the original example
        pos_mask = self_mask.roll(shifts=cos_sim.shape[0]//2, dims=0)
        # InfoNCE loss
        cos_sim = cos_sim / self.temperature
        nll = -cos_sim[pos_mask] + torch.logsumexp(cos_sim, dim=-1)
        nll = nll.mean()

        # Get ranking position of positive example
        comb_sim = torch.cat([cos_sim[pos_mask][:, None],  # First position positive example
                              cos_sim.masked_fill(pos_mask, -9e15)],
                             dim=-1)
        sim_argsort = comb_sim.argsort(dim=-1, descending=True).argmin(dim=-1)
        # Logging ranking position
        metrics = {
            mode + '_loss': nll.item(),
            mode + '_acc_top1': (sim_argsort == 0).float().mean().item(),
            mode + '_acc_mean_pos': 1 + sim_argsort.float().mean().item(),
        }
        return nll, metrics


torch.manual_seed(0)
contrast_transforms = Compose(RandomFlip(), AddNoise(0.1))
data = Views(24, transform=ContrastiveTransformations(contrast_transforms, n_views=2))
loader = DataLoader(data, batch_size=8, shuffle=True, drop_last=True, pin_memory=False)
model = SimCLR(16, temperature=0.2, bias=False)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=1e-4)
lr_scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6, eta_min=1e-2 / 50)

history = []
for epoch in range(6):
    for batch in loader:
        loss, metrics = model.info_nce_loss(batch, mode='train')
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(metrics)
    lr_scheduler.step()
    print(epoch, ', '.join(f'{k}: {v:.3f}' for k, v in metrics.items()), f'lr {lr_scheduler.get_last_lr()[0]:.5f}')

best = min(history, key=lambda m: m['train_loss'])
print(len(history), round(best['train_loss'], 3))
