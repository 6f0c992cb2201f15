/** Image files in Chromium, decoded as PIL 12.3 decodes them (golden/vision_images.py). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeTasks } from './support/task_page.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

interface Case {
  readonly name: string;
  readonly file: string;
  readonly mode: string;
  readonly size: readonly [number, number];
  readonly values: string;
}
const golden = JSON.parse(readFileSync(path('golden/vision_images.json.golden'), 'utf8')) as {
  cases: Case[];
  gif: { file: string; values: string };
};

const script = `
  import * as torch from '/dist/browser/flambeau.js';
  import * as torchvision from '/dist/browser/vision.js';
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const farthest = (a, b) =>
    a.length === b.length ? a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0) : Infinity;
  globalThis.tasks = {
    async opened({ file, values }) {
      const image = await torchvision.Image.open(bytes(file));
      // Bytes are compared, of wider values as well.
      const { buffer, byteOffset, byteLength } = image.data;
      const data = new Uint8Array(buffer, byteOffset, byteLength);
      return { mode: image.mode, size: image.size, farthest: farthest(data, bytes(values)) };
    },
    async frames({ file, values }) {
      const frames = await torchvision.io.decodeGif(torch.tensor(bytes(file)));
      const data = frames.permute([0, 2, 3, 1]).contiguous().numpy().data;
      return { shape: [...frames.shape], farthest: farthest(data, bytes(values)) };
    },
    async saved() {
      const planes = Uint8Array.from({ length: 18 }, (_, i) => 9 * i);
      const image = torchvision.Image.fromPlanes(planes, 3, 2);
      const canvas = new OffscreenCanvas(3, 2);
      canvas.getContext('2d').putImageData(image.toImageData(), 0, 0);
      const drawn = torchvision.Image.fromCanvas(canvas).convert('RGB');
      const again = [];
      for (const format of ['PNG', 'JPEG', 'WEBP']) {
        const opened = await torchvision.Image.open(new Blob([await image.toBytes(format)]));
        again.push([...opened.size]);
      }
      return { farthest: farthest(drawn.data, image.data), again };
    },
  };`;

describeTasks(script, (run) => {
  // Inks become colours in a browser's own way, and TIFF is not decoded there.
  const cases = golden.cases.filter(({ name }) => name !== 'JPEG CMYK' && !name.startsWith('TIFF'));
  it.each(cases.map((one) => [one.name, one] as const))('decodes %s', async (name, one) => {
    const opened = (await run('opened', one)) as { farthest: number };
    expect(opened).toMatchObject({ mode: one.mode, size: one.size });
    // Decoders of what is stored with losses may differ by one.
    expect(opened.farthest).toBeLessThanOrEqual(/JPEG|lossy/.test(name) ? 1 : 0);
  });

  it('decodes every frame of a GIF file', async () => {
    expect(await run('frames', golden.gif)).toEqual({ shape: [2, 3, 6, 8], farthest: 0 });
  });

  it('draws images on a canvas and encodes them', async () => {
    const size = [3, 2];
    expect(await run('saved')).toEqual({ farthest: 0, again: [size, size, size] });
  });
});
