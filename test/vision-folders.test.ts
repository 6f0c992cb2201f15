/** Data sets of files in folders, as torchvision has them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';

const { DatasetFolder, ImageFolder } = torchvision.datasets;
const { Compose, ToTensor } = torchvision.transforms;
const { DataLoader } = torch.utils.data;

const folder = mkdtempSync(join(tmpdir(), 'flambeau-folders-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A gray picture of one value. */
const picture = (value: number) => torchvision.Image.fromPlanes(new Uint8Array(6).fill(value), 3, 2, 1);
const root = join(folder, 'pets');

beforeAll(async () => {
  for (const name of ['dog/b', 'dog/a-b', 'cat', 'empty']) mkdirSync(join(root, name), { recursive: true });
  const files = { 'dog/2.PNG': 20, 'dog/1.png': 10, 'dog/b/3.png': 30, 'dog/a-b/4.png': 40, 'cat/5.png': 50 };
  for (const [name, value] of Object.entries(files))
    writeFileSync(join(root, name), await picture(value).toBytes());
  writeFileSync(join(root, 'dog/notes.txt'), 'of dogs');
  writeFileSync(join(root, 'readme.md'), 'pets');
  symlinkSync(join(root, 'cat'), join(root, 'also'));
});

describe('ImageFolder', () => {
  it("finds the classes and their files in torchvision's order, links included", () => {
    const set = new ImageFolder(root, { allowEmpty: true });
    expect(set.classes).toEqual(['also', 'cat', 'dog', 'empty']);
    expect(set.classToIdx).toEqual({ also: 0, cat: 1, dog: 2, empty: 3 });
    expect(set.samples).toEqual(
      [
        ['also/5.png', 0],
        ['cat/5.png', 1],
        ['dog/1.png', 2],
        ['dog/2.PNG', 2],
        ['dog/a-b/4.png', 2],
        ['dog/b/3.png', 2],
      ].map(([name, target]) => [join(root, name as string), target]),
    );
    expect(set.targets).toEqual([0, 1, 2, 2, 2, 2]);
    expect(set.imgs).toBe(set.samples);
    expect(set.length).toBe(6);
  });

  it('gives pictures in RGB and the numbers of their classes', async () => {
    const set = new ImageFolder(root, { allowEmpty: true });
    const [image, label] = await set.at(3);
    expectTypeOf(image).toEqualTypeOf<torchvision.Image>();
    expect([image.mode, image.size, image.data[0], label]).toEqual(['RGB', [3, 2], 20, 2]);
    expect((await set.at(-1))[0].data[0]).toBe(30);
    await expect(set.at(6)).rejects.toThrow('list index out of range');
  });

  it('applies its transforms', async () => {
    const targetTransform = (label: number) => `class ${label}`;
    const set = new ImageFolder(root, { transform: new ToTensor(), targetTransform, allowEmpty: true });
    const [image, label] = await set.at(1);
    expect([image.shape, label]).toEqual([[3, 2, 3], 'class 1']);
    expect(
      image
        .sub(50 / 255)
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-6);
  });

  it.each([0, 2])('is loaded in batches by %i workers', async (numWorkers) => {
    const set = new ImageFolder(root, { transform: new Compose([new ToTensor()]), allowEmpty: true });
    const loader = new DataLoader(set, { batchSize: 4, numWorkers });
    const seen: unknown[] = [];
    for await (const [images, labels] of loader as AsyncIterable<[torch.Tensor, torch.Tensor]>)
      seen.push(images.shape, labels.tolist());
    expect(seen).toEqual([
      [4, 3, 2, 3],
      [0, 1, 2, 2],
      [2, 3, 2, 3],
      [2, 2],
    ]);
  });

  it('takes what isValidFile takes, and loads by a loader', async () => {
    const isValidFile = (path: string) => path.endsWith('.txt');
    const set = new ImageFolder(root, {
      loader: (path) => String(path).length,
      isValidFile,
      allowEmpty: true,
    });
    expect(set.samples).toEqual([[join(root, 'dog/notes.txt'), 2]]);
    expect(await set.at(0)).toEqual([join(root, 'dog/notes.txt').length, 2]);
  });

  it('reads the files that a visitor of a page chose', async () => {
    const bytes = await picture(7).toBytes();
    const file = (path: string) =>
      Object.assign(new File([bytes as Uint8Array<ArrayBuffer>], path.split('/').pop()!), {
        webkitRelativePath: path,
      });
    const files = [
      'pets/dog/b/1.png',
      'pets/dog/2.png',
      'pets/cat/3.png',
      'pets/cat/x.txt',
      'pets/readme.md',
    ];
    const set = new ImageFolder(files.map(file));
    expect(set.classes).toEqual(['cat', 'dog']);
    expect(set.samples).toEqual([
      ['cat/3.png', 0],
      ['dog/2.png', 1],
      ['dog/b/1.png', 1],
    ]);
    expect((await set.at(2))[0].data[0]).toBe(7);
    expect(() => new ImageFolder([file('')])).toThrow('choose a folder');
  });

  it("refuses with torchvision's words", () => {
    expect(() => new ImageFolder(root)).toThrow(
      'Found no valid file for the classes empty. Supported extensions are: ' +
        '.jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp',
    );
    expect(() => new ImageFolder(join(root, 'cat'))).toThrow(
      `Couldn't find any class folder in ${join(root, 'cat')}.`,
    );
    expect(() => new ImageFolder(join(root, 'none'))).toThrow('ENOENT');
  });

  it('prints as in Python', () => {
    const set = new ImageFolder(root, { transform: new ToTensor(), allowEmpty: true });
    expect(`${set}`).toBe(
      `Dataset ImageFolder\n    Number of datapoints: 6\n    Root location: ${root}\n    StandardTransform\nTransform: ToTensor()`,
    );
  });
});

describe('DatasetFolder', () => {
  it('takes files by their endings, and classes as its findClasses says', async () => {
    class Dogs extends DatasetFolder<string> {
      override findClasses(): [string[], Record<string, number>] {
        return [['dog'], { dog: 5 }];
      }
    }
    const set = new Dogs(root, (path) => `${path}`, ['.txt', '.md']);
    expect(set.classes).toEqual(['dog']);
    expect(await set.at(0)).toEqual([join(root, 'dog/notes.txt'), 5]);
  });

  it('wants either endings or a function', () => {
    const text = 'Both extensions and is_valid_file cannot be None or not None at the same time';
    const load = (path: unknown) => path;
    expect(() => new DatasetFolder(root, load)).toThrow(text);
    expect(() => new DatasetFolder(root, load, '.png', { isValidFile: () => true })).toThrow(text);
  });
});
