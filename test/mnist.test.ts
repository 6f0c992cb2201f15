import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { crc32 } from '../dist/io/crc32.js';
import type { DatasetFile } from '../dist/vision/datasets/dataset_files.js';
import { unpackedSync } from '../dist/vision/datasets/folders.js';
import { unpacked } from '../dist/vision/datasets/gzip.js';
import { parseIdx } from '../dist/vision/datasets/idx.js';

const { FashionMNIST, MNIST } = torchvision.datasets;
const { Compose, Normalize, ToTensor } = torchvision.transforms;

const folder = mkdtempSync(join(tmpdir(), 'flambeau-mnist-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newFolder = () => {
  const path = join(folder, String(made++));
  mkdirSync(path);
  return path;
};

/** An IDX file: two zeros, a type, the number of dimensions, sizes, elements. */
function idx(type: number, shape: readonly number[], elements: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = type;
  header[3] = shape.length;
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, Buffer.from(elements)]);
}
/** Three images of 2x4 pixels that tell where they are, and their labels. */
const images = idx(
  8,
  [3, 2, 4],
  Array.from({ length: 24 }, (_, i) => i),
);
const labels = (...values: number[]) => idx(8, [values.length], values);

function writeMnist(path: string, of = labels(5, 0, 4), end = ''): void {
  const pack = (bytes: Buffer) => (end === '.gz' ? gzipSync(bytes) : bytes);
  for (const split of ['train', 't10k']) {
    writeFileSync(join(path, `${split}-images-idx3-ubyte${end}`), pack(images));
    writeFileSync(join(path, `${split}-labels-idx1-ubyte${end}`), pack(of));
  }
}

