"""Indexing and broadcasting: views, masks, lists of indices, and shapes that are stretched."""
import torch

x = torch.arange(24).reshape(2, 3, 4)
print(x[0], x[1, 2], x[-1, -1, -1])
print(x[:, 1:, ::2])
print(x[..., 0].shape, x[None].shape, x[:, None, :, :].size())

mask = x > 15
print(mask.sum().item(), x[mask])
x[mask] = -1
print(x)
x[0, :, 1] += 100
x[1][0] *= 2
print(x)

idx = torch.tensor([2, 0])
m = torch.arange(9).view(3, 3)
print(m[idx], m[idx, idx], m[[0, 2]], m[:, [1, 2]])
print(m.index_select(1, idx), m.gather(1, torch.tensor([[0], [1], [2]])))
print(torch.where(m > 4, m, torch.zeros_like(m)))
values, indices = m.float().max(dim=1)
print(values, indices)
print(m.nonzero().shape, m.t().contiguous().view(-1))

a = torch.ones(3, 1)
b = torch.arange(4)
print((a + b).shape, a * b)
for shapes in [((5, 3, 4, 1), (3, 1, 1)), ((1,), (3, 1, 7))]:
    print(torch.broadcast_shapes(*shapes))
try:
    torch.empty(5, 2, 4, 1) + torch.empty(3, 1, 1)
except RuntimeError as e:
    print("error:", e)

n = 5
i = 1
w = torch.arange(10)
print(w[i:n], w[i:n + 3:2], w[-n:], w[:-1].sum())
parts = w.split(4)
print([p.tolist() for p in parts], len(parts))
q, r = divmod(17, 5)
print(q, r, -7 // 2, -7 % 3, 7 / 2, 2 ** 10, 2 ** -1)
print(torch.stack([w, w * 2]).shape, torch.cat((w[:2], w[8:])))
print(m.flip(0), m.roll(1, dims=1), torch.tril(m))
print(w.view(2, 5).permute(1, 0).shape, w.unsqueeze(0).squeeze().shape, w.chunk(3)[0])
