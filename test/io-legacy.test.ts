import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { exchange, python } from './support/python.js';

type State = Record<string, torch.Tensor>;

const { at, run } = exchange();
const legacy: object = { _useNewZipfileSerialization: false };
const magic = '\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.';
const version = '\x80\x02M\xe9\x03.';
const text = (s: string) => `X${String.fromCharCode(s.length)}\0\0\0${s}`;
const file = (...parts: string[]) => Buffer.from(parts.join(''), 'latin1');

/** A float tensor of two elements on storage 'a' of four, or on a view of it. */
const tensor = (view = 'N') =>
  `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\nFloatStorage\n${text('a')}${text('cpu')}` +
  `K\x04${view}tQK\0K\x02\x85K\x01\x85\x89}tR.`;
const keys = `\x80\x02]${text('a')}a.`;
const storage = `\x04${'\0'.repeat(7)}\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40`;

describe('the format of before PyTorch 1.6', () => {
  it('keeps what the zip format keeps', async () => {
    const base = torch.arange(6).view([2, 3]).to(torch.float32);
    // Eleven storages: Python sorts their keys as strings, so '10' comes before '2'.
    const more = Array.from({ length: 10 }, (_, i) => torch.full([2], i + 0.5));
    const saved = {
      base,
      view: base.t(),
      more,
      n: [1, 'two', null],
      p: new torch.nn.Parameter(torch.ones(2)),
    };
    const bytes = await torch.save(saved, null, legacy);
    const loaded = (await torch.load(bytes)) as typeof saved;
    expect(String(loaded.base)).toBe(String(base));
    expect(loaded.more.map((t) => t.tolist())).toEqual(more.map((t) => t.tolist()));
    expect([loaded.n, loaded.p.requiresGrad, loaded.view.stride()]).toEqual([saved.n, true, [1, 3]]);
    loaded.base.fill_(9);
    expect(loaded.view.index(2, 1).item()).toBe(9);
  });

  it('finds the storages behind pickles of any length', async () => {
    const saved = { text: 'x'.repeat(300_000), w: torch.arange(3) };
    const loaded = (await torch.load(await torch.save(saved, null, legacy))) as typeof saved;
    expect([loaded.text.length, loaded.w.tolist()]).toEqual([300_000, [0, 1, 2]]);
  });

  it('reads views of storages', async () => {
    const view = `(${text('v')}K\x01K\x03t`;
    const t = (await torch.load(
      file(magic, version, '\x80\x02}.', tensor(view), keys, storage),
    )) as torch.Tensor;
    expect(t.tolist()).toEqual([2, 3]);
    for (const wrong of [`(${text('v')}K\x02K\x03t`, `(${text('v')}K\x03K\x01t`, 'K\x01']) {
      await expect(
        torch.load(file(magic, version, '\x80\x02}.', tensor(wrong), keys, storage)),
      ).rejects.toThrow(
        wrong.startsWith('(')
          ? /described wrongly|out of bounds/
          : 'a view of a storage is described wrongly',
      );
    }
  });

  const refusals: readonly (readonly [what: string, parts: string[], error: string])[] = [
    ['another magic number', [magic.replace('l', 'm')], 'Invalid magic number; corrupt file?'],
    ['another version', [magic, '\x80\x02K\x01.'], 'Invalid protocol version: 1'],
    [
      'code',
      [magic, version, '\x80\x02}.', '\x80\x02cposix\nsystem\n)R.'],
      'unsupported GLOBAL posix.system',
    ],
    [
      'an end within the pickles',
      [magic, version, '\x80\x02}.', tensor().slice(0, 50)],
      'pickle data was truncated',
    ],
    [
      'an end within the storages',
      [magic, version, '\x80\x02}.', tensor(), keys, storage.slice(0, 20)],
      'unexpected EOF, expected 4 more bytes. The file might be corrupted.',
    ],
    [
      'a storage of another size',
      [magic, version, '\x80\x02}.', tensor(), keys, storage.replace('\x04', '\x03')],
      'storage has wrong byte size: expected 16 got 12',
    ],
    [
      'a storage that is not listed',
      [magic, version, '\x80\x02}.', tensor(), '\x80\x02].'],
      'a storage is not in the file',
    ],
    [
      'a storage nobody asked for',
      [magic, version, '\x80\x02}.', '\x80\x02N.', keys, storage],
      'storage a is not expected here',
    ],
    [
      'a list that is none',
      [magic, version, '\x80\x02}.', tensor(), '\x80\x02N.'],
      'the list of storages is no list',
    ],
  ];
  for (const [what, parts, error] of refusals) {
    it(`refuses ${what}`, () => expect(torch.load(file(...parts))).rejects.toThrow(error));
  }

  it('gives an error wherever a file is cut off', async () => {
    const bytes = await torch.save({ w: torch.arange(20), n: [1, 'two'] }, null, legacy);
    for (let length = 0; length < bytes.length; length++) {
      const error = await torch.load(bytes.subarray(0, length)).catch((e: unknown) => e);
      expect(error instanceof torch.RuntimeError || error instanceof torch.UnpicklingError).toBe(true);
    }
  });
});

