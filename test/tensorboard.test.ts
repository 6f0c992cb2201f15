/** Event files equal to those of PyTorch 2.13 (golden/tensorboard_events.py). */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from 'flambeau';
import { MemoryFolder, SummaryWriter } from 'flambeau/tensorboard';
import * as torchvision from 'flambeau/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordOf } from '../src/tensorboard/event_file.js';
import { golden } from './support/golden.js';

type Runs = Record<string, string[]>;
interface Picture {
  height: number;
  width: number;
  colorspace: number;
  shape: number[];
  pixels: string;
}
const recorded = golden<{
  timed: Record<string, Runs>;
  purge: Runs;
  untimed: Record<string, Runs>;
  pictures: Record<string, Picture>;
  refused: Record<string, [name: string, message: string]>;
  projector: Record<string, string>;
}>('tensorboard');

const { int64, uint8 } = torch;
const x = torch.arange(-40, 60).float().div(8);
const labels = torch.tensor([1, 0, 1, 1, 0, 0, 1, 0]);
const predictions = torch.tensor([0.9, 0.1, 0.8, 0.35, 0.4, 0.6, 0.7, 0.05]);
const points = torch.arange(6).float().reshape([3, 2]).div(10);
const square = torch.arange(48).float().reshape([3, 4, 4]).div(40);
const boxes = torch.tensor([
  [1, 1, 4, 4],
  [2, 5, 7, 9],
]);
const big = torch.zeros(3, 12, 10);
const weights = new Float64Array([1, 2, 1, 0.5, 1, 1, 3, 1]);

type Call = (w: SummaryWriter) => void;
type Rule = 'auto' | 'fd' | 'doane' | 'scott' | 'stone' | 'rice' | 'sturges' | 'sqrt';
const rules: Rule[] = ['auto', 'fd', 'doane', 'scott', 'stone', 'rice', 'sturges', 'sqrt'];
const { float16, bfloat16, float32, float64, int8, int16, int32, bool, complex64, complex128 } = torch;
const dtypes = [float16, bfloat16, float32, float64, int8, uint8, int16, int32, bool, complex64, complex128];

