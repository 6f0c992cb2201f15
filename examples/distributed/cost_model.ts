/** Predicts the cost of a step of training on many processes: seconds and bytes by formulas, of which `docs/distributed.md` has the assumptions. */

/** A network of processes: what a message takes before its first byte, and for each byte. */
export interface Link {
  /** Seconds for each message, α. */
  readonly alpha: number;
  /** Seconds for each byte, β. */
  readonly beta: number;
}

/** The network that is trained, and its batch. */
export interface Work {
  readonly parameters: number;
  /** Layers of the same size: what is reduced or gathered at once. */
  readonly blocks: number;
  /** Seconds of a process for its batch: a third goes forward, two thirds go back. */
  readonly compute: number;
  /** Numbers that the optimizer keeps of each parameter: 2 for Adam. */
  readonly states: number;
}

export interface Cost {
  /** Seconds of a step. */
  readonly time: number;
  /** Bytes of parameters, gradients and the optimizer's state on each process. */
  readonly memory: number;
}

const bytesOfNumber = 4;

/** Each process sends its part of `bytes` to each other one, or gets theirs: `allGather`, `reduceScatter`. */
export const exchangeTime = (bytes: number, count: number, { alpha, beta }: Link): number =>
  (count - 1) * alpha + ((bytes * (count - 1)) / count) * beta;

/** `allReduce`: parts are reduced, then gathered. */
export const allReduceTime = (bytes: number, count: number, link: Link): number =>
  2 * exchangeTime(bytes, count, link);

/** `broadcast`: along a tree, piece by piece. */
export const broadcastTime = (bytes: number, count: number, { alpha, beta }: Link): number =>
  count === 1 ? 0 : Math.ceil(Math.log2(count)) * alpha + bytes * beta;

/** The α and β of `allReduce` between so many processes, of times for several sizes: least squares of the relative errors. */
export function fitLink(times: readonly (readonly [bytes: number, seconds: number])[], count: number): Link {
  // seconds = a + b bytes, each equation divided by its seconds.
  let [aa, ab, bb, a1, b1] = [0, 0, 0, 0, 0];
  for (const [bytes, seconds] of times) {
    const [x, y] = [1 / seconds, bytes / seconds];
    aa += x * x;
    ab += x * y;
    bb += y * y;
    a1 += x;
    b1 += y;
  }
  const determinant = aa * bb - ab * ab;
  const a = (bb * a1 - ab * b1) / determinant;
  const b = (aa * b1 - ab * a1) / determinant;
  return { alpha: a / (2 * (count - 1)), beta: (b * count) / (2 * (count - 1)) };
}

/** Seconds that computing does not hide: as much of each block as lasts longer than what goes on beside it, and all of the last of `blocks`. */
const exposed = (each: number, blocks: number, beside: number): number =>
  each + (blocks - 1) * Math.max(0, each - beside / blocks);

/** `DistributedDataParallel`: buckets are reduced during the backward pass. */
export function dataParallelCost(work: Work, count: number, link: Link): Cost {
  const { parameters, blocks, compute, states } = work;
  const bytes = parameters * bytesOfNumber;
  const waits =
    count === 1 ? 0 : exposed(allReduceTime(bytes / blocks, count, link), blocks, (compute * 2) / 3);
  // Gradients, and the buckets that are sent.
  return { time: compute + waits, memory: bytes * (3 + states) };
}

/** The same with `ZeroRedundancyOptimizer`: each process sends the others its part of the parameters. */
export function zeroCost(work: Work, count: number, link: Link): Cost {
  const { time } = dataParallelCost(work, count, link);
  const bytes = work.parameters * bytesOfNumber;
  const sends = count * broadcastTime(bytes / count, count, link);
  return { time: time + sends, memory: bytes * (3 + work.states / count) };
}

/** `fullyShard` of each block, with the next one fetched ahead: gradients are waited for. */
export function shardedCost(work: Work, count: number, link: Link): Cost {
  const { parameters, blocks, compute, states } = work;
  const bytes = parameters * bytesOfNumber;
  const each = exchangeTime(bytes / blocks, count, link);
  const waits =
    count === 1
      ? 0
      : exposed(each, blocks, compute / 3) + exposed(each, blocks, (compute * 2) / 3) + blocks * each;
  // Two blocks' parameters are there, and one's gradients.
  return { time: compute + waits, memory: (bytes * (2 + states)) / count + (3 * bytes) / blocks };
}

export const methods = { DDP: dataParallelCost, ZeRO: zeroCost, FSDP: shardedCost } as const;

/** A table: seconds of a step, the part of them that computes, and memory, for 1 to 1,000 processes. */
export function costTable(work: Work, link: Link): string {
  const names = Object.keys(methods) as (keyof typeof methods)[];
  const lines = [['processes', ...names.flatMap((name) => [`${name}: ms`, 'computes', 'MB'])]];
  for (const count of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000])
    lines.push([
      String(count),
      ...names.flatMap((name) => {
        const { time, memory } = methods[name](work, count, link);
        const part = `${((100 * work.compute) / time).toFixed(0)} %`;
        return [(time * 1e3).toFixed(1), part, (memory / 1e6).toFixed(1)];
      }),
    ]);
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) => line.map((cell, i) => cell.padStart(widths[i])).join('  ')).join('\n');
}
