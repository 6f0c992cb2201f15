"""A tour of tensors: how they are made, what they tell of themselves, and what can be done with them."""

import torch

data = [[1, 2], [3, 4]]
x_data = torch.tensor(data)
print(x_data, x_data.dtype)

x_ones = torch.ones_like(x_data)
print(f"Ones Tensor: \n {x_ones} \n")

torch.manual_seed(0)
x_rand = torch.rand_like(x_data, dtype=torch.float)
print(f"Random Tensor: \n {x_rand} \n")

shape = (2, 3,)
rand_tensor = torch.rand(shape)
ones_tensor = torch.ones(shape)
zeros_tensor = torch.zeros(shape)
print(f"Random Tensor: \n {rand_tensor} \n")
print(f"Ones Tensor: \n {ones_tensor} \n")
print(f"Zeros Tensor: \n {zeros_tensor}")

tensor = torch.rand(3, 4)
print(f"Shape of tensor: {tensor.shape}")
print(f"Datatype of tensor: {tensor.dtype}")
print(f"Device tensor is stored on: {tensor.device}")

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
tensor = tensor.to(device)
print("On", device)

tensor = torch.ones(4, 4)
print("First row:", tensor[0])
print("First column:", tensor[:, 0])
print("Last column:", tensor[..., -1])
tensor[:, 1] = 0
print(tensor)

t1 = torch.cat([tensor, tensor, tensor], dim=1)
print(t1)

y1 = tensor @ tensor.T
y2 = tensor.matmul(tensor.T)
y3 = torch.rand_like(y1)
torch.matmul(tensor, tensor.T, out=y3)
print(torch.equal(y1, y2), (y1 == y3).all())

z1 = tensor * tensor
z2 = tensor.mul(tensor)
print(z1.allclose(z2))

agg = tensor.sum()
agg_item = agg.item()
print(agg_item, isinstance(agg_item, float))

print(tensor, "\n")
tensor.add_(5)
print(tensor)

a = torch.arange(6)
b = a.reshape(2, 3) + 0.5
print(a.tolist(), b.tolist(), a.float().mean())
print(len(b), b.size(), b.size(-1), b.numel(), b.dim())
rows, cols = b.shape
print(rows, cols, rows * cols)
print(1 - b, 2 / b, 2 ** a, -a, a // 4, a % 4, 7 - a)