const calls: Record<string, Call> = {
  scalar: (w) => w.addScalar('a/b', 0.5, 3, 1.25),
  'scalar of 0': (w) => w.addScalar('zero', 0, 0, 1.25),
  'scalar of a tensor': (w) => w.addScalar('t', torch.tensor([[2.5]]), 1, 2),
  'scalar as a tensor': (w) => w.addScalar('n', 0.1, 3, 1.25, { newStyle: true }),
  'scalar as a double': (w) => w.addScalar('d', 0.1, 3, 1.25, { newStyle: true, doublePrecision: true }),
  'negative step': (w) => w.addScalar('s', 1, -2, 1.25),
  histogram: (w) => w.addHistogram('h', x, 2, { walltime: 1 }),
  'histogram of ints': (w) => w.addHistogram('h', torch.arange(10), 2, { walltime: 1 }),
  'histogram of 7 ranges': (w) => w.addHistogram('h', x, 2, { bins: 7, walltime: 1 }),
  'histogram by edges': (w) => w.addHistogram('h', x, 2, { bins: [-1, 0, 0.5, 4], walltime: 1 }),
  'histogram of nothing in its range': (w) => w.addHistogram('h', x, 2, { bins: [100, 101], walltime: 1 }),
  'histogram joined': (w) => w.addHistogram('h', x, 2, { maxBins: 50, walltime: 1 }),
  ...Object.fromEntries(
    rules.map((bins): [string, Call] => [
      `histogram by ${bins}`,
      (w) => w.addHistogram('h', x.mul(x).mul(0.125), 2, { bins, walltime: 1 }),
    ]),
  ),
  'histogram raw': (w) => w.addHistogramRaw('r', 0, 2, 3, 4.5, 5.5, [1, 2], [1, 2], 4, 1),
  text: (w) => w.addText('t', '**ünder** _way_', 1, 1),
  tensor: (w) => w.addTensor('t', torch.arange(6).reshape([2, 3]), 1, 1),
  ...Object.fromEntries(
    dtypes.map((dtype): [string, Call] => [
      `tensor of ${dtype.name}`,
      (w) => w.addTensor('t', torch.tensor([0, 1, 2]).to(dtype), 1, 1),
    ]),
  ),
  'tensor of negative ints': (w) => w.addTensor('t', torch.tensor([-3, 2 ** 40], { dtype: int64 }), 1, 1),
  audio: (w) => w.addAudio('a', torch.tensor([[0, 0.5, -0.25, 1]]), 1, 8000, 1),
  'pr curve': (w) => w.addPrCurve('p', labels, predictions, 1, 11, { walltime: 1 }),
  'pr curve with weights': (w) => w.addPrCurve('p', labels, predictions, 1, 200, { weights, walltime: 1 }),
  'pr curve raw': (w) =>
    w.addPrCurveRaw('p', [3, 1], [2, 0], [0, 2], [0, 2], [0.5, 1], [1, 0.25], 1, 2, { walltime: 1 }),
  mesh: (w) =>
    w.addMesh('m', torch.zeros(1, 2, 3), {
      colors: torch.ones(1, 2, 3),
      faces: torch.tensor([[[0, 1, 0]]]),
      configDict: { lights: [{ b: 1, a: 'x' }] },
      globalStep: 1,
      walltime: 1,
    }),
  'mesh of points': (w) => w.addMesh('m', torch.ones(1, 2, 3).div(4), { globalStep: 1, walltime: 1 }),
  scalars: (w) => w.addScalars('run/14', { x: 1.5, y: 2 }, 5, 1),
};
const untimed: Record<string, Call> = {
  multiline: (w) => w.addCustomScalarsMultilinechart(['a', 'b'], 'c', 't'),
  margin: (w) => w.addCustomScalarsMarginchart(['a', 'b', 'c']),
  'custom scalars': (w) =>
    w.addCustomScalars({
      layout: {
        T: { s: ['Multiline', ['a', 'b']] },
        U: { d: ['Margin', ['x', 'y', 'z']], e: ['Multiline', ['q']] },
      },
    }),
  hparams: (w) => w.addHparams({ lr: 0.25 }, { acc: 0.5, loss: 2 }, { lr: [0.25, 0.5] }, { runName: 'r1' }),
  'hparams of text': (w) =>
    w.addHparams(
      { opt: 'sgd', none: null },
      { acc: 0.5 },
      { opt: ['sgd', 'adam'] },
      { runName: 'r2', globalStep: 3 },
    ),
  'hparams of bool': (w) => w.addHparams({ flag: true }, {}, null, { runName: 'r3' }),
};
const pictures: Record<string, Call> = {
  CHW: (w) => w.addImage('i', square, 1, 1),
  'HWC of bytes': (w) =>
    w.addImage('i', square.mul(40).to(uint8).permute([1, 2, 0]), 1, 1, { dataformats: 'HWC' }),
  HW: (w) => w.addImage('i', square.select(0, 0), 1, 1, { dataformats: 'HW' }),
  '1HW': (w) => w.addImage('i', square.narrow(0, 0, 1), 1, 1),
  NCHW: (w) =>
    w.addImages('i', torch.stack(Array.from({ length: 10 }, (_, i) => square.mul(i % 4).div(3))), 1, 1),
  'NHWC of one channel': (w) => w.addImages('i', square.reshape([3, 4, 4, 1]), 1, 1, { dataformats: 'NHWC' }),
  boxes: (w) => w.addImageWithBoxes('i', big, boxes, 1, 1),
  'boxes, rescaled': (w) => w.addImageWithBoxes('i', big.add(0.5), boxes, 1, 1, { rescale: 2 }),
};
const refused: Record<string, Call> = {
  'scalar of two': (w) => w.addScalar('a', torch.ones(2)),
  'scalar of a list': (w) => w.addScalar('a', [1] as unknown as number),
  'empty histogram': (w) => w.addHistogram('h', torch.ones(0)),
  'unknown rule': (w) => w.addHistogram('h', x, { bins: 'best' as 'auto' }),
  'falling edges': (w) => w.addHistogram('h', x, { bins: [1, 0] }),
  'no value between edges': (w) => w.addHistogram('h', x, { bins: [100, 101, 102] }),
  'raw histogram of other lengths': (w) => w.addHistogramRaw('r', 0, 2, 3, 4.5, 5.5, [1], [1, 2]),
  'format of twice the same': (w) => w.addImage('i', square, { dataformats: 'HHW' }),
  'format of other length': (w) => w.addImage('i', square, { dataformats: 'HW' }),
  'two channels in rows': (w) => w.addImages('i', torch.ones(2, 2, 4, 4)),
  'margin of two': (w) => w.addCustomScalarsMarginchart(['a', 'b']),
  'mesh of two dimensions': (w) => w.addMesh('m', torch.ones(2, 3)),
  'sound of two dimensions': (w) => w.addAudio('a', torch.ones(2, 2)),
  'hparam of a list': (w) => w.addHparams({ a: [1] as unknown as number }, {}, null, { runName: 'e1' }),
  'domain of another type': (w) => w.addHparams({ a: 1.5 }, {}, { a: ['x'] }, { runName: 'e2' }),
  'labels of another number': (w) => w.addEmbedding(points, ['a']),
  'points of one dimension': (w) => w.addEmbedding(points.select(0, 0)),
};