describe('pickles that name the same thing again and again', () => {
  it('are refused before they fill the memory', async () => {
    // A string of 40,000 characters, turned to bytes 1,000 times: 40 MB from a file of 60 KB.
    const long = `X\x40\x9c\0\0${'x'.repeat(40_000)}q\0`;
    const again = `c_codecs\nencode\nh\0${text('latin1')}\x86R`;
    const pickle = (times: number) =>
      file(magic, version, '\x80\x02}.', `\x80\x02(${long}${again.repeat(times)}t.`, '\x80\x02].');
    expect(await torch.load(pickle(2))).toHaveLength(3);
    await expect(torch.load(pickle(1000))).rejects.toThrow('the pickle asks for far more than its own size');
  });
});

describe('values that are nothing a tensor could have', () => {
  const deep = `${']'.repeat(50_000)}${'a'.repeat(49_999)}`;
  // Lists of twice the list before: 2 to the power of 60 items, if they were written out.
  const wide = `]${'q\0]h\0ah\0a'.repeat(60)}`;

  it('are refused, however deep or wide', async () => {
    for (const value of [deep, wide]) {
      for (const parts of [
        [`\x80\x02${value}.`],
        ['\x80\x02}.', `\x80\x02ctorch\ndevice\n(${value}tR.`, '\x80\x02].'],
        ['\x80\x02}.', '\x80\x02N.', `\x80\x02](${value}e.`],
        [
          '\x80\x02}.',
          `\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\n${value})NtR.`,
          '\x80\x02].',
        ],
      ]) {
        const head = parts.length === 1 ? [magic] : [magic, version];
        const error = await torch.load(file(...head, ...parts)).catch((e: unknown) => e);
        expect(error instanceof torch.RuntimeError || error instanceof torch.UnpicklingError).toBe(true);
      }
    }
  });

  it('take no longer for being named again and again', async () => {
    const sizes = `(${'K\x01'.repeat(100_000)}tq\0`;
    const again = `ctorch\nSize\nh\0\x85R`;
    const error = torch.load(
      file(magic, version, '\x80\x02}.', `\x80\x02(${sizes}${again.repeat(20_000)}t.`, '\x80\x02].'),
    );
    await expect(error).rejects.toThrow('the pickle asks for far more than its own size');
  });
});

describe.skipIf(!python)('exchange with Python in the old format', () => {
  it('works both ways', async () => {
    const base = torch.arange(6).view([2, 3]).to(torch.float64);
    const more = Array.from({ length: 11 }, (_, i) => torch.full([1], i));
    await torch.save(
      { base, view: base.t(), more, half: torch.ones(2).to(torch.float16) },
      at('js.pt'),
      legacy,
    );
    expect(
      run(`
import torch
o = torch.load('js.pt', weights_only=True)
assert o['base'].untyped_storage().data_ptr() == o['view'].untyped_storage().data_ptr()
print(o['view'].tolist(), [t.item() for t in o['more']], o['half'].dtype)
net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
x = torch.arange(6.).view(2, 3)
torch.save({'net': net.state_dict(), 'views': [x, x.T, x[1:, ::2]], 'p': torch.nn.Parameter(x), 'bool': torch.tensor([True, False]),
  'all': [torch.arange(3).to(getattr(torch, d)) for d in 'uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128'.split()]},
  'py.pt', _use_new_zipfile_serialization=False)`),
    ).toBe('[[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] torch.float16\n');
    expect(readFileSync(at('py.pt')).subarray(0, 2).toString('latin1')).toBe('\x80\x02');
    const o = (await torch.load(at('py.pt'))) as {
      net: State;
      views: torch.Tensor[];
      all: torch.Tensor[];
      bool: torch.Tensor;
    };
    expect(Object.keys(o.net)).toContain('1.running_mean');
    expect(Object.getOwnPropertyDescriptor(o.net, '_metadata')).toMatchObject({ enumerable: false });
    expect(o.views.map((t) => t.tolist())).toEqual([
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
      [[3, 5]],
    ]);
    o.views[0].fill_(1);
    expect(o.views[2].tolist()).toEqual([[1, 1]]);
    for (const t of o.all) expect((t.isComplex() ? t.real : t).to(torch.int64).tolist()).toEqual([0, 1, 2]);
    expect(o.bool.tolist()).toEqual([true, false]);
  });
});
