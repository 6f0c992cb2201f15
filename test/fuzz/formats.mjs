/** The formats that are fuzzed: for each its seeds, how it is read, and what reading may take. */
import * as torch from '../../dist/index.js';
import { openSource } from '../../dist/io/source.js';
import { ZipReader } from '../../dist/io/zip_reader.js';
import { ZipWriter } from '../../dist/io/zip_writer.js';
import { dataFormats } from './data_formats.mjs';
import { anyLegacy, anyNpy, anyPickle, anySafetensors } from './generate.mjs';
import { bound, copies, goldenFiles, inflated, latin1 } from './material.mjs';
import { mutate } from './mutate.mjs';
import { Random } from './random.mjs';
import { tableFormats } from './table_formats.mjs';
import { textFormats } from './text_formats.mjs';
import { visionFormats } from './vision_formats.mjs';

const { bool, uint8, int16, int64, float16, bfloat16, float64, complex64 } = torch;

/** The bytes that `write` hands over, as one file. */
async function written(write) {
  const chunks = [];
  await write({ write: (chunk) => chunks.push(new Uint8Array(chunk)) });
  return new Uint8Array(Buffer.concat(chunks));
}

async function zip(entries, compress = false) {
  return written(async (sink) => {
    const writer = new ZipWriter((chunk) => sink.write(chunk));
    for (const [name, content] of entries) await writer.add(name, content, compress);
    await writer.finish();
  });
}

const legacy = { _useNewZipfileSerialization: false };

function checkpoints() {
  const base = torch.arange(12).view([3, 4]).to(torch.float32);
  const net = new torch.nn.Sequential(new torch.nn.Linear(2, 3), new torch.nn.BatchNorm1d(3));
  const optimizer = new torch.optim.Adam(net.parameters());
  net.forward(torch.ones(4, 2)).sum().backward();
  optimizer.step();
  return [
    torch.arange(3),
    {
      base,
      view: base.t(),
      leaf: torch.ones(2, { requiresGrad: true }),
      p: new torch.nn.Parameter(torch.ones(1)),
    },
    net.stateDict(),
    { net: net.stateDict(), optimizer: optimizer.stateDict(), epoch: 3 },
    [
      1,
      -1,
      2.5,
      2 ** 40,
      2n ** 70n,
      null,
      true,
      'text',
      Uint8Array.of(0, 255),
      new Set([1]),
      Object.freeze([1, 2]),
    ],
    { dtype: torch.int8, size: base.size(), device: new torch.Device('cpu'), z: torch.Complex(1, 2) },
    [bool, uint8, int16, int64, float16, bfloat16, float64, complex64].map((dtype) => base.to(dtype)),
  ];
}

/** Opcodes and names of objects of any class, of all protocols. */
const foreignTokens = [
  '\x95\x05\0\0\0\0\0\0\0',
  '\x94',
  '\x8c\x04name',
  '\x8c\x01a\x8c\x01b\x93',
  '\x92',
  '\x91',
  '\x8f(K\x01\x90',
  'C\x04\0\0\x80?',
  '\x96\x04\0\0\0\0\0\0\0\0\0\x80?',
  'I01\n',
  'L5L\n',
  'F1.5\n',
  "S'a'\n",
  'Va\\u0041\n',
  'p0\n',
  'g0\n',
  '(d',
  '(l',
  '0',
  '1',
  '2',
  'ia\nb\n',
  'ca.b\nC\n)\x81}X\x01\0\0\0xK\x01sb',
  'ccopy_reg\n_reconstructor\n(ca\nB\nc__builtin__\nobject\nNtR',
  'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R',
  'cnumpy.core.multiarray\nscalar\n',
  'cnumpy\ndtype\nX\x02\0\0\0f4\x89\x88\x87R(K\x03X\x01\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb',
  'cnumpy._core.numeric\n_frombuffer\n',
].map(latin1);