/** The events of a file; the checksums are right, or the records would differ. */
function eventsOf(file: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    const view = new DataView(file.buffer, file.byteOffset + at);
    const event = file.subarray(at + 12, at + 12 + Number(view.getBigUint64(0, true)));
    const record = recordOf(event);
    expect(file.subarray(at, at + record.length)).toEqual(record);
    found.push(event);
    at += record.length;
  }
  return found;
}

/** An event without its time, which comes first. */
const withoutTime = (event: Uint8Array): Uint8Array => (event[0] === 9 ? event.subarray(9) : event);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** What a call writes, by runs, without the first event of each file. */
async function written(call: Call, timed: boolean): Promise<Runs> {
  const folder = new MemoryFolder();
  const writer = new SummaryWriter(folder);
  call(writer);
  await writer.close();
  return Object.fromEntries(
    [...folder.files].map(([path, file]) => {
      const run = path.replace(/\/?[^/]+$/, '');
      const [, ...events] = eventsOf(file);
      return [run, events.map((event) => base64(timed ? event : withoutTime(event)))];
    }),
  );
}

describe('Events are, to the byte, those of PyTorch:', () => {
  it.each(Object.entries(calls))('%s', async (name, call) => {
    expect(await written(call, true)).toEqual(recorded.timed[name]);
  });

  it.each(Object.entries(untimed))('%s', async (name, call) => {
    expect(await written(call, false)).toEqual(recorded.untimed[name]);
  });

  it('also those of a writer that purges steps, and the first of a file', async () => {
    const folder = new MemoryFolder('runs/x');
    const writer = new SummaryWriter(folder, { purgeStep: 7, filenameSuffix: '.x' });
    await writer.close();
    const [[path, file]] = folder.files;
    expect(path).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.\d+\.x$/);
    expect({ '': eventsOf(file).map((event) => base64(withoutTime(event))) }).toEqual(recorded.purge);
    expect(writer.getLogdir()).toBe('runs/x');
  });

  it('and all recorded calls are tried', () => {
    expect(Object.keys(calls)).toEqual(Object.keys(recorded.timed));
    expect(Object.keys(untimed)).toEqual(Object.keys(recorded.untimed));
    expect(Object.keys(pictures)).toEqual(Object.keys(recorded.pictures));
    expect(Object.keys(refused)).toEqual(Object.keys(recorded.refused));
  });
});

