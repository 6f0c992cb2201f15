"""Learning rates over time, and checkpoints that bring a training back."""
import copy
import math
import torch
from torch import nn
from torch.optim import lr_scheduler

torch.manual_seed(0)


def rates(make, steps=6):
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(round(optimizer.param_groups[0]["lr"], 5))
        optimizer.step()
        scheduler.step()
    return found


print("step", rates(lambda o: lr_scheduler.StepLR(o, step_size=2, gamma=0.5)))
print("multi", rates(lambda o: lr_scheduler.MultiStepLR(o, milestones=[1, 4], gamma=0.1)))
print("exp", rates(lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9)))
print("cosine", rates(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=5)))
print("lambda", rates(lambda o: lr_scheduler.LambdaLR(o, lr_lambda=lambda epoch: 0.95 ** epoch)))
print("warm", rates(lambda o: lr_scheduler.LambdaLR(o, lambda step: min(1.0, (step + 1) / 4))))

model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-4)
x, y = torch.randn(20, 4), torch.randn(20, 1)


def step():
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(3):
    step()
checkpoint = {
    "model": copy.deepcopy(model.state_dict()),
    "optimizer": copy.deepcopy(optimizer.state_dict()),
}
print("Model's state_dict:")
for param_tensor in model.state_dict():
    print(param_tensor, "\t", model.state_dict()[param_tensor].size())
after = [f"{step():.6f}" for _ in range(3)]
model.load_state_dict(checkpoint["model"])
optimizer.load_state_dict(checkpoint["optimizer"])
again = [f"{step():.6f}" for _ in range(3)]
print(after == again, after)

plateau = lr_scheduler.ReduceLROnPlateau(optimizer, mode='min', factor=0.1, patience=1)
for metric in [1.0, 0.9, 0.95, 0.96, 0.97]:
    plateau.step(metric)
print(optimizer.param_groups[0]['lr'])
