/** `npm run blitz`: goes through the four chapters, or one. */
import * as torch from 'flambeau';
import { readArguments, type Settings, startDevice, UsageError, usage } from './arguments.js';
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
  await startDevice(settings);
  console.log(`Flambeau on the CPU: ${cpu.engine()} engine, ${cpu.getCpuCapability()}`);
  if (torch.webgpu.isAvailable()) console.log(`WebGPU: ${torch.webgpu.getDeviceName()}`);
  for (const [name, chapter] of Object.entries(chapters)) {
    if (settings.chapter !== null && settings.chapter !== name) continue;
    console.log(`\n════ ${name} ════`);
    torch.manualSeed(settings.seed);
    await chapter(terminalNotebook(name), settings, terminalPlace(settings));
  }
}

try {
  const settings = readArguments(process.argv.slice(2));
  if (settings === null) console.log(usage);
  else await main(settings);
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${error.message}\n\n${usage}` : error);
  process.exitCode = isUsage ? 2 : 1;
}
