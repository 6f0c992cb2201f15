"""One contestant of `npm run bench -- --ops`: carries out recorded samples of ops, enlarged, as lines of JSON on standard input say. worker.mjs is
its twin."""
import json
import os
import struct
import sys
import warnings
from time import perf_counter

import torch

threads, folder = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.manual_seed(0)
warnings.filterwarnings("ignore")

kinds = dict(F32="float32", F64="float64", F16="float16", BF16="bfloat16", C64="complex64", I64="int64", I32="int32", I16="int16",
             I8="int8", U8="uint8", U16="uint16", U32="uint32", U64="uint64", BOOL="bool")


def read_variant(stem):
    """The samples of a variant by their ids and dtypes, and its tensors' bytes by their keys."""
    path = os.path.join(folder, "ops", stem)
    with open(path + ".jsonl") as file:
        samples = [json.loads(line) for line in file][1:]
    with open(path + ".safetensors", "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    store = {}
    for key, entry in json.loads(content[8 : 8 + length]).items():
        if key == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        dtype = getattr(torch, kinds[entry["dtype"]])
        store[key] = torch.frombuffer(bytearray(content[begin:end]), dtype=dtype) if end > begin else torch.empty(0, dtype=dtype)
    return {(s["id"], s["dtype"]): s for s in samples if s["kind"] == "sample" and s["fn"] is not None}, store


class Inputs:
    """Tensors and values of a sample."""

    def __init__(self, record, store, repeats):
        self.record, self.store, self.repeats, self.tensors = record, store, repeats, {}

    def tensor(self, position):
        if position not in self.tensors:
            entry = self.record["tensors"][position]
            flat = self.store[entry["k"]].clone()
            dtype = getattr(torch, entry["d"])
            if dtype.is_complex and not flat.is_complex():
                flat = torch.view_as_complex(flat.reshape(-1, 2))
            tensor = flat.as_strided(entry["s"], entry["st"], entry["o"]) if "st" in entry else flat.reshape(entry["s"])
            times = self.repeats[position]
            if any(n != 1 for n in times):
                tensor = tensor.repeat(times)
            self.tensors[position] = tensor.detach().requires_grad_() if entry.get("rg") else tensor
        return self.tensors[position]

    def decode(self, value):
        if value is None or isinstance(value, (bool, str)):
            return value
        kind, content = next(iter(value.items()))
        every = lambda: [self.decode(item) for item in content]
        if kind == "t":
            return self.tensor(content)
        if kind == "i":
            return int(content)
        if kind == "f":
            return float(content)
        if kind == "c":
            return complex(*(float(part) for part in content))
        if kind in ("dtype", "memory_format", "layout"):
            return getattr(torch, content)
        if kind == "device":
            return torch.device(content)
        if kind == "slice":
            return slice(*every())
        if kind == "ellipsis":
            return Ellipsis
        if kind == "size":
            return torch.Size(content)
        if kind == "tu":
            return tuple(every())
        if kind == "l":
            return every()
        if kind == "d":
            return {name: self.decode(item) for name, item in content.items()}
        raise ValueError(f"values of kind {kind}")


def results(value):
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for item in value for tensor in results(item)] if isinstance(value, (list, tuple)) else []


def function_of(path):
    found = torch
    for name in path.split(".")[1:]:
        found = getattr(found, name)
    return found


variant, run, count = None, None, 1


def time(runs):
    """Milliseconds per run."""
    start = perf_counter()
    for _ in range(runs):
        run()
    return (perf_counter() - start) * 1e3 / runs


def warmed(least, most):
    """Runs until that gets no faster, as worker.mjs does. Returns the milliseconds of a run."""
    start = gained = now = perf_counter()
    best, runs = time(1), 1
    while (now - gained) * 1e3 < least and (now - start) * 1e3 < most:
        runs = max(1, min(2 * runs, int(least / 8 / best + 0.5)))
        found = time(runs)
        if found < 0.95 * best:
            gained = perf_counter()
        best, now = min(best, found), perf_counter()
    return best


def prepare(stem, id, dtype, repeats, gradients, warmUp, round):
    """Makes a sample ready; answers the shapes of its results."""
    global variant, run, count
    if variant is None or variant[0] != stem:
        variant = (stem, *read_variant(stem))
    _, samples, store = variant
    record = samples[id, dtype]
    inputs = Inputs(record, store, repeats)
    function = function_of(record["fn"])
    args = [inputs.decode(arg) for arg in record["args"]]
    named = {name: inputs.decode(value) for name, value in record["kwargs"].items()}
    forward = lambda: function(*args, **named)
    first = results(forward())
    wanted = [i for i, entry in enumerate(record["tensors"]) if entry["r"] == "in" and entry.get("rg")]
    roots = [t for t in first if t.requires_grad]
    if gradients:
        if not wanted or not roots:
            raise ValueError("no gradients")
        leaves, seeds = [inputs.tensor(i) for i in wanted], [torch.ones_like(root) for root in roots]
        run = lambda: torch.autograd.grad([t for t in results(forward()) if t.requires_grad], leaves, seeds, allow_unused=True)
    else:
        run = forward
    best = warmed(**warmUp)
    count = max(1, int(round / best + 0.5))
    return {"shapes": [list(t.shape) for t in first], "ms": best}


commands = {"prepare": prepare, "round": lambda: {"ms": time(count)}}

for line in sys.stdin:
    arguments = json.loads(line)
    try:
        answer = commands[arguments.pop("command")](**arguments)
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
