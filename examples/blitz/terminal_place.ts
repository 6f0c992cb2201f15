import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Settings } from './arguments.js';
import type { Place } from './place.js';

const sample = fileURLToPath(new URL('../../../examples/blitz/data', import.meta.url));

/** Takes images from a folder, and leaves files in another. */
export function terminalPlace({ data, out, log }: Settings): Place {
  const path = (name: string) => {
    mkdirSync(out, { recursive: true });
    return `${out}/${name}`;
  };
  return {
    images: data ?? sample,
    keep(name, bytes) {
      writeFileSync(path(name), bytes);
      console.log(`Saved as ${path(name)}`);
    },
    keepLog(results) {
      if (log === null) return;
      const { version } = JSON.parse(
        readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
      ) as { version: string };
      writeFileSync(log, `${JSON.stringify({ torch: `flambeau ${version}`, ...results }, null, 1)}\n`);
    },
    async drawTrainingCurve(losses, stepsPerEpoch) {
      const { drawTrainingCurve } = await import('./pictures.js');
      drawTrainingCurve(path('training_curve.png'), losses, stepsPerEpoch);
      console.log(`Drawn in ${path('training_curve.png')}`);
    },
    async drawPredictions(images, predictions) {
      const { drawPredictions } = await import('./pictures.js');
      drawPredictions(path('predictions.png'), images, predictions);
      console.log(`Drawn in ${path('predictions.png')}`);
    },
  };
}
