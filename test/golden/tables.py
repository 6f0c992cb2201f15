"""Records tables that pyarrow wrote, and their values: `python tables.py > tables.json.golden`."""

import base64
import datetime
import decimal
import io
import json
import random

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

random.seed(3)
rows = 50
some = lambda make: [make(i) if i % 7 else None for i in range(rows)]

numbers = {
    **{name: pa.array([(i * 37) % 120 for i in range(rows)], getattr(pa, name)()) for name in ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64']},
    'bool': pa.array([i % 3 == 0 for i in range(rows)]),
    'float32': pa.array([i / 3 for i in range(rows)], pa.float32()),
    'float64': pa.array([i / 3 for i in range(rows)], pa.float64()),
    'large': pa.array([(1 << 62) + i for i in range(rows)], pa.int64()),
}
halves = {'float16': pa.array(np.arange(rows, dtype=np.float16) / np.float16(3))}
other = {
    'text': pa.array([f'row {i} é' for i in range(rows)]),
    'category': pa.array(['abc'[i % 3] for i in range(rows)]).dictionary_encode(),
    'bytes': pa.array([bytes([i, 255]) for i in range(rows)], pa.binary()),
    'date': pa.array([datetime.date(2020, 1, 1) + datetime.timedelta(i) for i in range(rows)]),
    'time': pa.array([datetime.datetime(2020, 1, 1) + datetime.timedelta(microseconds=i) for i in range(rows)], pa.timestamp('us')),
    'decimal': pa.array([decimal.Decimal(i) / 4 for i in range(rows)], pa.decimal128(10, 2)),
    'list': pa.array([list(range(i % 5)) for i in range(rows)], pa.list_(pa.int32())),
    'vector': pa.array([[i, i + 0.5] for i in range(rows)], pa.list_(pa.float32(), 2)),
}
nulls = {
    'int': pa.array(some(lambda i: i), pa.int16()),
    'float': pa.array(some(lambda i: i / 8), pa.float64()),
    'flag': pa.array(some(lambda i: i % 2 == 0), pa.bool_()),
    'text': pa.array(some(lambda i: str(i))),
    'word': pa.array(some(lambda i: 'ab'[i % 2])).dictionary_encode(),
    'list': pa.array(some(lambda i: [i, None, 2.5][: i % 4]), pa.list_(pa.float32())),
}


def plain(x):
    if x is None or isinstance(x, (bool, str)):
        return x
    if isinstance(x, bytes):
        return list(x)
    if isinstance(x, decimal.Decimal):
        return float(x)
    if isinstance(x, datetime.datetime):
        return str(int((x - datetime.datetime(1970, 1, 1)) / datetime.timedelta(microseconds=1)))
    if isinstance(x, datetime.date):
        return str((x - datetime.date(1970, 1, 1)).days)
    if isinstance(x, int):
        return str(x)
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(y) for y in x]
    return float(x)


def parquet(table, **options):
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=16, **options)
    return out.getvalue()


def arrow(table, write=pa.ipc.new_file, **options):
    out = io.BytesIO()
    with write(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=16)
    return out.getvalue()


def as_feather(table, **options):
    out = io.BytesIO()
    feather.write_feather(table, out, chunksize=16, **options)
    return out.getvalue()


kinds = {'numbers': {**numbers, **halves}, 'other': other, 'nulls': nulls, 'none': {'a': pa.array([], pa.int32()), 'b': pa.array([], pa.string())}}
files = []
for kind, columns in kinds.items():
    table = pa.table(columns)
    variants = [
        ('parquet', 'snappy', parquet(table)),
        ('arrow', 'file', arrow(table)),
        ('arrow', 'stream', arrow(table, pa.ipc.new_stream)),
        ('arrow', 'feather lz4', as_feather(table)),
        ('arrow', 'feather zstd', as_feather(table, compression='zstd')),
    ]
    if kind in ('numbers', 'nulls'):
        for codec in ['none', 'gzip', 'zstd', 'brotli', 'lz4']:
            variants.append(('parquet', codec, parquet(table, compression=codec)))
        variants.append(('parquet', 'pages of version 2', parquet(table, data_page_version='2.0', use_dictionary=False)))
        variants.append(('parquet', 'page index', parquet(table, write_page_index=True, data_page_size=64)))
    if kind == 'numbers':
        variants.append(('parquet', 'delta', parquet(table.select(['int32', 'int64']), use_dictionary=False, column_encoding={'int32': 'DELTA_BINARY_PACKED', 'int64': 'DELTA_BINARY_PACKED'})))
        variants.append(('parquet', 'split', parquet(table.select(['float32', 'float64']), use_dictionary=False, column_encoding={'float32': 'BYTE_STREAM_SPLIT', 'float64': 'BYTE_STREAM_SPLIT'})))
    for format, how, data in variants:
        files.append({'format': format, 'kind': kind, 'how': how, 'file': base64.b64encode(data).decode()})

values = {kind: {name: plain(column.to_pylist()) for name, column in columns.items()} for kind, columns in kinds.items()}
print(json.dumps({'pyarrow': pa.__version__, 'values': values, 'files': files}))
