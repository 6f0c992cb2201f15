from abc import ABC, abstractmethod
from typing import Callable, Dict, List, Optional, Tuple, Union

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor


class ToyModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.lin1 = nn.Linear(48, 12)
        self.lin2 = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(F.softplus(self.conv(x)))
        return self.lin2(torch.tanh(self.lin1(x.flatten(1))))


class Attribution(ABC):
    """Base of all that explains a model."""

    def __init__(self, forward_func: Callable) -> None:
        self.forward_func = forward_func

    @abstractmethod
    def attribute(self, inputs: Tensor, target: int) -> Tensor:
        raise NotImplementedError

    def has_convergence_delta(self) -> bool:
        return False

    @classmethod
    def get_name(cls) -> str:
        return "".join(
            char if char.islower() or idx == 0 else " " + char for idx, char in enumerate(cls.__name__)
        )


def compute_gradients(forward_fn: Callable, inputs: Tensor, target: int) -> Tensor:
    with torch.autograd.set_grad_enabled(True):
        outputs = forward_fn(inputs)[:, target]
        grads = torch.autograd.grad(torch.unbind(outputs), inputs)
    return grads[0]


class Saliency(Attribution):
    def __init__(self, forward_func: Callable, abs: bool = True) -> None:
        super().__init__(forward_func)
        self.abs = abs

    def attribute(self, inputs: Tensor, target: int) -> Tensor:
        inputs = inputs.clone().requires_grad_()
        gradients = compute_gradients(self.forward_func, inputs, target)
        return torch.abs(gradients) if self.abs else gradients


class IntegratedGradients(Attribution):
    def __init__(self, forward_func: Callable, n_steps: int = 20) -> None:
        super().__init__(forward_func)
        self.n_steps = n_steps

    def attribute(self, inputs: Tensor, target: int, baselines: Optional[Tensor] = None) -> Tensor:
        if baselines is None:
            baselines = torch.zeros_like(inputs)
        total = torch.zeros_like(inputs)
        for step in range(1, self.n_steps + 1):
            alpha = (step - 0.5) / self.n_steps
            scaled = (baselines + alpha * (inputs - baselines)).detach().requires_grad_()
            total += compute_gradients(self.forward_func, scaled, target)
        return (inputs - baselines) * total / self.n_steps

    def has_convergence_delta(self) -> bool:
        return True


class GradCam:
    def __init__(self, model: nn.Module, layer: nn.Module):
        self.model = model
        self.activations: Optional[Tensor] = None
        self.gradients: Optional[Tensor] = None
        self.handles = [
            layer.register_forward_hook(self._save_activation),
        ]

    def _save_activation(self, module, inputs, output):
        self.activations = output.detach()
        output.register_hook(self._save_gradient)

    def _save_gradient(self, grad):
        self.gradients = grad.detach()

    def __call__(self, inputs: Tensor, target: int) -> Tensor:
        self.model.zero_grad()
        self.model(inputs)[:, target].sum().backward()
        weights = self.gradients.mean(dim=(2, 3), keepdim=True)
        return F.relu((weights * self.activations).sum(dim=1, keepdim=True))

    def remove(self):
        for handle in self.handles:
            handle.remove()


torch.manual_seed(5)
model = ToyModel().eval()
inputs = torch.randn(2, 1, 6, 6)
reports: Dict[str, Tuple[float, float]] = {}
methods: List[Attribution] = [Saliency(model), Saliency(model, abs=False), IntegratedGradients(model)]
for method in methods:
    attributions = method.attribute(inputs, target=1)
    reports[method.get_name() + str(len(reports))] = (attributions.sum().item(), attributions.abs().max().item())
    if method.has_convergence_delta():
        with torch.no_grad():
            delta = model(inputs)[:, 1] - model(torch.zeros_like(inputs))[:, 1]
        print('delta', (attributions.sum(dim=(1, 2, 3)) - delta).abs().max().item() < 1e-3)
for name, (total, largest) in reports.items():
    print(f'{name:<24}{total:>10.4f}{largest:>10.4f}')

cam = GradCam(model, model.conv)
heat = cam(inputs, 2)
cam.remove()
print(heat.shape, f'{heat.mean():.5f}')
