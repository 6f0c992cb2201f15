import { integer, positive, readOptions, UsageError } from '../command_line.js';

const sets = ['multi-view', 'digits', 'random-features', 'cifar'] as const;
export type SetName = (typeof sets)[number];

/** The arguments of the command line. */
export interface Settings {
  readonly sets: readonly SetName[];
  readonly networks: number;
  readonly replicates: number;
  /** Null: what suits the data. */
  readonly temperature: number | null;
  readonly singleViewShare: number;
  readonly epochs: number;
  /** Where MNIST's or CIFAR-10's files are; null: the sample in this repository. */
  readonly data: string | null;
  readonly download: boolean;
  readonly seed: number;
  readonly out: string;
}

export const usage = `Ensembles, distillation and self-distillation: three mysteries, and what is behind them.

usage: npm run mysteries -- [options]

  --set NAME         one set of data: ${sets.join(', ')} (default: all but cifar)
  --networks N       single networks that make an ensemble (default: 10)
  --replicates N     how often everything is done anew, with other data and seeds (default: 5)
  --temperature X    how soft the teachers' outputs are made (default: 2; 4 for trained networks on digits)
  --single-view X    multi-view: the share of training samples that lack one of the two features of their class (default: 0)
  --data DIR         folder with MNIST's files, or CIFAR-10's binary ones with --set cifar (default: a sample of 2,000 + 2,000 digits)
  --download         download MNIST (11 MB), or CIFAR-10 (170 MB) with --set cifar, to the folder of --data (default: out/data)
  --epochs N         cifar: how often to go through the training images (default: 30)
  --seed N           seed of the first replicate; the next ones count on (default: 0)
  --out DIR          folder for pictures (default: out/mysteries)
  --help             show this`;

const options = {
  set: { type: 'string' },
  networks: { type: 'string', default: '10' },
  replicates: { type: 'string', default: '5' },
  temperature: { type: 'string' },
  'single-view': { type: 'string', default: '0' },
  data: { type: 'string' },
  download: { type: 'boolean', default: false },
  epochs: { type: 'string', default: '30' },
  seed: { type: 'string', default: '0' },
  out: { type: 'string', default: 'out/mysteries' },
  help: { type: 'boolean', default: false },
} as const;

/**
 * Reads the command line; null if it asks for help.
 * @throws UsageError for an unknown option or a bad value
 */
export function readArguments(args: readonly string[]): Settings | null {
  const values = readOptions(args, options);
  if (values.help) return null;
  const { set, download, out, temperature } = values;
  if (set !== undefined && !(sets as readonly string[]).includes(set))
    throw new UsageError(`--set must be one of ${sets.join(', ')}, not '${set}'`);
  const data = values.data ?? (download ? 'out/data' : null);
  if (set === 'cifar' && data === null) throw new UsageError('--set cifar needs --data or --download');
  return {
    sets: set === undefined ? ['multi-view', 'digits', 'random-features'] : [set as SetName],
    networks: integer('networks', values.networks, 1),
    replicates: integer('replicates', values.replicates, 1),
    temperature: temperature === undefined ? null : positive('temperature', temperature),
    singleViewShare: share('single-view', values['single-view']),
    epochs: integer('epochs', values.epochs, 1),
    data,
    download,
    seed: integer('seed', values.seed, 0),
    out,
  };
}

function share(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new UsageError(`--${name} must be a number from 0 to 1, not '${text}'`);
  return value;
}
