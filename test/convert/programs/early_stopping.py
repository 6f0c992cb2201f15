"""Stops a training when held-out data say so, with clipped gradients and the best weights kept."""
import copy
import torch
from torch import nn


class EarlyStopping:
    def __init__(self, patience=3, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = None
        self.counter = 0
        self.stop = False

    def __call__(self, val_loss):
        if self.best_loss is None or val_loss < self.best_loss - self.min_delta:
            self.best_loss = val_loss
            self.counter = 0
            return True
        self.counter += 1
        if self.counter >= self.patience:
            self.stop = True
        return False


torch.manual_seed(3)
x = torch.linspace(-3, 3, 60).unsqueeze(1)
y = torch.sin(x) + 0.3 * torch.randn_like(x)
perm = torch.randperm(60)
train_idx, val_idx = perm[:20], perm[20:]

model = nn.Sequential(nn.Linear(1, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
loss_fn = nn.MSELoss()
stopper = EarlyStopping(patience=4, min_delta=1e-3)
best_state = None
best_epoch = -1
norms = []

for epoch in range(60):
    model.train()
    optimizer.zero_grad()
    loss = loss_fn(model(x[train_idx]), y[train_idx])
    loss.backward()
    total_norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    norms.append(total_norm.item())
    optimizer.step()

    model.eval()
    with torch.no_grad():
        val_loss = loss_fn(model(x[val_idx]), y[val_idx]).item()
    if stopper(val_loss):
        best_state = copy.deepcopy(model.state_dict())
        best_epoch = epoch
    if stopper.stop:
        print(f"stopped at epoch {epoch}, best was {best_epoch} with {stopper.best_loss:.3f}")
        break
else:
    print("never stopped")

if best_state is not None:
    model.load_state_dict(best_state)
with torch.no_grad():
    print(f"{loss_fn(model(x[val_idx]), y[val_idx]).item():.3f}")
clipped = sum(1 for n in norms if n > 1.0)
print(f"{clipped} of {len(norms)} gradients were clipped, the largest {max(norms):.2f}")
print(any(n > 100 for n in norms), all(n > 0 for n in norms))