/** Pieces of pickles: opcodes with and without arguments, names, and a storage. */
const pickleTokens = [
  ...'(.)]}N0tRb\x85\x86\x87\x81\x88\x89\x8fQsuaeh\x00h\x01q\x00'.split('').map(latin1),
  ...[
    'h\0',
    'h\x01',
    'q\0',
    'j\0\0\0\0',
    'K\0',
    'K\xff',
    'M\xff\xff',
    'J\xff\xff\xff\xff',
    'J\xff\xff\xff\x7f',
  ].map(latin1),
  ...[
    '\x8a\0',
    '\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f',
    'G\x7f\xf0\0\0\0\0\0\0',
    'X\x01\0\0\x000',
  ].map(latin1),
  ...['X\xff\xff\xff\xff', 'U\xff', '\x80\x02'].map(latin1),
  ...[
    'torch._utils\n_rebuild_tensor_v2',
    'torch._utils\n_rebuild_tensor_v3',
    'torch._utils\n_rebuild_parameter',
    'torch._tensor\n_rebuild_from_type_v2',
    'collections\nOrderedDict',
    'collections\nCounter',
    'torch\nFloatStorage',
    'torch\nBoolStorage',
    'torch.storage\nUntypedStorage',
    'torch\nSize',
    'torch\ndevice',
    'torch\nfloat64',
    '_codecs\nencode',
    '__builtin__\nset',
    '__builtin__\nbytearray',
    '__builtin__\ncomplex',
    'posix\nsystem',
    '__builtin__\neval',
  ].map((name) => latin1(`c${name}\n`)),
  // Deeper than any stack, and wider than anything that is looked at again and again may be.
  latin1(`${']'.repeat(20_000)}${'a'.repeat(19_999)}`),
  latin1(`(${'K\x01'.repeat(20_000)}t`),
  latin1(`]${'q\0]h\0ah\0a'.repeat(60)}`),
  latin1('(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04tQ'),
  latin1('K\0K\x02K\x02\x86K\x02K\x01\x86\x89)}'),
  latin1('}X\x03\0\0\0neg\x88s'),
  latin1('}X\x04\0\0\0conj\x88s'),
  latin1('ctorch.serialization\n_get_layout\nX\x0d\0\0\0torch.strided\x85R'),
  latin1('ctorch._utils\n_rebuild_parameter_with_state\n'),
  latin1('ctorch._tensor\n_rebuild_from_type_v2\n'),
];

const npyTokens = [
  "'<f4'",
  "'>i8'",
  "'|b1'",
  "'<c16'",
  "'|O'",
  "'<U9'",
  "'|S3'",
  "'<u2'",
  "'float32'",
  "u'<f4'",
  "[('a', '<f4')]",
  'True',
  'False',
  'None',
  '(',
  ')',
  '()',
  '(3,)',
  '(0, 5)',
  '(18446744073709551616,)',
  '(4294967296, 4294967296)',
  '-1,',
  '{',
  '}',
  "'shape'",
  '('.repeat(3000),
  '\x93NUMPY\x02\0',
  '\x93NUMPY\x03\0',
].map(latin1);

const jsonTokens = [
  '"F32"',
  '"I64"',
  '"BOOL"',
  '"F8_E4M3"',
  '"C64"',
  '"dtype":',
  '"shape":',
  '"data_offsets":',
  '"__metadata__":',
  '"__proto__":',
  '[0,4]',
  '[1e400]',
  '[-1]',
  '[9007199254740993]',
  '[]',
  '{}',
  'null',
  '{',
  '}',
  '[',
  ',',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
].map(latin1);

const zipTokens = [
  'PK\x01\x02',
  'PK\x03\x04',
  'PK\x05\x06',
  'PK\x06\x06',
  'PK\x06\x07',
  'PK\x07\x08',
  '\x01\0\x08\0',
].map(latin1);

