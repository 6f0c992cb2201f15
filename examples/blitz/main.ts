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

await runCommand(usage, async (args) => {
  const settings = readArguments(args);
  if (settings === null) console.log(usage);
  else await main(settings);
});
