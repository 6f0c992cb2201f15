"""Derivatives by recording: scalars, vectors, graphs that are kept, and what is not recorded."""
import torch

x = torch.ones(5)  # the input
y = torch.zeros(3)  # what is expected
w = torch.tensor([[0.1 * i - 0.05 * j for j in range(3)] for i in range(5)], requires_grad=True)
b = torch.full((3,), 0.25, requires_grad=True)
z = torch.matmul(x, w) + b
loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
print(f"Gradient function for z = {z.grad_fn is not None}")
loss.backward()
print(w.grad)
print(b.grad)

z = torch.matmul(x, w) + b
print(z.requires_grad)
with torch.no_grad():
    z = torch.matmul(x, w) + b
print(z.requires_grad)
z_det = (torch.matmul(x, w) + b).detach()
print(z_det.requires_grad)

a = torch.tensor([2., 3.], requires_grad=True)
c = torch.tensor([6., 4.], requires_grad=True)
Q = 3 * a**3 - c**2
external_grad = torch.tensor([1., 1.])
Q.backward(gradient=external_grad)
print(9 * a**2 == a.grad)
print(-2 * c == c.grad)

inp = torch.eye(4, 5, requires_grad=True)
out = (inp + 1).pow(2).t()
out.backward(torch.ones_like(out), retain_graph=True)
print(f"First call\n{inp.grad}")
out.backward(torch.ones_like(out), retain_graph=True)
print(f"\nSecond call\n{inp.grad}")
inp.grad.zero_()
out.backward(torch.ones_like(out), retain_graph=True)
print(f"\nCall after zeroing gradients\n{inp.grad}")

v = torch.tensor(2.0, requires_grad=True)
f = v ** 4
(first,) = torch.autograd.grad(f, v, create_graph=True)
second = torch.autograd.grad(first, v)[0]
print(first.item(), second.item())

steps = 0
u = torch.tensor([1.0, 2.0], requires_grad=True)
p = u * 2
while p.data.norm() < 1000:
    p = p * 2
    steps += 1
print(p, steps)


@torch.no_grad()
def double(t: torch.Tensor) -> torch.Tensor:
    return t * 2


print(double(u).requires_grad)
