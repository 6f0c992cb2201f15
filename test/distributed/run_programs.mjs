/** Runs a program of many ranks as processes of MPI: `run_programs.mjs FILE GIVEN`. The first rank prints what all return. */
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';

const [file, given] = process.argv.slice(2);
await dist.initProcessGroup('mpi', { timeout: 60 });
const { default: main } = await import(new URL(file, import.meta.url));
const result = await main({ torch, dist, given: given.startsWith('{') ? JSON.parse(given) : given });
const all = Array.from({ length: dist.getWorldSize() }, () => null);
await dist.allGatherObject(all, JSON.stringify(result));
if (dist.getRank() === 0) console.log(`RESULTS [${all.join(', ')}]`);
await dist.destroyProcessGroup();
