"""Records trainings with FSDP2 and ZeroRedundancyOptimizer over gloo. usage: sharded_training.py > sharded_training.json.golden

The networks are those of test/distributed/networks.mjs; losses are those of the whole batches.
"""
import json
import os
import tempfile

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.distributed.fsdp import fully_shard
from torch.distributed.optim import ZeroRedundancyOptimizer

WORDS, WIDTH, HEADS, LENGTH, BATCH = 17, 16, 2, 6, 8


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1 = nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)
        self.ln2 = nn.LayerNorm(WIDTH)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = self.qkv(self.ln1(x)).reshape(n, t, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).reshape(n, t, WIDTH))
        return x + self.down(F.gelu(self.up(self.ln2(x))))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.ModuleList([Block(), Block()])
        self.ln = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, WORDS, bias=False)

    def forward(self, ids):
        x = self.tokens(ids) + self.places(torch.arange(LENGTH))
        for block in self.blocks:
            x = block(x)
        return self.head(self.ln(x)).flatten(0, 1)


def task(name):
    torch.manual_seed(5)
    if name == "tutorial":
        return Net(), lambda: (torch.randn(BATCH, 3, 32, 32), torch.randint(0, 10, (BATCH,)))
    return Gpt(), lambda: (torch.randint(0, WORDS, (BATCH, LENGTH)), torch.randint(0, WORDS, (BATCH, LENGTH)))


def train(model, batches, update):
    rank, size = dist.get_rank(), dist.get_world_size()
    losses = []
    for i in range(4):
        inputs, targets = [one.chunk(size)[rank] for one in batches()]
        loss = F.cross_entropy(model(inputs), targets.flatten())
        update(loss, i)
        whole = loss.detach().clone()
        dist.all_reduce(whole)
        losses.append((whole / size).item())
    return losses


def sharded(name):
    model, batches = task(name)
    for part in model.blocks if name == "gpt" else [model.conv2, model.fc1]:
        fully_shard(part)
    fully_shard(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, eps=1e-4)

    def update(loss, i):
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    return train(model, batches, update)


def zero(name, optimizer_class, **options):
    model, batches = task(name)
    every = list(model.parameters())
    optimizer = ZeroRedundancyOptimizer([{"params": every[:3], "lr": 0.02}, {"params": every[3:]}], optimizer_class, **options)

    def update(loss, i):
        optimizer.zero_grad()
        loss.backward()
        for p in every:
            dist.all_reduce(p.grad)
            p.grad /= dist.get_world_size()
        for group in optimizer.param_groups:
            group["lr"] /= i + 1
        optimizer.step()

    return train(model, batches, update)


programs = {
    "fsdp tutorial": lambda: sharded("tutorial"),
    "fsdp gpt": lambda: sharded("gpt"),
    "zero tutorial": lambda: zero("tutorial", torch.optim.SGD, lr=0.05, momentum=0.9),
    "zero gpt": lambda: zero("gpt", torch.optim.AdamW, lr=0.01),
}


def work(rank, size, folder):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store{size}", rank=rank, world_size=size)
    results = {name: program() for name, program in programs.items()}
    if rank == 0:
        with open(f"{folder}/{size}.json", "w") as file:
            json.dump(results, file)
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    sizes = [1, 2, 4]
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            torch.multiprocessing.spawn(work, (size, folder), nprocs=size)
        found = {size: json.load(open(f"{folder}/{size}.json")) for size in sizes}
    lines = [f'"{name}": ' + json.dumps({size: found[size][name] for size in sizes}) for name in programs]
    print("{" + ",\n".join(lines) + "}")
