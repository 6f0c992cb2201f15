import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as torch from 'flambeau';
import { datasets, Image, transforms, tvTensors } from 'flambeau/vision';
import { afterAll, describe, expect, it } from 'vitest';

const { wrapDatasetForTransformsV2 } = datasets;
const { v2 } = transforms;

const folders: string[] = [];
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true });
});

function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), 'flambeau-'));
  folders.push(root);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

const picture = (height = 6, width = 8, channels = 3) =>
  Image.fromPlanes(new Uint8Array(height * width * channels).fill(2), width, height, channels).toBytes();

/** Pixels of a mask as text, row by row. */
const text = (mask: torch.Tensor) => (mask.flatten().tolist() as number[]).join('');

async function coco(options: object = {}, annotations?: object[]) {
  const square = { bbox: [1, 2, 3, 2], category_id: 5, segmentation: [[1, 2, 4, 2, 4, 4, 1, 4]], area: 6 };
  const dot = {
    bbox: [0, 0, 1, 1],
    category_id: 7,
    segmentation: { counts: [0, 1, 47], size: [6, 8] },
    area: 1,
  };
  const notes = {
    images: [
      { id: 7, file_name: 'a.png' },
      { id: 9, file_name: 'a.png' },
    ],
    annotations: annotations ?? [
      { id: 1, image_id: 7, ...square },
      { id: 2, image_id: 7, ...dot },
    ],
  };
  const root = folder({ 'a.png': await picture(), 'notes.json': JSON.stringify(notes) });
  return new datasets.CocoDetection({ root, annFile: join(root, 'notes.json'), ...options } as never);
}

type Found = readonly [Image, Record<string, unknown>];

describe("COCO's targets", () => {
  it('become boxes and labels', async () => {
    const [image, target] = (await wrapDatasetForTransformsV2(await coco()).at(0)) as Found;
    expect(image.size).toEqual([8, 6]);
    expect(Object.keys(target)).toEqual(['image_id', 'boxes', 'labels']);
    const boxes = target.boxes as tvTensors.BoundingBoxes;
    expect([boxes.format, boxes.canvasSize, boxes.tolist()]).toEqual([
      'XYXY',
      [6, 8],
      [
        [1, 2, 4, 4],
        [0, 0, 1, 1],
      ],
    ]);
    expect((target.labels as torch.Tensor).tolist()).toEqual([5, 7]);
    expect(target.image_id).toBe(7);
  });

  it('have masks and their own entries where they are asked for', async () => {
    const set = wrapDatasetForTransformsV2(await coco(), 'all');
    const [, target] = (await set.at(0)) as Found;
    const masks = target.masks as tvTensors.Mask;
    expect([masks.constructor, masks.shape]).toEqual([tvTensors.Mask, [2, 6, 8]]);
    expect(text(masks.select(0, 0))).toBe(
      ['00000000', '00000000', '01110000', '01110000', '00000000', '00000000'].join(''),
    );
    expect(text(masks.select(0, 1))).toBe(`1${'0'.repeat(47)}`);
    expect(target.area).toEqual([6, 1]);
    expect(await set.at(1)).toEqual([expect.any(Image), { image_id: 9 }]);
  });

  it('are wrapped before they are transformed', async () => {
    const sample = new v2.Compose([new v2.RandomHorizontalFlip({ p: 1 }), new v2.ToImage()]);
    const pair = (image: unknown, target: unknown) => sample.forward([image, target] as never) as never;
    const set = wrapDatasetForTransformsV2(await coco({ transforms: pair }));
    const [image, target] = (await set.at(-2)) as readonly unknown[] as [
      torch.Tensor,
      Record<string, torch.Tensor>,
    ];
    expect(image).toBeInstanceOf(tvTensors.Image);
    expect(target.boxes.tolist()).toEqual([
      [4, 2, 7, 4],
      [7, 0, 8, 1],
    ]);
  });

  it('travel to workers', async () => {
    const loader = new torch.utils.data.DataLoader(wrapDatasetForTransformsV2(await coco()), {
      batchSize: null,
      numWorkers: 1,
    });
    const ids: unknown[] = [];
    for await (const item of loader) ids.push((item as Found)[1].image_id);
    expect(ids.map(Number)).toEqual([7, 9]);
  });

  it('name what there is not', async () => {
    const set = await coco();
    expect(() => wrapDatasetForTransformsV2(set, ['boxes', 'some'])).toThrow(
      "Target keys ['some'] are not available",
    );
    expect(() => wrapDatasetForTransformsV2(set, 'some' as never)).toThrow(
      "`target_keys` can be None, 'all', or a collection of strings denoting the keys to be returned, but got some",
    );
  });
});

