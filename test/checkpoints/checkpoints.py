"""Checkpoints of every kind that Python makes, for test/checkpoints.test.ts and test/checkpoints/compare.mjs. With torch and numpy:

    python checkpoints.py make FOLDER    three hundred files, and what is in them
    python checkpoints.py check FOLDER   whether what compare.mjs wrote to FOLDER/back is the same
    python checkpoints.py golden         records those of each kind in ../golden/checkpoints.json.golden
"""
import argparse
import base64
import collections
import io
import json
import os
import pickle
import struct
import sys
import tarfile
import zlib

import numpy as np
import torch

FLOATS = ['float16', 'bfloat16', 'float32', 'float64']
DTYPES = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64', *FLOATS, 'complex64', 'complex128', 'uint16', 'uint32', 'uint64',
          'float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz', 'float8_e8m0fnu', 'complex32']


def tensor(dtype, *shape):
    count = int(np.prod(shape)) if shape else 1
    values = (torch.arange(count) * 7 % 11 - (0 if dtype.startswith(('u', 'b')) and dtype != 'bfloat16' else 5)).reshape(shape)
    if dtype == 'float8_e8m0fnu':
        values = values.abs() + 1
    if dtype.startswith('complex'):
        return torch.complex(values.double(), values.double() / 4).to(getattr(torch, dtype))
    return values.to(getattr(torch, dtype))


LAYOUTS = {
    'plain': lambda d: tensor(d, 2, 3),
    'turned': lambda d: tensor(d, 2, 3).T,
    'part': lambda d: tensor(d, 4, 4)[1:3, ::2],
    'number': lambda d: tensor(d),
    'empty': lambda d: tensor(d, 0, 3),
    'spread': lambda d: tensor(d, 3).expand(2, 3),
}


class Config:
    """A class of the user's."""

    def __init__(self, **values):
        self.__dict__.update(values)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(2, 3)
        self.norm = torch.nn.BatchNorm1d(3)
        self.register_buffer('passing', torch.ones(2), persistent=False)
        self.layers = torch.nn.ModuleList([torch.nn.Linear(3, 3, bias=False)])

    def forward(self, x):
        return self.norm(self.layer(x)) + self.passing.sum()


# As other projects' classes are named.
class DetectionModel(Block):
    pass


DetectionModel.__module__ = 'ultralytics.nn.tasks'


class AttributeDict(dict):
    pass


AttributeDict.__module__ = 'lightning.fabric.utilities.data'
for kind in (DetectionModel, AttributeDict):
    parts = kind.__module__.split('.')
    for i in range(len(parts)):
        sys.modules.setdefault('.'.join(parts[:i + 1]), type(sys)('.'.join(parts[:i + 1])))
    setattr(sys.modules[kind.__module__], kind.__name__, kind)


def optimizer(name):
    torch.manual_seed(1)
    # Muon is for matrices alone.
    net = torch.nn.Sequential(torch.nn.Linear(2, 2, bias=name != 'Muon'), torch.nn.Linear(2, 1, bias=name != 'Muon'))
    make = getattr(torch.optim, name)
    if name == 'SparseAdam':
        net = torch.nn.Embedding(3, 2, sparse=True)
    made = make(net.parameters(), **({'momentum': .9} if name == 'SGD' else {}), **({'lr': .1}))

    def closure():
        made.zero_grad()
        loss = net(torch.tensor([1, 2]) if name == 'SparseAdam' else torch.ones(3, 2)).square().mean()
        loss.backward()
        return loss
    for _ in range(2):
        made.step(closure)
    return {'model': net.state_dict(), 'optimizer': made.state_dict(), 'epoch': 3}


def two_groups(name):
    """Groups with options of their own, a rate that is a tensor where that is taken, names for parameters."""
    torch.manual_seed(2)
    first, second = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1, dtype=torch.float64)
    rate = {'lr': torch.tensor(.1)} if name in ('Adam', 'AdamW', 'SGD', 'NAdam', 'RAdam', 'RMSprop', 'Adamax', 'Adagrad', 'Adadelta', 'ASGD', 'Rprop') else {'lr': .1}
    named = list(first.named_parameters())
    made = getattr(torch.optim, name)([{'params': named, 'foreach': False}], **rate)
    made.add_param_group({'params': [(f'second.{n}', p) for n, p in second.named_parameters()], 'lr': .01, 'foreach': False})
    for _ in range(2):
        made.zero_grad()
        (first(torch.ones(3, 2)).square().mean() + second(torch.ones(3, 2, dtype=torch.float64)).square().mean()).backward()
        made.step()
    return {'optimizer': made.state_dict()}


