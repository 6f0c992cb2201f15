# --- swaps
a, b = 1, 2
a, b = b, a
print(a, b)
x = [3, 1, 2]
x[0], x[1] = x[1], x[0]
print(x)

# --- division and remainder of negatives
print(-7 // 2, 7 // -2, -7 % 3, 7 % -3, -7.5 // 2, 7.5 % -2)

# --- powers
print(2 ** 10, 2 ** -1, 2.0 ** 3, 10 ** 15)

# --- strings times numbers
print('ab' * 3, 3 * 'xy', 'a' * 0, 'a' * -1)

# --- lists times numbers
print([0] * 3, [1, 2] * 2)

# --- mutable default arguments
def f(x, acc=[]):
    acc.append(x)
    return acc
print(f(1))
print(f(2))

# --- closures in comprehensions
fs = [lambda: i for i in range(3)]
print([g() for g in fs])

# --- defaults of lambdas in loops
gs = []
for i in range(3):
    gs.append(lambda i=i: i * 10)
print([g() for g in gs])

# --- functions defined in loops
hs = []
for k in range(3):
    def h():
        return k
    hs.append(h)
print([h() for h in hs])

# --- walrus
if (n := len([1, 2, 3])) > 2:
    print(n)
while (n := n - 1) > 0:
    print(n)
print([y for x in range(4) if (y := x * 2) > 2])

# --- chained comparisons
print(1 < 2 < 3, 1 < 3 < 2, 1 == 1 != 2)

# --- star expressions
first, *rest = [1, 2, 3]
print(first, rest)
*init, last = (1, 2, 3)
print(init, last)

# --- nested unpacking
a, (b, c) = 1, (2, 3)
print(a, b, c)
for i, (p, q) in enumerate([(1, 2), (3, 4)]):
    print(i, p, q)
(x, y), z = (1, 2), 3
print(x + y + z)

# --- the order of dicts
d = {'b': 1, 'a': 2}
d['c'] = 3
del d['b']
d['b'] = 4
print(d, list(d), sorted(d))

# --- spread dicts
d = {'a': 2}
print({**d, 'z': 0}, {**d, 'a': 5}, {'a': 1, **d})

# --- sets
s = {1, 2, 3} & {2, 3, 4}
print(sorted(s), sorted({1, 2} | {3}), sorted({1, 2} - {2}))

# --- symmetric differences
print(sorted({1, 2} ^ {2, 3}))

# --- sums of booleans
print(sum([True, False, True]), True + True, True == 1)

# --- halves round to even
print(round(0.5), round(1.5), round(2.5), round(-0.5), round(2.675, 2), round(1234, -2))

# --- sep and end
print(1, 2, 3, sep='-', end='!\n')
print('a', end='')
print('b')
print()
print(*[1, 2, 3])
print(*'ab', sep=', ')

# --- how floats print
print(1.0, 0.1 + 0.2, 1e16, 1e-5, 1e100, 123456789.123, -0.0)
print(1e15, 1e17, 0.0001, 0.00001, 5e-324, 1.7976931348623157e308, 1/3, 100.0, 2.0**60)

# --- infinity and nan
print(float('inf'), float('-inf'), float('nan'))
x = float('nan')
print(x == x, x != x, float('inf') > 1e308, -float('inf') < 0)

# --- how collections print
print([1.0, 2.5], (1.0,), (), {'a': 1.0}, {1: 2.0}, None, True)

# --- str and repr
print(str(3.0), repr('a\'b'), repr("x\n"), repr('"'), f'{3.0}', f'{3.0!r}')

# --- global
count = 0
def inc():
    global count
    count += 1
    return count
inc(); inc()
print(count)

# --- nonlocal
def outer():
    n = 0
    def inner():
        nonlocal n
        n += 1
        return n
    inner()
    inner()
    return n
print(outer())

# --- generators
def gen(n):
    i = 0
    while i < n:
        yield i
        i += 1
print(list(gen(3)), sum(gen(4)))
def both():
    yield from gen(2)
    yield 9
print([x for x in both()])

# --- else of loops
for i in range(5):
    if i == 3:
        break
else:
    print('never')
for i in range(2):
    pass
else:
    print('else', i)

# --- try with else and finally
try:
    x = [1][5]
except IndexError as e:
    print('index', e)
else:
    print('no')
finally:
    print('finally')

# --- a missing key
try:
    {}['a']
except KeyError as e:
    print('key', e)

# --- division by zero
try:
    1 / 0
except ZeroDivisionError as e:
    print('zero', e)
def f(a, b):
    try:
        return a // b, a % b
    except ZeroDivisionError:
        return 'zero'
print(f(7, 2), f(7, 0))

# --- no number
try:
    int('x')
except ValueError as e:
    print('value', e)

# --- assert
assert 1 + 1 == 2, 'math'
try:
    assert False, 'oops'
except AssertionError as e:
    print('assert', e)

# --- what is true
print([], not [], not {}, not '', not 0, not 0.0, not None)
for v in ([], [0]):
    print(1 if v else 2)

# --- or and and of lists
x = []
x.append(0)
y = x[1:] or [1]
print(y)

# --- or and and
z = 0 or 5
print(z, '' or 'a', 'b' and 'c', 0 and 1)

# --- aliases of lists
a = [1, 2]
b = a
b += [3]
print(a, a is b, a == [1, 2, 3])
c = a + [4]
print(a, c)

# --- augmented tuples and strings
t = (1, 2)
t += (3,)
print(t)
s = 'abc'
s += 'd'

# --- slices
s = 'abc'
s += 'd'
print(s[::-1], s[1:3], s[-1], s[:-1], s[::2])
l = list(range(10))
print(l[::-1], l[2:8:3], l[-3:], l[:-3], l[5:2], l[8:100])

# --- del of items
l = list(range(10))
del l[0]
del l[-1]
print(l)
d = {'a': 1, 'b': 2}
del d['a']
print(d)

# --- del of slices
l = list(range(10))
del l[2:4]
print(l)
del l[:]
print(l)

# --- assignment to slices
l = list(range(6))
l[1:3] = [100]
print(l)
l[:] = [1, 2]
print(l)

# --- max and min
print(max([1, 5, 3]), min(4, 2), max('a', 'b'), max([1, 2], key=lambda v: -v))

# --- sorted
print(sorted([3, 1, 2], reverse=True), sorted([10, 9, 1]), sorted([(2, 'a'), (1, 'b')]))
print(sorted(['bb', 'a', 'cc'], key=len), sorted([1, -3, 2], key=abs), sorted([3, 1, 2], key=lambda x: -x))

# --- zip and enumerate
print(list(zip([1, 2], 'ab')), list(enumerate('ab', 1)), dict(zip('ab', [1, 2])))

# --- any, all and map
print(any([0, 1]), all([]), list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2], [3, 4])))

