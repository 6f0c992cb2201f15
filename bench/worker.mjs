// One contestant: prepares a workload and times rounds of it, as lines of JSON on standard input say. worker.py is its twin.
import * as torch from 'flambeau';
import { answerLines } from './answer_lines.mjs';
import { commandsOf } from './timing.mjs';
import { workloads } from './workloads.mjs';

torch.setNumThreads(Number(process.argv[2]));
torch.manualSeed(0);

await answerLines(commandsOf(workloads));
