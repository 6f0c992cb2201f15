import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { exchange, python } from './support/python.js';

const { at, folder, run } = exchange();
const { load, loadFile, loadModel, safeOpen, SafetensorError, save, saveFile, saveModel } = torch.safetensors;
const interop = fileURLToPath(new URL('../../shared/interop', import.meta.url));
const hasInterop = existsSync(interop);
if (!hasInterop) console.warn('safetensors: ../shared is absent; files made by other projects are not read');

const { bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64, complex64 } = torch;
const dtypes = [bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64, complex64];

/** A file with this header, given as JSON's text or a value, and these bytes behind it. */
function file(header: unknown, data = 0, size?: number): Buffer {
  const json = Buffer.isBuffer(header)
    ? header
    : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(size ?? json.length));
  return Buffer.concat([length, json, Buffer.alloc(data)]);
}
const describing = (fields: object) => ({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } });

describe('torch.safetensors', () => {
  it('keeps names, dtypes, shapes and values', async () => {
    const saved: Record<string, torch.Tensor> = { scalar: torch.tensor(2.5), empty: torch.zeros(0, 3) };
    for (const dtype of dtypes) saved[dtype.name] = torch.arange(6).view([2, 3]).to(dtype);
    Object.defineProperty(saved, '__proto__', { value: torch.ones(1), enumerable: true });
    await saveFile(saved, at('all.safetensors'), { format: 'pt', é: '"\n' });
    const loaded = await loadFile(at('all.safetensors'));
    expect(Object.keys(loaded).sort()).toEqual(Object.keys(saved).sort());
    for (const [name, tensor] of Object.entries(saved)) expect(String(loaded[name])).toBe(String(tensor));
    const bytes = save(saved, { format: 'pt', é: '"\n' });
    expect(readFileSync(at('all.safetensors')).equals(bytes)).toBe(true);
    expect(Object.keys(load(bytes)).sort()).toEqual(Object.keys(saved).sort());
    expect(load(save({}))).toEqual({});
  });

  it('reads one tensor at a time, and rows of one', async () => {
    const x = torch.arange(24).view([4, 3, 2]);
    await saveFile({ x, bias: torch.ones(2), s: torch.tensor(5) }, at('some.safetensors'), { step: '7' });
    await using opened = await safeOpen(at('some.safetensors'), 'pt', 'cpu');
    expect([opened.keys(), opened.offsetKeys(), opened.metadata()]).toEqual([
      ['bias', 's', 'x'],
      ['s', 'x', 'bias'],
      { step: '7' },
    ]);
    expect((await opened.getTensor('bias')).tolist()).toEqual([1, 1]);
    const part = opened.getSlice('x');
    expect([part.getShape(), part.getDtype()]).toEqual([[4, 3, 2], 'I64']);
    const indices: torch.Index[][] = [
      ['1:3'],
      ['::2', 1],
      ['-3:', ':', 0],
      ['3:1'],
      ['2:100'],
      [2],
      [-1, '1:'],
      [torch.slice(2)],
      ['...', 1],
      [null],
      [[0, 3]],
      [],
    ];
    for (const index of indices)
      expect((await part.index(...index)).tolist()).toEqual(x.index(...index).tolist());
    await expect(part.index(4)).rejects.toThrow('index 4 is out of bounds for dimension 0 with size 4');
    await expect(part.index(0, 0, 0, 0)).rejects.toThrow('too many indices');
    await expect(opened.getTensor('y')).rejects.toThrow('File does not contain tensor y');
    await opened.close();
    await expect(opened.getTensor('x')).rejects.toThrow('File is closed');
    await expect(safeOpen(at('some.safetensors'), 'np')).rejects.toThrow('framework np is invalid');
  });

  it('reads no more of a file than it is asked for', async () => {
    const x = torch.rand(1000, 1000);
    await saveFile({ x, y: torch.ones(3) }, at('large.safetensors'));
    const bytes = readFileSync(at('large.safetensors'));
    let read = 0;
    const blob = new Blob([bytes]);
    const { slice } = blob;
    blob.slice = (start = 0, end = 0) => {
      read += end - start;
      return slice.call(blob, start, end);
    };
    const opened = await safeOpen(blob);
    expect((await opened.getTensor('y')).tolist()).toEqual([1, 1, 1]);
    expect((await opened.getSlice('x').index('10:12')).equal(x.index('10:12'))).toBe(true);
    expect(read).toBeLessThan(10_000);
  });

  it('takes a Map for a dict, and refuses what is none', () => {
    const saved = torch.safetensors.save(new Map([['x', torch.ones(2)]]), new Map([['made', 'here']]));
    expect(saved).toEqual(torch.safetensors.save({ x: torch.ones(2) }, { made: 'here' }));
    for (const wrong of [[torch.ones(1)], new Set([torch.ones(1)]), new Map([[1, torch.ones(1)]]), null])
      expect(() => torch.safetensors.save(wrong as never)).toThrow('Expected a dict of [str, torch.Tensor]');
  });

  it('saves modules whose parameters are shared', async () => {
    class Tied extends torch.nn.Module {
      embedding = new torch.nn.Linear(3, 3, false);
      head = new torch.nn.Linear(3, 3, false);
      constructor() {
        super();
        this.head.weight = this.embedding.weight;
      }
    }
    const net = new Tied();
    await expect(saveFile(net.stateDict(), at('tied.safetensors'))).rejects.toThrow(
      "Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading them again: [{'embedding.weight', 'head.weight'}].",
    );
    await saveModel(net, at('tied.safetensors'));
    await using opened = await safeOpen(at('tied.safetensors'));
    expect([opened.keys(), opened.metadata()]).toEqual([
      ['embedding.weight'],
      { 'head.weight': 'embedding.weight' },
    ]);
    const other = new Tied();
    expect(await loadModel(other, at('tied.safetensors'))).toEqual([[], []]);
    expect(other.head.weight.equal(net.head.weight)).toBe(true);
    await saveFile({ 'embedding.weight': torch.ones(3, 3), more: torch.ones(1) }, at('more.safetensors'));
    await expect(loadModel(other, at('more.safetensors'))).rejects.toThrow(
      'Unexpected key(s) in state_dict: "more"',
    );
    expect(other.head.weight.equal(net.head.weight)).toBe(true);
    expect(await loadModel(other, at('more.safetensors'), { strict: false })).toEqual([[], ['more']]);
  });

  it('refuses what the format cannot hold', () => {
    const x = torch.arange(6).view([2, 3]);
    expect(() => save({ a: x.t() })).toThrow(
      'You are trying to save a non contiguous tensor: `a` which is not allowed.',
    );
    expect(() => save({ a: x, b: x.index(0) })).toThrow("[{'a', 'b'}]");
    // Parts that do not overlap are fine.
    expect(Object.keys(load(save({ a: x.index(1), b: x.index(0) })))).toEqual(['a', 'b']);
    expect(() => save({ a: [1] as never })).toThrow('Key `a` is invalid, expected torch.Tensor but received');
    expect(() => save([x] as never)).toThrow('Expected a dict of [str, torch.Tensor] but received');
    expect(() => save({ a: x }, { step: 1 as never })).toThrow(torch.TypeError);
    expect(() => save({ __metadata__: x })).toThrow(torch.ValueError);
  });

  const refusals: readonly (readonly [what: string, bytes: Uint8Array, error: string])[] = [
    ['nothing', Buffer.alloc(0), 'header too small'],
    ['two bytes', Buffer.alloc(2), 'header too small'],
    ['a huge header', file({}, 0, 2 ** 40), 'header too large'],
    ['a header beyond the file', file({}, 0, 100), 'invalid header length'],
    ['no header', file(''), 'invalid JSON in header'],
    ['bytes that are no text', file(Buffer.from([0xff, 0xff])), 'invalid UTF-8 in header'],
    ['half a list', file('[1,'), 'invalid JSON in header'],
    ['a list', file('[]'), 'expected an object'],
    ['brackets', file('['.repeat(100_000)), 'invalid JSON in header'],
    ['bytes that nobody has', file({}, 1), 'incomplete metadata, file not fully covered'],
    ['a missing field', file({ a: { dtype: 'F32', shape: [2] } }), 'missing field `data_offsets`'],
    [
      'an unknown dtype',
      file(describing({ dtype: 'F31' }), 8),
      'unknown variant `F31`, expected one of BOOL',
    ],
    [
      'a dtype of brackets',
      file(`{"a":{"dtype":${'['.repeat(50_000)}${']'.repeat(50_000)},"shape":[],"data_offsets":[0,0]}}`),
      'the dtype of `a` must be a string',
    ],
    ['a file that is too short', file(describing({}), 4), 'incomplete metadata, file not fully covered'],
    ['another size', file(describing({ shape: [3] }), 8), 'invalid shape, data type, or offset for tensor'],
    ['a negative size', file(describing({ shape: [-2] }), 8), 'must be a list of sizes'],
    ['a fraction', file(describing({ shape: [2.5] }), 8), 'must be a list of sizes'],
    ['huge sizes', file(describing({ shape: [2 ** 40, 2 ** 40] }), 8), 'overflow computing buffer size'],
    ['a hole', file(describing({ data_offsets: [4, 12] }), 12), 'invalid offset for tensor `a`'],
    [
      'an end before the start',
      file(describing({ data_offsets: [8, 0] }), 8),
      'invalid offset for tensor `a`',
    ],
    [
      'tensors that overlap',
      file({ ...describing({}), b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } }, 12),
      'invalid offset for tensor `b`',
    ],
    ['metadata of numbers', file({ __metadata__: { a: 1 } }), 'expected a string'],
    ['a list of metadata', file({ __metadata__: [1] }), '`__metadata__` must be a map'],
  ];
  for (const [what, bytes, error] of refusals) {
    it(`refuses ${what}`, async () => {
      for (const read of [async () => load(bytes), () => safeOpen(bytes)]) {
        const thrown = await read().catch((e: unknown) => e);
        expect(thrown).toBeInstanceOf(SafetensorError);
        expect(String(thrown)).toContain(`SafetensorError: Error while deserializing: `);
        expect(String(thrown)).toContain(error);
      }
    });
  }

  it('names the dtypes that tensors do not have', async () => {
    const bytes = file(describing({ dtype: 'F4', shape: [16] }), 8);
    expect(() => load(bytes)).toThrow(torch.NotImplementedError);
    const opened = await safeOpen(bytes);
    expect(opened.keys()).toEqual(['a']);
    await expect(opened.getTensor('a')).rejects.toThrow(
      'torch.safetensors: tensors of F4 are not supported; getRaw()',
    );
  });
});

