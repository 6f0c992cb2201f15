"""Records sums and products of short vectors in PyTorch, on an AMD processor, to the bit. usage: short_sums.py > short_sums.json.golden"""
import json
import torch

torch.set_num_threads(1)
records = []
for dtype in (torch.float32, torch.float64):
    for n in (1, 2, 3, 4, 5, 7, 8, 12, 13, 15, 16, 17, 28, 31, 35, 64):
        torch.manual_seed(n)
        x, y, a = (torch.rand(*s, dtype=dtype) * 2 - 1 for s in ((n,), (n,), (n, n)))
        results = {"sum": x.sum(), "dot": x.dot(y), "mv": a.mv(x), "transposed": a.t().mv(x), "row": x.unsqueeze(0).mm(a), "rowTransposed": x.unsqueeze(0).mm(a.t())}
        records.append({"dtype": str(dtype)[6:], "n": n, **{k: v.flatten().tolist() for k, v in results.items()}})
    for n in (100, 255, 500):
        torch.manual_seed(n)
        x = torch.rand(n, dtype=dtype) * 2 - 1
        if n * x.element_size() < 2048:
            records.append({"dtype": str(dtype)[6:], "n": n, "sum": x.sum().flatten().tolist()})
print("[" + ",\n".join(json.dumps(r) for r in records) + "]")
