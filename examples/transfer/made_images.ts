/** Folders of PNG files, made from the sample of CIFAR-10 in this repository. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torchvision from 'flambeau/vision';

const sample = fileURLToPath(new URL('../../../examples/blitz/data', import.meta.url));

/**
 * Writes `train/CLASS/N.png` and `val/CLASS/N.png`.
 * @param folder where they are written
 * @param perClass how many images of each class to train with; there are a quarter as many to validate
 */
export async function makeImages(folder: string, perClass: number): Promise<void> {
  for (const [name, train, most] of [
    ['train', true, perClass],
    ['val', false, Math.floor(perClass / 4)],
  ] as const) {
    const images = await torchvision.datasets.CIFAR10.open(sample, { train });
    const made = images.classes.map(() => 0);
    for (let i = 0; i < images.length; i++) {
      const [image, label] = images.at(i);
      if (made[label] === most) continue;
      const classFolder = `${folder}/${name}/${images.classes[label]}`;
      mkdirSync(classFolder, { recursive: true });
      await image.save(`${classFolder}/${made[label]}.png`);
      made[label]++;
    }
  }
}
