/** `npm run blitz`: goes through the four chapters, or one. */
import * as torch from 'flambeau';
import { runCommand, startDevice } from '../command_line.js';
import { readArguments, type Settings, usage } from './arguments.js';
import { autograd } from './autograd.js';
import { classifier } from './classifier.js';
import { networks } from './networks.js';
import { type Notebook, terminalNotebook } from './notebook.js';
import type { Place } from './place.js';
import { tensors } from './tensors.js';
import { terminalPlace } from './terminal_place.js';

const chapters = { tensors, autograd, networks, classifier } satisfies Record<
  string,
  (notebook: Notebook, settings: Settings, place: Place) => void | Promise<void>
>;

async function main(settings: Settings): Promise<void> {
  const { cpu } = torch.backends;
  if (settings.distributed) return trainTogether(settings);
  await startDevice(settings.device);
  console.log(`Flambeau on the CPU: ${cpu.engine()} engine, ${cpu.getCpuCapability()}`);
  if (torch.webgpu.isAvailable()) console.log(`WebGPU: ${torch.webgpu.getDeviceName()}`);
  for (const [name, chapter] of Object.entries(chapters)) {
    if (settings.chapter !== null && settings.chapter !== name) continue;
    console.log(`\n════ ${name} ════`);
    torch.manualSeed(settings.seed);
    await chapter(terminalNotebook(name), settings, terminalPlace(settings));
  }
}

/** Trains the classifier on all processes that were started; a process that no launcher has started trains it alone. */
async function trainTogether({ data, epochs, batchSize, seed, out }: Settings): Promise<void> {
  const dist = await import('flambeau/distributed');
  const { trainClassifier } = await import('../distributed/training.js');
  await dist.initProcessGroup();
  await trainClassifier({ data, epochs, batchSize, seed, out, lr: 0.001, compress: false, strategy: 'ddp' });
  await dist.destroyProcessGroup();
}

await runCommand(usage, async (args) => {
  const settings = readArguments(args);
  if (settings === null) console.log(usage);
  else await main(settings);
});
