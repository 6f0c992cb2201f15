"""Looks into a network with hooks: sizes of activations, gradients on their way, and parameters by name."""
import torch
import torch.nn as nn

torch.manual_seed(0)


class SmallNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Linear(4 * 3 * 3, 2)

    def forward(self, x):
        x = self.features(x)
        return self.classifier(x.flatten(1))


model = SmallNet()
shapes = {}


def get_hook(name):
    def hook(module: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor):
        shapes[name] = list(output.shape)
    return hook


handles = []
for name, layer in model.named_modules():
    if len(list(layer.children())) == 0:
        handles.append(layer.register_forward_hook(get_hook(name)))

out = model(torch.randn(2, 1, 8, 8))
for key, value in shapes.items():
    print(f"{key:<12} {value}")
for h in handles:
    h.remove()

grads = []
t = torch.ones(3, requires_grad=True)
u = t * 2
u.register_hook(lambda grad: grads.append(grad.tolist()))
t.register_hook(lambda grad: grad * 10)
u.sum().backward()
print(grads, t.grad)

for name, param in model.named_parameters():
    print(name, tuple(param.shape), param.requires_grad)
for param in model.features.parameters():
    param.requires_grad = False
trainable = [n for n, p in model.named_parameters() if p.requires_grad]
print(trainable)


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.constant_(m.weight, 0.5)
        m.bias.data.fill_(0.01)


model.apply(init_weights)
print(model.classifier.weight[0, :3], model.classifier.bias)
