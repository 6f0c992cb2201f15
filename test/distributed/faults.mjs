// One rank goes wrong; the others print the error that they get. Run by mpirun (test/mpi.test.ts): faults.mjs KIND
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';

const [kind] = process.argv.slice(2);
await dist.initProcessGroup('mpi', { timeout: 2 });
const rank = dist.getRank();
const x = torch.ones(kind === 'killed in the midst' ? 4_000_000 : 3);
await dist.allReduce(x);
console.log(`rank ${rank} is there, process ${process.pid}`);

const faulty = rank === 1;
const faults = {
  throws() {
    throw new Error('no such file');
  },
  'is killed'() {
    process.kill(process.pid, 'SIGKILL');
  },
  hangs() {
    for (;;);
  },
  leaves() {
    process.exit(0);
  },
  'calls another': () => dist.broadcast(x, 0),
  'has another shape': () => dist.allReduce(torch.ones(4)),
  'has another large shape': () => dist.allReduce(torch.ones(5000)),
  'has another dtype': () => dist.allReduce(torch.ones(3).int()),
  'names another root': () => dist.reduce(x, 1),
  'is late': () => new Promise((resolve) => setTimeout(resolve, 3000)),
};
const others = {
  'names another root': () => dist.reduce(x, 0),
  'is late': () => dist.monitoredBarrier({ timeout: 0.5 }),
};
if (kind === 'killed in the midst') {
  if (faulty) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100 + 100 * Math.random());
  for (;;)
    await dist.allReduce(x).catch((error) => {
      console.log(`rank ${rank}: ${error.name}: ${error.message}`);
      process.exit(3);
    });
}
try {
  if (faulty) await faults[kind]();
  else await (others[kind] ?? (() => dist.allReduce(x)))();
} catch (error) {
  if (faulty && kind === 'throws') throw error;
  console.log(`rank ${rank}: ${error.name}: ${error.message}`);
  // Nothing more can be done in the group.
  await dist.barrier().catch((again) => console.log(`rank ${rank} again: ${again.message.slice(0, 60)}`));
  process.exit(3);
}