def saved(value, **options):
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def old_tar(values):
    """A file of PyTorch before 0.1.10, for a dictionary of tensors: what torch.serialization.legacy_load reads."""
    storages, tensors, kinds = io.BytesIO(), io.BytesIO(), {torch.float32: torch.FloatStorage, torch.int64: torch.LongStorage}
    pickle.dump(len(values), storages, 2)
    pickle.dump(len(values), tensors, 2)
    for i, value in enumerate(values.values()):
        kind = kinds[value.dtype]
        pickle.dump((i, 'cpu', kind), storages, 2)
        elements = value.untyped_storage()
        storages.write(struct.pack('<q', len(elements) // value.itemsize) + bytes(elements.tolist()))
        pickle.dump((100 + i, i, torch.FloatTensor if kind is torch.FloatStorage else torch.LongTensor), tensors, 2)
        tensors.write(struct.pack('<ii', value.ndim, 0) + struct.pack(f'<{value.ndim}q', *value.shape)
                      + struct.pack(f'<{value.ndim}q', *value.stride()) + struct.pack('<q', value.storage_offset()))
    pickle.dump([], storages, 2)
    main = io.BytesIO()

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return str(100 + [id(v) for v in values.values()].index(id(value))) if isinstance(value, torch.Tensor) else None
    Pickler(main, 2).dump(values)
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode='w:', format=tarfile.PAX_FORMAT) as tar:
        for name, content in {'sys_info': pickle.dumps({}, 2), 'pickle': main.getvalue(), 'tensors': tensors.getvalue(),
                              'storages': storages.getvalue()}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def script():
    file = io.BytesIO()
    torch.jit.save(torch.jit.script(Block().eval()), file)
    return file.getvalue()


def cases():
    """Name, bytes, what is in them, options of the loader, whether one of its kind is recorded."""
    for d in DTYPES:
        for name, make in LAYOUTS.items():
            value = {'x': make(d), 'same': make(d)}
            yield f'dtype/{d}/{name}', saved(value), value, {}, name == 'turned' and d in ('bool', 'bfloat16', 'complex64', 'uint16')
            if not d.startswith(('uint1', 'uint3', 'uint6', 'float8', 'complex32')):
                yield f'legacy/{d}/{name}', saved(value, _use_new_zipfile_serialization=False), value, {}, False
    base = torch.arange(6.)
    shared = {'base': base, 'view': base[2:4], 'turned': base.view(2, 3).T, 'parameter': torch.nn.Parameter(base)}
    plain = [1, -1, 2**40, 2**70, -2**70, 2.5, float('inf'), None, True, 'text', 'é😀', (1, 2), (), [], {}, {'a': {'b': [1]}}, {3: 4, (1, 2): 5},
             b'\0\xff', bytearray(b'ab'), {1, 2}, 1 + 2j, torch.float16, torch.Size([1, 2]), collections.OrderedDict(b=1, a=2), collections.Counter('aab')]
    for i, value in enumerate([shared, *[[v] for v in plain], plain]):
        yield f'container/{i}', saved(value), value, {}, False
        for protocol in (3, 4, 5):
            yield f'container/{i}/{protocol}', saved(value, pickle_protocol=protocol), value, {}, i in (0, len(plain)) and protocol != 3
    for name in ['SGD', 'Adam', 'AdamW', 'Adamax', 'NAdam', 'RAdam', 'Adagrad', 'Adadelta', 'Adafactor', 'ASGD', 'LBFGS', 'RMSprop', 'Rprop', 'SparseAdam', 'Muon']:
        value = optimizer(name)
        yield f'optimizer/{name}', saved(value), value, {}, name == 'Adafactor'
        if name not in ('LBFGS', 'SparseAdam', 'Muon'):
            value = two_groups(name)
            yield f'optimizer/{name}/two groups', saved(value), value, {}, False
        yield f'optimizer/{name}/legacy', saved(value, _use_new_zipfile_serialization=False), value, {}, False
    arrays = {
        'floats': np.arange(6, dtype='f4').reshape(2, 3), 'columns': np.asfortranarray(np.arange(6.).reshape(2, 3)), 'big': np.arange(3, dtype='>i4'),
        'half': np.arange(3, dtype='f2'), 'bools': np.array([True, False]), 'complex': np.array([1 + 2j], 'c8'), 'text': np.array(['cat', 'dö']),
        'bytes': np.array([b'a', b'bc']), 'objects': np.array([[1, 'a'], [None, 2.5]], dtype=object), 'empty': np.zeros((0, 2)), 'bare': np.array(3.),
    }
    scalars = [np.float32(1.5), np.float64(2.5), np.int64(2**40), np.uint8(7), np.bool_(True), np.str_('text'), np.complex64(1 + 2j), np.int8(-3)]
    for name, value in [*arrays.items(), ('scalars', scalars)]:
        for protocol in range(6):
            if protocol >= 2:
                yield f'numpy/{name}/{protocol}', saved({'a': value}, pickle_protocol=protocol), {'a': value}, {}, protocol == 2
            yield f'pickle/{name}/{protocol}', pickle.dumps({'a': value}, protocol), {'a': value}, {'weightsOnly': False}, name in ('floats', 'objects', 'scalars')
    for protocol in range(6):
        yield f'pickle/plain/{protocol}', pickle.dumps(plain[:-5], protocol), plain[:-5], {'weightsOnly': False}, True
        value = Config(lr=.5, names=['a'], inner=Config(x=None))
        yield f'pickle/object/{protocol}', pickle.dumps(value, protocol), value, {'weightsOnly': False}, True
    # A string of Python 2 holds bytes as they are.
    python2 = b"\x80\x02}q\x01(U\x04dataq\x02U\x03\xff\x00\x01q\x03U\x04nameq\x04U\x03abcq\x05u."
    yield 'pickle/python2', python2, {'data': b'\xff\0\1', 'name': 'abc'}, {'weightsOnly': False}, True
    q = torch.quantize_per_tensor(torch.linspace(-1, 1, 6).view(2, 3), .1, 3, torch.qint8)
    channels = torch.quantize_per_channel(torch.linspace(-1, 1, 6).view(2, 3), torch.tensor([.1, .2]), torch.tensor([0, 4]), 0, torch.quint8)
    wide = torch.quantize_per_tensor(torch.linspace(-1, 1, 3), .001, 0, torch.qint32)
    for name, value in {'tensor': q, 'turned': q.T, 'channels': channels, 'wide': wide}.items():
        yield f'quantized/{name}', saved([value]), [value.dequantize()], {'toDense': True}, True
    matrix = torch.tensor([[0., 1, 0, 0], [2, 0, 0, 3], [0, 0, 0, 0], [0, 4, 0, 5]])
    for name, value in {'coo': matrix.to_sparse(), 'hybrid': matrix.to_sparse(1), 'csr': matrix.to_sparse_csr(), 'csc': matrix.to_sparse_csc(),
                        'bsr': matrix.to_sparse_bsr((2, 1)), 'bsc': matrix.to_sparse_bsc((1, 2))}.items():
        yield f'sparse/{name}', saved([value]), [matrix], {'toDense': True}, True
    model = DetectionModel()
    for name, file in {'whole': saved(model), 'legacy': saved(model, _use_new_zipfile_serialization=False)}.items():
        yield f'module/{name}', file, model, {'weightsOnly': False}, name == 'whole'
    yield 'module/ultralytics', saved({'epoch': 1, 'model': model.half(), 'ema': None, 'train_args': {'lr0': .01}}), None, {'weightsOnly': False}, False
    yield 'module/script', script(), dict(sorted(torch.jit.script(Block().eval()).state_dict().items())), {'weightsOnly': False, 'stateDict': True}, True
    lightning = {'epoch': 1, 'global_step': 20, 'pytorch-lightning_version': '2.4.0', 'state_dict': Block().state_dict(), 'loops': {'fit_loop': {'state_dict': {}}},
                 'callbacks': {"ModelCheckpoint{'monitor': None}": {'best_model_score': torch.tensor(.5)}}, 'optimizer_states': [optimizer('Adam')['optimizer']],
                 'lr_schedulers': [], 'hparams_name': 'kwargs', 'hyper_parameters': AttributeDict(lr=.1, layers=[1, 2])}
    yield 'layout/lightning', saved(lightning), lightning, {'weightsOnly': False}, True
    fairseq = {'args': argparse.Namespace(arch='transformer', lr=[.1]), 'model': Block().state_dict(), 'extra_state': {'epoch': 2, 'val_loss': np.float64(.5)},
               'optimizer_history': [{'num_updates': 7}], 'last_optimizer_state': optimizer('Adam')['optimizer']}
    yield 'layout/fairseq', saved(fairseq), fairseq, {'weightsOnly': False}, True
    rng = np.random.RandomState(1).get_state()
    accelerate = {'step': 3, 'random_state': (3, (1, 2, 3), None), 'numpy_random_seed': (rng[0], rng[1][:4], *rng[2:]), 'torch_manual_seed': torch.arange(4, dtype=torch.uint8)}
    yield 'layout/accelerate', saved(accelerate), accelerate, {}, True
    tar = {'weight': torch.arange(6.).view(2, 3).T, 'count': torch.tensor([1, 2])}
    yield 'layout/tar', old_tar(tar), tar, {}, True


def described(value):
    """A value as JSON, the same as compare.mjs and the test describe it."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == 'O':
            return described(value.tolist())
        if value.dtype.kind in 'US':
            return ['array', list(value.shape), [v if isinstance(v, str) else v.decode() for v in value.ravel().tolist()]]
        return described(torch.from_numpy(value.astype(value.dtype.newbyteorder('='))))
    if isinstance(value, np.generic):
        return described(value.item())
    if isinstance(value, torch.Tensor):
        x = value.detach().cpu().contiguous()
        if x.is_complex():
            x = torch.view_as_real(x)
        values = x.flatten().to(torch.float64 if x.is_floating_point() else torch.int64 if x.dtype != torch.uint64 else torch.uint64).tolist()
        return ['tensor', str(value.dtype), list(value.shape), values, value.requires_grad and value.is_leaf]
    if isinstance(value, torch.nn.Module):
        return ['module', f'{type(value).__module__}.{type(value).__qualname__}', described(dict(value.state_dict()))]
    if isinstance(value, (Config, argparse.Namespace)):
        return ['object', f'{type(value).__module__}.{type(value).__qualname__}', described(value.__dict__)]
    if type(value) is AttributeDict:
        return ['object', f'{AttributeDict.__module__}.AttributeDict', described(dict(value))]
    if isinstance(value, dict):
        return ['dict', [[described(k), described(v)] for k, v in value.items()]]
    if isinstance(value, torch.Size):
        return ['size', list(value)]
    if isinstance(value, (tuple, list)):
        return ['tuple' if isinstance(value, tuple) else 'list', [described(v) for v in value]]
    if isinstance(value, (bytes, bytearray)):
        return ['bytes', list(value)]
    if isinstance(value, (set, frozenset)):
        return ['set', sorted(value)]
    if isinstance(value, torch.dtype):
        return ['dtype', str(value)]
    if isinstance(value, complex):
        return ['complex', value.real, value.imag]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return ['long', str(value)]
    if isinstance(value, float) and value in (float('inf'), float('-inf')):
        return ['float', str(value)]
    return value


def make(folder):
    os.makedirs(f'{folder}/files', exist_ok=True)
    listed = []
    for i, (name, content, value, options, _) in enumerate(cases()):
        with open(f'{folder}/files/{i}.pt', 'wb') as file:
            file.write(content)
        listed.append({'name': name, 'options': options, 'value': None if value is None else described(value)})
    with open(f'{folder}/cases.json', 'w') as file:
        json.dump(listed, file)
    print(f'{len(listed)} files')


def check(folder):
    with open(f'{folder}/cases.json') as file:
        listed = json.load(file)
    wrong = checked = 0
    for i, case in enumerate(listed):
        path = f'{folder}/back/{i}.pt'
        if not os.path.exists(path):
            continue
        checked += 1
        try:
            back = described(torch.load(path))
        except Exception as error:  # noqa: BLE001
            back = f'{type(error).__name__}: {error}'
        if json.loads(json.dumps(back)) != case['value']:
            # JavaScript has one kind of bytes, no Counter, and whole numbers for whole floats.
            wrong += 1
            print(case['name'], json.dumps(back)[:300], json.dumps(case['value'])[:300], sep='\n  ')
    print(f'{checked} files come back, {wrong} of them otherwise')
    sys.exit(wrong > 0)


def golden():
    recorded = [{'name': name, 'file': base64.b64encode(zlib.compress(content, 9)).decode(), 'options': options, 'value': described(value)}
                for name, content, value, options, is_recorded in cases() if is_recorded]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../golden/checkpoints.json.golden')
    with open(path, 'w') as file:
        file.write('[\n' + ',\n'.join(json.dumps(case, separators=(',', ':'), ensure_ascii=False) for case in recorded) + '\n]\n')
    print(f'{len(recorded)} recorded, {os.path.getsize(path)} bytes')


if __name__ == '__main__':
    {'make': lambda: make(sys.argv[2]), 'check': lambda: check(sys.argv[2]), 'golden': golden}[sys.argv[1]]()
