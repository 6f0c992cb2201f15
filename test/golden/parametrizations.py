"""Writes parametrizations.json.golden: what PyTorch says of parametrized and pruned modules."""
import json
import pathlib
import warnings

import torch
from torch import nn
from torch.nn.utils import parametrizations as P, prune

warnings.simplefilter("ignore")
FILE = pathlib.Path(__file__).parent / "parametrizations.json.golden"

# How a module is made, here and in TypeScript, and its input's shape.
CASES = [
    ("P.weight_norm(nn.Linear(4, 3))", "P.weightNorm(new nn.Linear(4, 3))", [2, 4]),
    ("P.weight_norm(nn.Conv2d(2, 3, 2), dim=1)", "P.weightNorm(new nn.Conv2d(2, 3, 2), 'weight', 1)", [1, 2, 3, 3]),
    ("P.weight_norm(nn.Linear(4, 3), dim=None)", "P.weightNorm(new nn.Linear(4, 3), 'weight', null)", [2, 4]),
    ("P.weight_norm(nn.LSTM(3, 2), 'weight_hh_l0')", "P.weightNorm(new nn.LSTM(3, 2), 'weightHhL0')", [2, 1, 3]),
    ("P.spectral_norm(nn.Linear(4, 3))", "P.spectralNorm(new nn.Linear(4, 3))", [2, 4]),
    ("P.spectral_norm(nn.ConvTranspose1d(2, 3, 2), n_power_iterations=3)", "P.spectralNorm(new nn.ConvTranspose1d(2, 3, 2), { nPowerIterations: 3 })", [1, 2, 4]),
    ("P.spectral_norm(nn.LayerNorm(4))", "P.spectralNorm(new nn.LayerNorm(4))", [2, 4]),
    ("P.orthogonal(nn.Linear(3, 3))", "P.orthogonal(new nn.Linear(3, 3))", [2, 3]),
    ("P.orthogonal(nn.Linear(5, 3))", "P.orthogonal(new nn.Linear(5, 3))", [2, 5]),
    ("P.orthogonal(nn.Linear(3, 5), orthogonal_map='cayley')", "P.orthogonal(new nn.Linear(3, 5), { orthogonalMap: 'cayley' })", [2, 3]),
    ("P.orthogonal(nn.Linear(4, 2), orthogonal_map='matrix_exp', use_trivialization=False)", "P.orthogonal(new nn.Linear(4, 2), { orthogonalMap: 'matrix_exp', useTrivialization: false })", [2, 4]),
    ("P.orthogonal(nn.Linear(4, 2), use_trivialization=False)", "P.orthogonal(new nn.Linear(4, 2), { useTrivialization: false })", [2, 4]),
    ("P.weight_norm(P.orthogonal(nn.Linear(3, 3)), 'bias')", "P.weightNorm(P.orthogonal(new nn.Linear(3, 3)), 'bias')", [2, 3]),
]
PRUNED = [
    ("prune.identity(net, 'weight')", "prune.identity(net, 'weight')"),
    ("prune.random_unstructured(net, 'weight', 0.3)", "prune.randomUnstructured(net, 'weight', 0.3)"),
    ("prune.random_unstructured(net, 'bias', 2)", "prune.randomUnstructured(net, 'bias', 2)"),
    ("prune.l1_unstructured(net, 'weight', 0.5)", "prune.l1Unstructured(net, 'weight', 0.5)"),
    ("prune.random_structured(net, 'weight', 2, 1)", "prune.randomStructured(net, 'weight', 2, 1)"),
    ("prune.ln_structured(net, 'weight', 0.25, 2, 0)", "prune.lnStructured(net, 'weight', 0.25, 2, 0)"),
    ("prune.ln_structured(net, 'weight', 1, float('inf'), -1)", "prune.lnStructured(net, 'weight', 1, Infinity, -1)"),
    ("prune.custom_from_mask(net, 'bias', torch.tensor([1, 0, 1, 0]))", "prune.customFromMask(net, 'bias', torch.tensor([1, 0, 1, 0]))"),
    ("prune.l1_unstructured(prune.random_structured(net, 'weight', 1, 0), 'weight', 3)", "prune.l1Unstructured(prune.randomStructured(net, 'weight', 1, 0), 'weight', 3)"),
    ("prune.ln_structured(prune.random_unstructured(net, 'weight', 4), 'weight', 1, 1, 1)", "prune.lnStructured(prune.randomUnstructured(net, 'weight', 4), 'weight', 1, 1, 1)"),
    ("prune.global_unstructured([(net, 'weight'), (net, 'bias')], prune.L1Unstructured, amount=0.4)", "prune.globalUnstructured([[net, 'weight'], [net, 'bias']], prune.L1Unstructured, { amount: 0.4 })"),
    ("prune.global_unstructured([(net, 'weight'), (net, 'bias')], prune.RandomUnstructured, amount=5)", "prune.globalUnstructured([[net, 'weight'], [net, 'bias']], prune.RandomUnstructured, { amount: 5 })"),
]


def rounded(t):
    return [float(f"{x:.7g}") for x in t.detach().double().reshape(-1).tolist()]


def state(module):
    return {key: [list(t.shape), rounded(t)] for key, t in module.state_dict().items()}


def forward(module, x):
    out = module(x)
    return out[0] if isinstance(out, tuple) else out


def parametrized(source, there, shape):
    torch.manual_seed(5)
    module = eval(source)
    entry = {"source": there, "shape": shape, "repr": str(module), "state": state(module)}
    x = torch.linspace(-1, 1, torch.Size(shape).numel()).reshape(shape)
    out = forward(module, x)
    weights = torch.arange(out.numel()).remainder(5).sub(2).float().reshape(out.shape)
    (out * weights).sum().backward()
    entry["out"] = rounded(out)
    entry["grads"] = {name: rounded(p.grad) for name, p in module.named_parameters()}
    module.eval()
    entry["eval"] = rounded(forward(module, x))
    return entry


def pruned(source, there):
    torch.manual_seed(5)
    net = nn.Linear(3, 4)
    eval(source, {"prune": prune, "net": net, "torch": torch})
    entry = {"source": there, "state": state(net), "parameters": [name for name, _ in net.named_parameters()]}
    entry["out"] = rounded(net(torch.linspace(-1, 1, 6).reshape(2, 3)))
    return entry


def lines(name, entries):
    return f' "{name}": [\n  ' + ",\n  ".join(map(json.dumps, entries)) + "\n ]"


parts = [lines("parametrized", [parametrized(*c) for c in CASES]), lines("pruned", [pruned(*c) for c in PRUNED])]
FILE.write_text("{\n" + ",\n".join(parts) + "\n}\n")
