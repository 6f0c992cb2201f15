"""The twin of memory_worker.mjs: usage: python memory_worker.py WORKLOAD STEPS THREADS"""

import json
import resource
import sys

import torch
from workloads import workloads

name, steps, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def peak():
    # Kilobytes on Linux.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


torch.set_num_threads(threads)
torch.manual_seed(0)
imported = peak()
step = workloads[name]()
for _ in range(steps):
    loss = step()
print(json.dumps({"imported": imported, "peak": peak(), "loss": loss}))
