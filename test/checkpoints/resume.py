"""Trainings that go on in the other language: every optimizer with every scheduler.

    python resume.py make FOLDER    # five steps here, their checkpoints, and where ten more lead
    node resume.mjs FOLDER          # goes on from those, and makes its own
    python resume.py check FOLDER   # goes on from those
    python resume.py record FILE    # one pair for each optimizer, for the tests of every day

Needs PyTorch. `resume.mjs` and this file train alike: see `train`.
"""
import base64
import io
import json
import math
import sys
from pathlib import Path

import torch
from torch.optim import lr_scheduler

FIRST, MORE, TOLERANCE = 5, 10, 1e-6

# Arguments after parameters, by name; what a parameter is like where an optimizer asks for it.
OPTIMIZERS = {
    "ASGD": {"lr": 0.05, "t0": 3},
    "Adadelta": {"lr": 0.5},
    "Adafactor": {"lr": 0.05},
    "Adagrad": {"lr": 0.05, "lr_decay": 0.01},
    "Adam": {"lr": 0.05, "amsgrad": True},
    "AdamW": {"lr": 0.05},
    "Adamax": {"lr": 0.05},
    "LBFGS": {"lr": 0.05, "max_iter": 3},
    "Muon": {"lr": 0.05},
    "NAdam": {"lr": 0.05},
    "RAdam": {"lr": 0.05},
    "RMSprop": {"lr": 0.01, "momentum": 0.5, "centered": True},
    "Rprop": {"lr": 0.05},
    "SGD": {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    "SparseAdam": {"lr": 0.05},
    # Of two groups, the second with half the rate.
    "SGD in groups": {"lr": 0.05, "momentum": 0.5, "dampening": 0.1},
    "Adam in groups": {"lr": 0.05, "weight_decay": 0.1},
    "AdamW in groups": {"lr": 0.05, "amsgrad": True},
    "NAdam in groups": {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
    "RAdam in groups": {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
    "RMSprop in groups": {"lr": 0.01, "alpha": 0.9},
    "Adagrad in groups": {"lr": 0.05, "initial_accumulator_value": 0.1},
}
SCHEDULERS = {
    "ConstantLR": [0.5, 7],
    "CosineAnnealingLR": [12, 0.001],
    "CosineAnnealingWarmRestarts": [4, 2],
    "CyclicLR": [0.01, 0.1, 4],
    "ExponentialLR": [0.9],
    "LinearLR": [0.25, 1.0, 9],
    "MultiStepLR": [[3, 8], 0.5],
    "OneCycleLR": [0.1, 20],
    "PolynomialLR": [14, 2.0],
    "ReduceLROnPlateau": ["min", 0.5, 0, 0.5],
    "StepLR": [4, 0.5],
    "SWALR": [0.02, 4, "cos"],
    # Powers of numbers, by functions that no state has.
    "LambdaLR": [0.9],
    "MultiplicativeLR": [0.95],
    # Of two others, which stand in a list.
    "SequentialLR": [["LinearLR", [0.5, 1.0, 4]], ["ExponentialLR", [0.9]], [6]],
    "ChainedScheduler": [["ConstantLR", [0.5, 6]], ["ExponentialLR", [0.95]]],
}
# Of these two the momentum goes along with the rate, where the optimizer has one.
CYCLED = {"CyclicLR", "OneCycleLR"}


def values(*shape):
    count = math.prod(shape)
    return torch.tensor([math.sin(1.7 * i + 0.3) for i in range(count)], dtype=torch.float64).float().reshape(shape)


def make_scheduler(name, optimizer):
    arguments = SCHEDULERS[name]
    if name == "SWALR":
        return torch.optim.swa_utils.SWALR(optimizer, arguments[0], arguments[1], arguments[2])
    if name == "LambdaLR":
        return lr_scheduler.LambdaLR(optimizer, lambda epoch: arguments[0] ** epoch)
    if name == "MultiplicativeLR":
        return lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: arguments[0])
    if name in CYCLED:
        return getattr(lr_scheduler, name)(optimizer, *arguments, cycle_momentum=type(optimizer).__name__ == "SGD")
    if name in ("SequentialLR", "ChainedScheduler"):
        parts = [getattr(lr_scheduler, part)(optimizer, *rest) for part, rest in arguments[:2]]
        if name == "SequentialLR":
            return lr_scheduler.SequentialLR(optimizer, parts, arguments[2])
        return lr_scheduler.ChainedScheduler(parts, optimizer)
    return getattr(lr_scheduler, name)(optimizer, *arguments)


class Training:
    """A linear regression, or of sparse gradients an embedding's."""

    def __init__(self, optimizer, scheduler):
        self.sparse = optimizer == "SparseAdam"
        self.weight = values(6, 4).requires_grad_()
        # Muon takes matrices alone.
        self.bias = values(6).requires_grad_()
        parameters = [self.weight] if self.sparse or optimizer == "Muon" else [self.weight, self.bias]
        options = OPTIMIZERS[optimizer]
        if optimizer.endswith("in groups"):
            parameters = [{"params": [self.weight]}, {"params": [self.bias], "lr": options["lr"] / 2}]
        self.optimizer = getattr(torch.optim, optimizer.split()[0])(parameters, **options)
        self.scheduler = make_scheduler(scheduler, self.optimizer)

    def loss(self):
        if self.sparse:
            rows = torch.nn.functional.embedding(torch.tensor([0, 2, 2, 5]), self.weight, sparse=True)
            return ((rows - 0.5) ** 2).sum()
        return ((torch.nn.functional.linear(values(8, 4), self.weight, self.bias) - values(8, 6)) ** 2).mean()

    def train(self, steps):
        for _ in range(steps):

            def closure():
                self.optimizer.zero_grad()
                loss = self.loss()
                loss.backward()
                return loss

            loss = self.optimizer.step(closure)
            if isinstance(self.scheduler, lr_scheduler.ReduceLROnPlateau):
                self.scheduler.step(loss.item())
            else:
                self.scheduler.step()

    def state(self):
        return {
            "weight": self.weight.detach().clone(),
            "bias": self.bias.detach().clone(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
        }

    def load(self, state):
        with torch.no_grad():
            self.weight.copy_(state["weight"])
            self.bias.copy_(state["bias"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])


def pairs():
    return [(o, s) for o in OPTIMIZERS for s in SCHEDULERS]


FACTS = {"optimizers": OPTIMIZERS, "schedulers": SCHEDULERS, "cycled": sorted(CYCLED), "first": FIRST, "more": MORE, "tolerance": TOLERANCE}


def begun(optimizer, scheduler):
    """A training after FIRST steps, and its parameters after MORE."""
    training = Training(optimizer, scheduler)
    training.train(FIRST)
    # A copy: what follows changes the state's own tensors.
    before = torch.load(io.BytesIO(saved(training.state())), weights_only=False)
    training.train(MORE)
    return {"before": before, "after": {"weight": training.weight.detach(), "bias": training.bias.detach()}}


def saved(value):
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def make(folder):
    (folder / "python").mkdir(parents=True, exist_ok=True)
    (folder / "pairs.json").write_text(json.dumps(FACTS))
    for optimizer, scheduler in pairs():
        (folder / "python" / f"{optimizer}-{scheduler}.pt").write_bytes(saved(begun(optimizer, scheduler)))
    print(f"{len(pairs())} trainings begun")


def record(file):
    chosen = [(o, list(SCHEDULERS)[i % len(SCHEDULERS)]) for i, o in enumerate(OPTIMIZERS)]
    bytes = saved([begun(*pair) for pair in chosen])
    file.write_text(json.dumps({"torch": torch.__version__, **FACTS, "pairs": chosen, "file": base64.b64encode(bytes).decode()}))


def check(folder):
    wrong = 0
    for optimizer, scheduler in pairs():
        file = torch.load(folder / "javascript" / f"{optimizer}-{scheduler}.pt", weights_only=False)
        training = Training(optimizer, scheduler)
        training.load(file["before"])
        training.train(MORE)
        for name in ("weight", "bias"):
            found, expected = getattr(training, name).detach(), file["after"][name]
            if not torch.allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE):
                wrong += 1
                print(optimizer, scheduler, name, (found - expected).abs().max().item())
    print(f"{len(pairs())} trainings gone on with, {wrong} differ")
    return wrong


if __name__ == "__main__":
    command, folder = sys.argv[1], Path(sys.argv[2])
    sys.exit(1 if {"make": make, "check": check, "record": record}[command](folder) else 0)
