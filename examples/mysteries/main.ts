/** `npm run mysteries`: ensembles, distillation and self-distillation, with figures and pictures. */
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { runCommand, UsageError } from '../command_line.js';
import { readArguments, type SetName, type Settings, usage } from './arguments.js';
import { digits, randomFeatures } from './digits.js';
import type { Measured } from './events.js';
import { type ImageSets, readDigits, readPhotographs } from './images.js';
import { multiView } from './multi_view.js';
import { photographs } from './photographs.js';
import { drawFeatures, drawScores } from './pictures.js';
import { table } from './report.js';
import { Results } from './results.js';
import { carryOut, type Study } from './study.js';

const sample = fileURLToPath(new URL('../../../examples/mysteries/data', import.meta.url));

const titles: Readonly<Record<SetName, string>> = {
  'multi-view': 'Multi-view data',
  digits: '300 digits, trained networks',
  'random-features': '300 digits, random features',
  cifar: 'CIFAR-10',
};

async function readImages(set: SetName, { data, download }: Settings): Promise<ImageSets> {
  const isMnist = set !== 'cifar';
  const { MNIST, CIFAR10 } = torchvision.datasets;
  if (data !== null && download) {
    mkdirSync(data, { recursive: true });
    await (isMnist ? MNIST : CIFAR10).download(data, { progress: true });
  }
  if (data !== null && !existsSync(data)) throw new UsageError(`--data ${data}: there is no such folder`);
  return isMnist ? readDigits(data ?? sample) : readPhotographs(data!);
}

async function makeStudy(set: SetName, settings: Settings): Promise<Study> {
  const { temperature, singleViewShare, epochs, networks, replicates, seed } = settings;
  const common = { networks, replicates, seed, points: 0 };
  if (set === 'multi-view') return multiView({ ...common, temperature: temperature ?? 2, singleViewShare });
  const images = await readImages(set, settings);
  console.log(`${count(images.training)} images to train with, ${count(images.test)} to test`);
  if (set === 'digits') return digits(images, { ...common, temperature: temperature ?? 4 });
  if (set === 'random-features') return randomFeatures(images, { ...common, temperature: temperature ?? 2 });
  return photographs(images, { ...common, temperature: temperature ?? 2, epochs });
}

const count = ({ labels }: { labels: torch.Tensor }) => labels.shape[0].toLocaleString('en');

/** Carries out an experiment, and tells how it goes: a sign for each network. */
async function run(study: Study): Promise<{ results: Results; first: Measured[] }> {
  const results = new Results();
  const first: Measured[] = [];
  let replicate = -1;
  const say = (text: string) => process.stdout.write(text);
  for await (const event of carryOut(study)) {
    if (event.kind === 'point') continue;
    results.add(event);
    if (event.replicate === 0) first.push(event);
    if (event.replicate !== replicate) {
      replicate = event.replicate;
      say(`${replicate === 0 ? '' : '\n'}replicate ${replicate + 1} of ${study.replicates}: `);
    }
    if (event.row !== 'ensemble') say('·');
  }
  say('\n');
  return { results, first };
}

async function main(settings: Settings): Promise<void> {
  const { sets, networks, replicates, out } = settings;
  const { cpu } = torch.backends;
  console.log(`Flambeau on the CPU: ${cpu.engine()} engine, ${cpu.getCpuCapability()}`);
  mkdirSync(out, { recursive: true });
  for (const set of sets) {
    const title = titles[set];
    console.log(`\n════ ${title} ════`);
    const study = await makeStudy(set, settings);
    const begun = performance.now();
    const { results, first } = await run(study);
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    const times =
      replicates === 1 ? 'one replicate, without errors' : `${replicates} replicates, mean ± standard error`;
    console.log(`\n${networks} networks, ${times}, ${seconds} s; percents of test samples:\n`);
    console.log(table(results, study));
    drawScores(`${out}/${set}.png`, title, results, study);
    console.log(`\nDrawn in ${out}/${set}.png`);
    if (first[0].strengths === null) continue;
    drawFeatures(`${out}/features.png`, first, study);
    console.log(`Drawn in ${out}/features.png: what the networks of the first replicate have learned`);
  }
}

await runCommand(usage, async (args) => {
  const settings = readArguments(args);
  if (settings === null) console.log(usage);
  else await main(settings);
});
