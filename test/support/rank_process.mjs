/** One rank of those that mpirun has started: does jobs one after the other; the first rank prints what all have found. usage: rank_process.mjs JOBS */
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';

const jobs = JSON.parse(process.argv[2]);
await dist.initProcessGroup('mpi', { timeout: 60 });
const own = [];
for (const { program, name, given } of jobs) {
  const run = (await import(program))[name];
  own.push(name === 'default' ? await run({ torch, dist, given }) : await run(given, torch, dist));
}
const all = dist.getRank() === 0 ? new Array(dist.getWorldSize()).fill(null) : null;
await dist.gatherObject(JSON.stringify(own), all);
if (all !== null) console.log(`[${all.join(', ')}]`);
await dist.destroyProcessGroup();
