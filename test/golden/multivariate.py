"""Writes multivariate.json.golden: what PyTorch says of distributions of vectors and matrices."""
import json
import pathlib
import warnings

import torch
import torch.distributions as D

warnings.simplefilter("ignore")
FILE = pathlib.Path(__file__).parent / "multivariate.json.golden"
C2 = "tensor([[2, 0.5], [0.5, 1]])"
C3 = "tensor([[2, 0.5, 0.3], [0.5, 1, -0.2], [0.3, -0.2, 1.5]])"
L3 = "tensor([[1, 0, 0], [0.5, 2, 0], [-0.3, 0.7, 0.5]])"
W = "tensor([[0.5, 1], [-0.3, 0.2], [1.1, 0.7]])"

SOURCES = [
    f"new D.MultivariateNormal(weights, {C3})",
    f"new D.MultivariateNormal(weights, null, {C3})",
    f"new D.MultivariateNormal(tensor([[1, 2, 3], [0, 1, 0]]), null, null, {L3})",
    f"new D.MultivariateNormal(tensor([1, 2]), tensor([[[2, 0.5], [0.5, 1]], [[1, 0], [0, 3]]]))",
    f"new D.LowRankMultivariateNormal(weights, {W}, weights.add(1))",
    f"new D.LowRankMultivariateNormal(tensor([[1, 2, 3], [0, 1, 0]]), {W}, weights)",
    f"new D.Wishart(5, {C3})",
    f"new D.Wishart(tensor(4.5), null, {C2})",
    f"new D.Wishart(tensor([4, 6]), null, null, tensor([[1, 0], [0.5, 2]]))",
    "new D.LKJCholesky(3, 0.7)",
    "new D.LKJCholesky(4, tensor([1.5, 2]))",
]
GRADIENTS = [
    ("new D.MultivariateNormal(a, b.reshape([2, 2])).rsample([3])", [[0.3, 0.7], [2, 0.5, 0.5, 1]]),
    ("new D.MultivariateNormal(a, null, b.reshape([2, 2])).rsample([3])", [[0.3, 0.7], [2, 0.5, 0.5, 1]]),
    ("new D.MultivariateNormal(a, b.reshape([2, 2])).logProb(tensor([[1, 2], [0, 1]]))", [[0.3, 0.7], [2, 0.5, 0.5, 1]]),
    ("new D.LowRankMultivariateNormal(a, b.reshape([2, 2]), tensor([1, 2])).logProb(tensor([[1, 2], [0, 1]]))", [[0.3, 0.7], [2, 0.5, -0.5, 1]]),
    ("new D.Wishart(a.sum().add(3), b.reshape([2, 2])).logProb(tensor([[3, 1], [1, 2]]))", [[0.3, 0.7], [2, 0.5, 0.5, 1]]),
    ("new D.LKJCholesky(3, a).logProb(tensor([[1, 0, 0], [0.6, 0.8, 0], [0, 0.8, 0.6]]))", [[0.3, 0.7]]),
]
METHODS = {"logProb": "log_prob"}


def python(source):
    source = source.replace("new ", "").replace("null", "None")
    for camel, snake in METHODS.items():
        source = source.replace(camel, snake)
    return source


def tensor(values):
    return torch.tensor(values, dtype=torch.float32)


SCOPE = {"D": D, "tensor": tensor, "weights": tensor([0.3, 0.7, 1.5])}


def make(source):
    return eval(python(source), SCOPE)


def rounded(t, flat=True):
    values = t.detach().double()
    as_text = lambda x: x if x == x and abs(x) != float("inf") else str(x).replace("nan", "NaN").replace("inf", "Infinity")
    walk = lambda v: [walk(x) for x in v] if isinstance(v, list) else as_text(float(f"{v:.8g}"))
    return walk((values.reshape(-1) if flat else values).tolist())


def seeded(seed, draw):
    torch.manual_seed(seed)
    return draw()


def record(source):
    d = make(source)
    sample = seeded(7, lambda: make(source).sample((3,)))
    entry = {"repr": str(d), "batch": list(d.batch_shape), "event": list(d.event_shape), "support": str(d.support)}
    entry["value"] = rounded(sample, flat=False)
    wider = make(source).expand([2, *d.batch_shape])
    asked = {
        "mean": lambda: d.mean,
        "mode": lambda: d.mode,
        "variance": lambda: d.variance,
        "stddev": lambda: d.stddev,
        "entropy": lambda: d.entropy(),
        "sample": lambda: sample,
        "logProb": lambda: d.log_prob(sample),
        "cdf": lambda: d.cdf(sample),
        "icdf": lambda: d.icdf(sample),
        "enumerate": lambda: d.enumerate_support(),
        "expanded": lambda: wider.log_prob(sample[0].expand(2, *sample.shape[1:])),
        "expandedSample": lambda: seeded(9, lambda: wider.sample()),
    }
    for name, ask in asked.items():
        try:
            entry[name] = rounded(ask())
        except NotImplementedError:
            pass
    return entry


def gradients(source, values):
    leaves = [tensor(v).requires_grad_() for v in values]
    scope = {**SCOPE, **dict(zip("ab", leaves))}
    torch.manual_seed(3)
    eval(python(source), scope).sum().backward()
    return {"sample": source, "values": values, "grads": [rounded(leaf.grad) for leaf in leaves]}


def divergences():
    for p in SOURCES:
        for q in SOURCES:
            try:
                yield [p, q, rounded(D.kl_divergence(make(p), make(q)))]
            except (NotImplementedError, ValueError, RuntimeError):
                pass


def lines(name, entries):
    return f' "{name}": ' + entries[0] + "\n  " + ",\n  ".join(entries[1:-1]) + "\n " + entries[-1]


distributions = [f"{json.dumps(source)}: {json.dumps(record(source))}" for source in SOURCES]
parts = [
    lines("distributions", ["{", *distributions, "}"]),
    lines("gradients", ["[", *(json.dumps(gradients(*g)) for g in GRADIENTS), "]"]),
    lines("divergences", ["[", *map(json.dumps, divergences()), "]"]),
]
FILE.write_text("{\n" + ",\n".join(parts) + "\n}\n")
