"""Writes einops.json.golden: what einops gives, and refuses. Run in this folder, with torch and einops 0.8.2 installed."""
import json
import warnings
import einops
import torch
warnings.simplefilter('ignore')
from einops.layers.torch import Rearrange, Reduce, EinMix
torch.manual_seed(0)
cases = []

def arr(shape):
    return torch.arange(int(torch.tensor(shape).prod()) if shape else 1, dtype=torch.float32).reshape(shape)

def run(kind, shape, pattern, kw, red=None, lst=0):
    x = arr(shape)
    if lst:
        x = [arr(shape) + i for i in range(lst)]
    try:
        if kind == 'reduce':
            y = einops.reduce(x, pattern, red, **kw)
        else:
            y = getattr(einops, kind)(x, pattern, **kw)
        out = {'shape': list(y.shape), 'values': y.reshape(-1).tolist()}
    except Exception as e:
        out = {'error': type(e).__name__, 'message': str(e)}
    cases.append(dict(kind=kind, shape=shape, pattern=pattern, kw=kw, red=red, lst=lst, out=out))
R = 'rearrange'
run(R, [2, 3, 4, 5], 'b c h w -> b h w c', {})
run(R, [2, 3, 4, 5], 'b c h w -> b (c h w)', {})
run(R, [2, 4, 6, 3], 'b (h h1) (w w1) c -> (b h w) h1 w1 c', dict(h1=2, w1=3))
run(R, [2, 4, 6, 3], 'b (h 2) w c -> b h w c', {})
run(R, [6], '(a b) -> b a', dict(a=2))
run(R, [6], '(a b) -> b a', dict(a=4))
run(R, [6], '(a b) -> b a', {})
run(R, [2, 3, 4], '... c -> c ...', {})
run(R, [2, 3, 4], '... c -> (... c)', {})
run(R, [2, 3, 4], 'a ... -> ... 1 a', {})
run(R, [2, 3, 4], 'a (...) -> a ...', {})
run(R, [2, 3], 'a b c -> a b c', {})
run(R, [2], 'a b ... -> a b ...', {})
run(R, [2, 3], 'a b -> a c', {})
run(R, [2, 3], 'a b -> a b ...', {})
run(R, [2, 3], 'a a -> a', {})
run(R, [2, 3], 'a _b -> a _b', {})
run(R, [2, 3], 'a ((b)) -> a b', {})
run(R, [2, 3], 'a b) -> a b', {})
run(R, [2, 3], 'a (b -> a b', {})
run(R, [2, 3], 'a b? -> a b', {})
run(R, [2, 3], 'a .b -> a b', {})
run(R, [2, 3], 'a b... ... -> a b', {})
run(R, [2, 3], 'a b -> b a', dict(c=3))
run(R, [1, 3], '1 b -> b', {})
run(R, [2, 3], '1 b -> b', {})
run(R, [2, 3], 'a b -> a 1 b 1', {})
run(R, [2, 3], 'a b -> a () b', {})
run(R, [2, 3], 'a 0 -> a', {})
run(R, [2, 3], 'b h w -> b w h', {}, lst=4)
run(R, [2, 3], 'b h w -> h (b w)', {}, lst=2)
for red in ['min', 'max', 'sum', 'mean', 'prod']:
    run('reduce', [2, 4, 6], 'b (h 2) (w 3) -> b h w', {}, red)
for red in ['min', 'max', 'sum', 'mean']:
    run('reduce', [2, 3, 4], '... -> ', {}, red)
run('reduce', [2, 3, 4], 'b c d -> b 1 d', {}, 'mean')
run('reduce', [2, 3, 4], 'b c d -> d b', {}, 'sum')
run('reduce', [2, 3, 4], 'b c d -> d b', {}, 'median')
run('reduce', [2, 3, 4], 'b c d -> d b e', {}, 'sum')
run('reduce', [2, 3, 4], 'b ... -> b', {}, 'max', lst=2)
P = 'repeat'
run(P, [2, 3], 'h w -> h w c', dict(c=2))
run(P, [2, 3], 'h w -> (repeat h) w', dict(repeat=2))
run(P, [2, 3], 'h w -> h (w 2)', {})
run(P, [2, 3], 'h w -> (h 2) (w 2) 3', {})
run(P, [2, 3], '... -> ... 2', {})
run(P, [2, 3], 'h w -> h', {})
run(P, [2, 3], 'h w -> h w c', {})
run(P, [2, 6], 'h (w 2) -> h w k', dict(k=2))
ein = []
for pat, shapes in [('batch i d, batch j d -> batch i j', [[2, 3, 4], [2, 5, 4]]), ('a a -> a', [[3, 3]]), ('... i, i j -> ... j', [[2, 3, 4], [4, 5]]), ('a b -> c', [[2, 3]]), ('a b', [[2, 3]]), ('(a b) -> a', [[2]]), ('a 1 -> a', [[2, 1]]), ('a 2 -> a', [[2, 2]])]:
    try:
        y = einops.einsum(*[arr(s) for s in shapes], pat)
        out = {'shape': list(y.shape), 'values': y.reshape(-1).tolist()}
    except Exception as e:
        out = {'error': type(e).__name__, 'message': str(e)}
    ein.append(dict(pattern=pat, shapes=shapes, out=out))
