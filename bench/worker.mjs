// One contestant: prepares a workload and times rounds of it, as lines of JSON on standard input say. worker.py is its twin.
import * as torch from 'flambeau';
import { answerLines } from './answer_lines.mjs';
import { workloads } from './workloads.mjs';

torch.setNumThreads(Number(process.argv[2]));
torch.manualSeed(0);

let run;
let count = 1;

/** Milliseconds per run. */
function time(runs) {
  const start = performance.now();
  for (let i = 0; i < runs; i++) run();
  return (performance.now() - start) / runs;
}

const commands = {
  /** Warms up for so many milliseconds and finds how many runs a round of `round` milliseconds has. */
  prepare({ name, warmUp, round }) {
    const prepare = workloads[name];
    if (prepare === undefined) throw new Error(`no workload '${name}'`);
    run = prepare();
    const start = performance.now();
    // The best time, not the last: a single one may have met an interruption.
    let best = time(1);
    for (let runs = 1; performance.now() - start < warmUp; runs = Math.min(2 * runs, 64))
      best = Math.min(best, time(runs));
    count = Math.max(1, Math.round(round / best));
    return { count };
  },
  round: () => ({ ms: time(count) }),
};

await answerLines(commands);
