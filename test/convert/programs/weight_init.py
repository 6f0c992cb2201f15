"""Initialisations: what they do to activations, layer by layer."""
import math
import torch
from torch import nn

torch.manual_seed(0)


def activations(init_name: str, depth: int = 5, width: int = 64):
    x = torch.randn(32, width)
    found = []
    for _ in range(depth):
        layer = nn.Linear(width, width, bias=False)
        if init_name == "small":
            nn.init.normal_(layer.weight, std=0.01)
        elif init_name == "xavier":
            nn.init.xavier_uniform_(layer.weight, gain=nn.init.calculate_gain("tanh"))
        elif init_name == "kaiming":
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        else:
            raise ValueError(f"unknown initialisation: {init_name}")
        x = layer(x)
        x = torch.relu(x) if init_name == "kaiming" else torch.tanh(x)
        found.append(x.std().item())
    return found


for name in ("small", "xavier", "kaiming"):
    stds = activations(name)
    print(f"{name:8s}", " ".join(f"{s:.3e}" for s in stds))

try:
    activations("other")
except ValueError as error:
    print("refused:", error)
finally:
    print("done")


def weights_init(m):
    classname = m.__class__.__name__
    if isinstance(m, nn.Conv2d):
        nn.init.normal_(m.weight, 0.0, 0.02)
    elif isinstance(m, nn.BatchNorm2d):
        nn.init.constant_(m.weight, 1.0)
        nn.init.zeros_(m.bias)


net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 3))
net.apply(weights_init)
for name, p in net.named_parameters():
    if p.dim() > 1:
        print(name, p.shape, f"{p.std().item():.3f}")
    else:
        print(name, p.detach().abs().max().item() < 1.5)
w = torch.empty(3, 3)
nn.init.orthogonal_(w)
print(torch.allclose(w @ w.T, torch.eye(3), atol=1e-5), nn.init.eye_(w).trace().item())
bound = 1 / math.sqrt(64)
print(f"{bound:.4f}", math.floor(bound * 100), math.ceil(2.1), math.pi > 3)
