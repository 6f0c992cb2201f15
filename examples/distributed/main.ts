/** `npm run distributed`, or `mpirun -n 4 node dist/examples/distributed/main.js`: trains on as many processes as were started. */
import * as dist from 'flambeau/distributed';
import { integer, positive, readOptions, runCommand, UsageError } from '../command_line.js';
import { type Strategy, strategies } from './strategies.js';
import { trainClassifier, trainGpt } from './training.js';

const usage = `The tutorial's classifier of CIFAR-10's images, or a small GPT, trained on many processes.

usage: [mpirun -n N] node dist/examples/distributed/main.js [options]

  --network NAME     tutorial or gpt (default: tutorial)
  --strategy NAME    ddp: all have everything; zero: the optimizer's state in parts; fsdp: all in parts (default: ddp)
  --data DIR         folder with CIFAR-10's binary files (default: a sample of 2,000 + 500 images)
  --epochs N         how often to go through the training data (default: 5)
  --batch-size N     images or texts per training step, of all processes together (default: 32)
  --lr X             learning rate (default: 0.01)
  --seed N           seed of all random numbers (default: 0)
  --compress         send gradients in 16 bits
  --out DIR          folder for the weights (default: out)
  --help             show this`;

const options = {
  network: { type: 'string', default: 'tutorial' },
  strategy: { type: 'string', default: 'ddp' },
  data: { type: 'string' },
  epochs: { type: 'string', default: '5' },
  'batch-size': { type: 'string', default: '32' },
  lr: { type: 'string', default: '0.01' },
  seed: { type: 'string', default: '0' },
  compress: { type: 'boolean', default: false },
  out: { type: 'string', default: 'out' },
  help: { type: 'boolean', default: false },
} as const;

const networks = { tutorial: trainClassifier, gpt: trainGpt } as const;

/** One of some words. @throws UsageError for another */
function word<const W extends string>(name: string, words: readonly W[], given: string): W {
  if (!(words as readonly string[]).includes(given))
    throw new UsageError(`--${name} must be one of ${words.join(', ')}, not '${given}'`);
  return given as W;
}

await runCommand(usage, async (args) => {
  const values = readOptions(args, options);
  if (values.help) {
    console.log(usage);
    return;
  }
  const strategy: Strategy = word('strategy', strategies, values.strategy);
  const network = word('network', Object.keys(networks) as (keyof typeof networks)[], values.network);
  const settings = {
    data: values.data ?? null,
    epochs: integer('epochs', values.epochs, 1),
    batchSize: integer('batch-size', values['batch-size'], 1),
    lr: positive('lr', values.lr),
    seed: integer('seed', values.seed, 0),
    compress: values.compress,
    strategy,
    out: values.out,
  };
  await dist.initProcessGroup();
  await networks[network](settings);
  await dist.destroyProcessGroup();
});
