// A contestant of another library: `node worker.mjs NAME`, where NAME.mjs holds its workloads. See ../worker.mjs.
import { answerLines } from '../answer_lines.mjs';
import { commandsOf } from '../timing.mjs';

const { workloads } = await import(`./${process.argv[2]}.mjs`);
await answerLines(commandsOf(workloads));
