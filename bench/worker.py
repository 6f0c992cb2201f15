"""One contestant: prepares a workload and times rounds of it, as lines of JSON on standard input say. worker.mjs is its twin."""
import json
import sys
from time import perf_counter

import torch
from workloads import workloads

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)

run = None
count = 1


def time(runs):
    """Milliseconds per run."""
    start = perf_counter()
    for _ in range(runs):
        run()
    return (perf_counter() - start) * 1e3 / runs


def prepare(name, warmUp, round):
    """Warms up for so many milliseconds and finds how many runs a round of `round` milliseconds has."""
    global run, count
    run = workloads[name]()
    start = perf_counter()
    # The best time, not the last: a single one may have met an interruption.
    best, runs = time(1), 1
    while (perf_counter() - start) * 1e3 < warmUp:
        best, runs = min(best, time(runs)), min(2 * runs, 64)
    count = max(1, int(round / best + 0.5))
    return {"count": count}


commands = {"prepare": prepare, "round": lambda: {"ms": time(count)}}

for line in sys.stdin:
    arguments = json.loads(line)
    try:
        answer = commands[arguments.pop("command")](**arguments)
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