# --- filter
print(list(filter(lambda v: v > 1, [1, 2, 3])))
print(list(filter(None, [0, 1, 2])), list(reversed([1, 2])))

# --- splitting
print('a,b,,c'.split(','), ' a  b '.split(), 'x'.join(['1', '2']), 'abc'.replace('b', 'x'), ''.split(','), ''.split(), 'abc'.join('--'))

# --- percent and format
print('%d %s %.2f %5d|%-5d|' % (1, 'a', 2.5, 42, 42), '{:>5}|{:<5}|{:^5}'.format(1, 2, 3))

# --- format specs
print(f'{1234567:,}', f'{0.5:.0%}', f'{5:03d}', f'{3.14159:.2f}', f'{255:#x}', f'{"a":*^5}', f'{1e10:g}')

# --- divmod, int and bool
print(divmod(-7, 2), divmod(7.5, 2), abs(-3), pow(2, 3), int(-3.7), int('42'), float('1.5'), bool(''), bool([0]), ord('a'), chr(98))

# --- hex and bin
print(hex(255), bin(5), oct(8), int('ff', 16), int('101', 2))

# --- pow with a modulus
print(pow(2, 3, 5))

# --- class attributes
class A:
    count = 0
    items = []

    def __init__(self, x=1):
        self.x = x
        A.count += 1


a = A()
b = A(2)
A.items.append(1)
print(A.count, a.count, a.items, b.items)
a.count = 7
print(A.count, a.count, b.count)

# --- properties
class P:
    def __init__(self, x):
        self.x = x

    @property
    def double(self):
        return self.x * 2

    @double.setter
    def double(self, v):
        self.x = v / 2


p = P(3)
print(p.double)
p.double = 10
print(p.x)

# --- static and class methods
class P:
    name = 'P'

    def __init__(self, x):
        self.x = x

    @staticmethod
    def make():
        return P(5)

    @classmethod
    def build(cls, x):
        return cls(x)


