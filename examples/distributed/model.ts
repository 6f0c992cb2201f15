/** `npm run distributed:model`, or `mpirun -n 2 node dist/examples/distributed/model.js`: what training would take on 1 to 1,000 processes. */
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';
import { integer, positive, readOptions, runCommand, UsageError } from '../command_line.js';
import { costTable, fitLink, type Link } from './cost_model.js';

const usage = `What a step of training would take on 1 to 1,000 processes, by a model of its cost (docs/distributed.md).

usage: mpirun -n N node dist/examples/distributed/model.js [options]
       npm run distributed:model -- --alpha US --bandwidth GB [options]

  --alpha US         microseconds that a message takes (default: measured, with two processes or more)
  --bandwidth GB     gigabytes that a process sends in a second (default: measured)
  --parameters N     parameters of the network (default: 1000000)
  --blocks N         layers of the same size (default: 8)
  --batch-size N     rows of each process's batch (default: 64)
  --compute MS       milliseconds that a process computes in a step (default: measured with linear layers)
  --states N         numbers that the optimizer keeps of each parameter (default: 2, Adam's)
  --help             show this`;

const options = {
  alpha: { type: 'string' },
  bandwidth: { type: 'string' },
  parameters: { type: 'string', default: '1000000' },
  blocks: { type: 'string', default: '8' },
  'batch-size': { type: 'string', default: '64' },
  compute: { type: 'string' },
  states: { type: 'string', default: '2' },
  help: { type: 'boolean', default: false },
} as const;

/** The least seconds of several runs. */
async function least(runs: number, run: () => Promise<unknown> | unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const began = performance.now();
    await run();
    best = Math.min(best, (performance.now() - began) / 1e3);
  }
  return best;
}

/** How long the slowest process takes to reduce tensors of several sizes. */
async function measureLink(): Promise<Link> {
  const times: [bytes: number, seconds: number][] = [];
  for (const length of [2, 256, 4096, 65_536, 1 << 20, 1 << 22]) {
    const x = torch.zeros(length);
    const own = await least(length > 1e5 ? 10 : 100, () => dist.allReduce(x));
    const slowest = torch.tensor([own], { dtype: torch.float64 });
    await dist.allReduce(slowest, dist.ReduceOp.MAX);
    times.push([4 * length, slowest.item() as number]);
  }
  return fitLink(times, dist.getWorldSize());
}

/** How long a process takes to go forward and back through linear layers. */
async function measureCompute(parameters: number, blocks: number, batch: number): Promise<number> {
  const width = Math.max(1, Math.round(Math.sqrt(parameters / blocks)));
  const layers = Array.from({ length: blocks }, () => new torch.nn.Linear(width, width, { bias: false }));
  const net = new torch.nn.Sequential(...layers);
  const x = torch.randn(batch, width);
  return least(5, () => net.forward(x).sum().backward());
}

await runCommand(usage, async (args) => {
  const values = readOptions(args, options);
  if (values.help) {
    console.log(usage);
    return;
  }
  const isGiven = values.alpha !== undefined && values.bandwidth !== undefined;
  await dist.initProcessGroup();
  const size = dist.getWorldSize();
  if (!isGiven && size < 2) {
    await dist.destroyProcessGroup();
    throw new UsageError('start two processes or more, or give --alpha and --bandwidth');
  }
  const link = isGiven
    ? {
        alpha: positive('alpha', values.alpha!) / 1e6,
        beta: 1 / (positive('bandwidth', values.bandwidth!) * 1e9),
      }
    : await measureLink();
  const parameters = integer('parameters', values.parameters, 1);
  const blocks = integer('blocks', values.blocks, 1);
  const batch = integer('batch-size', values['batch-size'], 1);
  const compute =
    values.compute === undefined
      ? await measureCompute(parameters, blocks, batch)
      : positive('compute', values.compute) / 1e3;
  if (dist.getRank() === 0) {
    console.log(
      `${isGiven ? 'given' : `measured between ${size} processes`}: α = ${(link.alpha * 1e6).toFixed(2)} µs a message, ` +
        `1 / β = ${(1e-9 / link.beta).toFixed(2)} GB/s; ${(compute * 1e3).toFixed(1)} ms of computing a step`,
    );
    console.log(
      costTable({ parameters, blocks, compute, states: integer('states', values.states, 0) }, link),
    );
  }
  await dist.destroyProcessGroup();
});
