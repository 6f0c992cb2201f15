"""Makes the files in this folder, which test/interop.test.ts reads: python make.py (with numpy, torch and safetensors)."""
import io
import os
import zipfile
import numpy as np
import torch
from numpy.lib import format
from safetensors.torch import save_file

os.chdir(os.path.dirname(os.path.abspath(__file__)))
x = np.arange(6).reshape(2, 3)

for name, array in {
    'big_endian': x.astype('>f4'),
    'column_major': np.asfortranarray(x),
    'complex': (x + 0.5j * x).astype('<c8'),
    'bool': x % 2 == 0,
    'half': x.astype('<f2'),
    'scalar': np.float64(2.5),
    'empty': np.zeros((0, 3), '<i2'),
    'refused_objects': np.array([{}, None], dtype=object),
    'refused_text': np.array(['a', 'bc']),
    'refused_fields': np.zeros(2, dtype=[('a', '<f4'), ('b', '<i8')]),
}.items():
    np.save(f'{name}.npy', array)
for version in (2, 3):
    with open(f'version_{version}.npy', 'wb') as file:
        format.write_array(file, x, version=(version, 0))
np.savez('stored.npz', x, named=x.T)
np.savez_compressed('deflated.npz', zeros=np.zeros(1000), x=x)

np.savez('kinds.npz', points=np.array([['cat', 'd😀g'], ['', 'é']]), text=np.array(b'csr'), big=np.array(['ab', 'c']).astype('>U2'),
         u2=np.asfortranarray(x.astype('<u2')), u4=np.array([1, 2**32 - 1], '>u4'), u8=np.array([2**64 - 1], '<u8'),
         days=np.array(['2020-01-01'], 'M8[D]'))
np.savez('keys.npz', **{'a': np.arange(2), 'a.npy': np.arange(3)})


def archive(name, compression, *members):
    with zipfile.ZipFile(name, 'w', compression) as file:
        for member, content in members:
            # Entries of a fixed time, so that the file is the same whenever it is made.
            file.writestr(zipfile.ZipInfo(member), content, compression)


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


archive('twice.npz', zipfile.ZIP_STORED, ('a.npy', npy(x)), ('a.npy', npy(x + 1)), ('note.txt', 'hello'))
archive('lzma.npz', zipfile.ZIP_LZMA, ('a.npy', npy(x)))
archive('bzip2.npz', zipfile.ZIP_BZIP2, ('a.npy', npy(x)))

base = torch.arange(6.).view(2, 3)
value = {
    'base': base, 'view': base.T, 'ints': torch.arange(3), 'parameter': torch.nn.Parameter(torch.ones(2)),
    'half': base.to(torch.bfloat16), 'complex': torch.tensor([1 + 2j]),
    'rest': [1, 2.5, 'text', None, True, (1, 2), {'a': 1}, 2**70, b'\0\xff'],
}
torch.save(value, 'zip.pt')
torch.save(value, 'legacy.pt', _use_new_zipfile_serialization=False)


class Harmful:
    def __reduce__(self):
        return (os.getcwd, ())


torch.save({'x': Harmful()}, 'refused.pt')
torch.save({'x': Harmful()}, 'refused_legacy.pt', _use_new_zipfile_serialization=False)

complexes = torch.tensor([[1 + 2j, 3 - 4j], [5j, 6]])
marked = torch.nn.Parameter(torch.ones(2))
marked.tags = ['a', {'x': torch.zeros(1)}]
numbers = torch.arange(6.)
values = {
    'complexes': complexes, 'conj': complexes.conj(), 'conj_t': complexes.conj().T, 'both': torch._neg_view(complexes.conj()),
    'neg': torch._neg_view(numbers[1:4]), 'expanded': torch.tensor([1 + 2j]).conj().expand(3),
    'leaf': torch.tensor([1 + 1j]).conj().detach().requires_grad_(), 'conj_parameter': torch.nn.Parameter(torch.tensor([1 + 2j]).conj()),
    'marked': marked, 'storage': numbers.storage(), 'view': numbers[2:], 'layout': torch.strided, 'bytes': bytearray(b'xy\xff'),
    'devices': [torch.device('cuda'), torch.device('cuda:1'), torch.device('mps'), torch.device('meta'), torch.device('cpu')],
}
torch.save(values, 'values.pt')
torch.save(values, 'values_legacy.pt', _use_new_zipfile_serialization=False)
torch.save({'imag': complexes.conj().imag, 'rest': torch.tensor([1 + 2j]).conj().imag.requires_grad_()}, 'imag.pt')
torch.save({'bytes': numbers.untyped_storage()}, 'untyped.pt')
generator = torch.Generator().manual_seed(5)
torch.randn(3, generator=generator)
torch.save({'state': generator.get_state(), 'next': torch.randn(4, generator=generator), 'order': torch.randperm(9, generator=generator)},
           'rng.pt')
for name, unsupported in {
    'quantized': torch.quantize_per_tensor(torch.ones(2), 0.1, 1, torch.quint8),
    'nested': torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), 'layout': torch.sparse_csc,
    'columns': torch.eye(2).to_sparse_csc(),
}.items():
    torch.save(unsupported, f'refused_{name}.pt')
torch.save(torch.ones(2).to(torch.uint16), 'uint16.pt')
torch.save(torch.ones(2).to(torch.float8_e4m3fn), 'float8.pt')
torch.save(torch.ones(2, device='meta'), 'meta.pt')
pairs = torch.sparse_coo_tensor([[1, 0, 1], [2, 0, 2]], [3.0, 4.0, 5.0], (2, 3))
torch.save({'pairs': pairs, 'ordered': pairs.coalesce(), 'rows': pairs.to_dense().to_sparse_csr(), 'layout': torch.sparse_coo}, 'sparse.pt')

save_file({'u16': torch.tensor([1, 65535]).to(torch.uint16), 'f8': torch.ones(3).to(torch.float8_e4m3fn)}, 'kinds.safetensors')
save_file({'base': base, 'half': base.half().clone(), 'ints': torch.arange(3)}, 'tensors.safetensors', {'made': 'here'})

# Conversions: on each line a dtype, another, and what values of the first become in it.
nan, inf = float('nan'), float('inf')
sources = {
    'float64': [-1.5, 3, 300, 70000, nan, inf, 1.5e19, -0.0], 'int64': [-1, 0, 3, 300, 70000, 2**40 + 1], 'uint64': [2**64 - 1, 2**63, 5],
    'float8_e5m2': [-1.5, 0.0, 3, 300, nan, inf], 'float8_e8m0fnu': [1, 2, 2.0**-127, 256],
}
targets = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'uint16', 'uint32', 'uint64', 'float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz',
           'float8_e5m2fnuz', 'float8_e8m0fnu', 'float16', 'bfloat16', 'float32', 'float64']
with open('casts.txt', 'w') as file:
    for name, values in sources.items():
        for target in targets:
            cast = torch.tensor(values, dtype=getattr(torch, name)).to(getattr(torch, target)).tolist()
            file.write(f"{name} {target} {' '.join(map(repr, cast))}\n")
