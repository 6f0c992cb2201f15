"""One contestant: computes functions of the numbers in files, as lines of JSON on standard input say. worker.mjs is its twin."""
import json
import sys

import numpy
import torch

dtype = getattr(torch, sys.argv[1])


def compute(path, inputs, output, derivative, shape=(-1,), args=()):
    """Values and, on request, the derivative by the first operand: of the sum of all results, or of rows' weighted with 1/4 … 5/4."""
    function = torch
    for name in path.split("."):
        function = getattr(function, name)
    tensors = [torch.from_numpy(numpy.fromfile(file, numpy.float32)).reshape(shape).to(dtype) for file in inputs]
    if derivative:
        tensors[0].requires_grad_()
    result = function(*tensors, *args)
    if derivative:
        weights = torch.arange(result.numel()).remainder(5).add(1).div(4).reshape(result.shape)
        result.backward(weights.to(dtype) if len(shape) > 1 else torch.ones_like(result))
        result = tensors[0].grad
    result.detach().numpy().tofile(output)
    return {"shape": list(result.shape), "dtype": str(result.dtype)}


for line in sys.stdin:
    try:
        answer = compute(**json.loads(line))
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
