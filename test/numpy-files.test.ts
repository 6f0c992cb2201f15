import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { parseLiteral, showLiteral } from '../dist/io/numpy/literal.js';
import { exchange, python } from './support/python.js';

const { at, folder, run } = exchange();
const interop = fileURLToPath(new URL('../../shared/interop', import.meta.url));
const hasInterop = existsSync(interop);
if (!hasInterop) console.warn('numpy-files: ../shared is absent; files made by NumPy are not read');

async function bytesOf(write: (file: torch.Writable) => Promise<void>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await write({ write: (chunk: Uint8Array) => chunks.push(chunk.slice()) });
  return Buffer.concat(chunks);
}
const npy = (arr: torch.TensorData) => bytesOf((file) => torch.numpy.save(file, arr));

/** A file with this header, and these elements behind it. */
function file(header: string, elements: Uint8Array = new Uint8Array(0), version = 1): Buffer {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]),
    length,
    Buffer.from(header, 'latin1'),
    elements,
  ]);
}
const describing = (descr: string, shape = '(2,)', fortran = 'False') =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

const { bool, uint8, int8, int16, int32, int64, float16, float32, float64, complex64, complex128 } = torch;
const dtypes = { bool, uint8, int8, int16, int32, int64, float16, float32, float64, complex64, complex128 };

