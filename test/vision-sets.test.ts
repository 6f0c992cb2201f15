import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inflateSync } from 'node:zlib';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { create } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipWriter } from '../src/io/zip_writer.js';
import { parseXml } from '../src/vision/datasets/xml.js';
import { encodePngFile } from '../src/vision/io/png_encoder.js';

const { datasets } = torchvision;

/** Made by `golden/vision_sets.py`, in Python. */
const recorded = JSON.parse(
  readFileSync(new URL('golden/vision_sets.json.golden', import.meta.url), 'utf8'),
) as { files: Record<string, string>; svhn: number[][][][]; usps: number[][] };
const file = (name: string) => new Uint8Array(inflateSync(Buffer.from(recorded.files[name], 'base64')));

const made: string[] = [];
/** A new folder with these files. */
function folder(files: Readonly<Record<string, Uint8Array | string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'flambeau-sets-'));
  made.push(root);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}
afterAll(() => {
  for (const root of made) rmSync(root, { recursive: true });
});

/** A picture of one colour; all readers tell formats by what is in files, so that its name may end in `.jpg`. */
const picture = (red: number, channels = 3) =>
  encodePngFile({
    width: 2,
    height: 1,
    channels,
    samples: Uint8Array.from({ length: 2 * channels }, (_, i) => (i % channels === 0 ? red : 0)),
  });
