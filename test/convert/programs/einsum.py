"""Products of many kinds in one notation, each checked against the plain way."""
import torch

torch.manual_seed(0)
a = torch.arange(6.).reshape(2, 3)
b = torch.arange(12.).reshape(3, 4)
v = torch.tensor([1., 2., 3.])

print(torch.einsum('ij,jk->ik', a, b))
print(torch.einsum('ij->ji', a), torch.einsum('ij->', a), torch.einsum('ij->j', a))
print(torch.einsum('ij,j->i', a, v), torch.einsum('i,j->ij', v, v))
square = torch.arange(9.).view(3, 3)
print(torch.einsum('ii->i', square), torch.einsum('ii', square))

x = torch.randn(4, 2, 3)
y = torch.randn(4, 3, 5)
print(torch.allclose(torch.einsum('bij,bjk->bik', x, y), torch.bmm(x, y)))
q = torch.randn(2, 4, 6, 8)
k = torch.randn(2, 4, 6, 8)
scores = torch.einsum('bhqd,bhkd->bhqk', q, k)
print(scores.shape, torch.allclose(scores, q @ k.transpose(-1, -2), atol=1e-5))
w = torch.randn(5, 2, 3)
left, right = torch.randn(7, 2), torch.randn(7, 3)
bilinear = torch.einsum('bn,anm,bm->ba', left, w, right)
print(bilinear.shape, torch.allclose(bilinear, torch.nn.functional.bilinear(left, right, w), atol=1e-5))

outer = {name: tuple(torch.einsum(eq, v, v).shape) for name, eq in [('dot', 'i,i->'), ('outer', 'i,j->ij')]}
print(outer)
print(torch.tensordot(a, b, dims=1).equal(a @ b), torch.kron(torch.eye(2), a[:, :1]))
result = torch.linalg.norm(a), torch.outer(v, v).trace(), torch.dot(v, v)
print(*[f"{float(r):.3f}" for r in result], sep=", ")