// Recorded by golden/coco_masks.py.
describe('masks of polygons and runs', () => {
  const cases = JSON.parse(
    readFileSync(new URL('./golden/coco_masks.json.golden', import.meta.url), 'utf8'),
  ) as [segmentation: unknown, height: number, width: number, pixels: string][];

  it("are pycocotools'", async () => {
    for (const [segmentation, height, width, pixels] of cases) {
      const set = await coco({}, [{ id: 1, image_id: 7, bbox: [0, 0, 1, 1], category_id: 1, segmentation }]);
      writeFileSync(join(set.root, 'a.png'), await picture(height, width));
      const [, { masks }] = (await wrapDatasetForTransformsV2(set, ['masks']).at(0)) as Found;
      expect(text(masks as torch.Tensor), JSON.stringify(segmentation)).toBe(pixels);
    }
  });

  it('are refused where they do not fit', async () => {
    const of = async (segmentation: unknown) =>
      wrapDatasetForTransformsV2(
        await coco({}, [{ id: 1, image_id: 7, bbox: [0, 0, 1, 1], category_id: 1, segmentation }]),
        ['masks'],
      ).at(0);
    await expect(of({ counts: [100], size: [6, 8] })).rejects.toThrow('Invalid RLE mask representation');
    await expect(of({ counts: [4], size: [2, 2] })).rejects.toThrow(torch.ValueError);
    await expect(of(3)).rejects.toThrow('COCO segmentation expected to be a dict or a list');
  });
});

describe('other sets', () => {
  it('of VOC have boxes and masks', async () => {
    const object =
      '<object><name>dog</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>4</xmax><ymax>5</ymax></bndbox></object>';
    const base = 'VOCdevkit/VOC2012';
    const root = folder({
      [`${base}/ImageSets/Main/train.txt`]: 'a1\n',
      [`${base}/ImageSets/Segmentation/train.txt`]: 'a1\n',
      [`${base}/JPEGImages/a1.jpg`]: await picture(),
      [`${base}/Annotations/a1.xml`]: `<annotation>${object}${object.replace('dog', 'person')}</annotation>`,
      [`${base}/SegmentationClass/a1.png`]: await picture(6, 8, 1),
    });
    const [, target] = (await wrapDatasetForTransformsV2(new datasets.VOCDetection(root)).at(0)) as Found;
    expect((target.boxes as torch.Tensor).tolist()).toEqual([
      [1, 2, 4, 5],
      [1, 2, 4, 5],
    ]);
    expect((target.labels as torch.Tensor).tolist()).toEqual([12, 15]);
    const [, mask] = (await wrapDatasetForTransformsV2(new datasets.VOCSegmentation(root)).at(
      0,
    )) as readonly unknown[];
    expect(mask).toBeInstanceOf(tvTensors.Mask);
    expect((mask as torch.Tensor).shape).toEqual([1, 6, 8]);
  });

  it('with a class for each image stay what they are', async () => {
    const root = folder({ 'cat/a.png': await picture() });
    const set = new datasets.ImageFolder(root, { transform: (image: Image) => image.size });
    expect(await wrapDatasetForTransformsV2(set).at(0)).toEqual([[8, 6], 0]);
    expect(() => wrapDatasetForTransformsV2(set, ['boxes'])).toThrow(
      '`target_keys` is currently only supported for',
    );
  });

  it('that have no wrapper are refused', () => {
    expect(() => wrapDatasetForTransformsV2(new datasets.FakeData(2))).toThrow(
      'No wrapper exists for dataset class FakeData. Please wrap the output yourself.',
    );
    expect(() => wrapDatasetForTransformsV2(new torch.utils.data.TensorDataset(torch.ones(2)))).toThrow(
      'This wrapper is meant for subclasses of `torchvision.datasets.VisionDataset`',
    );
  });
});