describe('Pictures have the pixels of PyTorch:', () => {
  it.each(Object.entries(pictures))('%s', async (name, call) => {
    const folder = new MemoryFolder();
    const writer = new SummaryWriter(folder);
    call(writer);
    await writer.close();
    const [[, file]] = folder.files;
    const event = Buffer.from(eventsOf(file)[1]);
    const start = event.indexOf('\x89PNG', 0, 'latin1');
    const png = new Uint8Array(event.subarray(start));
    const decoded = await torchvision.io.decodeImage(torch.tensor(png));
    const expected = recorded.pictures[name];
    const [height, width, channels] = expected.shape;
    const pixels = decoded.permute([1, 2, 0]);
    expect(pixels.shape).toEqual([height, width, channels]);
    expect(base64(pixels.contiguous().toArray<Uint8Array>())).toBe(expected.pixels);
    const sizes = [0x08, expected.height, 0x10, expected.width, 0x18, expected.colorspace];
    expect(event.indexOf(Uint8Array.from(sizes))).toBeGreaterThan(0);
  });
});

describe('Wrong calls are refused in the words of PyTorch, at once or by flush:', () => {
  it.each(Object.entries(refused))('%s', async (name, call) => {
    const writer = new SummaryWriter(new MemoryFolder());
    const attempt = async () => {
      call(writer);
      await writer.flush();
    };
    const error = await attempt().then(
      () => null,
      (reason: Error) => reason,
    );
    expect([error?.name, error?.message]).toEqual(recorded.refused[name]);
  });

  it('videos, SVG and labels of boxes, which nothing here draws', () => {
    const writer = new SummaryWriter(new MemoryFolder());
    expect(() => writer.addVideo('v', torch.zeros(1, 2, 3, 4, 5))).toThrow(/needs an encoder/);
    expect(() => writer.addFigure('f', '<svg/>' as never)).toThrow(/does not show SVG/);
    expect(() => writer.addImageWithBoxes('i', big, boxes, { labels: ['a', 'b'] })).toThrow(/no fonts/);
  });
});

describe('The projector', () => {
  it('finds points, what is known of them and their pictures in files like those of PyTorch', async () => {
    const folder = new MemoryFolder();
    const writer = new SummaryWriter(folder);
    writer.addEmbedding(points, ['a', 'b', 'c']);
    const few = torch.tensor([
      [1, 2],
      [3, 4],
    ]);
    const metadata = [
      ['a', 1],
      ['b', 2.5],
    ];
    writer.addEmbedding(few, metadata, { metadataHeader: ['n', 'v'], globalStep: 12, tag: 'x/y%' });
    writer.addEmbedding(points, {
      labelImg: torch.stack([square, square.div(2), square.div(3)]),
      tag: 's',
    });
    await writer.close();
    const texts = [...folder.files].filter(([path]) => /tsv|pbtxt/.test(path));
    const found = texts.map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]);
    expect(Object.fromEntries(found)).toEqual(recorded.projector);
    const sprite = await torchvision.io.decodeImage(torch.tensor(folder.files.get('00000/s/sprite.png')!));
    expect(sprite.shape).toEqual([3, 8, 8]);
  });
});

describe('A graph', () => {
  class Net extends torch.nn.Module {
    features = new torch.nn.Sequential(new torch.nn.Linear(4, 3), new torch.nn.Dropout(0.5));
    scale = new torch.nn.Parameter(torch.ones(3));

    override forward(input: torch.Tensor): torch.Tensor {
      return torch.relu(this.features.forward(input)).mul(this.scale);
    }
  }

  it('has a box for inputs, layers with their parameters, functions and outputs', async () => {
    const folder = new MemoryFolder();
    const writer = new SummaryWriter(folder);
    const net = new Net();
    writer.addGraph(net, torch.ones(2, 4));
    await writer.close();
    expect(net.training).toBe(true);
    const [, graph, run] = eventsOf([...folder.files.values()][0]);
    const text = Buffer.from(graph).toString('latin1');
    for (const name of [
      'input/input',
      'Net/Sequential[features]/Linear[0]/weight',
      'nn::Linear',
      'in_features=4, out_features=3, bias=True',
      'Net/Sequential[features]/Dropout[1]/features_1',
      'aten::relu',
      'Net/scale',
      'output/output.1',
    ])
      expect(text).toContain(name);
    expect(Buffer.from(run).toString('latin1')).toContain('/device:CPU:0');
  });
});

