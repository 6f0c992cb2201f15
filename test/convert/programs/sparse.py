"""Matrices that are mostly zeros, and a walk over a graph with them."""
import torch

i = torch.tensor([[0, 1, 1, 2, 3, 3],
                  [1, 0, 2, 3, 0, 2]])
v = torch.tensor([1.0, 0.5, 0.5, 1.0, 0.25, 0.75])
s = torch.sparse_coo_tensor(i, v, (4, 4))
print(s.shape, s.is_sparse, s.coalesce().values().tolist())
dense = s.to_dense()
print(dense)
print(torch.allclose(torch.sparse.mm(s, torch.eye(4)), dense))

rank = torch.full((4, 1), 0.25)
for step in range(50):
    new = 0.85 * torch.sparse.mm(s.t(), rank) + 0.15 / 4
    delta = (new - rank).abs().max().item()
    rank = new
    if delta < 1e-6:
        print(f"converged after {step + 1} steps")
        break
print([f"{r:.4f}" for r in rank.flatten().tolist()], f"{rank.sum().item():.4f}")

back = dense.to_sparse()
print(back.indices().shape, back.values().sum())
edges = list(zip(i[0].tolist(), i[1].tolist()))
degree = {}
for src, dst in edges:
    degree[src] = degree.get(src, 0) + 1
print(degree, max(degree.values()))
neighbours = {node: [dst for src, dst in edges if src == node] for node in range(4)}
print(neighbours)
