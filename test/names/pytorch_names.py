"""Writes pytorch.json: the public names of PyTorch's modules, by module. Run with the version of PyTorch that is the specification."""

import importlib
import inspect
import json
import types
from pathlib import Path

import torch

MODULES = """
torch.nn torch.nn.functional torch.nn.init torch.nn.utils torch.nn.utils.rnn torch.nn.utils.parametrize
torch.nn.utils.parametrizations torch.nn.utils.prune torch.nn.utils.stateless torch.optim torch.optim.lr_scheduler
torch.optim.swa_utils torch.utils.data torch.utils.checkpoint torch.autograd torch.autograd.functional
torch.autograd.graph torch.autograd.forward_ad torch.func torch.distributions torch.distributions.kl
torch.distributions.transforms torch.distributions.constraints torch.amp torch.linalg torch.fft torch.special
torch.signal.windows torch.masked torch.random torch.testing
""".split()


def is_own(module, value):
    """Whether a value belongs to a module, and was not only imported there."""
    if isinstance(value, types.ModuleType):
        return False
    owner = getattr(value, '__module__', None) or ''
    return not callable(value) or owner.startswith('torch') or owner in ('', 'builtins')


def public(module):
    names = getattr(module, '__all__', None) or [
        name for name in dir(module) if is_own(module, getattr(module, name))
    ]
    return sorted(name for name in names if not name.startswith('_'))


def functions_of_torch():
    names = set(torch.__all__) | {n for n in dir(torch) if inspect.isbuiltin(getattr(torch, n))}
    typing = {'Any', 'Callable', 'Union', 'Optional', 'overload', 'TYPE_CHECKING'}
    return sorted(
        n
        for n in names
        if not n.startswith('_')
        and n not in typing
        and not n[0].isupper()
        and not isinstance(getattr(torch, n, None), (types.ModuleType, torch.dtype, torch.layout))
    )


listed = {'torch': functions_of_torch()}
listed['torch.Tensor'] = sorted(n for n in dir(torch.Tensor) if not n.startswith('_'))
listed['torch.nn.Module'] = sorted(n for n in dir(torch.nn.Module()) if not n.startswith('_'))
listed['torch.optim.Optimizer'] = sorted(
    n
    for n in dir(torch.optim.SGD([torch.ones(1)]))
    if not n.startswith('_')
)
for name in MODULES:
    listed[name] = public(importlib.import_module(name))

path = Path(__file__).parent / 'pytorch.json'
path.write_text(
    '{\n'
    + ',\n'.join(f'  {json.dumps(k)}: {json.dumps(" ".join(v))}' for k, v in listed.items())
    + '\n}\n'
)
