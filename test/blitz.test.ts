import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readArguments } from '../dist/examples/blitz/arguments.js';
import { autograd } from '../dist/examples/blitz/autograd.js';
import { networks } from '../dist/examples/blitz/networks.js';
import { readSource, recordingNotebook } from '../dist/examples/blitz/notebook.js';
import { readPreamble, readSections, readSubject } from '../dist/examples/blitz/sections.js';
import { tensors } from '../dist/examples/blitz/tensors.js';
import { UsageError } from '../dist/examples/command_line.js';

const main = fileURLToPath(new URL('../dist/examples/blitz/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'flambeau-blitz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function blitz(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const chapterText = new URL('../../shared/golden/tensors_chapter.txt', import.meta.url);
if (!existsSync(chapterText))
  console.warn('../shared/golden is absent: the tensors chapter is not compared with Python.');

/** Without the lines that NumPy prints, and without the sections' names. */
const comparable = (text: string) =>
  text
    .replace(/^== .*$/gm, '==')
    .split('\n')
    .filter((line) => !line.startsWith('n: '));

beforeEach(() => {
  torch.manualSeed(0);
});

describe('chapters', () => {
  it.skipIf(!existsSync(chapterText))('tensors prints to the letter what Python prints', () => {
    const notebook = recordingNotebook();
    tensors(notebook);
    expect(comparable(notebook.text())).toEqual(comparable(readFileSync(chapterText, 'utf8')));
  });

  it('autograd prints what the mathematics says', () => {
    const notebook = recordingNotebook();
    autograd(notebook);
    expect(notebook.text()).toBe(`== a training step
tensor(2.1463, grad_fn=<SumBackward0>) -> tensor(1.9585, grad_fn=<SumBackward0>)
== differentiation in autograd
tensor([-12.,  65.], grad_fn=<SubBackward0>)
== gradients
tensor([True, True])
tensor([True, True])
== vector calculus
tensor([17.5000,  5.5000, 23.5000])
== the graph
Does p + q require gradients?: False
Does p + r require gradients?: True
SumBackward0 <- SinBackward0
== accumulation
tensor([6., 6.])
tensor([0., 0.])
== without gradients
False
False
== frozen parameters
0.weight frozen
0.bias frozen
2.weight trained
2.bias trained
== derivatives of derivatives
z = 2, 3z² = 12, 6z = 12
`);
  });

  it('networks prints what PyTorch 2.13 prints for the same seed', () => {
    const notebook = recordingNotebook();
    networks(notebook);
    expect(notebook.text()).toBe(`== define the network
Net(
  (conv1): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))
  (conv2): Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1))
  (fc1): Linear(in_features=400, out_features=120, bias=True)
  (fc2): Linear(in_features=120, out_features=84, bias=True)
  (fc3): Linear(in_features=84, out_features=10, bias=True)
)
== parameters
10
torch.Size([6, 1, 5, 5])
== forward
tensor([[-0.1007, -0.0902,  0.0364,  0.0591, -0.0421,  0.0203,  0.0314,  0.0724,
         -0.0276,  0.1233]], grad_fn=<AddmmBackward0>)
== backward
== loss function
tensor(1.2249, grad_fn=<MseLossBackward0>)
== the graph of the loss
MseLossBackward0
AddmmBackward0
['torch::autograd::AccumulateGrad', 'ReluBackward0', 'TBackward0']
== backprop
conv1.bias.grad before backward
None
conv1.bias.grad after backward
tensor([-0.0129, -0.0038,  0.0006, -0.0094, -0.0046,  0.0233])
== update the weights by hand
== update the weights with an optimizer
step 1: loss 1.2041
step 2: loss 1.1865
step 3: loss 1.1700
`);
  });

  it('each shows the text and the source of every section', () => {
    for (const chapter of ['tensors', 'autograd', 'networks', 'classifier']) {
      const source = readSource(chapter);
      const sections = readSections(source);
      expect(sections).toHaveLength(source.match(/\bsection\('/g)!.length);
      for (const { introduction, code } of sections) {
        expect(introduction).toMatch(/[.?]$/);
        expect(code).not.toBe('');
      }
    }
    expect(readSections(readSource('tensors'))[9]).toEqual({
      title: 'in place',
      introduction: 'Methods that end in an underscore change their tensor in place.',
      code: "print(tensor, '\\n');\ntensor.add_(5);\nprint(tensor);",
    });
  });

  it('each says what it is about, and which names all of its sections use', () => {
    const source = readSource('networks');
    expect(readSubject(source)).toBe('Chapter 3: neural networks');
    expect(readPreamble(source)).toBe('const { nn } = torch;\nconst F = torch.nn.functional;');
    expect(readPreamble(readSource('tensors'))).toBe('');
  });
});

describe('the command line', () => {
  it.each([
    [['--speed', '3'], "Unknown option '--speed'"],
    [
      ['--chapter', 'tensor'],
      "--chapter must be one of tensors, autograd, networks, classifier, not 'tensor'",
    ],
    [['--epochs', '0'], "--epochs must be a whole number of at least 1, not '0'"],
    [['--batch-size', '4.5'], "--batch-size must be a whole number of at least 1, not '4.5'"],
    [['--seed', 'x'], "--seed must be a whole number of at least 0, not 'x'"],
    [['--workers='], "--workers must be a whole number of at least 0, not ''"],
    [['--log'], "Option '--log <value>' argument missing"],
    [['--device', 'cuda'], '--device cuda: '],
    [['tensors'], "Unexpected argument 'tensors'"],
  ])('refuses %j', (args, message) => {
    let error: unknown;
    try {
      readArguments(args);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(message);
  });

  it('takes 2 epochs of a whole data set, 20 of the sample', () => {
    expect(readArguments([])).toMatchObject({ chapter: null, data: null, epochs: 20, batchSize: 4, seed: 0 });
    expect(readArguments(['--data', 'x'])).toMatchObject({ data: 'x', epochs: 2 });
    expect(readArguments(['--download', '--out', 'y'])).toMatchObject({ data: 'y/data', epochs: 2 });
    expect(readArguments(['--help'])).toBeNull();
  });

  it('ends with status 2 after a mistake, 0 after help', async () => {
    const mistake = await blitz('--speed', '3');
    expect(mistake.code).toBe(2);
    expect(mistake.stderr).toContain("Unknown option '--speed'");
    const help = await blitz('--help');
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('--batch-size N');
  });

  it('says in one error what data are missing', async () => {
    const { code, stderr } = await blitz('--chapter', 'classifier', '--data', join(folder, 'nowhere'));
    expect(code).toBe(1);
    expect(stderr).toContain('Dataset not found or corrupted');
  });
});

it('the classifier leaves weights, pictures and a log', async () => {
  const out = join(folder, 'out');
  const log = join(folder, 'log.json');
  const options = ['--epochs', '1', '--batch-size', '50', '--workers', '1', '--out', out, '--log', log];
  const { code, stdout, stderr } = await blitz('--chapter', 'classifier', ...options);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^epoch 1\/1: 40\/40 in .*loss=/),
  });
  expect(stdout).toContain('<All keys matched successfully>');
  expect(stdout).toMatch(/Accuracy of the network on the 500 test images: \d+\.\d %/);

  const weights = (await torch.load(join(out, 'cifar_net.pt'))) as Record<string, torch.Tensor>;
  expect(Object.keys(weights)).toEqual(
    ['conv1', 'conv2', 'fc1', 'fc2', 'fc3'].flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]),
  );
  for (const [name, width, height] of [
    ['training_curve.png', 1000, 600],
    ['predictions.png', 984, 660],
  ] as const) {
    const png = readFileSync(join(out, name));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height]);
    // A picture of nothing compresses to less.
    expect(png.length).toBeGreaterThan(15_000);
  }
  const logged = JSON.parse(readFileSync(log, 'utf8'));
  expect(logged).toMatchObject({ seed: 0, epochs: 1, test_total: 500 });
  expect(logged.first_20_losses).toHaveLength(20);
  expect(logged.first_20_labels[0]).toHaveLength(50);
});
