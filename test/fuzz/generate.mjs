/** Files that are well formed but mean nothing good: they get further into a reader than damaged ones. */

const latin1 = (text) => Buffer.from(text, 'latin1');
/** Deeper than any stack; and lists of twice the list before, too many to be written out. */
const deepList = `${']'.repeat(20_000)}${'a'.repeat(19_999)}`;
const wideList = `]${'q\x07]h\x07ah\x07a'.repeat(60)}`;
const longTuple = `(${'K\x01'.repeat(20_000)}t`;

const globals = [
  'torch._utils\n_rebuild_tensor_v2',
  'torch._utils\n_rebuild_tensor_v3',
  'torch._utils\n_rebuild_tensor',
  'torch._utils\n_rebuild_parameter',
  'torch._utils\n_rebuild_parameter_with_state',
  'torch._tensor\n_rebuild_from_type_v2',
  'torch.nn.parameter\nParameter',
  'torch\nTensor',
  'collections\nOrderedDict',
  'collections\nCounter',
  'torch\nFloatStorage',
  'torch\nBoolStorage',
  'torch.storage\nUntypedStorage',
  'torch\nSize',
  'torch\ndevice',
  'torch\nfloat64',
  'torch\ncomplex64',
  '_codecs\nencode',
  '__builtin__\nset',
  '__builtin__\nbytearray',
  '__builtin__\ncomplex',
  'posix\nsystem',
  '__builtin__\neval',
].map((name) => `c${name}\n`);
const texts = ['', '0', '1', '9', 'cpu', 'cuda:0', 'storage', 'latin1', '__proto__', 'é', '_metadata'];
const numbers = ['K\0', 'K\x01', 'K\x02', 'K\xff', 'J\xff\xff\xff\xff', 'J\xff\xff\xff\x7f', 'M\xff\xff'];
const others = ['N', '\x88', '\x89', 'G\x7f\xf8\0\0\0\0\0\0', 'G\xff\xf0\0\0\0\0\0\0', '\x8a\0', '\x8f'];
const large = '\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f';
const extremes = [deepList, wideList, longTuple, large];

function text(random) {
  const chosen = Buffer.from(random.pick(texts)).toString('latin1');
  return `X${String.fromCharCode(chosen.length)}\0\0\0${chosen}`;
}

/** Opcodes that leave one value on the stack. */
function pickled(random, depth = 0) {
  const kind = random.below(depth > 4 ? 6 : 14);
  const values = () => Array.from({ length: random.below(5) }, () => pickled(random, depth + 1));
  const remember = random.oneIn(3) ? `q${String.fromCharCode(random.below(5))}` : '';
  if (kind === 0) return random.oneIn(8) ? random.pick(extremes) : random.pick(others);
  if (kind === 1) return text(random);
  if (kind === 2) return random.oneIn(3) ? `h${String.fromCharCode(random.below(5))}` : random.pick(numbers);
  if (kind === 3) return random.pick(numbers);
  if (kind === 4) return random.pick(globals);
  if (kind === 5) return `)${remember}`;
  if (kind === 6) return `(${values().join('')}t${remember}`;
  if (kind === 7) return `]${remember}(${values().join('')}e`;
  if (kind === 8) {
    const pairs = values().map((value) => (random.oneIn(4) ? random.pick(numbers) : text(random)) + value);
    return `}${remember}(${pairs.join('')}u`;
  }
  if (kind === 9) return storage(random, depth);
  if (kind < 12) return tensor(random, depth);
  return `${random.pick(globals)}(${values().join('')}tR${remember}${random.oneIn(6) ? `${pickled(random, depth + 1)}b` : ''}`;
}

/** These parts, or with one of them replaced. */
function oneReplaced(parts, random, depth) {
  const wrong = random.oneIn(2) ? random.below(parts.length) : -1;
  return `(${parts.map((part, i) => (i === wrong ? pickled(random, depth + 1) : part)).join('')}t`;
}

function storage(random, depth) {
  const parts = ['X\x07\0\0\0storage', 'ctorch\nFloatStorage\n', 'X\x01\0\0\x000', 'X\x03\0\0\0cpu', 'K\x04'];
  return `${oneReplaced(random.oneIn(4) ? [...parts, 'N'] : parts, random, depth)}Q`;
}

function tensor(random, depth) {
  const parts = [storage(random, depth), 'K\0', 'K\x02K\x02\x86', 'K\x02K\x01\x86', '\x89', '}'];
  const call = `ctorch._utils\n_rebuild_tensor_v2\n${oneReplaced(parts, random, depth)}R`;
  return random.oneIn(4)
    ? `ctorch._utils\n_rebuild_parameter\n${oneReplaced([call, '\x88', '}'], random, depth)}R`
    : call;
}