async function arrays() {
  const x = torch.arange(12).view([3, 4]);
  const list = [
    x,
    x.t(),
    torch.tensor(2.5),
    torch.zeros(0, 3),
    x.to(torch.bool),
    x.to(torch.complex64),
    x.to(torch.int8),
  ];
  return Promise.all(list.map((t) => written((file) => torch.numpy.save(file, t))));
}

async function readAll(npz) {
  const values = [];
  for (const name of npz.files.slice(0, 16)) {
    (await npz.getRaw(name)).toArray();
    values.push(await npz.get(name));
  }
  return values;
}

/** An array of any element type, then as a tensor. */
async function readNpy(file) {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (magic.every((byte, i) => file[i] === byte)) (await torch.numpy.loadRaw(file)).toArray();
  return torch.numpy.load(file);
}

/**
 * A format: `seeds` are good files, `tokens` pieces of them, `generate` makes others that are well formed, `wrap` puts a mutant where its reader finds it, `read` reads,
 * and may ask for `bound` bytes of memory.
 */
export const formats = {
  async pt() {
    const seeds = await Promise.all(checkpoints().map((value) => torch.save(value)));
    seeds.push(
      await zip(
        [
          ['a/data.pkl', latin1('\x80\x02]K\x01a.')],
          ['a/byteorder', latin1('little')],
        ],
        true,
      ),
    );
    return {
      seeds,
      tokens: [...zipTokens, ...pickleTokens],
      read: (file) => torch.load(file),
      bound: inflated,
    };
  },
  async pickle() {
    const storage = new Uint8Array(16).fill(0x3f);
    const seeds = await Promise.all(checkpoints().map(async (value) => pickleOf(await torch.save(value))));
    const wrap = (pickle, random) =>
      zip([
        ['a/data.pkl', pickle],
        ['a/byteorder', latin1(random.oneIn(8) ? 'big' : 'little')],
        ...['0', '1', '2', '3', '4'].map((key) => [`a/data/${key}`, storage]),
      ]);
    return {
      seeds,
      tokens: pickleTokens,
      wrap,
      generate: anyPickle,
      read: (file) => torch.load(file, { mapLocation: 'cpu' }),
      bound: copies,
    };
  },
  async foreign() {
    return {
      seeds: goldenFiles('checkpoints.json.golden', /^pickle/),
      tokens: [...pickleTokens, ...foreignTokens],
      generate: anyPickle,
      read: (file) => torch.load(file, { weightsOnly: false, mapLocation: 'cpu' }),
      bound: copies,
    };
  },
  async script() {
    return archived(/^module.script/);
  },
  async layouts() {
    return archived(/^(sparse|quantized)/, { toDense: true });
  },
  async tar() {
    return {
      seeds: goldenFiles('checkpoints.json.golden', /tar$/),
      tokens: pickleTokens,
      read: (file) => torch.load(file, { mapLocation: 'cpu' }),
      bound: copies,
    };
  },
  async legacy() {
    const seeds = await Promise.all(checkpoints().map((value) => torch.save(value, null, legacy)));
    return {
      seeds,
      tokens: pickleTokens,
      generate: anyLegacy,
      read: (file) => torch.load(file, { mapLocation: 'cpu' }),
      bound: copies,
    };
  },
  async npy() {
    return {
      seeds: await arrays(),
      tokens: npyTokens,
      generate: anyNpy,
      read: readNpy,
      bound,
    };
  },
  async npz() {
    const seeds = await arrays();
    const good = await zip(
      [
        ['a.npy', seeds[0]],
        ['b.npy', seeds[1]],
      ],
      true,
    );
    return {
      seeds,
      tokens: npyTokens,
      wrap: (array, random) =>
        zip(
          [
            ['a.npy', array],
            ['b', random.pick(seeds)],
          ],
          random.oneIn(2),
        ),
      /** Half of the mutants are mutants of archives, with the checksums that go with other contents. */
      outer: { seeds: [good, await zip([['a.npy', seeds[2]]]), await zip([])], tokens: zipTokens },
      async read(file) {
        const loaded = await torch.numpy.load(file);
        return loaded instanceof torch.numpy.NpzFile ? readAll(loaded) : loaded;
      },
      bound: inflated,
    };
  },
  async safetensors() {
    const x = torch.arange(12).view([3, 4]);
    const seeds = [
      torch.safetensors.save({ a: x, b: torch.ones(2, 2), s: torch.tensor(1), e: torch.zeros(0, 3) }),
      torch.safetensors.save({ half: x.to(torch.float16), mask: x.to(torch.bool) }, { format: 'pt' }),
      torch.safetensors.save({}),
    ];
    return {
      seeds,
      tokens: jsonTokens,
      generate: anySafetensors,
      async read(file) {
        const opened = await torch.safetensors.safeOpen(file);
        const [name] = opened.keys();
        const parts = name === undefined ? [] : [await opened.getSlice(name).index('1:')];
        if (name !== undefined) (await opened.getRaw(name)).toArray();
        return [torch.safetensors.load(file), parts, opened.metadata()];
      },
      bound: copies,
    };
  },
  ...dataFormats,
  ...textFormats,
  ...tableFormats,
  ...visionFormats,
};

