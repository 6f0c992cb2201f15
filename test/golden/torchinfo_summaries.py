"""Summaries that torchinfo prints (main of 2026, after 1.8.0): writes torchinfo.json.golden."""
import json
import pathlib
import warnings

import torch
import torchinfo
import torchvision
from torch import nn
from torch.nn.utils import prune

warnings.simplefilter('ignore')


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 6)
        self.lstm = nn.LSTM(6, 5, num_layers=2, batch_first=True)
        self.decoder = nn.Linear(5, 20)

    def forward(self, x):
        output, hidden = self.lstm(self.embedding(x))
        return self.decoder(output), hidden


class Again(nn.Module):
    """Calls a layer several times, and one of a list."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 3, 3, padding=1)
        self.blocks = nn.ModuleList([nn.Sequential(nn.Conv2d(3, 3, 1, groups=3), nn.ReLU()) for _ in range(2)])
        self.choice = nn.ModuleDict({'a': nn.Identity(), 'b': nn.BatchNorm2d(3)})

    def forward(self, x):
        for _ in range(3):
            x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.choice['b'](x)


class Shared(nn.Module):
    """Parents that hold the same layer."""

    def __init__(self):
        super().__init__()
        one = nn.Linear(4, 4)
        self.left = nn.Sequential(one, nn.ReLU())
        self.right = nn.Sequential(one, nn.Tanh())
        self.embedding = nn.Embedding(7, 4)
        self.head = nn.Linear(4, 7, bias=False)
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, x):
        return self.head(self.left(self.embedding(x)) + self.right(self.embedding(x))) * self.scale[0]


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Bilinear(3, 4, 5)
        self.b = nn.LayerNorm(5)

    def forward(self, x, y, factor=1):
        return {'first': x, 'last': [self.b(self.a(x, y)) * factor]}


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 2))


def frozen():
    net = mlp()
    for parameter in net[1].parameters():
        parameter.requires_grad = False
    net[4].bias.requires_grad = False
    return net


def pruned():
    net = mlp()
    prune.l1_unstructured(net[1], 'weight', 30)
    return net


def encoder():
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, enable_nested_tensor=False)


models = {
    'mlp': mlp,
    'frozen': frozen,
    'pruned': pruned,
    'recurrent': Recurrent,
    'again': Again,
    'shared': Shared,
    'two': TwoInputs,
    'encoder': encoder,
    'linear': lambda: nn.Linear(3, 2),
    'resnet18': torchvision.models.resnet18,
    'mobilenet_v3_small': torchvision.models.mobilenet_v3_small,
    'googlenet': lambda: torchvision.models.googlenet(init_weights=False),
    'vit': lambda: torchvision.models.vit_b_32(),
}
every = ['kernel_size', 'groups', 'input_size', 'output_size', 'num_params', 'params_percent', 'mult_adds', 'trainable']
ints = {'dtypes': ['int64']}
image = {'input_size': [1, 3, 64, 64], 'mode': 'eval'}
cases = [
    ('mlp', {'input_size': [5, 3, 4]}),
    ('mlp', {}),
    ('mlp', {'col_names': ['kernel_size', 'num_params', 'params_percent', 'trainable'], 'verbose': 2}),
    ('mlp', {'input_size': [3, 4], 'batch_dim': 0, 'col_names': every, 'col_width': 16, 'row_settings': ['var_names']}),
    ('frozen', {'input_size': [5, 3, 4], 'col_names': every, 'col_width': 18}),
    ('pruned', {'input_size': [5, 3, 4], 'col_names': every, 'verbose': 2}),
    ('recurrent', {'input_size': [2, 7], **ints, 'col_names': every, 'verbose': 2, 'col_width': 20}),
    ('recurrent', {'input_size': [7], **ints, 'batch_dim': 0, 'col_names': every}),
    ('again', {'input_size': [2, 3, 8, 8], 'col_names': every, 'row_settings': ['depth', 'var_names']}),
    ('again', {'input_size': [2, 3, 8, 8], 'row_settings': ['ascii_only', 'hide_recursive_layers', 'depth']}),
    ('again', {'depth': 1}),
    ('shared', {'input_size': [2, 3], **ints, 'col_names': every, 'row_settings': ['depth', 'var_names']}),
    ('shared', {'verbose': 2}),
    ('two', {'input_size': [[2, 3], [2, 4]], 'kwargs': {'factor': 2}, 'col_names': every}),
    ('encoder', {'input_size': [2, 5, 8], 'mode': 'train', 'depth': 4, 'row_settings': ['depth', 'var_names']}),
    ('linear', {'input_size': [4, 3], 'verbose': 2}),
    ('resnet18', {**image, 'col_names': every, 'row_settings': ['depth', 'var_names'], 'col_width': 18}),
    ('resnet18', {**image, 'depth': 1}),
    ('resnet18', {'depth': 0}),
    ('mobilenet_v3_small', {**image, 'depth': 5, 'col_names': every}),
    ('googlenet', {**image, 'depth': 2, 'mode': 'train', 'input_size': [2, 3, 64, 64]}),
    ('vit', {'input_size': [1, 3, 224, 224], 'mode': 'train', 'depth': 2}),
]


def summarized(name, options):
    settings = {**options}
    if 'input_size' in settings:
        size = settings['input_size']
        settings['input_size'] = [tuple(one) for one in size] if isinstance(size[0], list) else tuple(size)
    if 'dtypes' in settings:
        settings['dtypes'] = [getattr(torch, dtype) for dtype in settings['dtypes']]
    kwargs = settings.pop('kwargs', {})
    settings['verbose'] = settings.get('verbose', 1)
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as out:
        result = torchinfo.summary(models[name](), **settings, **kwargs)
    assert out.getvalue() == str(result) + '\n'
    return {'model': name, 'options': options, 'text': str(result)}


if __name__ == '__main__':
    path = pathlib.Path(__file__).parent / 'torchinfo.json.golden'
    lines = [json.dumps(summarized(*case), ensure_ascii=False, separators=(',', ':')) for case in cases]
    path.write_text('[\n' + ',\n'.join(lines) + '\n]\n')
