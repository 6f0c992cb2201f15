"""An engine for derivatives of single numbers, compared with the real one."""
import math
import random
import torch


class Value:
    """ stores a single scalar value and its gradient """

    def __init__(self, data: float, _children: list['Value'] = [], _op: str = ''):
        self.data: float = data
        self.grad: float = 0.0
        self.kind = _op
        self.prev = _children
        self.local: list[float] = []

    def __add__(self, other: 'Value') -> 'Value':
        out = Value(self.data + other.data, [self, other], '+')
        out.local = [1.0, 1.0]
        return out

    def __mul__(self, other: 'Value') -> 'Value':
        out = Value(self.data * other.data, [self, other], '*')
        out.local = [other.data, self.data]
        return out

    def __neg__(self) -> 'Value':
        return self * Value(-1.0)

    def __sub__(self, other: 'Value') -> 'Value':
        return self + (-other)

    def tanh(self) -> 'Value':
        t = math.tanh(self.data)
        out = Value(t, [self], 'tanh')
        out.local = [1 - t ** 2]
        return out

    def backward(self):
        # topological order all of the children in the graph
        topo: list[Value] = []
        visited: set[Value] = set()

        def build_topo(v: Value):
            if v not in visited:
                visited.add(v)
                for child in v.prev:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        self.grad = 1.0
        for v in reversed(topo):
            for child, d in zip(v.prev, v.local):
                child.grad += d * v.grad

    def __repr__(self):
        return f"Value(data={self.data:.4f}, grad={self.grad:.4f})"


a, b, c = Value(-4.0), Value(2.0), Value(0.5)
d = (a * b + c * c - a).tanh()
e = a * c + b
f = (e - d) * e
f.backward()
print(f, a, b, c)

ta = torch.tensor(-4.0, dtype=torch.double, requires_grad=True)
tb = torch.tensor(2.0, dtype=torch.double, requires_grad=True)
tc = torch.tensor(0.5, dtype=torch.double, requires_grad=True)
td = (ta * tb + tc * tc - ta).tanh()
te = ta * tc + tb
tf = (te - td) * te
tf.backward()
print(tf.item(), ta.grad.item(), tb.grad.item(), tc.grad.item())
for own, real in [(f.data, tf), (a.grad, ta.grad), (b.grad, tb.grad), (c.grad, tc.grad)]:
    assert abs(own - real.item()) < 1e-12, "they differ"
print("same")

random.seed(1337)
ws = [Value(random.uniform(-1, 1)) for _ in range(3)]
bias = Value(0.0)
xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]
for k in range(20):
    total = Value(0.0)
    for row, y in zip(xs, ys):
        act = bias
        for wi, xi in zip(ws, row):
            act = act + wi * Value(xi)
        out = act.tanh()
        diff = out - Value(y)
        total = total + diff * diff
    for p in ws + [bias]:
        p.grad = 0.0
    total.backward()
    for p in ws + [bias]:
        p.data += -0.1 * p.grad
    if k % 5 == 4:
        print(k, round(total.data, 4))
