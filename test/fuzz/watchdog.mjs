/**
 * Ends the process when one input takes too much of the processor: a thread of its own sees that when the reader no longer lets
 * anything else run. Time that other processes have is not counted.
 */
import { appendFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { place, stall, positionFile } = workerData;
let seen = -1;
let since = 0;
setInterval(() => {
  const { user, system } = process.cpuUsage();
  const used = (user + system) / 1e6;
  const at = Atomics.load(place, 0);
  if (at !== seen) {
    seen = at;
    since = used;
  } else if (at >= 0 && used - since > stall) {
    // Behind the position this says why the process ended.
    appendFileSync(positionFile, 'hang');
    process.kill(process.pid, 'SIGKILL');
  }
}, 200);