describe('torch.numpy', () => {
  it('keeps dtypes, shapes and the order of elements', async () => {
    const base = torch.arange(12).view([3, 4]);
    for (const dtype of Object.values(dtypes)) {
      for (const x of [base, base.t(), base.index(':', '::2'), base.index(1, 2), base.index('0:0')]) {
        const saved = x.to(dtype);
        const loaded = (await torch.numpy.load(await npy(saved))) as torch.Tensor;
        expect([String(loaded), loaded.shape]).toEqual([String(saved), saved.shape]);
      }
    }
    // A transposed array stays column-major, as in NumPy.
    expect(((await torch.numpy.load(await npy(base.t()))) as torch.Tensor).stride()).toEqual([1, 4]);
  });

  it('saves what tensors can be made of', async () => {
    const load = async (arr: torch.TensorData) => String(await torch.numpy.load(await npy(arr)));
    expect(await load(2.5)).toBe('tensor(2.5000)');
    expect(await load([[1], [2]])).toBe('tensor([[1],\n        [2]])');
    expect(await load(Int16Array.of(1, 2))).toBe('tensor([1, 2], dtype=torch.int16)');
  });

  it('writes archives whose arrays are read by name', async () => {
    const x = torch.rand(20, 30);
    for (const save of [torch.numpy.savez, torch.numpy.savezCompressed]) {
      const path = at(`${save.name}.npz`);
      await save(path, x, [1, 2], { ones: torch.ones(1000), 'a.b': torch.zeros(0, 3) });
      const npz = await torch.numpy.load(path as `${string}.npz`);
      expectTypeOf(npz).toEqualTypeOf<torch.numpy.NpzFile>();
      expect([npz.files, npz.length, npz.has('ones'), npz.has('two')]).toEqual([
        ['ones', 'a.b', 'arr_0', 'arr_1'],
        4,
        true,
        false,
      ]);
      expect((await npz.get('arr_0')).equal(x)).toBe(true);
      expect((await npz.get('arr_1.npy')).tolist()).toEqual([1, 2]);
      expect((await npz.get('ones')).sum().item()).toBe(1000);
      expect((await npz.get('a.b')).shape).toEqual([0, 3]);
      await expect(npz.get('two')).rejects.toThrow(torch.KeyError);
      expect(String(npz)).toBe(`NpzFile '${path}' with keys: ones, a.b, arr_0, arr_1`);
      await npz.close();
    }
    expect(readFileSync(at('savezCompressed.npz')).length).toBeLessThan(readFileSync(at('savez.npz')).length);
    await expect(torch.numpy.savez(at('x'), [1], { arr_0: [2] })).rejects.toThrow(
      'Cannot use un-named variables and keyword arr_0',
    );
    expect(((await torch.numpy.load(await bytesOf(torch.numpy.savez))) as torch.numpy.NpzFile).length).toBe(
      0,
    );
  });

  it('gives paths the extension of their format, and leaves no half files', async () => {
    await torch.numpy.save(at('plain'), [1, 2]);
    const loaded = await torch.numpy.load(`${folder}/plain.npy`);
    expectTypeOf(loaded).toEqualTypeOf<torch.Tensor>();
    expect(loaded.tolist()).toEqual([1, 2]);
    const before = readdirSync(folder);
    const leaf = torch.ones(2, { requiresGrad: true });
    await expect(torch.numpy.save(at('leaf'), leaf)).rejects.toThrow(
      "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    );
    await expect(torch.numpy.save(at('half'), torch.ones(2).to(torch.bfloat16))).rejects.toThrow(
      'Got unsupported ScalarType BFloat16',
    );
    expect(readdirSync(folder)).toEqual(before);
  });

  it('writes an archive without arrays as NumPy does', async () => {
    const empty = await bytesOf((to) => torch.numpy.savez(to));
    expect([...empty.subarray(0, 4), empty.length]).toEqual([0x50, 0x4b, 5, 6, 22]);
    const npz = (await torch.numpy.load(empty)) as torch.numpy.NpzFile;
    expect([...npz.files]).toEqual([]);
  });

  it('takes a Map of arrays for an object of them', async () => {
    const saved = await bytesOf((to) => torch.numpy.savez(to, [3], new Map([['x', [1, 2]]])));
    expect(saved.equals(await bytesOf((to) => torch.numpy.savez(to, [3], { x: [1, 2] })))).toBe(true);
  });

  it.each([
    ['float32', 'float32'],
    ['int64', 'int64'],
    ['int', 'int64'],
    ['float', 'float64'],
    ['bool', 'bool'],
    ['half', 'float16'],
    ['double', 'float64'],
    ['complex', 'complex128'],
    ['f', 'float32'],
    ['d', 'float64'],
    ['e', 'float16'],
    ['i', 'int32'],
    ['l', 'int64'],
    ['b', 'int8'],
    ['B', 'uint8'],
    ['?', 'bool'],
    ['=f4', 'float32'],
    ['F', 'complex64'],
  ])('takes the name %s for %s, as np.dtype does', async (name, dtype) => {
    const loaded = (await torch.numpy.load(
      file(describing(`'${name}'`), new Uint8Array(32)),
    )) as torch.Tensor;
    expect([loaded.dtype.name, loaded.shape]).toEqual([dtype, [2]]);
    expect(
      (await torch.numpy.load(file(describing(`u'${name}'`), new Uint8Array(32)))) as torch.Tensor,
    ).toEqual(loaded);
  });

  it.each(['float', 'xyz', '<float32', 'f5', 'i3', '<', '', 'constructor'])(
    'refuses the name %s with an order, or where NumPy knows none',
    async (name) => {
      const text = name === 'float' ? '<float' : name;
      await expect(torch.numpy.load(file(describing(`'${text}'`), new Uint8Array(32)))).rejects.toThrow(
        'descr is not a valid dtype descriptor',
      );
    },
  );

  it('makes no more text of a file than it has bytes', async () => {
    const none = file(describing("'<U0'", '(1000000000000,)'));
    await expect(torch.numpy.loadRaw(none)).rejects.toThrow('EOF: reading array data');
    expect((await torch.numpy.loadRaw(file(describing("'<U0'")))).toArray()).toEqual(['', '']);
    const wild = file(describing("'<U1'"), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 65, 0, 0, 0));
    expect((await torch.numpy.loadRaw(wild)).toArray()).toEqual(['\ufffd', 'A']);
  });

  it('reads every version, both byte orders, and headers of Python 2', async () => {
    const load = async (bytes: Buffer) => ((await torch.numpy.load(bytes)) as torch.Tensor).tolist();
    const ones = Uint8Array.of(0, 1, 0, 2);
    for (const version of [1, 2, 3])
      expect(await load(file(describing("'>i2'"), ones, version))).toEqual([1, 2]);
    expect(await load(file(describing("'<i2'"), ones))).toEqual([256, 512]);
    expect(await load(file(describing('"=i2"', '(2L,)'), ones))).toEqual([256, 512]);
    expect(await load(file(describing("'|u1'", '(2, 2)', 'True'), ones))).toEqual([
      [0, 0],
      [1, 2],
    ]);
    // Any byte but 0 is true, and in memory true is 1.
    expect(await load(file(describing("'|b1'", '(2,2)'), Uint8Array.of(0, 1, 2, 255)))).toEqual([
      [false, true],
      [true, true],
    ]);
    // Bytes behind the array are none of its business.
    expect(await load(file(describing("'|u1'"), ones))).toEqual([0, 1]);
  });

  const ones = new Uint8Array(8);
  const refusals: readonly (readonly [what: string, bytes: Uint8Array, error: string])[] = [
    ['nothing', Buffer.alloc(0), 'No data left in file'],
    ['another format', Buffer.from('hello'), 'is neither an .npy nor an .npz file'],
    ['half a magic string', file('').subarray(0, 7), 'EOF: reading magic string, expected 8 bytes got 7'],
    [
      'version 4',
      file(describing("'<f4'"), ones, 4),
      'we only support format version (1,0), (2,0), and (3,0), not (4, 0)',
    ],
    ['no header', file('').subarray(0, 9), 'EOF: reading array header length, expected 2 bytes got 1'],
    [
      'half a header',
      file(describing("'<f4'")).subarray(0, 30),
      'EOF: reading array header, expected 58 bytes got 20',
    ],
    ['half an array', file(describing("'<f4'"), ones.subarray(4)), 'expected 8 bytes got 4'],
    ['a list', file('[1]\n'), 'Header is not a dictionary: [1]'],
    ['other keys', file("{'descr': 1}"), "Header does not contain the correct keys: ['descr']"],
    ['code', file(describing('exit()')), 'Cannot parse header'],
    ['an expression', file(describing("'<f4'", '(2**3,)')), 'Cannot parse header'],
    ['a header of brackets', file('['.repeat(9000)), 'Cannot parse header'],
    [
      'a long header',
      file(describing("'<f4'") + ' '.repeat(20_000), ones),
      'Header info length (20058) is large',
    ],
    ['a wrong order', file(describing("'<f4'", '(2,)', '3')), 'fortran_order is not a valid bool: 3'],
    ['a wrong shape', file(describing("'<f4'", '3')), 'shape is not valid: 3'],
    ['a negative size', file(describing("'<f4'", '(-3,)')), 'negative dimensions are not allowed'],
    [
      'a huge size',
      file(describing("'<f4'", '(0, 9223372036854775808)')),
      'Maximum allowed dimension exceeded',
    ],
    [
      'sizes whose product is huge',
      file(describing("'<f4'", '(1000000000000, 1000000000000)'), ones),
      'expected 4e+24 bytes',
    ],
    [
      'a huge array of nothing',
      file(describing("'<f4'", '(0, 9007199254740991, 9007199254740991)')),
      'array is too big',
    ],
    ['an unknown type', file(describing("'zz'"), ones), "descr is not a valid dtype descriptor: 'zz'"],
    ['objects', file(describing("'|O'"), ones), 'Object arrays cannot be loaded when allow_pickle=False'],
    [
      'text',
      file(describing("'<U2'"), ones),
      "can't convert np.ndarray of type numpy.str_. The only supported",
    ],
    ['dates', file(describing("'<M8[ns]'"), ones), "can't convert np.ndarray of type numpy.datetime64."],
    ['floats that tensors do not have', file(describing("'<f16'"), ones), 'of type numpy.longdouble.'],
    ['structures', file(describing("[('x', '<f4'), ('y', '<f4', (2,))]"), ones), 'of type numpy.void.'],
    ['half an archive', Buffer.from('PK\x03\x04xxxx'), 'BadZipFile: failed reading zip archive'],
  ];
  for (const [what, bytes, error] of refusals) {
    it(`refuses ${what}`, async () => {
      const thrown = await torch.numpy.load(bytes).catch((e: unknown) => e);
      expect(String(thrown)).toContain(error);
      expect(thrown instanceof torch.ValueError || thrown instanceof torch.TypeError).toBe(true);
    });
  }

  it('finds damage inside archives', async () => {
    for (const save of [torch.numpy.savez, torch.numpy.savezCompressed]) {
      const bytes = await bytesOf((target) => save(target, { x: torch.arange(100) }));
      bytes[bytes.length >> 1] ^= 0x10;
      const npz = (await torch.numpy.load(bytes)) as torch.numpy.NpzFile;
      await expect(npz.get('x')).rejects.toThrow(torch.ValueError);
    }
  });

  it("parses Python's literals and nothing else", () => {
    for (const text of ["{'a': (1, (2,), ()), 'b': [True, None, -3]}", "'x'", '()', '[(1,), []]']) {
      expect(showLiteral(parseLiteral(` ${text} `))).toBe(text);
    }
    expect(parseLiteral('(7)')).toBe(7);
    for (const [text, value] of [
      ['+1', 1],
      ['-0x1F', -31],
      ['0o17L', 15],
      ['0b101', 5],
      ['1_000', 1000],
      ['9007199254740993', 9007199254740993n],
      ["r'<f4' # as numpy wrote it", '<f4'],
    ] as const)
      expect(parseLiteral(text)).toBe(value);
    for (const text of [
      '',
      '1 2',
      '(1',
      '{1}',
      "{'a' 1}",
      'x',
      '1.5',
      '[1,,2]',
      "'a\\'b'",
      '+-1',
      '1_',
      '0x',
      'Truex',
    ]) {
      expect(() => parseLiteral(text)).toThrow(SyntaxError);
    }
  });
});