describe('MNIST', () => {
  it('reads the official files, plain or in gzip, from either place', () => {
    const below = newFolder();
    mkdirSync(join(below, 'MNIST/raw'), { recursive: true });
    writeMnist(join(below, 'MNIST/raw'));
    const packed = newFolder();
    writeMnist(packed, undefined, '.gz');
    for (const root of [below, packed]) {
      const set = new MNIST(root, { train: false });
      expect(new MNIST({ root, train: false }).length).toBe(set.length);
      expect(new MNIST(root, false).length).toBe(set.length);
      expect([set.length, set.targets.tolist(), set.targets.dtype]).toEqual([3, [5, 0, 4], torch.int64]);
      expect([set.data.shape, set.data.dtype]).toEqual([[3, 2, 4], torch.uint8]);
      expect(set.data.index(1, 1).tolist()).toEqual([12, 13, 14, 15]);
      const [image, label] = set.at(-1);
      expectTypeOf(image).toEqualTypeOf<torchvision.transforms.Image>();
      expect([label, image.mode, image.size, [...image.data]]).toEqual([
        4,
        'L',
        [4, 2],
        [16, 17, 18, 19, 20, 21, 22, 23],
      ]);
      expect(set.classes[4]).toBe('4 - four');
      expect(set.classToIdx['9 - nine']).toBe(9);
      expect(() => set.at(3)).toThrow('index 3 is out of bounds for axis 0 with size 3');
    }
  });

  it('opens by position and by name, in every mix', async () => {
    const root = newFolder();
    writeMnist(root);
    const transform = new ToTensor();
    const targetTransform = (label: number) => String(label);
    const described = async (set: Promise<torchvision.datasets.VisionDataset<unknown, unknown>>) => {
      const { constructor, root, train, transform, targetTransform } = await set;
      return [constructor, root, train, transform, targetTransform];
    };
    const expected = [FashionMNIST, root, false, transform, targetTransform];
    const opened = FashionMNIST.open({ root, train: false, transform, targetTransform, progress: false });
    for (const set of [
      opened,
      FashionMNIST.open(root, { train: false, transform, targetTransform }),
      FashionMNIST.open(root, false, { transform, targetTransform, signal: null }),
      FashionMNIST.open(root, false, transform, targetTransform),
      FashionMNIST.open(root, false, transform, targetTransform, false, { progress: false }),
    ])
      expect(await described(set)).toEqual(expected);
    const [picture, label] = (await opened).at(0);
    expectTypeOf(picture).toEqualTypeOf<torch.Tensor>();
    expectTypeOf(label).toEqualTypeOf<string>();
    expect([picture.shape, label]).toEqual([[1, 2, 4], '5']);
    expect(await described(MNIST.open({ root }))).toEqual([MNIST, root, true, null, null]);
  });

  it.each([
    ['MNIST', MNIST],
    ['FashionMNIST', FashionMNIST],
    ['CIFAR10', torchvision.datasets.CIFAR10],
  ] as const)("refuses what %s does not take, in Python's words", async (name, set) => {
    const refusals: readonly (readonly [text: string, ...args: unknown[]])[] = [
      ["open() missing 1 required positional argument: 'root'"],
      ["open() missing 1 required positional argument: 'root'", { train: false }],
      ["open() got an unexpected keyword argument 'training'", { root: 'x', training: false }],
      ["open() got an unexpected keyword argument 'target_transform'", 'x', { target_transform: String }],
      ["open() got multiple values for argument 'root'", 'x', { root: 'y' }],
      ["open(): argument 'root' (position 1) must be str, URL or list of Files, not int", 5],
      ["open(): argument 'train' (position 2) must be bool, not str", 'x', 'train'],
      ['open() takes from 1 to 5 positional arguments but 6 were given', 'x', true, null, null, false, true],
      ["download() missing 1 required positional argument: 'root'"],
      ["download() got an unexpected keyword argument 'url'", 'x', { url: 'y' }],
    ];
    for (const [text, ...args] of refusals) {
      const method: (...args: never[]) => Promise<unknown> = text.startsWith('open')
        ? set.open
        : set.download;
      const found = await method.apply(set, args as never[]).catch((error: unknown) => error);
      expect(found).toBeInstanceOf(torch.TypeError);
      expect(String(found)).toContain(`${name}.${text}`);
    }
  });

  it('transforms, prints and travels to workers', async () => {
    const root = newFolder();
    writeMnist(root);
    const transform = new Compose([new ToTensor(), new Normalize([0.5], [0.5])]);
    const set = new FashionMNIST(root, { transform, targetTransform: (label: number) => label });
    const [x] = set.at(0);
    expectTypeOf(x).toEqualTypeOf<torch.Tensor>();
    expect(x.shape).toEqual([1, 2, 4]);
    expect(String(set).split('\n').slice(0, 5)).toEqual([
      'Dataset FashionMNIST',
      '    Number of datapoints: 3',
      `    Root location: ${root}`,
      '    Split: Train',
      '    StandardTransform',
    ]);
    const plain = new FashionMNIST(root, { transform });
    expect([plain.classes[0], plain instanceof MNIST]).toEqual(['T-shirt/top', true]);
    for await (const [inputs, targets] of new torch.utils.data.DataLoader(plain, {
      batchSize: 3,
      numWorkers: 1,
    })) {
      expect([inputs.shape, targets.tolist()]).toEqual([
        [3, 1, 2, 4],
        [5, 0, 4],
      ]);
      expect(inputs.index(0).equal(x)).toBe(true);
    }
  });

  it('names the file where one is wrong', () => {
    const path = newFolder();
    expect(() => new MNIST(path)).toThrow(/^Dataset not found\. You can use download: true to download it/);
    expect(() => new FashionMNIST(path, { training: true } as never)).toThrow(
      "FashionMNIST() got an unexpected keyword argument 'training'",
    );
    writeMnist(path, labels(5, 0));
    expect(() => new MNIST(path)).toThrow(
      /images-idx3-ubyte has 3 images, but .*labels-idx1-ubyte has 2 labels/,
    );
    writeMnist(path, labels(5, 0, 10));
    expect(() => new MNIST(path)).toThrow('labels-idx1-ubyte: label 2 is 10, expected 0 to 9');
    writeMnist(path, idx(9, [3], [5, 0, 4]));
    expect(() => new MNIST(path)).toThrow('x should be of dtype torch.uint8 instead of torch.int8');
    writeMnist(path, images);
    expect(() => new MNIST(path)).toThrow('x should have 1 dimension instead of 3');
  });
});