shp = []
for pat, s in [('b c h w', [2, 3, 5, 7]), ('b _ h _', [2, 3, 5, 7]), ('b ... w', [2, 3, 5, 7]), ('b c', [2, 3, 4]), ('b 1', [2, 3]), ('b 3', [2, 3]), ('b 1', [2, 1]), ('(b c)', [6]), ('a b ... c', [2])]:
    try:
        out = einops.parse_shape(torch.zeros(s), pat)
    except Exception as e:
        out = {'error': type(e).__name__, 'message': str(e)}
    shp.append(dict(pattern=pat, shape=s, out=out))
pk = []
for pat, shapes in [('i j * k', [[2, 3, 5], [2, 3, 7, 5], [2, 3, 7, 9, 5]]), ('*', [[2, 3], [], [4]]), ('b *', [[2], [2, 3]]), ('b * c', [[2], [2, 3]]), ('b c', [[2, 3]]), ('b b *', [[2, 3]]), ('_b *', [[2, 3]])]:
    try:
        y, ps = einops.pack([arr(s) for s in shapes], pat)
        back = einops.unpack(y, ps, pat)
        out = {'shape': list(y.shape), 'values': y.reshape(-1).tolist(), 'ps': [list(p) for p in ps], 'back': [list(b.shape) for b in back]}
    except Exception as e:
        out = {'error': type(e).__name__, 'message': str(e)}
    pk.append(dict(pattern=pat, shapes=shapes, out=out))
un = []
for pat, s, ps in [('b *', [2, 10], [[2, 3], [4]]), ('b *', [2, 10], [[2, 3], [-1]]), ('b *', [2, 10], [[-1, 3], [4]]), ('b *', [2, 10], [[-1], [-1]]), ('b *', [2, 10], [[3], [4]]), ('b *', [2], [[3]]), ('b *', [2, 10], [[-1, 3], [3]])]:
    try:
        out = {'shapes': [list(b.shape) for b in einops.unpack(arr(s), ps, pat)], 'values': [b.reshape(-1).tolist() for b in einops.unpack(arr(s), ps, pat)]}
    except Exception as e:
        out = {'error': type(e).__name__, 'message': str(e)}
    un.append(dict(pattern=pat, shape=s, ps=ps, out=out))
layers = []

def lay(make, cls, args, kw, shape):
    torch.manual_seed(1)
    try:
        m = make()
        x = arr(shape) / 10
        y = m(x)
        out = {'repr': repr(m).split('\n')[0], 'shape': list(y.shape), 'values': y.reshape(-1).tolist(), 'state': {k: list(v.shape) for k, v in m.state_dict().items()}}
    except Exception as e:
        out = {'error': type(e).__name__, 'message': str(e)}
    layers.append(dict(cls=cls, args=args, kw=kw, shape=shape, out=out))

def L(cls, args, kw, shape):
    lay(lambda: {'Rearrange': Rearrange, 'Reduce': Reduce, 'EinMix': EinMix}[cls](*args, **kw), cls, args, kw, shape)
L('Rearrange', ['b (h 2) -> h b 2'], {}, [2, 4])
L('Rearrange', ['b (h k) -> h b k'], dict(k=2), [2, 4])
L('Rearrange', ['b h -> h'], {}, [2, 4])
L('Reduce', ['b c (h 2) -> b c h', 'max'], {}, [2, 3, 4])
L('EinMix', ['b c -> b d'], dict(weight_shape='c d', c=3, d=2), [2, 3])
L('EinMix', ['b c -> b d'], dict(weight_shape='c d', bias_shape='d', c=3, d=2), [2, 3])
L('EinMix', ['b (h c) -> b (h d)'], dict(weight_shape='h c d', bias_shape='h d', h=2, c=3, d=2), [2, 6])
L('EinMix', ['... c -> ... d'], dict(weight_shape='c d', bias_shape='d', c=3, d=2), [2, 4, 3])
L('EinMix', ['b c -> b d'], dict(weight_shape='c d', c=3), [2, 3])
L('EinMix', ['b c -> b e'], dict(weight_shape='c d', c=3, d=2), [2, 3])
L('EinMix', ['b c -> b d'], dict(weight_shape='(c d)', c=3, d=2), [2, 3])
L('EinMix', ['b c -> b d'], dict(weight_shape='c d', bias_shape='e', c=3, d=2), [2, 3])
json.dump(dict(cases=cases, einsum=ein, parseShape=shp, pack=pk, unpack=un, layers=layers), open('einops.json.golden', 'w'))
print(len(cases), len(ein), len(shp), len(pk), len(un), len(layers))
