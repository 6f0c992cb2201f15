import { checkDevice, integer, positive, readOptions, UsageError } from '../command_line.js';

/** The arguments of the command line. */
export interface Settings {
  /** A folder with `train` and `val`, in each a folder of images for every class; null: one is made. */
  readonly data: string | null;
  /** How many training images of each class are made; a quarter as many for validation. */
  readonly perClass: number;
  /** A file with the weights to begin with; null: from scratch. */
  readonly weights: string | null;
  readonly freeze: boolean;
  readonly size: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly workers: number;
  readonly seed: number;
  readonly device: string;
  readonly out: string;
}

export const usage = `Fine-tunes ResNet-18 on a folder of images.

usage: npm run transfer -- [options]

  --data DIR         folder with train/CLASS/*.png and val/CLASS/*.png; JPEG, WebP and GIF files need the package sharp
                     (default: made from the sample of CIFAR-10 in this repository)
  --per-class N      training images of each class that are made (default: 100)
  --weights FILE     weights to begin with, torchvision's resnet18-f37072fd.pth, or best.pt of an earlier run
                     (default: none, the network begins from scratch)
  --freeze           train the last layer only; needs --weights
  --size N           images are cut and scaled to N × N (default: 64)
  --epochs N         how often to go through the training images (default: 8)
  --batch-size N     images per training step (default: 20)
  --lr X             the largest learning rate (default: 0.02)
  --workers N        worker threads that read and transform images (default: 0, none)
  --seed N           seed of all random numbers (default: 0)
  --device NAME      where to train: cpu, webgpu (default: cpu)
  --out DIR          folder for the checkpoint, the log and pictures (default: out/transfer)
  --help             show this`;

const options = {
  data: { type: 'string' },
  'per-class': { type: 'string', default: '100' },
  weights: { type: 'string' },
  freeze: { type: 'boolean', default: false },
  size: { type: 'string', default: '64' },
  epochs: { type: 'string', default: '8' },
  'batch-size': { type: 'string', default: '20' },
  lr: { type: 'string', default: '0.02' },
  workers: { type: 'string', default: '0' },
  seed: { type: 'string', default: '0' },
  device: { type: 'string', default: 'cpu' },
  out: { type: 'string', default: 'out/transfer' },
  help: { type: 'boolean', default: false },
} as const;

/**
 * Reads the command line; null if it asks for help.
 * @throws UsageError for an unknown option or a bad value
 */
export function readArguments(args: readonly string[]): Settings | null {
  const values = readOptions(args, options);
  if (values.help) return null;
  const { data = null, weights = null, freeze, out } = values;
  if (freeze && weights === null)
    throw new UsageError(
      '--freeze needs --weights: layers that have learned nothing cannot stay as they are',
    );
  return {
    data,
    weights,
    freeze,
    out,
    perClass: integer('per-class', values['per-class'], 4),
    // ResNet-18 halves an image five times.
    size: integer('size', values.size, 32),
    epochs: integer('epochs', values.epochs, 1),
    batchSize: integer('batch-size', values['batch-size'], 2),
    learningRate: positive('lr', values.lr),
    workers: integer('workers', values.workers, 0),
    seed: integer('seed', values.seed, 0),
    device: checkDevice(values.device),
  };
}