/** Readers with one fault each, for the fuzzer's own test: it must find them all. */
export const faulty = {
  selfcheck: async () => ({
    seeds: [new Uint8Array(8)],
    tokens: [],
    bound: copies,
    async read(_file, index) {
      if (index === 1) throw new RangeError('not an error of the library');
      if (index === 2) new Uint8Array(2 ** 28);
      if (index === 3) return { ...torch.ones(2), shape: [3], __proto__: torch.Tensor.prototype };
      if (index === 4) for (const end = performance.now() + 100; performance.now() < end; );
      if (index === 5) process.abort();
      if (index === 6) for (;;);
      if (index === 7) throw new torch.ValueError('an error of the library');
    },
  }),
};

/** The pickle within a checkpoint: the first entry, which is stored. */
function pickleOf(file) {
  const view = new DataView(file.buffer, file.byteOffset);
  const start = 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const end = Buffer.from(file.buffer, file.byteOffset, file.length).indexOf('PK\x07\x08', start, 'latin1');
  return file.slice(start, end);
}

/** Checkpoints that Python wrote: half of the mutants are mutants of a pickle, in an archive of good checksums. */
async function archived(names, options = {}) {
  const archives = goldenFiles('checkpoints.json.golden', names);
  const contents = await Promise.all(archives.map(entriesOf));
  const tokens = [...pickleTokens, ...foreignTokens];
  return {
    seeds: archives,
    make(random) {
      if (random.oneIn(2)) return mutate(random, { seeds: archives, tokens: zipTokens });
      const entries = random.pick(contents);
      return zip(
        entries.map(([name, bytes]) => [
          name,
          name.endsWith('/data.pkl') ? mutate(random, { seeds: [bytes], tokens }) : bytes,
        ]),
      );
    },
    read: (file) => torch.load(file, { weightsOnly: false, mapLocation: 'cpu', ...options }),
    bound: inflated,
  };
}

/** The entries of an archive: names and bytes. */
async function entriesOf(archive) {
  const source = await openSource(archive);
  const reader = await ZipReader.open(source, { fail: (why) => new Error(why) });
  return Promise.all([...reader.names()].map(async (name) => [name, await reader.read(name)]));
}

/** Input `index` of a format. */
export async function makeInput(name, { seeds, tokens, generate, wrap, outer, make }, seed, index) {
  const random = new Random(seed, name, index);
  if (make !== undefined) return make(random);
  if (outer !== undefined && random.oneIn(2)) return mutate(random, outer);
  const mutant =
    generate !== undefined && random.oneIn(2) ? generate(random) : mutate(random, { seeds, tokens });
  return wrap === undefined ? mutant : wrap(mutant, random);
}
