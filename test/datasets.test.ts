import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { create } from 'tar';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';

const { CIFAR10 } = torchvision.datasets;
const { Compose, Normalize, ToTensor } = torchvision.transforms;

const sample = fileURLToPath(new URL('../examples/blitz/data', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'flambeau-datasets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newFolder = () => {
  const path = join(folder, String(made++));
  mkdirSync(path);
  return path;
};

/** Records whose pixels tell where they are: a label, then 3,072 values. */
function records(labels: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(3073 * labels.length);
  for (const [i, label] of labels.entries()) {
    bytes[3073 * i] = label;
    for (let p = 0; p < 3072; p++) bytes[3073 * i + 1 + p] = (i * 31 + p) & 255;
  }
  return bytes;
}

function writeCifar(path: string, test: Uint8Array = records([3, 8])): void {
  for (let i = 1; i <= 5; i++) writeFileSync(join(path, `data_batch_${i}.bin`), records([i]));
  writeFileSync(join(path, 'test_batch.bin'), test);
}

describe('CIFAR10', () => {
  it('reads the official files', () => {
    const path = newFolder();
    writeCifar(path);
    const set = new CIFAR10(path);
    expect([set.length, [...set.targets]]).toEqual([5, [1, 2, 3, 4, 5]]);
    expect(set.classes[3]).toBe('cat');
    expect(set.classToIdx.truck).toBe(9);
    const test = new CIFAR10(path, { train: false });
    const [image, label] = test.at(1);
    expectTypeOf(image).toEqualTypeOf<torchvision.transforms.Image>();
    expect([label, image.width, image.height, image.mode]).toEqual([8, 32, 32, 'RGB']);
    // Pixel 0 is red, green and blue from the three planes.
    expect([...image.data.subarray(0, 3)]).toEqual([31, (31 + 1024) & 255, (31 + 2048) & 255]);
    expect([...test.at(-1)[0].planes]).toEqual([...image.planes]);
    expect(() => test.at(2)).toThrow(torch.IndexError);
    expect(() => test.at(2)).toThrow('index 2 is out of bounds for axis 0 with size 2');
  });

  it('transforms images and labels', () => {
    const path = join(newFolder(), 'cifar-10-batches-bin');
    mkdirSync(path);
    writeCifar(path);
    const set = new CIFAR10(join(path, '..'), {
      train: false,
      transform: new Compose([new ToTensor(), new Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])]),
      targetTransform: (label: number) => `class ${label}`,
    });
    const [x, label] = set.at(0);
    expectTypeOf(x).toEqualTypeOf<torch.Tensor>();
    expectTypeOf(label).toEqualTypeOf<string>();
    expect([label, x.shape, x.index(0, 0, 5).item()]).toEqual([
      'class 3',
      [3, 32, 32],
      Math.fround(Math.fround(5 / 255) - 0.5) / 0.5,
    ]);
    expect(String(set)).toBe(
      [
        'Dataset CIFAR10',
        '    Number of datapoints: 2',
        `    Root location: ${join(path, '..')}`,
        '    Split: Test',
        '    StandardTransform',
        'Transform: Compose(',
        '               ToTensor()',
        '               Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))',
        '           )',
        `Target transform: ${set.targetTransform}`,
      ].join('\n'),
    );
  });

  it('reads the sample in this repository, here and in workers', async () => {
    const transform = new Compose([new ToTensor(), new Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])]);
    const set = new CIFAR10(sample, { train: false, transform });
    expect(set.length).toBe(500);
    const { DataLoader } = torch.utils.data;
    const here = [...new DataLoader(set, { batchSize: 100 })];
    let i = 0;
    for await (const [x, y] of new DataLoader(set, { batchSize: 100, numWorkers: 2 })) {
      expectTypeOf(x).toEqualTypeOf<torch.Tensor>();
      expect(y.tolist()).toEqual(here[i][1].tolist());
      expect(x.eq(here[i][0]).all().item()).toBe(1);
      i++;
    }
    expect(i).toBe(5);
  });

  it('names the file and place where a file is wrong', () => {
    const path = newFolder();
    expect(() => new CIFAR10(path)).toThrow(
      /^Dataset not found or corrupted\. You can use download: true to download it/,
    );
    expect(() => new CIFAR10(path, { training: true } as never)).toThrow(
      "CIFAR10() got an unexpected keyword argument 'training' (valid: root, train, transform, targetTransform, download)",
    );
    writeCifar(path, records([3, 8]).subarray(0, 5000));
    expect(() => new CIFAR10(path, { train: false })).toThrow(
      `${join(path, 'test_batch.bin')} is truncated: 5000 bytes are 1 records of 3073 bytes and, from offset 3073, 1927 bytes of another`,
    );
    writeCifar(path, records([3, 10]));
    expect(() => new CIFAR10(path, { train: false })).toThrow(
      `${join(path, 'test_batch.bin')}: the label at offset 3073 (record 1) is 10, expected 0 to 9`,
    );
    writeCifar(path, new Uint8Array(0));
    expect(() => new CIFAR10(path, { train: false })).toThrow('test_batch.bin is empty');
    writeCifar(path);
    writeFileSync(join(path, 'batches.meta.txt'), 'cat\ndog\n');
    expect(() => new CIFAR10(path)).toThrow('batches.meta.txt names 2 classes, expected 10');
  });
});

