import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import * as torch from 'flambeau';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { crc32, portableCrc32 } from '../dist/io/crc32.js';
import { archiveRules } from '../dist/io/loading.js';
import { openSource } from '../dist/io/source.js';
import { ZipReader } from '../dist/io/zip_reader.js';
import { ZipWriter } from '../dist/io/zip_writer.js';

type State = Record<string, torch.Tensor>;

const folder = mkdtempSync(join(tmpdir(), 'flambeau-io-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const shared = fileURLToPath(new URL('../../shared/', import.meta.url));
const golden = join(shared, 'golden/blitz_seed0.pt');
const hasShared = existsSync(golden);
if (!hasShared) console.warn('io: ../shared is absent; files made by Python are not read');
const python = process.env.FLAMBEAU_PYTHON;
if (!python) console.warn('io: FLAMBEAU_PYTHON is not set; exchange with Python is not tested');

async function archive(
  entries: Readonly<Record<string, Uint8Array | string>>,
  limit?: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const writer = new ZipWriter(
    (chunk) => {
      chunks.push(chunk);
    },
    64,
    limit,
  );
  for (const [name, content] of Object.entries(entries)) {
    await writer.add(
      `archive/${name}`,
      typeof content === 'string' ? Buffer.from(content, 'latin1') : content,
    );
  }
  await writer.finish();
  return Buffer.concat(chunks);
}

/** A checkpoint with this pickle, written as the characters of its bytes. */
const withPickle = (pickle: string, entries: Readonly<Record<string, string>> = {}) =>
  archive({ 'data.pkl': pickle, byteorder: 'little', version: '3\n', ...entries });
const loadPickle = async (pickle: string, entries?: Readonly<Record<string, string>>) =>
  torch.load(await withPickle(pickle, entries));

describe('torch.save and torch.load', () => {
  it('keep dtypes, shapes, strides, flags and what is shared', async () => {
    const base = torch.arange(12).view([3, 4]).to(torch.float32);
    const saved: Record<string, unknown> = {
      base,
      view: base.t().narrow(0, 1, 2),
      scalar: torch.tensor(3.5),
      empty: torch.zeros(0, 3),
      leaf: torch.ones(2, { requiresGrad: true }),
    };
    const names = [
      'uint8',
      'int8',
      'int16',
      'int32',
      'int64',
      'float16',
      'bfloat16',
      'float32',
      'float64',
      'bool',
    ];
    for (const name of names) {
      saved[name] = torch.arange(5).to((torch as unknown as Record<string, torch.DType>)[name]);
    }
    const path = at('tensors.pt');
    await torch.save(saved, path);
    const loaded = (await torch.load(path)) as State;
    expect(Object.keys(loaded)).toEqual(Object.keys(saved));
    for (const [name, tensor] of Object.entries(saved as State)) {
      expect([name, String(loaded[name]), loaded[name].stride()]).toEqual([
        name,
        String(tensor),
        tensor.stride(),
      ]);
    }
    loaded.base.fill_(7);
    expect(loaded.view.tolist()).toEqual([
      [7, 7, 7],
      [7, 7, 7],
    ]);
    expect(base.index(0, 0).item()).toBe(0);
    expect(readdirSync(folder)).toEqual(['tensors.pt']);
  });

  it('keep containers, their order and kinds', async () => {
    const saved = {
      z: [1, -1, 2.5, -0, 2 ** 40, 2n ** 70n, Number.NaN, null, true, 'héllo 😀'],
      tuple: Object.freeze([1, Object.freeze([]), Object.freeze([1, 2, 3, 4])]),
      byNumber: new Map<unknown, unknown>([
        [1, 'one'],
        [0, 'zero'],
        ['x', null],
      ]),
      set: new Set([1, 2]),
      bytes: Uint8Array.of(0, 127, 128, 255),
      dtype: torch.float16,
      size: torch.ones(2, 3).size(),
      device: new torch.Device('cpu'),
      a: { nested: {} },
    };
    const loaded = (await torch.load(await torch.save(saved))) as typeof saved;
    expect(loaded).toEqual(saved);
    expect(Object.keys(loaded)).toEqual(Object.keys(saved));
    expect(Object.isFrozen(loaded.tuple)).toBe(true);
    expect(Object.isFrozen(loaded.z)).toBe(false);
    expect([...loaded.byNumber.keys()]).toEqual([1, 0, 'x']);
    expect(loaded.dtype).toBe(torch.float16);
    expect(loaded.size).toBeInstanceOf(torch.Size);
  });

  it('keep cycles, and keys that objects would put in another order', async () => {
    const saved: Record<string, unknown> = { list: [] as unknown[] };
    (saved.list as unknown[]).push(saved, saved.list);
    saved.map = new Map([
      ['b', 1],
      ['1', 2],
    ]);
    const loaded = (await torch.load(await torch.save(saved))) as Record<string, unknown[]>;
    expect(loaded.list[0]).toBe(loaded);
    expect(loaded.list[1]).toBe(loaded.list);
    expect(loaded.map).toEqual(saved.map);
    const proto = (await loadPickle('\x80\x02}X\x09\0\0\0__proto__}X\x01\0\0\0aK\x01ss.')) as object;
    expect(Object.getPrototypeOf(proto)).toBe(Object.prototype);
    expect(Object.keys(proto)).toEqual(['__proto__']);
  });

  it('write to streams and read blobs', async () => {
    const chunks: Uint8Array[] = [];
    const value = { x: torch.arange(3) };
    await torch.save(value, { write: (chunk) => chunks.push(chunk.slice()) });
    const stream = new TransformStream<Uint8Array, Uint8Array>();
    const [, streamed] = await Promise.all([
      torch.save(value, stream.writable),
      new Response(stream.readable as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer(),
    ]);
    const bytes = Buffer.concat(chunks);
    expect(bytes.equals(await torch.save(value))).toBe(true);
    expect(bytes.equals(Buffer.from(streamed))).toBe(true);
    for (const source of [bytes, streamed, new Blob([bytes])]) {
      expect(((await torch.load(source)) as State).x.tolist()).toEqual([0, 1, 2]);
    }
  });

  it('refuse what has no place in a file, and leave none behind', async () => {
    const path = at('refused.pt');
    await expect(torch.save({ f: () => 1 }, path)).rejects.toThrow("cannot pickle 'function' object");
    await expect(torch.save(new Date(), path)).rejects.toThrow(/cannot pickle 'Date' object: only tensors/);
    const words = torch.arange(2).to(torch.int32);
    const bytes = torch.fromNumpy(new Uint8Array((words.numpy().data as Int32Array).buffer));
    await expect(torch.save([words, bytes], path)).rejects.toThrow(
      'Cannot save multiple tensors or storages that view the same data as different types',
    );
    let deep: unknown = [];
    for (let i = 0; i < 5000; i++) deep = [deep];
    await expect(torch.save(deep, path)).rejects.toThrow('maximum recursion depth exceeded');
    await expect(torch.save(1, 5 as never)).rejects.toThrow(torch.TypeError);
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('refused'))).toEqual([]);
  });
});

describe('files at a path', () => {
  const isUnix = process.platform !== 'win32';
  const lengthAt = async (name: string) => ((await torch.load(at(name))) as State).x.length;
  const save = (name: string, length: number) => torch.save({ x: torch.zeros(length) }, at(name));
  afterEach(() => {
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it.runIf(isUnix)('are written through links, also through those that lead nowhere yet', async () => {
    mkdirSync(at('store'));
    await save('store/epoch3.pt', 1);
    symlinkSync('store/epoch3.pt', at('latest.pt'));
    symlinkSync('latest.pt', at('link.pt'));
    symlinkSync('store/later.pt', at('later.pt'));
    await save('link.pt', 2);
    await save('later.pt', 3);
    for (const name of ['latest.pt', 'link.pt', 'later.pt'])
      expect(lstatSync(at(name)).isSymbolicLink()).toBe(true);
    expect([await lengthAt('store/epoch3.pt'), await lengthAt('store/later.pt')]).toEqual([2, 3]);
    await torch.numpy.save(at('store/x.npy'), [1]);
    symlinkSync('store/x.npy', at('x.npy'));
    await torch.numpy.save(at('x.npy'), [1, 2]);
    expect(((await torch.numpy.load(at('store/x.npy'))) as torch.Tensor).tolist()).toEqual([1, 2]);
    symlinkSync('store/y.safetensors', at('y.safetensors'));
    await torch.safetensors.saveFile({ y: torch.ones(2) }, at('y.safetensors'));
    expect(existsSync(at('store/y.safetensors'))).toBe(true);
  });

  it.runIf(isUnix)('keep their mode and all of their names', async () => {
    await save('private.pt', 1);
    chmodSync(at('private.pt'), 0o600);
    await save('private.pt', 2);
    expect(statSync(at('private.pt')).mode & 0o777).toBe(0o600);
    await save('one.pt', 1);
    linkSync(at('one.pt'), at('two.pt'));
    await save('two.pt', 5);
    expect(await lengthAt('one.pt')).toBe(5);
    expect(statSync(at('one.pt')).nlink).toBe(2);
  });

  it.runIf(isUnix)('may be pipes and devices', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const reader = spawn('cat', [at('pipe')]);
    const chunks: Buffer[] = [];
    reader.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise((resolve) => reader.on('close', resolve));
    await save('pipe', 4);
    await ended;
    expect(((await torch.load(Buffer.concat(chunks))) as State).x.length).toBe(4);
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
    if (!existsSync('/dev/full')) return;
    await expect(torch.save([1], '/dev/full')).rejects.toThrow('ENOSPC');
    expect(lstatSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  it('stay as they are where writing fails, and say why they cannot be written', async () => {
    await save('old.pt', 6);
    await expect(torch.save([torch.ones(1), () => 1], at('old.pt'))).rejects.toThrow(torch.PicklingError);
    expect(await lengthAt('old.pt')).toBe(6);
    await expect(save('missing/x.pt', 1)).rejects.toThrow(
      new torch.RuntimeError(`Parent directory ${at('missing')} does not exist.`),
    );
    await expect(torch.save(1, folder)).rejects.toThrow('EISDIR');
    await expect(torch.load(folder)).rejects.toThrow(`EISDIR: '${folder}' is a directory, not a file`);
    await expect(torch.save(1, '')).rejects.toThrow('invalid file name');
    if (!isUnix || process.getuid?.() === 0) return;
    chmodSync(at('old.pt'), 0o444);
    await expect(save('old.pt', 1)).rejects.toThrow('EACCES');
    expect(await lengthAt('old.pt')).toBe(6);
  });

  it('may be open already', async () => {
    const file = await open(at('handle.pt'), 'w');
    await torch.save({ x: torch.zeros(9) }, file);
    await file.close();
    expect(await lengthAt('handle.pt')).toBe(9);
  });
});

describe('archives', () => {
  it.skipIf(!hasShared)("are PyTorch's to the byte", async () => {
    const expected = readFileSync(golden);
    const source = await openSource(golden);
    const reader = await ZipReader.open(source, archiveRules);
    const chunks: Uint8Array[] = [];
    const writer = new ZipWriter((chunk) => {
      chunks.push(chunk);
    });
    for (const name of reader.names()) await writer.add(name, await reader.read(name));
    await writer.finish();
    await source.close();
    expect(Buffer.concat(chunks).equals(expected)).toBe(true);
  });

  it('align every tensor to 64 bytes, uncompressed', async () => {
    const values = Float32Array.from({ length: 33 }, (_, i) => i + 0.25);
    const bytes = Buffer.from(await torch.save([torch.tensor([1.5]), torch.fromNumpy(values)]));
    expect(bytes.indexOf(Buffer.from(values.buffer)) % 64).toBe(0);
    expect(bytes.includes('archive/.storage_alignment')).toBe(true);
  });

  it('use zip64 where 32 bits are not enough', async () => {
    const bytes = await archive({ small: 'x', large: 'y'.repeat(300), last: 'z' }, 200);
    const reader = await ZipReader.open(await openSource(bytes), archiveRules);
    expect([...reader.names()]).toEqual(['archive/small', 'archive/large', 'archive/last']);
    expect(Buffer.from(await reader.read('archive/large')).toString()).toBe('y'.repeat(300));
    expect(Buffer.from(await reader.read('archive/last')).toString()).toBe('z');
  });

  it('may be compressed by other programs', async () => {
    const plain = Buffer.concat([Buffer.from('\x80\x02K\x07.', 'latin1'), Buffer.alloc(200, 0x20)]);
    const zip = (claimed: number) => zipOf('a/data.pkl', deflateRawSync(plain), claimed, crc32(plain));
    expect(await torch.load(zip(plain.length))).toBe(7);
    await expect(torch.load(zip(plain.length - 1))).rejects.toThrow('it is larger than it claims');
    await expect(torch.load(zip(plain.length + 1))).rejects.toThrow('it is smaller than it claims');
    await expect(torch.load(zip(0x7fffffff))).rejects.toThrow('its size cannot be right');
    // Four million bytes could hold four billion zeros; these do not, and what is not there is not touched.
    const bomb = zipOf('a/data.pkl', Buffer.alloc(4_200_000), 0xfffffffe, 0);
    await expect(torch.load(bomb)).rejects.toThrow(torch.RuntimeError);
  });

  it('have the checksum of zlib', () => {
    const bytes = Uint8Array.from({ length: 1003 }, (_, i) => (i * 7919) >> 3);
    expect(portableCrc32(bytes)).toBe(crc32(bytes));
    expect(portableCrc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  });
});

/** An archive of one deflated entry. */
function zipOf(name: string, deflated: Buffer, size: number, crc: number): Uint8Array {
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(crc, 16);
  central.writeUInt32LE(deflated.length, 20);
  central.writeUInt32LE(size, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + deflated.length, 16);
  return Buffer.concat([local, Buffer.from(name), deflated, central, Buffer.from(name), end]);
}

// One float tensor of [2, 2] on storage '0' of four elements, as torch.save writes it; parts can be replaced.
const storage = (key = '0', location = 'cpu', type = 'FloatStorage', count = 'K\x04') =>
  `(X\x07\0\0\0storagectorch\n${type}\nX${text(key)}X${text(location)}${count}tQ`;
const text = (s: string) => `${String.fromCharCode(s.length)}\0\0\0${s}`;
const tensor = (parts: { storage?: string; offset?: string; size?: string; stride?: string } = {}) =>
  `ctorch._utils\n_rebuild_tensor_v2\n(${parts.storage ?? storage()}${parts.offset ?? 'K\0'}` +
  `${parts.size ?? 'K\x02K\x02\x86'}${parts.stride ?? 'K\x02K\x01\x86'}\x89ccollections\nOrderedDict\n)RtR`;
const data = { 'data/0': '\0'.repeat(16) };

describe('hostile and damaged files', () => {
  const refusals: readonly (readonly [what: string, pickle: string, error: string])[] = [
    [
      'os.system',
      'cposix\nsystem\nX\x04\0\0\0true\x85R.',
      'unsupported GLOBAL posix.system whose module posix is blocked',
    ],
    [
      'eval',
      'c__builtin__\neval\nX\x01\0\0\x001\x85R.',
      'Unsupported global: GLOBAL eval was not an allowed global by default.',
    ],
    [
      'subprocess',
      'csubprocess\nPopen\n)R.',
      'Unsupported global: GLOBAL subprocess.Popen was not an allowed global',
    ],
    ['a module class', 'c__main__\nNet\n)\x81.', 'GLOBAL __main__.Net was not an allowed global by default'],
    ['calling a number', 'K\x01)R.', 'Trying to call reduce for unrecognized function'],
    [
      'making of a number',
      'K\x01)\x81.',
      'Can only create new object for nn.Parameter or classes allowlisted',
    ],
    ['building a list', ']}b.', 'Can only build Tensor, Parameter, OrderedDict or types allowlisted'],
    ['appending to a dict', '}K\x01a.', "Can only append to lists, but got <class 'dict'>"],
    ['setting in a list', ']K\x01K\x02s.', 'Can only SETITEM for dict, collections.OrderedDict'],
    ['a foreign reference', 'X\x01\0\0\0aQ.', 'persistent_load id must be tuple or int'],
    ['another reference', 'X\x01\0\0\0a\x85Q.', 'Only persistent_load of storage is allowed'],
    ['a list as key', '}]K\x01s.', "unhashable type: 'list'"],
    ['an empty stack', 'R.', 'the pickle is damaged'],
    ['a mark that is not there', 'u.', 'the pickle is damaged'],
    ['nothing at all', '', 'pickle data was truncated'],
    ['an end too early', '(K\x01', 'pickle data was truncated'],
    ['a string beyond the end', 'X\xff\xff\xff\xffabc.', 'pickle data was truncated'],
    ['a name without end', 'ctorch._utils', 'pickle data was truncated'],
    ['an unknown memo', 'h\x05.', 'Memo value not found at index 5'],
    ['buffers out of band', '\x97K\x01.', 'Unsupported operand 151'],
    ['a number of letters', 'Iseven\n.', 'a number is written wrongly'],
    ['text without quotes', 'Sabc\n.', 'the STRING opcode argument must be quoted'],
    ['invalid UTF-8', 'X\x01\0\0\0\xff.', 'not valid UTF-8'],
    ['a function as value', 'ctorch._utils\n_rebuild_tensor_v2\n.', 'has no value here'],
    ['wrong arguments', 'ctorch._utils\n_rebuild_tensor_v2\n)R.', 'a tensor is described wrongly'],
  ];
  for (const [what, pickle, error] of refusals) {
    it(`refuse ${what}`, () => expect(loadPickle(`\x80\x02${pickle}`, data)).rejects.toThrow(error));
  }

  it("frame refusals as PyTorch's, and name the class", async () => {
    const error = await loadPickle('\x80\x02cbuiltins\nexec\n)R.').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(torch.UnpicklingError);
    expect((error as Error).message).toMatch(
      /^Weights only load failed\..*WeightsUnpickler error: Unsupported global/,
    );
  });

  const tensors: readonly (readonly [what: string, pickle: string, error: string])[] = [
    [
      'a view beyond its storage',
      tensor({ offset: 'K\x01' }),
      'requiring a storage size of 20 are out of bounds for storage of size 16',
    ],
    [
      'a stride beyond all',
      tensor({ stride: 'J\xff\xff\xff\x7fK\x01\x86' }),
      'are out of bounds for storage of size 16',
    ],
    ['a negative size', tensor({ size: 'J\xfe\xff\xff\xffK\x02\x86' }), 'negative dimension -2'],
    [
      'a negative stride',
      tensor({ stride: 'J\xfe\xff\xff\xffK\x01\x86' }),
      'Storage size calculation overflowed with sizes=[2, 2] and strides=[-2, 1]',
    ],
    ['too few strides', tensor({ stride: 'K\x01\x85' }), 'unequal size length (2) and stride length (1)'],
    [
      'a claim of more elements',
      tensor({ storage: storage('0', 'cpu', 'FloatStorage', 'J\xff\xff\xff\x7f') }),
      'record size (16 bytes) does not match expected size (8589934588 bytes',
    ],
    [
      'a storage that is not there',
      tensor({ storage: storage('7') }),
      'PytorchStreamReader failed locating file data/7: file not found',
    ],
    ['a path for a key', tensor({ storage: storage('../0') }), 'failed locating file data/../0'],
    [
      'a device that is not there',
      tensor({ storage: storage('0', 'cuda:0') }),
      'Attempting to deserialize object on a CUDA device',
    ],
    [
      'an unknown device',
      tensor({ storage: storage('0', 'abacus') }),
      "don't know how to restore data location of torch.storage.UntypedStorage (tagged with abacus)",
    ],
    [
      'half as many bytes as complex numbers take',
      tensor({ storage: storage('0', 'cpu', 'ComplexFloatStorage') }),
      'record size (16 bytes) does not match expected size (32 bytes = 4 elements * 8 bytes/element) for dtype ComplexFloat',
    ],
  ];
  for (const [what, pickle, error] of tensors) {
    it(`refuse ${what}`, () => expect(loadPickle(`\x80\x02${pickle}.`, data)).rejects.toThrow(error));
  }

  it('are not confused with good ones', async () => {
    const good = (await loadPickle(`\x80\x02${tensor()}.`, data)) as torch.Tensor;
    expect(good.shape).toEqual([2, 2]);
    const mapped = await torch.load(
      await withPickle(`\x80\x02${tensor({ storage: storage('0', 'cuda:1') })}.`, data),
      {
        mapLocation: { 'cuda:1': 'cpu' },
      },
    );
    expect((mapped as torch.Tensor).device.type).toBe('cpu');
    const big = { ...data, byteorder: 'big', 'data/0': '\x3f\x80\0\0'.repeat(4) };
    expect(((await loadPickle(`\x80\x02${tensor()}.`, big)) as torch.Tensor).tolist()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    await expect(loadPickle('\x80\x02N.', { byteorder: 'middle' })).rejects.toThrow(
      'Unknown endianness type: middle',
    );
  });

  it('go where any form of mapLocation says', async () => {
    const file = (location: string) =>
      withPickle(`\x80\x02${tensor({ storage: storage('0', location) })}.`, data);
    const load = async (location: string, mapLocation: unknown) =>
      (await torch.load(await file(location), { mapLocation } as never)) as torch.Tensor;
    for (const location of ['cuda:0', 'mps', 'xpu:1', 'abacus'])
      for (const mapLocation of [
        'cpu',
        new torch.Device('cpu'),
        { [location]: 'cpu' },
        new Map([[location, new torch.Device('cpu')]]),
        (found: unknown) => found,
        () => 'cpu',
      ])
        expect((await load(location, mapLocation)).shape).toEqual([2, 2]);
    const wrong: readonly (readonly [string, unknown, string])[] = [
      [
        'mps',
        null,
        'Attempting to deserialize object on a MPS device but torch.mps.is_available() is False.',
      ],
      [
        'cpu',
        'cuda',
        'Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.',
      ],
      ['cuda:0', new Map([['cuda', 'cpu']]), "please use torch.load with mapLocation: 'cpu'"],
      ['cuda:0', () => undefined, "please use torch.load with mapLocation: 'cpu'"],
      [
        'cpu',
        'tpu',
        "don't know how to restore data location of torch.storage.UntypedStorage (tagged with tpu)",
      ],
      ['cpu', { cpu: 5 }, 'mapLocation gave int for cpu, which is no device'],
      ['cpu', () => 5, 'mapLocation gave int for cpu, which is no device'],
      ['cpu', 5, 'mapLocation must be a device, devices by location or a function, not int'],
    ];
    for (const [location, mapLocation, text] of wrong)
      await expect(load(location, mapLocation), text).rejects.toThrow(text);
  });

  it('refuse bits, hooks and attributes that have no place here', async () => {
    // A storage, its offset, sizes, strides, whether it needs gradients, hooks, bits.
    const dict = (entries: string) => `}(${entries}u`;
    const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
    const made = (hooks: string, bits: string) =>
      loadPickle(
        `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(${storage()}K\0K\x04\x85K\x01\x85\x89${hooks}${bits}tR.`,
        data,
      );
    expect(String(await made('}', dict(`${text('neg')}\x88`)))).toMatch(/^tensor\(\[-/);
    expect(String(await made('}', dict(`${text('neg')}\x89`)))).toMatch(/^tensor\(\[\d/);
    await expect(made('}', dict(`${text('conj')}\x88`))).rejects.toThrow(
      'only complex tensors can be conjugated',
    );
    await expect(made('}', dict(`${text('fake')}\x88`))).rejects.toThrow('a tensor has the metadata fake');
    await expect(made('}', dict(`${text('neg')}K\x01`))).rejects.toThrow('a tensor has the metadata neg');
    await expect(made('}', ']')).rejects.toThrow('a tensor is described wrongly');
    await expect(made(dict('K\0N'), '}')).rejects.toThrow('the backward hooks of a tensor cannot be loaded');
  });

  it('nest as deep as they like', async () => {
    const depth = 200_000;
    let value = await loadPickle(`\x80\x02${']'.repeat(depth)}${'a'.repeat(depth - 1)}.`);
    let found = 0;
    for (; Array.isArray(value); value = value[0] as unknown) found++;
    expect(found).toBe(depth);
  });

  it('give an error wherever they are cut off', async () => {
    const bytes = await torch.save({ w: torch.arange(20), n: [1, 'two', 3.5] });
    for (
      let length = 0;
      length < bytes.length;
      length += length < 700 || length > bytes.length - 200 ? 1 : 7
    ) {
      const error = await torch.load(bytes.subarray(0, length)).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(torch.RuntimeError);
    }
    const path = at('cut.pt');
    writeFileSync(path, bytes);
    truncateSync(path, bytes.length - 30);
    await expect(torch.load(path)).rejects.toThrow('failed finding central directory');
    await expect(torch.load(new Uint8Array(0))).rejects.toThrow('is empty');
    await expect(torch.load(Buffer.from('\x80\x02K\x01.', 'latin1'))).rejects.toThrow('is not a checkpoint');
    await expect(torch.load(Buffer.from('hello'))).rejects.toThrow('is not a checkpoint');
    await expect(torch.load(await archive({ 'other.txt': 'x' }))).rejects.toThrow(
      'failed locating file data.pkl',
    );
  });

  it('give an error or a value whichever byte is wrong', async () => {
    const bytes = await torch.save({ w: torch.arange(6).view([2, 3]), n: [1, 'two', 3.5] });
    const known = [
      torch.RuntimeError,
      torch.UnpicklingError,
      torch.KeyError,
      torch.TypeError,
      torch.ValueError,
    ];
    let seed = 1;
    for (let i = 0; i < bytes.length; i++) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      const wrong = bytes.slice();
      wrong[i] ^= 1 + ((seed >> 8) % 255);
      await torch.load(wrong).catch((error: unknown) => {
        if (!known.some((type) => error instanceof type)) throw error;
      });
    }
  });
});

describe.skipIf(!hasShared)('files made by Python', () => {
  it('load with their metadata', async () => {
    const state = (await torch.load(golden)) as State;
    expect(Object.entries(state).map(([name, t]) => [name, t.shape])).toEqual([
      ['conv1.weight', [6, 3, 5, 5]],
      ['conv1.bias', [6]],
      ['conv2.weight', [16, 6, 5, 5]],
      ['conv2.bias', [16]],
      ['fc1.weight', [120, 400]],
      ['fc1.bias', [120]],
      ['fc2.weight', [84, 120]],
      ['fc2.bias', [84]],
      ['fc3.weight', [10, 84]],
      ['fc3.bias', [10]],
    ]);
    expect(String(state['conv1.bias'])).toBe(
      'tensor([ 0.2163,  0.1126,  0.0889,  0.0470, -0.0364,  0.2943])',
    );
    expect(Object.getOwnPropertyDescriptor(state, '_metadata')).toMatchObject({
      enumerable: false,
      value: { conv1: { version: 1 } },
    });
  });

  it('load from other projects', async () => {
    const rows = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ];
    const read = (name: string) => torch.load(join(shared, 'interop/candle', name));
    expect(((await read('test.pt')) as State).test.tolist()).toEqual(rows);
    const nested = (await read('test_with_key.pt')) as { model_state_dict: State };
    expect(nested.model_state_dict.test.tolist()).toEqual(rows);
    const { tensor_fortran: fortran } = (await read('fortran_tensor_3d.pth')) as State;
    expect(fortran.stride()).toEqual([1, 2, 6]);
    expect(fortran.index(1, 2).tolist()).toEqual([21, 22, 23, 24]);
  });
});

describe.skipIf(!python)('exchange with Python', () => {
  const run = (code: string) => execFileSync(python!, ['-c', code], { cwd: folder, encoding: 'utf8' });

  it('writes what Python reads', async () => {
    const base = torch.arange(12).view([3, 4]).to(torch.float32);
    await torch.save(
      {
        base,
        view: base.t(),
        half: torch.arange(3).to(torch.bfloat16),
        grad: torch.ones(2, { requiresGrad: true }),
        empty: torch.zeros(0),
        state: new Map([[0, { step: torch.pyfloat(3) }]]),
        tuple: Object.freeze([1, 'a', null]),
        size: base.size(),
        dtype: torch.int8,
      },
      at('js.pt'),
    );
    const out = run(`
import torch
o = torch.load('js.pt', weights_only=True)
assert o['base'].untyped_storage().data_ptr() == o['view'].untyped_storage().data_ptr()
print(o['view'].tolist(), o['half'], o['grad'], o['empty'], o['state'], o['tuple'], o['size'], o['dtype'])
print(torch.load('js.pt', weights_only=True, mmap=True)['base'].sum().item())`);
    expect(out).toBe(
      '[[0.0, 4.0, 8.0], [1.0, 5.0, 9.0], [2.0, 6.0, 10.0], [3.0, 7.0, 11.0]] ' +
        "tensor([0., 1., 2.], dtype=torch.bfloat16) tensor([1., 1.], requires_grad=True) tensor([]) {0: {'step': 3.0}} " +
        "(1, 'a', None) torch.Size([3, 4]) torch.int8\n66.0\n",
    );
  });

  it('hands a training over to Python', async () => {
    const net = new torch.nn.Linear(2, 1);
    const optimizer = new torch.optim.AdamW(net.parameters(), { lr: 0.5 });
    net.forward(torch.ones(1, 2)).sum().backward();
    optimizer.step();
    await torch.save({ net: net.stateDict(), opt: optimizer.stateDict(), x: net.weight }, at('training.pt'));
    const out = run(`
import torch
o = torch.load('training.pt', weights_only=True)
net = torch.nn.Linear(2, 1)
net.load_state_dict(o['net'])
assert torch.equal(net.weight, o['x']) and type(o['x']) is torch.nn.Parameter
opt = torch.optim.AdamW(net.parameters())
opt.load_state_dict(o['opt'])
state = opt.state[net.weight]
print(opt.param_groups[0]['lr'], state['step'], state['exp_avg'].shape)
net(torch.ones(1, 2)).sum().backward(); opt.step(); torch.save({'net': net.state_dict(), 'opt': opt.state_dict()}, 'on.pt')`);
    expect(out).toBe('0.5 tensor(1.) torch.Size([1, 2])\n');
    net.zeroGrad();
    net.forward(torch.ones(1, 2)).sum().backward();
    optimizer.step();
    const on = (await torch.load(at('on.pt'))) as { net: State; opt: ReturnType<typeof optimizer.stateDict> };
    expect(on.net.weight.sub(net.weight).abs().max().item()).toBeLessThan(1e-6);
    optimizer.loadStateDict(on.opt);
    expect((optimizer.stateDict().state.get(0)!.step as torch.Tensor).item()).toBe(2);
  });

  it('reads what Python writes', async () => {
    run(`
import torch, collections
net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
opt = torch.optim.AdamW(net.parameters(), lr=0.5)
net(torch.ones(3, 2)).sum().backward(); opt.step()
x = torch.arange(6.).view(2, 3)
torch.save({'net': net.state_dict(), 'opt': opt.state_dict(), 'param': torch.nn.Parameter(x), 'views': [x, x.T, x[1:, ::2]],
  'b': b'\\x00\\xff', 'ba': bytearray(b'ab'), 's': {1}, 'd': torch.device('cpu'), 't': torch.float16, 'c': collections.Counter('aab'),
  'u': [torch.tensor([2**62]), torch.tensor(True), torch.tensor([1.5], dtype=torch.float16)], 'long': -2**80, 'size': x.size()}, 'py.pt')`);
    const o = (await torch.load(at('py.pt'))) as Record<string, never>;
    const { net, opt, param, views } = o as unknown as {
      net: State;
      opt: { state: Map<number, State>; param_groups: { lr: number; betas: number[]; params: number[] }[] };
      param: torch.Tensor;
      views: torch.Tensor[];
    };
    expect(Object.keys(net)).toEqual([
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
    ]);
    expect([...opt.state.keys()]).toEqual([0, 1, 2, 3]);
    expect(opt.state.get(0)!.step.item()).toBe(1);
    expect(opt.param_groups[0]).toMatchObject({ lr: 0.5, betas: [0.9, 0.999], params: [0, 1, 2, 3] });
    expect([param.requiresGrad, param.constructor.name]).toEqual([true, 'Parameter']);
    views[0].fill_(1);
    expect(views[2].tolist()).toEqual([[1, 1]]);
    expect(views[1].stride()).toEqual([1, 3]);
    const { b, ba, s, d, t, c, u, long, size } = o as Record<string, unknown>;
    expect([b, ba, s, c]).toEqual([
      Uint8Array.of(0, 255),
      Uint8Array.of(97, 98),
      new Set([1]),
      { a: 2, b: 1 },
    ]);
    expect([String(d), t, long, String(size)]).toEqual([
      'cpu',
      torch.float16,
      -(2n ** 80n),
      'torch.Size([2, 3])',
    ]);
    expect((u as torch.Tensor[]).map(String)).toEqual([
      'tensor([4611686018427387904])',
      'tensor(True)',
      'tensor([1.5000], dtype=torch.float16)',
    ]);
  });
});
