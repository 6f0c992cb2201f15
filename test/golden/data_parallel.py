"""Records trainings with DistributedDataParallel over gloo. usage: data_parallel.py > data_parallel.json.golden

The programs are those of test/support/data_parallel_programs.mjs: each gives the losses of a rank, and the parameters' norms at the end.
"""
import json
import os
import tempfile

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks, powerSGD_hook
from torch.nn.parallel import DistributedDataParallel as DDP


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(20, 16)
        self.places = nn.Parameter(torch.randn(12, 16) * 0.1)
        layer = nn.TransformerEncoderLayer(16, 2, 32, 0.0, activation="gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 20)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return self.head(self.blocks(self.tokens(x) + self.places[: x.shape[1]], mask, is_causal=True))


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.a = nn.Linear(4, 2)
        self.b = nn.Linear(4, 2)
        self.never = nn.Linear(4, 2)

    def forward(self, x, branch):
        return (self.a if branch == 0 else self.b)(self.first(self.first(x)))


def share(step, shape, rank, size):
    torch.manual_seed(100 + step)
    return torch.randn(*shape).chunk(size)[rank]


def images(step, rank, size):
    torch.manual_seed(100 + step)
    x, y = torch.randn(8, 3, 32, 32), torch.randint(0, 10, (8,))
    return x.chunk(size)[rank], y.chunk(size)[rank]


def trained(ddp, optimizer, losses):
    return {"losses": losses, "norms": [p.norm().item() for p in ddp.parameters()]}


def train(ddp, optimizer, steps, loss_of):
    losses = []
    for step in range(steps):
        optimizer.zero_grad()
        loss = loss_of(step)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return trained(ddp, optimizer, losses)


def tutorial(rank, size, hook=None, state=None, **options):
    torch.manual_seed(rank)
    ddp = DDP(Net(), **options)
    if hook is not None:
        ddp.register_comm_hook(state, hook)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.01, momentum=0.9)

    def loss_of(step):
        x, y = images(step, rank, size)
        return F.cross_entropy(ddp(x), y)

    return train(ddp, optimizer, 6, loss_of)


def gpt(rank, size):
    torch.manual_seed(rank)
    ddp = DDP(GPT(), gradient_as_bucket_view=True, bucket_cap_mb=0.005)
    optimizer = torch.optim.AdamW(ddp.parameters(), lr=1e-2)

    def loss_of(step):
        torch.manual_seed(100 + step)
        x = torch.randint(0, 20, (8, 13)).chunk(size)[rank]
        return F.cross_entropy(ddp(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())

    return train(ddp, optimizer, 6, loss_of)


def unused(rank, size):
    torch.manual_seed(rank)
    ddp = DDP(Branches(), find_unused_parameters=True)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1, weight_decay=0.1)
    return train(ddp, optimizer, 4, lambda step: ddp(share(step, (8, 4), rank, size), rank % 2 if step < 2 else 0).square().mean())


def static(rank, size):
    torch.manual_seed(rank)
    ddp = DDP(Branches(), static_graph=True)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1, weight_decay=0.1)
    return train(ddp, optimizer, 4, lambda step: ddp(share(step, (8, 4), rank, size), 1).square().mean())


def accumulated(rank, size):
    torch.manual_seed(rank)
    ddp = DDP(nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)))
    optimizer = torch.optim.Adam(ddp.parameters(), lr=0.01)

    def loss_of(step):
        with ddp.no_sync():
            ddp(share(2 * step, (8, 4), rank, size)).square().mean().backward()
        return ddp(share(2 * step + 1, (8, 4), rank, size)).square().mean()

    return train(ddp, optimizer, 4, loss_of)


def normed(rank, size):
    torch.manual_seed(rank)
    net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
    ddp = DDP(net)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1)
    result = train(ddp, optimizer, 4, lambda step: ddp(share(step, (16, 4), rank, size)).square().mean())
    return {**result, "mean": net[1].running_mean.tolist()}


def joined(rank, size, divide):
    torch.manual_seed(rank)
    ddp = DDP(nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 1)))
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1)
    with ddp.join(divide_by_initial_world_size=divide):
        result = train(ddp, optimizer, 2 + rank, lambda step: ddp(share(step, (16, 4), rank, size)).square().mean())
    return {**result, "norms": [p.norm().item() for p in ddp.parameters()]}


def compressed(rank, size, hook, matrix_rank, **options):
    state = powerSGD_hook.PowerSGDState(None, matrix_approximation_rank=matrix_rank, start_powerSGD_iter=2, **options)
    result = tutorial(rank, size, hook, state)
    return {**result, "stats": list(state.compression_stats())}


programs = {
    "tutorial": tutorial,
    "views": lambda r, s: tutorial(r, s, gradient_as_bucket_view=True, bucket_cap_mb=0.05),
    "gpt": gpt,
    "unused": unused,
    "static": static,
    "accumulated": accumulated,
    "normed": normed,
    "joined": lambda r, s: joined(r, s, True),
    "joinedByActive": lambda r, s: joined(r, s, False),
    "plainHook": lambda r, s: tutorial(r, s, default_hooks.allreduce_hook),
    "half": lambda r, s: tutorial(r, s, default_hooks.fp16_compress_hook),
    "powerSGD": lambda r, s: compressed(r, s, powerSGD_hook.powerSGD_hook, 1),
    "powerSGD3": lambda r, s: compressed(r, s, powerSGD_hook.powerSGD_hook, 3, batch_tensors_with_same_shape=True, orthogonalization_epsilon=1e-8),
}


def work(rank, size, folder):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store{size}", rank=rank, world_size=size)
    results = {name: program(rank, size) for name, program in programs.items()}
    with open(f"{folder}/{size}-{rank}.json", "w") as file:
        json.dump(results, file)
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    sizes = [1, 2, 4]
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            torch.multiprocessing.spawn(work, (size, folder), nprocs=size)
        ranks = {size: [json.load(open(f"{folder}/{size}-{rank}.json")) for rank in range(size)] for size in sizes}
    lines = [f'"{name}": ' + json.dumps({size: [rank[name] for rank in ranks[size]] for size in sizes}) for name in programs]
    print("{" + ",\n".join(lines) + "}")