const redOf = (image: torchvision.Image) => image.planes[0];
const chosen = (files: Readonly<Record<string, Uint8Array | string>>, top = 'chosen') =>
  Object.entries(files).map(([name, content]) => {
    const one = new File([content as never], name.replace(/^.*\//, ''));
    Object.defineProperty(one, 'webkitRelativePath', { value: `${top}/${name}` });
    return one;
  });

/** All items of a data set, loaded by workers. */
async function byWorkers(set: unknown): Promise<unknown[]> {
  const items: unknown[] = [];
  const loader = new torch.utils.data.DataLoader(
    set as never,
    {
      batchSize: 1,
      numWorkers: 1,
      collateFn: (list: unknown[]) => list[0],
    } as never,
  );
  for await (const item of loader) items.push(item);
  return items;
}

/** An IDX file. */
function idx(type: number, shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = type;
  header[3] = shape.length;
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return new Uint8Array(Buffer.concat([header, bytes]));
}

/** A batch of CIFAR's as Python 2 pickled it: an array of bytes, and labels. */
function pickledBatch(labels: number[], key: string): Uint8Array {
  const latin = (text: string) => Buffer.from(text, 'latin1');
  const string = (text: string) => latin(`U${String.fromCharCode(text.length)}${text}`);
  const pixels = Buffer.alloc(
    labels.length * 3072,
    Uint8Array.from({ length: 256 }, (_, i) => 255 - i),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(pixels.length);
  return new Uint8Array(
    Buffer.concat([
      latin('\x80\x02}('),
      string('data'),
      latin('cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K'),
      latin(`${String.fromCharCode(labels.length)}M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R`),
      latin('(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T'),
      length,
      pixels,
      latin('tb'),
      string(key),
      latin(`](${labels.map((label) => `K${String.fromCharCode(label)}`).join('')}eu.`),
    ]),
  );
}
const pickledNames = (key: string, count: number) => {
  const names = Array.from({ length: count }, (_, i) => `U\x03${String(i).padStart(3, '0')}`).join('');
  return Buffer.from(`\x80\x02}U${String.fromCharCode(key.length)}${key}](${names}es.`, 'latin1');
};

describe('CIFAR', () => {
  it('is read from the pickles of its Python version', () => {
    const files = Object.fromEntries(
      [1, 2, 3, 4, 5].map((i) => [`cifar-10-batches-py/data_batch_${i}`, pickledBatch([i, 9], 'labels')]),
    );
    const root = folder({ ...files, 'cifar-10-batches-py/batches.meta': pickledNames('label_names', 10) });
    const set = new datasets.CIFAR10(root);
    expect([set.length, [...set.targets.subarray(0, 4)], set.classes[1]]).toEqual([10, [1, 9, 2, 9], '001']);
    expect([...set.at(1)[0].planes.subarray(0, 3)]).toEqual([255, 254, 253]);
  });

  it('has a hundred classes in both versions of CIFAR100', async () => {
    const python = {
      'cifar-100-python/train': pickledBatch([99, 0], 'fine_labels'),
      'cifar-100-python/meta': pickledNames('fine_label_names', 100),
    };
    const set = new datasets.CIFAR100(folder(python));
    expect([set.at(0)[1], set.classToIdx['099']]).toEqual([99, 99]);
    const record = new Uint8Array(3074).fill(7);
    record.set([3, 98]);
    const names = Array.from({ length: 100 }, (_, i) => `class ${i}`).join('\n');
    const binary = {
      'cifar-100-binary/test.bin': record,
      'cifar-100-binary/fine_label_names.txt': `${names}\n`,
    };
    const test = new datasets.CIFAR100(folder(binary), { train: false });
    expect([test.at(0)[1], test.classes[98], test.at(0)[0].planes[0]]).toEqual([98, 'class 98', 7]);
    expect((await byWorkers(test)).map((item) => (item as unknown[])[1])).toEqual([98]);
    expect((await datasets.CIFAR100.open(chosen(python) as never)).length).toBe(2);
    expect(() => new datasets.CIFAR100(folder({ 'train.bin': record }))).toThrow('metadata file not found');
  });
});

describe('the family of MNIST', () => {
  const images = idx(
    8,
    [2, 2, 3],
    Uint8Array.from({ length: 12 }, (_, i) => i),
  );

  it('has KMNIST', () => {
    const files = {
      'KMNIST/raw/train-images-idx3-ubyte': images,
      'KMNIST/raw/train-labels-idx1-ubyte': idx(8, [2], Uint8Array.of(9, 0)),
    };
    const set = new datasets.KMNIST(folder(files));
    expect([set.at(0)[1], set.classes[9]]).toEqual([9, 'wo']);
  });

  it('has EMNIST in its splits', async () => {
    const name = 'EMNIST/raw/emnist-letters-test';
    const root = folder({
      [`${name}-images-idx3-ubyte`]: images,
      [`${name}-labels-idx1-ubyte`]: idx(8, [2], Uint8Array.of(1, 26)),
    });
    const set = new datasets.EMNIST(root, 'letters', { train: false });
    expect([set.length, set.classes[26], set.targets.tolist()]).toEqual([2, 'z', [1, 26]]);
    expect([set.at(1)[0].width, set.at(1)[0].height, set.at(1)[0].planes[0]]).toEqual([3, 2, 6]);
    expect((await byWorkers(set)).map((item) => (item as unknown[])[1])).toEqual([1, 26]);
    expect(() => new datasets.EMNIST(root, 'words')).toThrow(
      "Unknown value 'words' for argument split. Valid values are {'byclass', 'bymerge', 'balanced', 'letters', 'digits', 'mnist'}.",
    );
    expect(() => new datasets.EMNIST(root, 'digits')).toThrow('Dataset not found or corrupted.');
  });

  it('has QMNIST with all that is known of a digit', () => {
    const labels = Buffer.alloc(64);
    for (let i = 0; i < 16; i++) labels.writeInt32BE(i === 0 ? 5 : i * 1000, 4 * i);
    const root = folder({
      'QMNIST/raw/qmnist-test-images-idx3-ubyte': images,
      'QMNIST/raw/qmnist-test-labels-idx2-int': idx(12, [2, 8], labels),
    });
    const set = new datasets.QMNIST(root, { what: 'test10k' });
    expect([set.length, set.at(0)[1], set.targets.shape, String(set).includes('Split: test10k')]).toEqual([
      2,
      5,
      [2, 8],
      true,
    ]);
    const [, label] = new datasets.QMNIST<torchvision.Image, torch.Tensor>(root, {
      train: false,
      compat: false,
    }).at(1);
    expect(label.tolist()).toEqual([8000, 9000, 10000, 11000, 12000, 13000, 14000, 15000]);
    expect(new datasets.QMNIST(root, { what: 'test50k' }).length).toBe(0);
  });

  it('has all of QMNIST, which is packed by xz', async () => {
    // Made by Python's lzma: 2 images of 3 × 2 with the values from 0 on, and the numbers from 3 on.
    const packed = {
      'xnist-images-idx3-ubyte.xz':
        '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AAbABhdAABgHobL1ZFdHUE2MeCcsIr/fQinU+sx8wAjbnleBMgDDQABNByTGq2PH7bzfQEAAAAABFla',
      'xnist-labels-idx2-int.xz':
        '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4ABLAChdAABgLoQ3VodWQecJm8b0rd6wW7Se0PU9h3bXtbTDJmZez7cZ5HEYvwAA5WBDXsLhB+YAAURMkTL5yx+2830BAAAAAARZWg==',
    };
    const files = Object.entries(packed).map(([name, text]) => [name, Buffer.from(text, 'base64')] as const);
    const root = folder(Object.fromEntries(files.map(([name, bytes]) => [`QMNIST/raw/${name}`, bytes])));
    const chosen = files.map(([name, bytes]) => new File([bytes], name));
    for (const set of [
      new datasets.QMNIST(root, { what: 'nist' }),
      await datasets.QMNIST.open(chosen, { what: 'nist' }),
    ]) {
      expect([set.length, set.at(0)[1], set.at(1)[1]]).toEqual([2, 3, 11]);
      expect([...set.at(1)[0].planes]).toEqual([6, 7, 8, 9, 10, 11]);
    }
  });
});

describe('SVHN, USPS and STL10', () => {
  it('have the pixels that torchvision has', async () => {
    const root = folder(
      Object.fromEntries(['train_32x32.mat', 'test_32x32.mat', 'usps.bz2'].map((name) => [name, file(name)])),
    );
    const set = new datasets.SVHN(root);
    expect([set.length, [...set.labels]]).toEqual([3, [1, 0, 9]]);
    const pixels = torch.tensor(recorded.svhn[0]).permute(2, 0, 1).flatten().tolist();
    expect([...set.at(0)[0].planes]).toEqual(pixels);
    expect([...new datasets.SVHN(root, { split: 'test' }).at(0)[0].planes]).toEqual(pixels);
    expect(() => new datasets.SVHN(root, { split: 'extra' })).toThrow('no extra_32x32.mat');
    expect(() => new datasets.SVHN(root, { split: 'valid' })).toThrow(
      "Valid values are {'train', 'test', 'extra'}.",
    );
    const usps = new datasets.USPS(root);
    expect([usps.length, [...usps.targets]]).toEqual([2, [6, 9]]);
    expect([0, 1].map((i) => [...usps.at(i)[0].planes])).toEqual(recorded.usps);
    expect((await byWorkers(usps)).map((item) => (item as unknown[])[1])).toEqual([6, 9]);
    const opened = await datasets.SVHN.open([
      new File([file('train_32x32.mat') as never], 'train_32x32.mat'),
    ]);
    expect([...opened.labels]).toEqual([1, 0, 9]);
    const inPage = await datasets.USPS.open([new File([file('usps.bz2') as never], 'usps.bz2')]);
    expect([...inPage.at(1)[0].planes]).toEqual(recorded.usps[1]);
  });

  it('say which file is damaged', () => {
    const broken = (content: Uint8Array) => () => new datasets.SVHN(folder({ 'train_32x32.mat': content }));
    expect(broken(file('train_32x32.mat').subarray(0, 400))).toThrow(/train_32x32\.mat is damaged/);
    expect(broken(new Uint8Array(200))).toThrow('it is no MAT file of version 5');
    expect(broken(file('setid.mat'))).toThrow('has no array X');
    expect(() => new datasets.USPS(folder({ 'usps.bz2': 'BZh9 and more' }))).toThrow('usps.bz2 is damaged');
  });

  it('have folds and images without labels', () => {
    const image = (first: number) =>
      Uint8Array.from({ length: 3 * 96 * 96 }, (_, i) => (i === 0 ? first : i === 1 ? 77 : 0));
    const all = (...firsts: number[]) => new Uint8Array(Buffer.concat(firsts.map(image)));
    const root = folder({
      'stl10_binary/train_X.bin': all(10, 20, 30),
      'stl10_binary/train_y.bin': Uint8Array.of(1, 2, 10),
      'stl10_binary/unlabeled_X.bin': all(40),
      'stl10_binary/fold_indices.txt': '2 0\n1\n',
      'stl10_binary/class_names.txt': 'airplane\nbird\n',
    });
    const set = new datasets.STL10(root);
    expect([[...set.labels], set.classes]).toEqual([
      [0, 1, 9],
      ['airplane', 'bird'],
    ]);
    // The second value of the file is the first of the second row.
    expect([set.at(1)[0].planes[0], set.at(1)[0].planes[96]]).toEqual([20, 77]);
    const fold = new datasets.STL10(root, { folds: 0 });
    expect([[...fold.labels], fold.at(0)[0].planes[0]]).toEqual([[9, 0], 30]);
    expect([...new datasets.STL10(root, { split: 'train+unlabeled', folds: 1 }).labels]).toEqual([1, -1]);
    expect(() => new datasets.STL10(root, { folds: 10 })).toThrow(
      'should be in the range [0, 10), but got 10.',
    );
    expect(() => new datasets.STL10(root, { split: 'test' })).toThrow('stl10_binary/test_X.bin');
  });
});

describe('data sets of pictures in files', () => {
  /** What a data set gives, here, by workers and from files that a browser's visitor chose. */
  async function everywhere(
    kind: unknown,
    files: Readonly<Record<string, Uint8Array | string>>,
    options: object,
    show: (item: never) => unknown,
  ): Promise<unknown[]> {
    const { open, construct } = {
      open: (kind as { open(root: unknown, options: object): Promise<never> }).open.bind(kind),
      construct: (root: string) => new (kind as new (root: string, options: object) => never)(root, options),
    };
    const read = async (set: { length: number; at(i: number): Promise<never> }) =>
      Promise.all(Array.from({ length: set.length }, async (_, i) => show(await set.at(i))));
    const root = folder(files);
    const here = await read(construct(root));
    expect((await byWorkers(construct(root))).map((item) => show(item as never))).toEqual(here);
    expect(await read(await open(chosen(files), options))).toEqual(here);
    return here;
  }
  const shown = ([image, target]: [torchvision.Image, unknown]) => [redOf(image), target];

  it('have Flowers102', async () => {
    const files = {
      'flowers-102/setid.mat': file('setid.mat'),
      'flowers-102/imagelabels.mat': file('imagelabels.mat'),
      'flowers-102/jpg/image_00001.jpg': await picture(10),
      'flowers-102/jpg/image_00003.jpg': await picture(30),
    };
    expect(await everywhere(datasets.Flowers102, files, {}, shown)).toEqual([
      [30, 101],
      [10, 76],
    ]);
    const set = new datasets.Flowers102(folder(files), { split: 'val' });
    expect([set.length, set.classes[101], String(set).includes('split=val')]).toEqual([
      1,
      'blackberry lily',
      true,
    ]);
    expect(() => new datasets.Flowers102(folder())).toThrow('Dataset not found or corrupted.');
  });

  it('have Food101', async () => {
    const files = {
      'food-101/meta/train.json': '{"waffles": ["waffles/2"], "apple_pie": ["apple_pie/1"]}',
      'food-101/images/waffles/2.jpg': await picture(2),
      'food-101/images/apple_pie/1.jpg': await picture(1),
    };
    expect(await everywhere(datasets.Food101, files, {}, shown)).toEqual([
      [2, 1],
      [1, 0],
    ]);
    expect(() => new datasets.Food101(folder({ 'food-101/meta/test.json': '[' }), { split: 'test' })).toThrow(
      'test.json is damaged',
    );
  });

  it('have OxfordIIITPet with its kinds of targets', async () => {
    const files = {
      'oxford-iiit-pet/annotations/trainval.txt': 'american_bulldog_1 2 2 1\nAbyssinian_10 1 1 1\n',
      'oxford-iiit-pet/annotations/trimaps/american_bulldog_1.png': await picture(3, 1),
      'oxford-iiit-pet/annotations/trimaps/Abyssinian_10.png': await picture(1, 1),
      'oxford-iiit-pet/images/american_bulldog_1.jpg': await picture(20),
      'oxford-iiit-pet/images/Abyssinian_10.jpg': await picture(10),
    };
    expect(await everywhere(datasets.OxfordIIITPet, files, {}, shown)).toEqual([
      [20, 1],
      [10, 0],
    ]);
    const targetTypes = ['binary-category', 'segmentation'];
    const withMap = ([, [kind, map]]: [unknown, [number, torchvision.Image]]) => [
      kind,
      redOf(map),
      map.channels,
    ];
    expect(await everywhere(datasets.OxfordIIITPet, files, { targetTypes }, withMap)).toEqual([
      [1, 3, 1],
      [0, 1, 1],
    ]);
    const root = folder(files);
    expect(new datasets.OxfordIIITPet(root).classes).toEqual(['Abyssinian', 'American Bulldog']);
    expect((await new datasets.OxfordIIITPet(root, { targetTypes: [] }).at(0))[1]).toBe(null);
    const both = new datasets.OxfordIIITPet(root, {
      transforms: (image: torchvision.Image, y: number) => [redOf(image), -y],
    });
    expect(await both.at(0)).toEqual([20, -1]);
    expect(
      () => new datasets.OxfordIIITPet(root, { transforms: () => [1, 2], transform: String } as never),
    ).toThrow('Only transforms or transform/target_transform can be passed as argument');
  });

  it('have Caltech101 and Caltech256', async () => {
    const files = {
      'caltech101/101_ObjectCategories/Faces/image_0001.jpg': await picture(1),
      'caltech101/101_ObjectCategories/BACKGROUND_Google/image_0001.jpg': await picture(9),
      'caltech101/101_ObjectCategories/accordion/image_0001.jpg': await picture(2),
      'caltech101/Annotations/Faces_2/annotation_0001.mat': file('annotation_0001.mat'),
      'caltech101/Annotations/accordion/annotation_0001.mat': file('annotation_0001.mat'),
    };
    expect(await everywhere(datasets.Caltech101, files, {}, shown)).toEqual([
      [1, 0],
      [2, 1],
    ]);
    const outline = ([, target]: [unknown, torch.Tensor]) => target.tolist();
    const points = [
      [37.2, 64.5, 1],
      [2, 5, 6.5],
    ];
    expect(await everywhere(datasets.Caltech101, files, { targetType: 'annotation' }, outline)).toEqual([
      points,
      points,
    ]);
    const more = {
      'caltech256/256_ObjectCategories/001.ak47/001_0001.jpg': await picture(5),
      'caltech256/256_ObjectCategories/002.flag/002_0001.jpg': await picture(6),
      'caltech256/256_ObjectCategories/002.flag/notes.txt': 'none',
    };
    expect(await everywhere(datasets.Caltech256, more, {}, shown)).toEqual([
      [5, 0],
      [6, 1],
    ]);
  });

  it('have VOC, with annotations as dictionaries and masks as numbers', async () => {
    const object =
      '<object><name>dog</name><bndbox><xmin>1</xmin><xmax>4</xmax></bndbox><part><name>head</name></part></object>';
    const xml = `<?xml version="1.0"?><!-- note --><annotation>\n<folder>VOC2012</folder><size><width>2</width></size>${object}${object.replace('dog', 'A&amp;B')}</annotation>`;
    const base = 'VOCdevkit/VOC2012';
    const files = {
      [`${base}/ImageSets/Main/train.txt`]: 'a1\n',
      [`${base}/ImageSets/Segmentation/train.txt`]: 'a1\n',
      [`${base}/JPEGImages/a1.jpg`]: await picture(8),
      [`${base}/Annotations/a1.xml`]: xml,
      [`${base}/SegmentationClass/a1.png`]: await picture(15, 1),
    };
    const part = { name: 'head' };
    const bndbox = { xmin: '1', xmax: '4' };
    const target = {
      annotation: {
        folder: 'VOC2012',
        size: { width: '2' },
        object: [
          { name: 'dog', bndbox, part },
          { name: 'A&B', bndbox, part },
        ],
      },
    };
    expect(await everywhere(datasets.VOCDetection, files, {}, shown)).toEqual([[8, target]]);
    const classes = ([image, mask]: [torchvision.Image, torchvision.Image]) => [
      redOf(image),
      [...mask.planes],
    ];
    expect(await everywhere(datasets.VOCSegmentation, files, {}, classes)).toEqual(
      [[8, [15, 0]]].map(([red]) => [red, [15, 15]]),
    );
    const root = folder(files);
    expect(() => new datasets.VOCDetection(root, { year: '2006' })).toThrow(
      "Unknown value '2006' for argument year.",
    );
    expect(() => new datasets.VOCDetection(root, { imageSet: 'test' })).toThrow(
      "Valid values are {'train', 'trainval', 'val'}.",
    );
  });

  it('have COCO, in the order of its numbers', async () => {
    const data = {
      images: [
        { id: 7, file_name: 'b.jpg' },
        { id: 2, file_name: 'a.jpg' },
      ],
      annotations: [
        { id: 1, image_id: 7, bbox: [1, 2, 3, 4], category_id: 5, caption: 'a cat' },
        { id: 2, image_id: 7, caption: 'a dog' },
      ],
      categories: [{ id: 5, name: 'cat' }],
    };
    const root = folder({
      'a.jpg': await picture(1),
      'b.jpg': await picture(2),
      'notes.json': JSON.stringify(data),
    });
    const set = new datasets.CocoDetection(root, join(root, 'notes.json'));
    expect([set.ids, set.coco.cats.get(5)?.name]).toEqual([[2, 7], 'cat']);
    expect(shown((await set.at(1)) as never)).toEqual([2, data.annotations]);
    expect(shown((await set.at(0)) as never)).toEqual([1, []]);
    const captions = new datasets.CocoCaptions(root, join(root, 'notes.json'));
    expect((await byWorkers(captions)).map((item) => (item as unknown[])[1])).toEqual([
      [],
      ['a cat', 'a dog'],
    ]);
    const annFile = new File([JSON.stringify(data)], 'notes.json');
    const opened = await datasets.CocoCaptions.open(
      chosen({ 'a.jpg': await picture(1), 'b.jpg': await picture(2) }),
      annFile,
    );
    expect(shown((await opened.at(1)) as never)).toEqual([2, ['a cat', 'a dog']]);
    expect(() => new datasets.CocoDetection(root, join(root, 'a.jpg'))).toThrow('is damaged');
    for (const damaged of [{ images: 1 }, { annotations: [null] }, { categories: ['cat'] }])
      await expect(
        datasets.CocoDetection.open([], new File([JSON.stringify(damaged)], 'notes.json')),
      ).rejects.toThrow(`its ${Object.keys(damaged)[0]} are no list of objects`);
  });
});

describe('XML', () => {
  it('is refused where it is damaged', () => {
    for (const [text, why] of [
      ['<a><b></a>', '</a> closes nothing'],
      ['<a><b></b>', '<a> is not closed'],
      ['text', 'it has no root'],
      ['<a></a><b/>', 'it has no root'],
      ['<a', 'it is no XML'],
    ])
      expect(() => parseXml('x.xml', text)).toThrow(`x.xml is damaged: ${why}`);
    expect(parseXml('x.xml', '<a x="1>"><b/>t<![CDATA[<c>]]></a>'.replace('1>', '1')).children[0].name).toBe(
      'b',
    );
    expect(parseXml('x.xml', '<a>&#65;&#x42;&lt;&other;</a>').text).toBe('AB<&other;');
  });
});

describe('downloads', () => {
  const sent = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const content = sent.get(request.url!);
    response.writeHead(content === undefined ? 404 : 200);
    response.end(content);
  });
  let base: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const serve = (name: string, content: Uint8Array) => {
    sent.set(`/${name}`, content);
    return { url: `${base}/${name}`, md5: createHash('md5').update(content).digest('hex') };
  };
  async function tarred(files: Readonly<Record<string, Uint8Array | string>>): Promise<Uint8Array> {
    const cwd = folder(files);
    const chunks: Buffer[] = [];
    const names = [...new Set(Object.keys(files).map((name) => name.split('/')[0]))];
    for await (const chunk of create({ gzip: true, cwd }, names)) chunks.push(chunk as Buffer);
    return new Uint8Array(Buffer.concat(chunks));
  }
  async function zipped(files: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    const writer = new ZipWriter((chunk) => void chunks.push(new Uint8Array(chunk)));
    for (const [name, content] of Object.entries(files)) await writer.add(name, content);
    await writer.finish();
    return new Uint8Array(Buffer.concat(chunks));
  }
  const progress = false;

  it('fetch files and unpack archives, checked by their hashes, once', async () => {
    const jpg = await tarred({
      'jpg/image_00003.jpg': await picture(3),
      'jpg/image_00001.jpg': await picture(1),
    });
    class Flowers extends datasets.Flowers102 {
      static override resources = [
        { ...serve('jpg.tgz', jpg), folder: 'flowers-102', unpack: true },
        { ...serve('imagelabels.mat', file('imagelabels.mat')), folder: 'flowers-102' },
        { ...serve('setid.mat', file('setid.mat')), folder: 'flowers-102' },
      ];
    }
    const root = join(folder(), 'new');
    const set = await Flowers.open(root, { download: true, progress });
    expect(redOf((await set.at(0))[0])).toBe(3);
    expect(asked).toEqual(['/jpg.tgz', '/imagelabels.mat', '/setid.mat']);
    await Flowers.open(root, { download: true, progress });
    expect(asked).toHaveLength(3);
    expect(new datasets.Flowers102(root).length).toBe(2);
  });

  it('unpack zips, and the archives in them', async () => {
    const pixels = idx(8, [1, 1, 1], Uint8Array.of(7));
    const emnist = await zipped({
      'gzip/emnist-mnist-train-images-idx3-ubyte': pixels,
      'gzip/emnist-mnist-train-labels-idx1-ubyte': idx(8, [1], Uint8Array.of(4)),
    });
    class Local extends datasets.EMNIST {
      static override resources = [{ ...serve('gzip.zip', emnist), folder: 'EMNIST/raw', unpack: true }];
    }
    expect((await Local.open(folder(), 'mnist', { download: true, progress })).at(0)[1]).toBe(4);
    const inner = await tarred({ '101_ObjectCategories/ant/image_0001.jpg': await picture(4) });
    const outer = await zipped({ 'c/101.tar.gz': inner });
    class Caltech extends datasets.Caltech101 {
      static override resources = [
        { ...serve('c.zip', outer), folder: 'caltech101', unpack: true, inner: ['c/101.tar.gz'] },
      ];
    }
    expect((await Caltech.open(folder(), { download: true, progress })).categories).toEqual(['ant']);
  });

  it('refuse other contents, and names that lead elsewhere', async () => {
    class Wrong extends datasets.USPS {
      static override resources = [0, 1].map(() => ({
        ...serve('usps.bz2', file('usps.bz2')),
        md5: '0'.repeat(32),
      }));
    }
    await expect(Wrong.open(folder(), { download: true, progress })).rejects.toThrow(
      'File not found or corrupted.',
    );
    const evil = await zipped({ '../evil': Uint8Array.of(1) });
    class Evil extends datasets.EMNIST {
      static override resources = [{ ...serve('evil.zip', evil), folder: 'EMNIST/raw', unpack: true }];
    }
    await expect(Evil.open(folder(), 'mnist', { download: true, progress })).rejects.toThrow(
      'which is not below its folder',
    );
  });
});

it('shows data sets as Python does', () => {
  const root = folder({ 'train_32x32.mat': file('train_32x32.mat') });
  const set = new datasets.SVHN(root, { transform: new torchvision.transforms.ToTensor() });
  expect(String(set)).toBe(
    `Dataset SVHN\n    Number of datapoints: 3\n    Root location: ${root}\n    Split: train\n    StandardTransform\nTransform: ToTensor()`,
  );
  expect(set.at(-1)[0]).toBeInstanceOf(torch.Tensor);
  expect(() => set.at(3)).toThrow('index 3 is out of bounds for axis 0 with size 3');
});
