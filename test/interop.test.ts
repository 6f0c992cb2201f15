import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

/** Made by `make.py` there, in Python. */
const own = fileURLToPath(new URL('files', import.meta.url));
const interop = fileURLToPath(new URL('../../shared/interop', import.meta.url));
const folders = [own, interop].filter((folder) => existsSync(folder));
if (folders.length < 2)
  console.warn('interop: ../shared is absent; only the files of this repository are read');

const file = (name: string) => join(own, name);
const npy = (name: string) => torch.numpy.load(file(`${name}.npy`) as `${string}.npy`);
const rows = [
  [0, 1, 2],
  [3, 4, 5],
];

describe('the files of this repository', () => {
  it('hold the arrays that Python put there', async () => {
    for (const name of ['big_endian', 'column_major', 'half', 'version_2', 'version_3']) {
      expect([name, (await npy(name)).tolist()]).toEqual([name, rows]);
    }
    expect((await npy('column_major')).stride()).toEqual([1, 2]);
    expect((await npy('bool')).tolist()).toEqual([
      [true, false, true],
      [false, true, false],
    ]);
    expect((await npy('scalar')).item()).toBe(2.5);
    expect((await npy('empty')).shape).toEqual([0, 3]);
    const z = await npy('complex');
    expect([z.dtype, z.real.tolist(), z.imag.mul(2).tolist()]).toEqual([torch.complex64, rows, rows]);
    for (const [name, array, values] of [
      ['stored', 'arr_0', rows],
      ['stored', 'named', (await npy('version_2')).t().tolist()],
      ['deflated', 'x', rows],
      ['deflated', 'zeros', new Array(1000).fill(0)],
    ] as const) {
      await using npz = await torch.numpy.load(file(`${name}.npz`) as `${string}.npz`);
      expect((await npz.get(array)).tolist()).toEqual(values);
    }
    const tensors = await torch.safetensors.loadFile(file('tensors.safetensors'));
    expect(Object.entries(tensors).map(([name, t]) => [name, t.dtype, t.tolist()])).toEqual([
      ['ints', torch.int64, [0, 1, 2]],
      ['base', torch.float32, rows],
      ['half', torch.float16, rows],
    ]);
  });

  it('hold sparse tensors', async () => {
    const { pairs, ordered, rows, layout } = (await torch.load(file('sparse.pt'))) as Record<
      string,
      torch.Tensor
    > & { layout: unknown };
    expect([pairs.isCoalesced(), ordered.isCoalesced(), layout]).toEqual([false, true, torch.sparseCoo]);
    expect(String(rows)).toBe(
      `tensor(crow_indices=tensor([0, 1, 2]),
       col_indices=tensor([0, 2]),
       values=tensor([4., 8.]), size=(2, 3), nnz=2, layout=torch.sparse_csr)`,
    );
    for (const tensor of [pairs, ordered, rows])
      expect(tensor.toDense().tolist()).toEqual([
        [4, 0, 0],
        [0, 0, 8],
      ]);
  });

  it('hold the same checkpoint in both formats', async () => {
    for (const name of ['zip.pt', 'legacy.pt']) {
      const o = (await torch.load(file(name))) as Record<string, torch.Tensor> & { rest: unknown };
      expect([o.base.tolist(), o.view.stride(), o.ints.tolist()]).toEqual([rows, [1, 3], [0, 1, 2]]);
      o.base.fill_(7);
      expect(o.view.index(2, 1).item()).toBe(7);
      expect([o.parameter.requiresGrad, o.half.dtype, String(o.complex)]).toEqual([
        true,
        torch.bfloat16,
        'tensor([1.+2.j])',
      ]);
      expect(o.rest).toEqual([
        1,
        2.5,
        'text',
        null,
        true,
        [1, 2],
        { a: 1 },
        2n ** 70n,
        Uint8Array.of(0, 255),
      ]);
    }
  });
});