describe('A writer in a folder', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'flambeau-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const events = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('events'));
  const read = (folder: string) => eventsOf(new Uint8Array(readFileSync(join(folder, events(folder)[0]))));

  it('writes what has been added when it is flushed, and keeps the order of what comes later', async () => {
    const folder = join(root, 'a/b');
    const writer = new SummaryWriter(folder);
    writer.addImage('i', square, 1);
    writer.addScalar('s', 1, 2);
    expect(read(folder)).toHaveLength(1);
    await writer.flush();
    const [, first, second] = read(folder).map((event) => Buffer.from(event));
    expect([first.includes('PNG'), second.includes('PNG')]).toEqual([true, false]);
    await writer.close();
  });

  it('writes by itself when more wait than it may', async () => {
    const folder = join(root, 'queue');
    const writer = new SummaryWriter(folder, { maxQueue: 2 });
    for (let step = 0; step < 3; step++) writer.addScalar('s', step, step);
    expect(read(folder)).toHaveLength(4);
    await writer.close();
  });

  it('begins a new file when something is added after its end', async () => {
    const folder = join(root, 'again');
    {
      await using writer = new SummaryWriter(folder);
      await writer.close();
      writer.addScalar('s', 1, 1);
    }
    expect(events(folder)).toHaveLength(2);
  });

  it('gives runs beside it folders of their own', async () => {
    const folder = join(root, 'runs');
    const writer = new SummaryWriter({ logDir: folder });
    writer.addScalars('loss', { train: 1, test: 2 }, 1);
    await writer.close();
    expect(existsSync(join(folder, 'loss_train')) && existsSync(join(folder, 'loss_test'))).toBe(true);
  });

  it('tells at the end what could not be written', async () => {
    const broken = {
      name: 'x',
      exists: () => false,
      create: () => ({
        write() {
          throw new Error('no space left');
        },
      }),
    };
    const writer = new SummaryWriter({ logDir: broken });
    writer.addScalar('s', 1, 1);
    await expect(writer.close()).rejects.toThrow('no space left');
  });

  it('waits for a file whose writes give promises, one after the other', async () => {
    const sizes: number[] = [];
    let isWriting = false;
    const slow = {
      name: 'x',
      exists: () => false,
      create: () => ({
        async write(bytes: Uint8Array) {
          expect(isWriting).toBe(false);
          isWriting = true;
          await new Promise((resolve) => setImmediate(resolve));
          isWriting = false;
          sizes.push(bytes.length);
        },
      }),
    };
    const writer = new SummaryWriter({ logDir: slow, maxQueue: 0 });
    writer.addScalar('s', 1, 1);
    writer.addScalar('s', 2, 2);
    await writer.close();
    expect(sizes).toHaveLength(3);
  });

  it('draws a canvas in the place of a figure', async () => {
    const image = torchvision.Image.fromInterleaved(new Uint8Array(4 * 6).fill(200), 3, 2, 4);
    const canvas = { width: 3, height: 2, getContext: () => ({ getImageData: () => image.toImageData() }) };
    const folder = new MemoryFolder();
    const writer = new SummaryWriter(folder);
    writer.addFigure('one', canvas);
    writer.addFigure('two', [image, image]);
    await writer.close();
    const [, one, two] = eventsOf([...folder.files.values()][0]).map((event) => Buffer.from(event));
    expect(one.includes(Buffer.of(8, 2, 16, 3, 24, 3))).toBe(true);
    expect(two.includes(Buffer.of(8, 2, 16, 6, 24, 3))).toBe(true);
  });
});