describe.skipIf(!hasInterop)('files of other projects', () => {
  it('load, and are written again to the byte', async () => {
    for (const name of ['jfk-codes', 'voices']) {
      const path = `${interop}/candle/${name}.safetensors`;
      const tensors = await loadFile(path);
      expect(Object.keys(tensors).length).toBeGreaterThan(0);
      expect(Object.keys(load(save(tensors)))).toEqual(Object.keys(tensors));
      const again = await safeOpen(Buffer.from(save(tensors)));
      for (const [name, tensor] of Object.entries(tensors)) {
        expect((await again.getTensor(name)).equal(tensor)).toBe(true);
      }
    }
    const { codes } = await loadFile(`${interop}/candle/jfk-codes.safetensors`);
    expect([codes.dtype, codes.shape]).toEqual([int64, [1, 2, 828]]);
  });
});

describe.skipIf(!python)('exchange with Python', () => {
  it('works both ways, to the byte', async () => {
    const tensors: Record<string, torch.Tensor> = {};
    for (const dtype of dtypes) tensors[dtype.name] = torch.arange(6).view([2, 3]).to(dtype);
    Object.assign(tensors, { é: torch.tensor(1), '10': torch.ones(1), '9': torch.ones(0, 2) });
    await saveFile(tensors, at('js.safetensors'), { only: 'é"\\\n' });
    run(`
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
names = '${dtypes.map((dtype) => dtype.name).join(' ')}'.split()
tensors = {n: torch.arange(6).view(2, 3).to(getattr(torch, n)) for n in names}
tensors.update({'é': torch.tensor(1), '10': torch.ones(1), '9': torch.ones(0, 2)})
got = load_file('js.safetensors')
assert set(got) == set(tensors) and all(torch.equal(got[n], t) and got[n].dtype == t.dtype for n, t in tensors.items())
with safe_open('js.safetensors', 'pt') as f: assert f.metadata() == {'only': 'é"\\\\\\n'}
save_file(tensors, 'py.safetensors', {'only': 'é"\\\\\\n'})`);
    expect(readFileSync(at('py.safetensors')).equals(readFileSync(at('js.safetensors')))).toBe(true);
    const loaded = await loadFile(at('py.safetensors'));
    for (const [name, tensor] of Object.entries(tensors)) expect(String(loaded[name])).toBe(String(tensor));
  });
});

it('leaves no half files', async () => {
  writeFileSync(at('kept.safetensors'), 'kept');
  await expect(saveFile({ a: torch.ones(2, 2).t() }, at('kept.safetensors'))).rejects.toThrow(
    'non contiguous',
  );
  expect(readFileSync(at('kept.safetensors'), 'utf8')).toBe('kept');
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});