export function anyPickle(random) {
  return new Uint8Array(latin1(`\x80\x02${pickled(random)}.`));
}

/** The five pickles of the old format, and the storage. */
export function anyLegacy(random) {
  const value = (good) => (random.oneIn(12) ? pickled(random) : good);
  const pickles = [
    value('\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19'),
    value('M\xe9\x03'),
    value('}'),
    pickled(random),
    value(']X\x01\0\0\x000a'),
  ];
  return new Uint8Array(
    latin1(`${pickles.map((p) => `\x80\x02${p}.`).join('')}\x04${'\0'.repeat(7)}${'?'.repeat(16)}`),
  );
}

const jsonDeep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const jsonValues = [
  '0',
  '1',
  '4',
  '8',
  '-1',
  '1.5',
  '1e400',
  '9007199254740993',
  'null',
  'true',
  '""',
  '"F32"',
  '"F31"',
];
const dtypes = ['"F32"', '"I64"', '"BOOL"', '"U8"', '"BF16"', '"C64"', '"F4"', '"F8_E4M3"', '"U16"'];

function json(random, depth = 0) {
  const kind = random.below(depth > 3 ? 2 : 5);
  const values = () => Array.from({ length: random.below(4) }, () => json(random, depth + 1));
  if (kind === 0 && random.oneIn(6)) return jsonDeep;
  if (kind < 2) return random.pick(jsonValues);
  if (kind < 4) return `[${values().join(',')}]`;
  return `{${values()
    .map((value) => `"${random.pick(texts)}":${value}`)
    .join(',')}}`;
}

export function anySafetensors(random) {
  let at = 0;
  const or = (good) => (random.oneIn(16) ? json(random) : good);
  const fields = Array.from({ length: random.below(4) }, (_, i) => {
    const size = random.below(5);
    const begin = at;
    at += 4 * size;
    const info = `"dtype":${or(random.oneIn(4) ? random.pick(dtypes) : '"F32"')},"shape":${or(`[${size}]`)},"data_offsets":${or(`[${begin},${at}]`)}`;
    return `"${random.oneIn(8) ? random.pick(texts) : i}":${or(`{${info}}`)}`;
  });
  if (random.oneIn(3)) fields.push(`"__metadata__":${or('{"format":"pt"}')}`);
  const header = Buffer.from(or(`{${fields.join(',')}}`));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(
    Buffer.concat([length, header, Buffer.alloc(random.oneIn(16) ? random.below(64) : at, 7)]),
  );
}

const literals = [
  'True',
  'False',
  'None',
  '0',
  '3',
  '-3',
  '5L',
  "'<f4'",
  "'|O'",
  "'<U9'",
  '()',
  '(3,)',
  "'shape'",
];
const descrs = ["'<f4'", "'>f8'", "'|b1'", "'<i2'", "'<c8'", "'<u2'", "'<M8[ns]'", "'|V9'", "[('a', '<f4')]"];

function literal(random, depth = 0) {
  const kind = random.below(depth > 3 ? 2 : 6);
  const values = () => Array.from({ length: random.below(4) }, () => literal(random, depth + 1));
  if (kind === 0 && random.oneIn(6)) return `${'('.repeat(3000)}${')'.repeat(3000)}`;
  if (kind < 3) return random.pick(literals);
  if (kind === 3) return `[${values().join(', ')}]`;
  if (kind === 4)
    return `(${values()
      .map((value) => `${value},`)
      .join(' ')})`;
  return `{${values()
    .map((value) => `${random.pick(literals)}: ${value}`)
    .join(', ')}}`;
}

export function anyNpy(random) {
  const or = (good) => (random.oneIn(10) ? literal(random) : good);
  const shape = Array.from({ length: random.below(4) }, () => random.pick([0, 1, 2, 3, 5, 2 ** 31, 2 ** 53]));
  const header = `{'descr': ${or(random.pick(descrs))}, 'fortran_order': ${or(random.pick(['True', 'False']))}, 'shape': ${or(`(${shape.map((n) => `${n},`).join(' ')})`)}, }\n`;
  const version = 1 + random.below(3);
  const start = Buffer.alloc(version === 1 ? 10 : 12);
  start.write('\x93NUMPY', 'latin1');
  start[6] = version;
  if (version === 1) start.writeUInt16LE(header.length & 0xffff, 8);
  else start.writeUInt32LE(header.length, 8);
  return new Uint8Array(Buffer.concat([start, latin1(header), Buffer.alloc(random.below(300), 1)]));
}