describe('downloads', () => {
  let archive: Buffer;
  let md5: string;
  let respond: (request: IncomingMessage, response: ServerResponse) => void;
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    respond(request, response);
  });
  let baseUrl: string;

  const hash = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
  async function pack(fill: (path: string) => void, name = 'cifar-10-batches-bin'): Promise<Buffer> {
    const path = newFolder();
    mkdirSync(join(path, name));
    fill(join(path, name));
    const chunks: Buffer[] = [];
    for await (const chunk of create({ gzip: true, cwd: path }, [name])) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
  const sendAll = (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { 'content-length': archive.length });
    response.end(archive);
  };

  beforeAll(async () => {
    archive = await pack(writeCifar);
    md5 = hash(archive);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data/`;
  });
  afterAll(() => server.close());

  it('fetch, check and unpack the archive, once', async () => {
    respond = sendAll;
    requests.length = 0;
    const root = join(newFolder(), 'new');
    const progress: number[] = [];
    const options = {
      download: true,
      baseUrl,
      md5,
      progress: (n: number, total: number | null) => {
        progress.push(n);
        expect(total).toBe(archive.length);
      },
    };
    const set = await CIFAR10.open(root, options);
    expect(set.length).toBe(5);
    expect(requests.map((request) => request.url)).toEqual(['/data/cifar-10-binary.tar.gz']);
    expect(progress.at(-1)).toBe(archive.length);
    expect(readdirSync(root).sort()).toEqual(['cifar-10-batches-bin', 'cifar-10-binary.tar.gz']);
    await CIFAR10.open(root, options);
    expect(requests).toHaveLength(1);
    // The archive is still there and right: only unpacking is needed.
    rmSync(join(root, 'cifar-10-batches-bin'), { recursive: true });
    expect((await CIFAR10.open(root, { ...options, train: false })).length).toBe(2);
    expect(requests).toHaveLength(1);
  });

  it('go on where they broke off', async () => {
    const root = newFolder();
    const half = archive.length >> 1;
    respond = (_, response) => {
      response.writeHead(200, { 'content-length': archive.length });
      response.write(archive.subarray(0, half));
      // Everything that is sent must have arrived, or there is nothing to go on from.
      setTimeout(() => response.destroy(), 500);
    };
    await expect(CIFAR10.download(root, { baseUrl, md5 })).rejects.toThrow(/try again to go on from there/);
    expect(readdirSync(root)).toEqual(['cifar-10-binary.tar.gz.part']);
    respond = (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
      response.writeHead(206, { 'content-length': archive.length - from });
      response.end(archive.subarray(from));
    };
    requests.length = 0;
    await CIFAR10.download(root, { baseUrl, md5 });
    expect(requests[0].headers.range).toBe(`bytes=${half}-`);
    expect(new CIFAR10(root).length).toBe(5);
    // A server without ranges sends everything again.
    const other = newFolder();
    writeFileSync(join(other, 'cifar-10-binary.tar.gz.part'), 'something else');
    respond = sendAll;
    await CIFAR10.download(other, { baseUrl, md5 });
    expect(new CIFAR10(other).length).toBe(5);
  });

  it('leave nothing that is not right', async () => {
    const root = newFolder();
    respond = (_, response) => response.end('not the archive');
    await expect(CIFAR10.download(root, { baseUrl, md5 })).rejects.toThrow('File not found or corrupted.');
    expect(readdirSync(root)).toEqual([]);
    respond = (_, response) => response.writeHead(404, 'Not Found').end();
    await expect(CIFAR10.download(root, { baseUrl, md5 })).rejects.toThrow(
      `cannot download ${baseUrl}cifar-10-binary.tar.gz: HTTP 404 Not Found`,
    );
    await expect(CIFAR10.download(root, { baseUrl: 'http://127.0.0.1:1/', md5 })).rejects.toThrow(
      torch.RuntimeError,
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it('unpack nothing but files, and nowhere else', async () => {
    const hostile = await pack((path) => {
      writeCifar(path);
      symlinkSync('/etc', join(path, 'link'));
    });
    respond = (_, response) => response.end(hostile);
    const root = newFolder();
    await expect(CIFAR10.download(root, { baseUrl, md5: hash(hostile) })).rejects.toThrow(
      /SymbolicLink.*only files are unpacked/,
    );
    const escaping = tarOf('../escaped.txt', 'out');
    respond = (_, response) => response.end(escaping);
    await expect(CIFAR10.download(root, { baseUrl, md5: hash(escaping) })).rejects.toThrow(/\.\./);
    const other = await pack(writeCifar, 'another-folder');
    respond = (_, response) => response.end(other);
    await expect(CIFAR10.download(root, { baseUrl, md5: hash(other) })).rejects.toThrow(
      'has no folder cifar-10-batches-bin',
    );
    expect(readdirSync(root)).toEqual(['cifar-10-binary.tar.gz']);
    expect(existsSync(join(folder, 'escaped.txt'))).toBe(false);
  });
});

/** A tar archive of one small file, by hand: no tool makes one with such a path. */
function tarOf(path: string, content: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(path, 0);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([block, Buffer.from(content.padEnd(512, '\0')), Buffer.alloc(1024)]);
}