describe('the values of this repository', () => {
  it.each(['values.pt', 'values_legacy.pt'])('keep their bits, attributes and kinds in %s', async (name) => {
    const o = (await torch.load(file(name))) as Record<string, torch.Tensor>;
    const shown = (key: string) => String(o[key].resolveConj()).replace(/\s+/g, ' ');
    expect(shown('complexes')).toBe('tensor([[1.+2.j, 3.-4.j], [0.+5.j, 6.+0.j]])');
    expect(shown('conj')).toBe('tensor([[1.-2.j, 3.+4.j], [0.-5.j, 6.-0.j]])');
    expect(shown('conj_t')).toBe('tensor([[1.-2.j, 0.-5.j], [3.+4.j, 6.-0.j]])');
    expect(shown('both')).toBe('tensor([[-1.+2.j, -3.-4.j], [-0.+5.j, -6.+0.j]])');
    expect(o.neg.tolist()).toEqual([-1, -2, -3]);
    expect([shown('expanded'), o.expanded.stride()]).toEqual(['tensor([1.-2.j, 1.-2.j, 1.-2.j])', [0]]);
    expect([shown('leaf'), o.leaf.isLeaf]).toEqual(['tensor([1.-1.j], requires_grad=True)', true]);
    expect(o.conj_parameter).toBeInstanceOf(torch.nn.Parameter);
    expect(o.conj_parameter.imag.tolist()).toEqual([-2]);
    const { tags } = o.marked as unknown as { tags: [string, { x: torch.Tensor }] };
    expect([tags[0], tags[1].x.tolist()]).toEqual(['a', [0]]);
    expect([o.storage.dtype, o.storage.tolist()]).toEqual([torch.float32, [0, 1, 2, 3, 4, 5]]);
    o.storage.fill_(7);
    expect(o.view.tolist()).toEqual([7, 7, 7, 7]);
    const { layout, bytes, devices } = o as unknown as Record<string, unknown>;
    expect(layout).toBe(torch.strided);
    expect(bytes).toEqual(Uint8Array.of(120, 121, 255));
    expect((devices as torch.Device[]).map(String)).toEqual(['cuda', 'cuda:1', 'mps', 'meta', 'cpu']);
    const again = (await torch.load(await torch.save({ layout, devices }))) as typeof o;
    expect(again).toEqual({ layout, devices });
  });

  it('keep parts of complex numbers, and storages without a tensor', async () => {
    const { imag, rest } = (await torch.load(file('imag.pt'))) as Record<string, torch.Tensor>;
    expect([imag.tolist(), rest.tolist(), rest.requiresGrad]).toEqual([
      [
        [-2, 4],
        [-5, -0],
      ],
      [-2],
      true,
    ]);
    const { bytes } = (await torch.load(file('untyped.pt'))) as Record<string, torch.Tensor>;
    expect([bytes.dtype, bytes.shape]).toEqual([torch.uint8, [24]]);
    const raw = Uint8Array.from(bytes.tolist() as number[]);
    expect([...new Float32Array(raw.buffer)]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('hold text and integers of any size, and give them', async () => {
    await using npz = await torch.numpy.load(file('kinds.npz') as `${string}.npz`);
    const raw = async (name: string) => {
      const array = await npz.getRaw(name);
      return [array.dtype, array.shape, array.toArray()];
    };
    expect(await raw('points')).toEqual(['<U3', [2, 2], ['cat', 'd😀g', '', 'é']]);
    expect(await raw('text')).toEqual(['|S3', [], ['csr']]);
    expect(await raw('big')).toEqual(['>U2', [2], ['ab', 'c']]);
    expect(await raw('u2')).toEqual(['<u2', [2, 3], Uint16Array.of(0, 1, 2, 3, 4, 5)]);
    expect(await raw('u4')).toEqual(['>u4', [2], Uint32Array.of(1, 2 ** 32 - 1)]);
    expect(await raw('u8')).toEqual(['<u8', [1], BigUint64Array.of(2n ** 64n - 1n)]);
    expect(await raw('days')).toEqual(['<M8[D]', [1], BigInt64Array.of(18262n)]);
    await expect(npz.get('text')).rejects.toThrow('getRaw() of an NpzFile give text');
    const text = await torch.numpy.loadRaw(file('refused_text.npy'));
    expect([String(text), text.toArray()]).toEqual(['RawArray(dtype=<U2, shape=[2])', ['a', 'bc']]);
    await expect(torch.numpy.loadRaw(file('refused_objects.npy'))).rejects.toThrow(
      'Object arrays cannot be loaded',
    );
    await using tensors = await torch.safetensors.safeOpen(file('kinds.safetensors'));
    const codes = await tensors.getRaw('u16');
    expect([codes.dtype, codes.shape, codes.toArray()]).toEqual(['U16', [2], Uint16Array.of(1, 65535)]);
    expect((await tensors.getRaw('f8')).toArray()).toEqual(Uint8Array.of(0x38, 0x38, 0x38));
    expect(String(await tensors.getTensor('u16'))).toBe('tensor([    1, 65535], dtype=torch.uint16)');
    expect(String(await tensors.getTensor('f8'))).toBe('tensor([1., 1., 1.], dtype=torch.float8_e4m3fn)');
    expect(String(await npz.get('u8'))).toBe('tensor([18446744073709551615], dtype=torch.uint64)');
    expect(String(await torch.load(file('uint16.pt')))).toBe('tensor([1, 1], dtype=torch.uint16)');
    expect(String(await torch.load(file('float8.pt')))).toBe('tensor([1., 1.], dtype=torch.float8_e4m3fn)');
  });

  it('hold names that zip files may hold, and are found as NumPy finds them', async () => {
    await using keys = await torch.numpy.load(file('keys.npz') as `${string}.npz`);
    expect([...keys.files]).toEqual(['a', 'a.npy']);
    const lengths = ['a', 'a.npy', 'a.npy.npy'].map(async (name) => (await keys.get(name)).length);
    expect(await Promise.all(lengths)).toEqual([2, 2, 3]);
    await using twice = await torch.numpy.load(file('twice.npz') as `${string}.npz`);
    expect([...twice.files]).toEqual(['a', 'a', 'note.txt']);
    expect((await twice.get('a')).index(0).tolist()).toEqual([1, 2, 3]);
    expect((await twice.getRaw('note.txt')).toArray()).toEqual(new TextEncoder().encode('hello'));
  });

  it("hold the state of Python's generators, which go on here", async () => {
    const saved = (await torch.load(file('rng.pt'))) as Record<string, torch.Tensor>;
    const generator = new torch.Generator();
    generator.setState(saved.state);
    expect(generator.initialSeed()).toBe(5n);
    expect(generator.getState().equal(saved.state)).toBe(true);
    expect(torch.randn([4], { generator }).allclose(saved.next)).toBe(true);
    expect(torch.randperm(9, { generator }).tolist()).toEqual(saved.order.tolist());
    torch.setRngState(saved.state);
    expect(torch.randn([4]).allclose(saved.next)).toBe(true);
    const own = new torch.Generator().manualSeed(5);
    torch.randn([3], { generator: own });
    expect(own.getState().equal(saved.state)).toBe(true);
  });
});

/** Files that must be refused, and why: by file, or by array within one. */
const refused = new Map([
  ['refused_objects.npy', 'Object arrays cannot be loaded'],
  ['twice.npz:note.txt', 'reading magic string'],
  ['kinds.npz:points', "can't convert np.ndarray of type numpy.str_"],
  ['kinds.npz:text', "can't convert np.ndarray of type numpy.bytes_"],
  ['kinds.npz:big', "can't convert np.ndarray of type numpy.str_"],
  ['kinds.npz:days', "can't convert np.ndarray of type numpy.datetime64"],
  ['refused_text.npy', "can't convert np.ndarray of type numpy.str_"],
  ['refused_fields.npy', "can't convert np.ndarray of type numpy.void"],
  [
    'refused_quantized.pt',
    'quantized tensors are not supported (torch._utils._rebuild_qtensor): save x.dequantize()',
  ],
  ['refused_nested.pt', 'nested tensors are not supported'],
  ['refused_layout.pt', 'the layout torch.sparse_csc is not supported'],
  ['refused_columns.pt', 'the layout torch.sparse_csc is not supported: save x.to_sparse_csr()'],
  ['refused.pt', 'Trying to load unsupported GLOBAL posix.getcwd whose module posix is blocked.'],
  ['refused_legacy.pt', 'Trying to load unsupported GLOBAL posix.getcwd whose module posix is blocked.'],
  ['py2-np0-objarr.npy', 'Object arrays cannot be loaded'],
  ['py2-objarr.npy', 'Object arrays cannot be loaded'],
  ['py3-objarr.npy', 'Object arrays cannot be loaded'],
  ['py2-objarr.npz:x', 'Object arrays cannot be loaded'],
  ['py3-objarr.npz:x', 'Object arrays cannot be loaded'],
  ['stable-loc-scale-sample-data.npy', "can't convert np.ndarray of type numpy.void"],
  ['test.npz:__version__', "can't convert np.ndarray of type numpy.bytes_"],
  ['test.npz:__header__', "can't convert np.ndarray of type numpy.bytes_"],
  ['astype_copy.pkl', 'is not a checkpoint'],
]);

type Read = [key: string, value: () => Promise<unknown>];

/** Every value in a file, by the extension of its format. */
async function* valuesOf(path: string): AsyncGenerator<Read> {
  const name = basename(path);
  switch (extname(path)) {
    case '.npy':
      yield [name, () => torch.numpy.load(path)];
      break;
    case '.npz': {
      await using npz = await torch.numpy.load(path as `${string}.npz`);
      for (const array of npz.files) yield [`${name}:${array}`, () => npz.get(array)];
      break;
    }
    case '.safetensors': {
      await using opened = await torch.safetensors.safeOpen(path);
      for (const tensor of opened.keys()) yield [`${name}:${tensor}`, () => opened.getTensor(tensor)];
      break;
    }
    case '.pt':
    case '.pth':
    case '.pkl':
      yield [name, () => torch.load(path)];
  }
}

/** Every reader, for files that are nothing to any of them. */
const readers = [
  (path: string) => torch.load(path),
  (path: string) => torch.numpy.load(path),
  (path: string) => torch.safetensors.loadFile(path),
];

describe.each(folders)('every file in %s', (folder) => {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

  it('loads or is refused', async () => {
    const seen = { loaded: 0, refused: 0 };
    for (const path of paths) {
      for await (const [key, read] of valuesOf(path)) {
        const why = refused.get(key);
        if (why === undefined) {
          const value = await read();
          if (torch.isTensor(value)) expect(value.clone().shape).toEqual(value.shape);
          seen.loaded++;
        } else {
          await expect(read(), key).rejects.toThrow(why);
          seen.refused++;
        }
      }
    }
    expect(seen).toEqual(folder === own ? { loaded: 38, refused: 14 } : { loaded: 306, refused: 9 });
  });

  it('is refused by the readers of other formats', async () => {
    for (const path of paths) {
      const own = [/\.(pt|pth)$/, /\.np[yz]$/, /\.safetensors$/].findIndex((pattern) => pattern.test(path));
      for (const [i, read] of readers.entries()) {
        // To NumPy any zip archive is a row of arrays, which may turn out to be none.
        if (i === 1 && /\.pth?$/.test(path)) continue;
        if (i !== own) await expect(read(path), `reader ${i} of ${path}`).rejects.toThrow();
      }
    }
  });
});
