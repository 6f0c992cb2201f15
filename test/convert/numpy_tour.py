import math
import numpy as np
import torch

a = np.array([[1, 2], [3, 4]])
print(a, a.shape, a.dtype, a.sum(axis=0), a.mean(), a.T)
print([a.sum(), a.mean()], np.array([1.5, 2]))
print(np.linspace(0, 1, 5), np.arange(0, 24, 0.3)[:5], np.array([1e-5, 1, 1e6]), np.array([1.5, np.nan, np.inf, -np.inf]))
np.random.seed(42)
print(np.random.rand(3), np.random.randn(5))
print(np.random.randint(0, 10, size=(10,)), np.random.permutation(10))
print(np.random.choice(5, size=3, replace=False), np.random.choice(5, size=6, p=[0.1, 0.2, 0.3, 0.2, 0.2]))
print(np.random.normal(1, 2, (2, 2)), np.random.uniform(-1, 1, 3))
rng = np.random.RandomState(7)
print(rng.rand(2), rng.randint(5, size=4))
x = np.random.randn(1000)
print(x.sum(), np.mean(x), x.std(), np.var(x, ddof=1))
print(x)
y = np.random.randn(30, 40)
print(np.sum(y, axis=0)[:3], y.std(axis=1)[:3], y.argmax(axis=0)[:5], y.max())
print(np.array([True, False]), np.zeros((2, 3)), np.array([[1.5, -2.25], [100, 0.001]]))
values, counts = np.unique(np.array([3, 1, 3]), return_counts=True)
print(values, counts, x[::-1][0], np.where(np.array([True, False]), 1.0, np.array([5.5, 6.5])))
single = y.astype(np.float32)
print(single[0, :4], single.mean(), single.std(), (single * 2).dtype, (single[:2, :2] + y[:2, :2]).dtype)
print(np.clip(np.array([1, 5, 9]), 2, 6), np.maximum(np.array([1, 5]), 3), np.allclose([1.0, 2.0], [1.0, 2.0]))
print(np.median([3, 1, 2, 10]), np.percentile([1.0, 2.0, 3.0, 4.0], 30), np.round(np.array([2.675, 1.005]), 2))
print(np.concatenate((np.ones(2), np.zeros(2))), np.stack([np.arange(2), np.arange(2)], axis=1), np.linalg.norm([3.0, 4.0]))
print(np.array([1, 2, 3]) / 2, np.array([7, -7]) // 2, 2 ** np.array([1, 2]), 1 - np.array([0.25, 0.5]), 1 / np.array([4.0]))
print(np.dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])), a @ a, np.exp(np.array([0, 1])), np.isnan(np.array([np.nan, 1.0])).sum())
b = np.arange(6).reshape(2, 3)
b[0, 1:] = 9
b[b > 4] -= 1
print(b, b[:, -1], b.tolist(), b.ravel(), len(b))
total = 0.5
for value in np.array([0.25, 0.125]):
    total += value
print(total, f'{total:.3f}', math.sqrt(np.mean([4, 4])), round(float(np.std([1, 2, 4])), 4))
t = torch.from_numpy(y[:2, :2])
t.mul_(0)
print(y[0, :3], t.dtype, torch.tensor(single[0, :2]).dtype, torch.ones(2).numpy())
z = np.zeros(3, dtype=int)
z += 2
print(z, z.dtype, np.array([]), np.eye(2), np.sort(np.array([3.0, 1.0, 2.0])), np.argsort(np.array([3, 1, 2])))