describe.skipIf(!hasInterop)('files made by NumPy', () => {
  const rows = (name: string) => torch.numpy.load(`${interop}/npy-generated/${name}.npy`);

  it('load with the same values, whatever version, byte order and layout', async () => {
    const expected = (await rows('v1_f4')).tolist();
    for (const name of ['v2_f4', 'v3_f4', 'be_f4', 'f_f4', 'c_f4'])
      expect((await rows(name)).tolist()).toEqual(expected);
    expect((await rows('f_f4')).stride()).toEqual([1, 2, 6]);
    expect((await rows('be_i4')).tolist()).toEqual((await rows('c_i4')).tolist());
    expect((await rows('scalar_f4')).shape).toEqual([]);
    expect((await rows('empty_f4')).shape).toEqual([0, 3]);
    expect(String(await rows('nonfinite_f4'))).toMatch(/nan.*inf.*-inf/);
  });

  it('are written again to the byte', async () => {
    for (const name of ['b1', 'c_i8', 'c_f2', 'f_f4', 'f_i8', 'scalar_f4', 'empty_f4', 'nonfinite_f4'].map(
      (n) => (n === 'b1' ? 'c_bool' : n),
    )) {
      expect((await npy(await rows(name))).equals(readFileSync(`${interop}/npy-generated/${name}.npy`))).toBe(
        true,
      );
    }
  });
});

