/**
 * Goes on with the trainings that `resume.py make FOLDER` began, and begins the same for `resume.py check FOLDER`:
 * node test/checkpoints/resume.mjs FOLDER
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from 'flambeau';
import { Training } from './resumed_training.mjs';

const folder = process.argv[2];
const facts = JSON.parse(readFileSync(join(folder, 'pairs.json'), 'utf8'));
mkdirSync(join(folder, 'javascript'), { recursive: true });
let wrong = 0;
let count = 0;
for (const optimizer of Object.keys(facts.optimizers))
  for (const scheduler of Object.keys(facts.schedulers)) {
    count++;
    const name = `${optimizer}-${scheduler}.pt`;
    try {
      const { before, after } = await torch.load(join(folder, 'python', name), { weightsOnly: false });
      const resumed = new Training(facts, optimizer, scheduler);
      resumed.load(before);
      resumed.train(facts.more);
      for (const [key, difference] of Object.entries(resumed.differences(after))) {
        if (difference <= facts.tolerance) continue;
        wrong++;
        console.log(optimizer, scheduler, key, difference);
      }
      const own = new Training(facts, optimizer, scheduler);
      own.train(facts.first);
      const state = await torch.load(await torch.save(own.state()));
      own.train(facts.more);
      const { weight, bias } = own;
      await torch.save(
        { before: state, after: { weight: weight.detach(), bias: bias.detach() } },
        join(folder, 'javascript', name),
      );
    } catch (error) {
      wrong++;
      console.log(optimizer, scheduler, error);
    }
  }
console.log(`${count} trainings gone on with, ${wrong} differ`);
process.exitCode = wrong > 0 ? 1 : 0;
