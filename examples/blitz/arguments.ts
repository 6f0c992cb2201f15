import { checkDevice, integer, readOptions, UsageError } from '../command_line.js';

export const chapterNames = ['tensors', 'autograd', 'networks', 'classifier'] as const;
export type ChapterName = (typeof chapterNames)[number];

/** The arguments of the command line. */
export interface Settings {
  /** All of them, if none is named. */
  readonly chapter: ChapterName | null;
  /** Where CIFAR-10's files are; null for the sample in this repository. */
  readonly data: string | null;
  readonly download: boolean;
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly log: string | null;
  readonly device: string;
  readonly workers: number;
  /** Whether all processes that were started train the classifier together. */
  readonly distributed: boolean;
  readonly out: string;
}

export const usage = `The 60-minute blitz: tensors, autograd, neural networks, and a classifier of CIFAR-10's images.

usage: npm run blitz -- [options]

  --chapter NAME     one chapter: ${chapterNames.join(', ')} (default: all)
  --data DIR         folder with CIFAR-10's binary files (default: a sample of 2,000 + 500 images)
  --download         download CIFAR-10 (170 MB) to the folder of --data (default: out/data)
  --seed N           seed of all random numbers (default: 0)
  --epochs N         how often to go through the training images (default: 2; 20 with the sample)
  --batch-size N     images per training step (default: 4)
  --log FILE.json    write weights, losses and accuracies there
  --device NAME      where to train: cpu, webgpu (default: cpu)
  --workers N        worker threads that load images (default: 0, none)
  --distributed      train the classifier on all processes that were started: mpirun -n 2 npm run blitz -- --distributed
  --out DIR          folder for weights and pictures (default: out)
  --help             show this`;

const options = {
  chapter: { type: 'string' },
  data: { type: 'string' },
  download: { type: 'boolean', default: false },
  seed: { type: 'string', default: '0' },
  epochs: { type: 'string' },
  'batch-size': { type: 'string', default: '4' },
  log: { type: 'string' },
  device: { type: 'string', default: 'cpu' },
  workers: { type: 'string', default: '0' },
  distributed: { type: 'boolean', default: false },
  out: { type: 'string', default: 'out' },
  help: { type: 'boolean', default: false },
} as const;

/**
 * Reads the command line; null if it asks for help.
 * @throws UsageError for an unknown option or a bad value
 */
export function readArguments(args: readonly string[]): Settings | null {
  const values = readOptions(args, options);
  if (values.help) return null;
  const { chapter, data, download, log, out } = values;
  if (chapter !== undefined && !(chapterNames as readonly string[]).includes(chapter))
    throw new UsageError(`--chapter must be one of ${chapterNames.join(', ')}, not '${chapter}'`);
  if (values.distributed && chapter !== undefined && chapter !== 'classifier')
    throw new UsageError(`--distributed is for the classifier, not for '${chapter}'`);
  const dataFolder = data ?? (download ? `${out}/data` : null);
  return {
    chapter: (chapter as ChapterName | undefined) ?? null,
    data: dataFolder,
    download,
    seed: integer('seed', values.seed, 0),
    epochs: integer('epochs', values.epochs ?? (dataFolder === null ? '20' : '2'), 1),
    batchSize: integer('batch-size', values['batch-size'], 1),
    log: log ?? null,
    device: checkDevice(values.device),
    workers: integer('workers', values.workers, 0),
    distributed: values.distributed,
    out,
  };
}