describe('IDX files', () => {
  /** The images in gzip, with other bytes in the checksum and size that end the file. */
  const ending = (byte: number, from: number, to?: number) => {
    const bytes = new Uint8Array(gzipSync(images));
    return bytes.fill(byte, from, to);
  };
  const parse = (file: DatasetFile) => parseIdx(file.path, unpackedSync(file).bytes);
  const parseLater = async (file: DatasetFile) => parseIdx(file.path, (await unpacked(file)).bytes);
  const refusals: readonly (readonly [what: string, bytes: Uint8Array, error: string])[] = [
    ['nothing', Buffer.alloc(0), 'x is no IDX file: it begins with '],
    ['text', Buffer.from('hello'), 'x is no IDX file: it begins with 104, 101, 108, 108'],
    ['an unknown type', idx(10, [1], [1]), 'x is no IDX file: it begins with 0, 0, 10, 1'],
    ['half a header', images.subarray(0, 9), 'its header needs 16 bytes, but it has 9'],
    [
      'half the elements',
      images.subarray(0, 30),
      'sizes [3, 2, 4] of torch.uint8 need 40 bytes, but it has 30',
    ],
    ['too many elements', Buffer.concat([images, images]), 'need 40 bytes, but it has 80'],
    ['huge sizes', idx(8, [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], []), 'need 7.922816'],
    ['half a gzip file', gzipSync(images).subarray(0, 30), 'x is damaged'],
    ['another checksum', ending(7, -8, -4), 'x is damaged: incorrect data check'],
    ['a lie about the size', ending(255, -4), 'its size cannot be right'],
  ];
  for (const [what, bytes, error] of refusals) {
    it(`are not ${what}`, async () => {
      const read = () => parse({ path: 'x', bytes });
      expect(read).toThrow(error);
      expect(read).toThrow(torch.RuntimeError);
      const later = () => parseLater({ path: 'x', bytes });
      await expect(later).rejects.toThrow(error);
      await expect(later).rejects.toThrow(torch.RuntimeError);
    });
  }

  it('may have names, comments and more in their gzip header', async () => {
    const packed = gzipSync(labels(1, 2, 3));
    const header = Buffer.from(packed.subarray(0, 10));
    header[3] = 4 + 8 + 16 + 2;
    const named = Buffer.concat([header, Buffer.from('\x02\0xxname\0comment\0', 'latin1')]);
    const checksum = Buffer.alloc(2);
    checksum.writeUInt16LE(crc32(named) & 0xffff);
    const file = { path: 'x', bytes: Buffer.concat([named, checksum, packed.subarray(10)]) };
    expect([...parse(file).data]).toEqual([1, 2, 3]);
    expect([...(await parseLater(file)).data]).toEqual([1, 2, 3]);
  });
});

describe('downloads', () => {
  const files = new Map<string, Buffer>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    const bytes = files.get(request.url!);
    if (bytes === undefined) response.writeHead(404, 'Not Found').end();
    else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  class Local extends MNIST<torchvision.transforms.Image, number> {}

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Local.mirrors = [`${base}/gone/`, `${base}/here/`];
    Local.resources = MNIST.resources.map(([name]) => {
      const bytes = gzipSync(name.includes('images') ? images : labels(5, 0, 4));
      files.set(`/here/${name}`, bytes);
      return [name, createHash('md5').update(bytes).digest('hex')] as const;
    });
  });
  afterAll(() => server.close());

  it('try one mirror after the other, and fetch each file once', async () => {
    const root = newFolder();
    const progress: number[] = [];
    const set = await Local.open(root, { download: true, progress: (received) => progress.push(received) });
    expect(set).toBeInstanceOf(Local);
    expect([set.length, progress.length >= 4]).toEqual([3, true]);
    expect(set.rawFolder).toBe(join(root, 'MNIST/raw'));
    expect(readdirSync(set.rawFolder)).toHaveLength(4);
    expect(requests).toHaveLength(8);
    await Local.open(root, { download: true, train: false });
    expect(requests).toHaveLength(8);
  });

  it('leave no file that is not right', async () => {
    const name = 't10k-labels-idx1-ubyte.gz';
    files.set(`/here/${name}`, Buffer.from('something else'));
    const root = newFolder();
    await expect(Local.download(root)).rejects.toThrow(
      /^Error downloading t10k-labels-idx1-ubyte.gz:\nTried http:.*\/gone\/, got:\n.*HTTP 404 Not Found\nTried http:.*\/here\/, got:\nFile not found or corrupted\./s,
    );
    expect(readdirSync(join(root, 'MNIST/raw'))).not.toContain(name);
    expect(() => new Local(root, { train: false })).toThrow('Dataset not found.');
  });
});

const real = fileURLToPath(new URL('../../shared/data/mnist', import.meta.url));
if (!existsSync(real)) console.warn('mnist: ../shared is absent; the real data set is not read');

describe.skipIf(!existsSync(real))('the real MNIST', () => {
  it('has the content that its authors published', () => {
    const train = new MNIST(real);
    expect([train.data.shape, train.targets.index(':10').tolist()]).toEqual([
      [60_000, 28, 28],
      [5, 0, 4, 1, 9, 2, 1, 3, 1, 4],
    ]);
    expect(train.targets.bincount().tolist()).toEqual([
      5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]);
    // The mean and deviation that everybody normalizes with.
    const x = train.data.to(torch.float32).div(255);
    expect([x.mean().item(), x.std().item()].map((v) => Number(v.toFixed(4)))).toEqual([0.1307, 0.3081]);
    expect(new MNIST(real, { train: false }).length).toBe(10_000);
  });
});