class Q(P):
    name = 'Q'


print(P.make().x, P.build(3).x, Q.build(4).name, P.build(1).name)

# --- comparisons of objects
class A:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return self.x == other.x

    def __lt__(self, other):
        return self.x < other.x

    def __repr__(self):
        return f'A({self.x})'


a = A(1)
print(a == A(1), a != A(2), a < A(2), a is A(1), [a] == [A(1)], sorted([A(3), A(1)]), a in [A(1)], max([A(1), A(4)]))

# --- truth and length of objects
class L:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __contains__(self, v):
        return v in self.items


l = L([])
print(bool(l), len(l), 1 in L([1]), not l, 'yes' if L([1]) else 'no')

# --- inheritance and super
class A:
    def __init__(self, x):
        self.x = x

    def hello(self):
        return f'A{self.x}'

    def __str__(self):
        return 'A:' + self.hello()


class B(A):
    def __init__(self):
        super().__init__(7)
        self.y = 100

    def hello(self):
        return 'B' + super().hello()


b = B()
print(b, b.y, isinstance(b, A), type(b).__name__, isinstance(b, (int, A)))

# --- operators of objects
class V:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, o):
        return V(self.x + o.x, self.y + o.y)

    def __mul__(self, k):
        return V(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __repr__(self):
        return 'V(%r, %r)' % (self.x, self.y)

    def __getitem__(self, i):
        return (self.x, self.y)[i]


v = V(1, 2) + V(3, 4) * 2
print(v, v[0], 2 * v)
v += V(1, 1)
print(v)

# --- several bases
class M:
    def hi(self):
        return 'M'


class A:
    def hi(self):
        return 'A'


class B(M, A):
    pass


print(B().hi())

# --- augmented tensors are changed in place
import torch
x = torch.zeros(3)
y = x
x += 1
print(y)
x = x + 1
print(y, x)
a = torch.tensor([1, 2, 3])
a *= 2
print(a, a / 2, a // 2, a % 4, -a // 4, a ** 2)

# --- tensors in functions are the same
import torch
def f(t):
    t += 1
    return t
b = torch.zeros(2)
c = f(b)
print(b, c is b)

# --- truth of tensors
import torch
if torch.tensor(0.0):
    print('yes')
else:
    print('no')
try:
    if torch.tensor([1, 2]):
        pass
except RuntimeError as e:
    print('ambiguous')

# --- comparisons of tensors
import torch
a = torch.tensor([2, 4, 6])
print(a == torch.tensor([2, 0, 6]), a > 2, (a > 2) & (a < 6), ~(a > 2))
print(1 - a, 2 / a, 2 ** a, 7 % a, 7 // a)

# --- indexed updates
import torch
w = torch.ones(2, 3)
w[0] += 1
w[:, 1] *= 5
print(w)
for row in w:
    print(row.sum().item())
print(len(w), w.shape, w.size(0), list(w.shape), w.shape[0] * 2)

# --- a shape as a tuple
import torch
w = torch.ones(2, 3)
print(tuple(w.shape), w.shape == (2, 3), w.shape[1:], w.shape == torch.Size([2, 3]))
a, b = w.shape
print(a, b, w.shape + (1,), len(w.shape))

# --- numbers of tensors
import torch
print(torch.tensor(3) + 0.5, torch.tensor(1.5).item(), torch.tensor([1.5]).tolist(), torch.tensor(7).item() / 2)
print(sum([torch.tensor(1.0), torch.tensor(2.0)]), max(torch.tensor([1, 5, 2])), min(2, torch.tensor(3).item()))

# --- indices of tensors
import torch
m = torch.arange(6).reshape(2, 3)
print(m[0, -1], m[..., 0], m[None].shape, m[:, [0, 2]], m[m > 2], m[-1], m[1:, ::2])

# --- tensors in collections
import torch
m = torch.arange(4).reshape(2, 2)
print([v.item() for v in m[0]], {'a': m}, [m[0]], (m[0],))

# --- in of tensors
import torch
m = torch.arange(4)
print(3 in m)

# --- integers and floats of tensors
import torch
a = torch.tensor([1, 2])
b = torch.tensor([1.0, 2.0])
print(a * 2.0, a * 2, a + True, b * 2, a.float().mean().item(), a.sum().item(), (a / 2).tolist(), a.sum() / 2)
n = 2.0
print(a * n, a ** n, torch.full((2,), 1.0), torch.full((2,), 1), torch.tensor(n))

# --- divisions of numbers
print(5 / 2, 4 / 2, 7 // 2, 7.0 // 2)
print(1e3, 10.0, 3 * 1.0, 2 * 3.5, 10 / 5)

# --- math
import math
print(math.sqrt(16), math.floor(-2.5), math.ceil(2.1), math.pi, math.log(8, 2), math.log2(8), math.exp(0))

# --- sums of floats
total = 0
for i in range(3):
    total += i * 1.0
print(total)
avg = sum([1, 2, 3]) / 3
print(avg)
print(sum([0.1] * 10), sum(x * x for x in range(4)))

# --- sums of lists
print(sum([[1], [2]], []))

# --- types of values
a, b, c, l = 3, 3.0, 'a', [1]
print(type(a).__name__, type(b).__name__, type(c).__name__, type(l).__name__)

# --- isinstance
print(isinstance(3, int), isinstance(3.0, float), isinstance(3, float), isinstance('a', str), isinstance([1], (list, tuple)))

# --- isinstance of a variable
for v in (1, 2.0, 'a', True, None, [1]):
    print(isinstance(v, int), isinstance(v, float), isinstance(v, str))

# --- equality
print(0.1 + 0.2 == 0.3, 1 == 1.0, 'a' == 'a', [1] == [1], (1,) == (1,), None is None)
print(1 == True, '1' == 1, [1, 2] == (1, 2), {'a': 1} == {'a': 1}, {1, 2} == {2, 1})

# --- large ints
print(2 ** 53, 2 ** 64, 10 ** 20, 123456789 * 987654321)

# --- large products
x = 99999999
print(x * x, x * x * x)
y = 1
for i in range(1, 25):
    y *= i
print(y)

# --- augmented numbers
x = 10
x //= 3
print(x)
x **= 2
x %= 5
x <<= 2
x |= 1
print(x)
y = 7
y /= 2
print(y)

# --- bits
print(~5, 5 & 3, 5 ^ 3, 1 << 4, -8 >> 1)
print(1 << 40, 2 ** 40 & 2 ** 40, 1 << 31, -1 >> 1, 5_000_000_000 | 1, ~(2 ** 40))

# --- conditional expressions and comprehensions
x = 13
print(3 if x > 1 else 4, [i for i in range(5) if i % 2], {i: i * i for i in range(3)}, {c for c in 'a'})
print([[j for j in range(i)] for i in range(3)], [(i, j) for i in range(2) for j in range(2) if i != j])

# --- nested dicts
nested = {'a': {'b': [1, 2]}}
print(nested['a']['b'][1], nested.get('z'), nested.get('z', 0), 'a' in nested, 'q' not in nested)
for k, v in nested.items():
    print(k, v)

# --- args and kwargs
def g(*args, **kwargs):
    return args, kwargs
print(g(1, 2, a=3))

# --- keyword-only arguments
def h(a, b=2, *, c=3):
    return a + b + c
print(h(1), h(1, c=5), h(b=1, a=0))

# --- spread arguments
def h(a, b=2, *, c=3):
    return a + b + c
print(h(*[1, 2]), h(**{'a': 1, 'c': 2}))

# --- methods of strings
s = 'Hello, World'
print(s.lower(), s.upper(), s.title(), s.find('o'), s.find('z'), s.count('l'), s.startswith('He'))

# --- ends of strings
s = 'Hello, World'
print(s.endswith(('x', 'd')), s.strip('Hd'), s.lstrip('H'), s.rstrip('d'), s.partition(', '), s.rsplit(' ', 1), s.split(', ', 1))

# --- questions to strings
s = 'Hello, World'
print(s.index('W'), s.isalpha(), 'abc'.isalpha(), '12'.isdigit(), ' '.isspace(), 'a1'.isalnum(), 'ABC'.isupper())

# --- replacing and centring
print('a-b-c'.replace('-', '+', 1), 'abc'.center(7, '*'), 'x'.zfill(3), '-5'.zfill(4), 'abc'[1], 'tab\there')

# --- lines
print('line1\nline2'.splitlines(), 'a\n'.splitlines(), ''.splitlines(), 'aXbX'.split('X'))

# --- percent
print('%s' % [1, 2], '%r' % 'a', '%5.1f%%' % 12.34, '%e' % 12345.678, '%x' % 255, '%c' % 'a')

# --- format with names
print('{0} {1} {0}'.format('a', 'b'), '{name}'.format(name='x'), '{:.3e}'.format(12345.678), '{:+d}'.format(5), '{{}}'.format())

# --- format strings
s = 'Hello, World'
print(f'{s!r:>20}', f'{s[:5]:^9}|', f'{1 + 1=}', f'{"nested"}', f'{[1, 2]}', f'{None}', f'{True}', f'{1.0:.1f}', f'{10:>{5}}')
x = 3.14159
w = 10
print(f'{x:{w}.{2}f}|{x=:.2f}|{w=}|{x:<8.3}|{-w:+}|{w:06.1f}|{"a":>3}|{True:>6}|{None!s:>6}')

# --- unicode
print(len('日本語'), '日本語'[1], 'a' < 'b', 'B' < 'a', 'abc' > 'ab', 'é'.upper())

# --- astral characters
s = 'a😀b'
print(len(s), s[1], s[::-1], list(s), s.find('b'))

# --- quotes
print("it's", 'say "hi"', 'back\\slash', r'raw\n', '''triple
line''', 'con' 'cat')

# --- letters
print(ord('A'), chr(97), 'abc' in 'xabcx', 'x' not in 'abc', min('hello'), sorted('hello'), ''.join(reversed('abc')))

# --- collections of letters
print([c for c in 'abc'], list('abc'), tuple('ab'), set('a'), dict(a=1, b=2), list({'x': 1}.items()))

# --- str of collections
print(str([1.0, 'a', None, True]), str((1,)), str({'a': 'b'}), repr(1.5), str(1e-7), str(1e22), 1_000_000, 0x1f, 0b11, 0o17)

# --- counter
from collections import Counter
c = Counter('abracadabra')
print(c.most_common(2), c['a'], c['b'])

# --- a counter of what is not there
from collections import Counter
c = Counter('ab')
print(c['z'], len(c))
c.update('abb')
print(c['b'], sum(c.values()))

# --- defaultdict
from collections import defaultdict
d = defaultdict(list)
d['x'].append(1)
d['y'].append(2)
d['x'].append(3)
print(dict(d), len(d))
n = defaultdict(int)
for ch in 'hello':
    n[ch] += 1
print(n['l'], n['q'], sorted(n.items()))

# --- deque
from collections import deque
q = deque(maxlen=2)
q.append(1)
q.append(2)
q.append(3)
print(list(q), q[0], len(q))
q.appendleft(9)
print(list(q))

# --- namedtuple
from collections import namedtuple
P = namedtuple('P', ['x', 'y'])
p = P(1, y=2)
print(p, p.x, p[1], p == (1, 2), len(p))
x, y = p
print(x, y, [q.x for q in [P(5, 6)]])

# --- reduce and partial
from functools import reduce, partial
print(reduce(lambda a, b: a * b, [1, 2, 3, 4]), partial(max, 3)(5))

# --- chain and product
import itertools
print(list(itertools.chain([1], [2, 3])), list(itertools.product([1, 2], 'ab')))

# --- combinations
import itertools
print(list(itertools.combinations([1, 2, 3], 2)), list(itertools.accumulate([1, 2, 3])), list(itertools.permutations([1, 2, 3]))[:2])

# --- count and islice
import itertools
print(list(itertools.islice(itertools.count(5), 3)))

# --- OrderedDict
from collections import OrderedDict
o = OrderedDict()
o['b'] = 1
o['a'] = 2
print(list(o.keys()), o.pop('b'), dict(o))

# --- tuples as keys
m = {}
m[(1, 2)] = 'a'
m[(1, 2)] = 'b'
print(m, (1, 2) in m, len(m))
for (a, b), v in m.items():
    print(a, b, v)

# --- sets of tuples
st = set()
st.add((1, 2))
st.add((1, 2))
print(len(st), (1, 2) in st, (2, 1) in st)

# --- subsets
print({1, 2} <= {1, 2, 3}, {1, 2}.issubset({1}), {1}.union({2}), {1, 2}.intersection({2}), {1, 2}.difference({2}))

# --- methods of lists
l = [3, 1, 2]
l.sort()
print(l, l.index(2), l.count(1), l.pop(), l.pop(0), l)
l.insert(0, 9)
l.extend([7, 8])
l.remove(9)
l.reverse()
print(l, l.copy(), 7 in l)
l.clear()
print(l)

# --- lists of lists
l2 = [[0] * 2 for _ in range(2)]
l2[0][1] = 5
print(l2)
shared = [[0]] * 2
shared[0].append(1)
print(shared)

# --- own containers
class Stack:
    def __init__(self):
        self._data = [0]

    def push(self, v):
        self._data.append(v)

    def __iter__(self):
        return iter(self._data)

    def __getitem__(self, i):
        return self._data[i]

    def __setitem__(self, i, v):
        self._data[i] = v

    def __len__(self):
        return len(self._data)


s = Stack()
s.push(1)
s.push(2)
s[0] = 5
print(len(s), s[0], s[-1], list(s), bool(s))
for v in s:
    print(v)

# --- own context managers
class R:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        print('enter', self.name)
        return self

    def __exit__(self, *args):
        print('exit')


with R('a') as r:
    print(r.name)

# --- endless generators
def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
g = fib()
print(next(g), next(g), next(g), next(g))

# --- iter and next
it = iter([1, 2])
print(next(it), next(it))

# --- next with a default
it = iter([1])
print(next(it), next(it, 5), next((x for x in [1, 2] if x > 1), None))

# --- decorators
def deco(fn):
    def wrapped(*args):
        print('call')
        return fn(*args)
    return wrapped
@deco
def add(a, b):
    return a + b
print(add(1, 2))

# --- own exceptions
class MyError(Exception):
    pass
try:
    raise MyError('bad')
except (ValueError, MyError) as e:
    print('caught', e, type(e).__name__)

# --- finally with return
def r():
    try:
        return 'try'
    finally:
        print('cleanup')
print(r())

# --- scopes
x = 5
def scope():
    x = 10
    return x
print(scope(), x)

# --- recursion
def rec(n):
    return 1 if n <= 1 else n * rec(n - 1)
print(rec(10))

# --- recursion to large ints
def rec(n):
    return 1 if n <= 1 else n * rec(n - 1)
print(rec(25))

# --- names of comprehensions
i = 10
print([i for i in range(3)], i)

# --- while with break and continue
i = 10
while True:
    i -= 1
    if i % 2:
        continue
    if i < 4:
        break
print(i)

# --- is and None
def f(v):
    return v is None, v or 'default', v == None, v is not None
print(f(None), f('x'))

# --- a list that is changed in its loop
lst = [1, 2, 3, 4]
for v in lst[:]:
    if v % 2 == 0:
        lst.remove(v)
print(lst)

# --- ranges
print(list(range(5, 0, -2)), len(range(0, 10, 3)), 3 in range(5))

# --- a loop variable that is written
for i in range(3):
    i += 10
    print(i)
print(i)

# --- deep copies
import copy
u = [[1], [2]]
v = copy.deepcopy(u)
w = u[:]
u[0].append(9)
print(v, w, u)

# --- match
x = 1
match x:
    case 1:
        print('one')
    case _:
        print('other')

# --- string comparisons and in
print('abc' < 'abd', 'a' in 'abc', '' in 'abc', 'Z' < 'a', 'a' * 3 == 'aaa')

# --- unpacking in calls
def f(a, b, c):
    return a - b * c
t = (2, 3)
print(f(1, *t), f(*t, 4), max(*t))

# --- tuples returned
def f():
    return 1, 'a'
x = f()
a, b = f()
print(x, x[0], a, b, f()[1])

# --- dataclasses
from dataclasses import dataclass, field


@dataclass
class C:
    x: int
    y: float = 2.0
    tags: list[str] = field(default_factory=list)


c = C(1)
c.tags.append('a')
print(c, c == C(1, 2.0, ['a']), C(1).tags, C(x=3, y=0.5).x)

# --- enums
from enum import Enum


class Color(Enum):
    RED = 1
    GREEN = 2


print(Color.RED.name, Color.GREEN.value, Color.RED == Color.RED)

# --- getattr and setattr
class A:
    pass


a = A()
setattr(a, 'x', 3)
print(getattr(a, 'x'), getattr(a, 'y', 4), hasattr(a, 'x'))

# --- division results that are whole
n = 10
half = n / 2
print(half, n // 2, n * 0.5, half * 2, int(half), round(half))
vals = [x / 2 for x in (2, 4)]
print(vals, sum(vals), vals[0] + 1)

# --- a variable that becomes a float
x = 1
for _ in range(2):
    x = x / 2
print(x)
y = 0
y += 2.0
print(y)

# --- a conditional int or float
def f(a):
    return 1 if a else 2.0
print(f(True), f(False))

# --- truth of what may be None or 0
def f(v=None):
    return 'some' if v else 'none'
print(f(), f(0), f(3))

# --- default of a dict
d = {'a': 0}
print(d.get('a', 5), d.get('b', 5), d.get('a') or 7, d.setdefault('c', 1), d)

# --- an index out of range
def f(l, i):
    try:
        return l[i]
    except IndexError:
        return 'out'
print(f([1, 2], 0), f([1, 2], 5), f([1, 2], -1), f([1, 2], -3))

# --- a literal index out of range
l = [1]
try:
    print(l[3])
except IndexError:
    print('out')

# --- remove of what is not there
l = [1]
try:
    l.remove(5)
except ValueError:
    print('no', l)
print(l)

# --- keys that are not there
d = {'a': 1}
def f(k):
    try:
        return d[k]
    except KeyError:
        return 'none'
print(f('a'), f('b'))

# --- a popped default
d = {'a': 1}
print(d.pop('a', 0), d.pop('b', 7), d)

# --- int keys keep their order
d = {2: 'b', 1: 'a'}
d[0] = 'c'
print(d, list(d.keys()), list(d.values()))

# --- bool arithmetic
a = True
print(a + 1, a * 2.5, -a, sum([a, a]), [10, 20][a], int(a), float(a), f'{a:d}', not a, a & False, a | False, a ^ True)

# --- float floors
print(7.5 // 2, -7.5 // 2, 7.5 % 2, 1e3 // 1, 5.0 // 2, int(7.5 // 2))

# --- float methods
print((2.5).is_integer(), (2.0).is_integer(), 1.5.__class__.__name__)

# --- backslashes in format
name = 'x'
print(f'{name}\n{name}\t{{{name}}}')

# --- assignment of several names
a = b = []
a.append(1)
print(a, b, a is b)
x = y = 5
x += 1
print(x, y)

# --- conditional imports and main
import math as m
from math import sqrt, pi as PI
print(m.floor(2.5), sqrt(4), round(PI, 2))
if __name__ == '__main__':
    print('main')

# --- strings that are numbers
print('1' + '2', int('1') + int('2'), '3' * 2, float('2'), str(1) + str(2.0), '10' < '9', int('  7 '), int('-3'))

# --- try in a loop
for s in ['1', 'x', '3']:
    try:
        v = int(s)
    except ValueError:
        print('bad', s)
        continue
    print(v)

# --- float of bad text
try:
    float('abc')
except ValueError as e:
    print('bad', e)

# --- iterating a dict while counting
d = {}
for w in 'a b a'.split():
    d[w] = d.get(w, 0) + 1
for k in d:
    print(k, d[k])
print(max(d, key=d.get), sorted(d, key=d.get), sorted(d.items(), key=lambda kv: kv[1], reverse=True))

# --- a zip that is used twice
z = zip([1, 2], [3, 4])
print(list(z), list(z))

# --- a generator that is used twice
g = (x * x for x in range(3))
print(sum(g), sum(g))

# --- map that is lazy
m = map(lambda x: x + 1, [1, 2])
print(next(m), list(m))

# --- reversed range
print(list(reversed(range(3))), [x for x in reversed([1, 2, 3])], list(range(3))[::-1])

# --- strings as booleans
print(bool('False'), bool('0'), not 'a', '' or 'x')

# --- print of an object
class A:
    def __repr__(self):
        return 'A!'


print(A(), [A()], {'k': A()}, f'{A()}', str(A()), f'{A()!r:>5}')

# --- print of a function
def f():
    pass


print(f(), f.__name__)

# --- ternary chains
for x in (-1, 0, 1):
    print('neg' if x < 0 else 'zero' if x == 0 else 'pos', end=' ')
print()

# --- a method as a function
print(sorted(['b', 'A', 'c'], key=str.lower), list(map(str.upper, ['a'])))

# --- str of mixed lists
print([1.0, 'a', None, True], [1, 2.5], (1, 2.0), [None, 1.0], [[1, 2.0], [3]])

# --- not, and, or
for a in (True, False):
    for b in (True, False):
        for c in (True, False):
            print(not a and b, not a or b, a and not b or c, not a and not b, not (a and b), not a == b, a or not b and c, not a in [b] and c)
            print(1 if not a and b else 0, [x for x in (1, 2) if not a or x > 1])