describe.skipIf(!python)('exchange with NumPy', () => {
  it('works both ways', async () => {
    const base = torch.arange(6).view([2, 3]);
    for (const [name, dtype] of Object.entries(dtypes)) {
      await torch.numpy.save(at(`js_${name}.npy`), base.to(dtype));
      await torch.numpy.save(at(`js_${name}_t.npy`), base.to(dtype).t());
    }
    await torch.numpy.savez(at('js.npz'), base, { x: torch.ones(3), empty: torch.zeros(0, 2) });
    await torch.numpy.savezCompressed(at('js_deflated.npz'), { x: torch.zeros(10_000) });
    run(`
import numpy as np, zipfile
for name in '${Object.keys(dtypes).join(' ')}'.split():
    expected = np.arange(6).reshape(2, 3).astype(name)
    for suffix, want in (('', expected), ('_t', expected.T)):
        got = np.load(f'js_{name}{suffix}.npy')
        assert got.dtype == want.dtype and (got == want).all() and got.flags.f_contiguous == want.flags.f_contiguous, name
        np.save('check.npy', want)
        assert open('check.npy', 'rb').read() == open(f'js_{name}{suffix}.npy', 'rb').read(), name
        np.save(f'py_{name}{suffix}.npy', want)
        np.save(f'py_{name}{suffix}_swapped.npy', want.astype(want.dtype.newbyteorder('>')))
with np.load('js.npz') as z:
    assert z.files == ['x', 'empty', 'arr_0'] and (z['arr_0'] == np.arange(6).reshape(2, 3)).all() and z['empty'].shape == (0, 2)
assert zipfile.ZipFile('js.npz').testzip() is None
with np.load('js_deflated.npz') as z: assert z['x'].shape == (10000,) and not z['x'].any()
np.savez('py.npz', np.arange(3), x=np.eye(2), f=np.asfortranarray(np.eye(3)))
np.savez_compressed('py_deflated.npz', x=np.arange(10000) % 7)`);
    for (const [name, dtype] of Object.entries(dtypes)) {
      for (const [suffix, want] of [['', base] as const, ['_t', base.t()] as const]) {
        for (const order of ['', '_swapped']) {
          const got = await torch.numpy.load(at(`py_${name}${suffix}${order}.npy`) as `${string}.npy`);
          expect([got.dtype, got.tolist()]).toEqual([dtype, want.to(dtype).tolist()]);
        }
      }
    }
    const npz = await torch.numpy.load(`${folder}/py.npz`);
    expect(npz.files).toEqual(['x', 'f', 'arr_0']);
    expect((await npz.get('f')).equal(torch.eye(3, { dtype: torch.float64 }))).toBe(true);
    await npz.close();
    const deflated = await torch.numpy.load(`${folder}/py_deflated.npz`);
    expect((await deflated.get('x')).equal(torch.arange(10_000).remainder(7))).toBe(true);
    await deflated.close();
  });
});
