"""Operations with derivatives of one's own."""
import torch
from torch.autograd import Function


class LegendrePolynomial3(torch.autograd.Function):
    """P3(x) = (5x^3 - 3x) / 2"""

    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input ** 3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        input, = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input ** 2 - 1)


class ClampThrough(Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(-1, 1)

    @staticmethod
    def backward(ctx, grad):
        return grad


class MyReLU(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        input, = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input < 0] = 0
        return grad_input


x = torch.linspace(-2, 2, 5, requires_grad=True)
P3 = LegendrePolynomial3.apply
y = P3(x)
print(y)
y.sum().backward()
print(x.grad)

x.grad = None
z = ClampThrough.apply(x * 3)
z.sum().backward()
print(z.tolist(), x.grad.tolist())

x.grad = None
MyReLU.apply(x).pow(2).sum().backward()
print(x.grad)

inputs = (torch.randn(4, dtype=torch.double, requires_grad=True),)
print(torch.autograd.gradcheck(LegendrePolynomial3.apply, inputs, eps=1e-6, atol=1e-4))
