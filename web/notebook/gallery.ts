/** Notebooks that are there to begin with: a short one, and the chapters. */
import autograd from '../../examples/blitz/autograd.ts?raw';
import classifier from '../../examples/blitz/classifier.ts?raw';
import networks from '../../examples/blitz/networks.ts?raw';
import { readPreamble, readSections } from '../../examples/blitz/sections.js';
import tensors from '../../examples/blitz/tensors.ts?raw';
import { settings } from '../chapter/settings.js';
import { type Cell, fromProgram } from './cell.js';
import { fromMarkdown } from './tutorial.js';

const first = `// Cells share their variables. The last value of a cell is shown; tensors can be looked at as heat maps and images.
const points = torch.randn(200, 2);
const labels = points.pow(2).sum(1).gt(1).long();
points.index('0:4')

// A network that learns which points lie within a circle. draw() shows how it divides the plane, plot() draws lines of numbers.
const net = new torch.nn.Sequential(new torch.nn.Linear(2, 16), new torch.nn.ReLU(), new torch.nn.Linear(16, 2));
const optimizer = new torch.optim.Adam(net.parameters(), { lr: 0.02 });
const losses = [];
for (let step = 0; step < 300; step++) {
  const loss = torch.nn.functional.crossEntropy(net.forward(points), labels);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  losses.push(loss.item());
}
await draw(net, points, labels);
plot({ loss: losses });

// What it has learned: the weights of its first layer.
[...net.parameters()][0]
`;

const chapter = (source: string, before = ''): Cell[] => {
  const preamble = [before, readPreamble(source)].join('\n').trim();
  return [
    ...(preamble === '' ? [] : [{ kind: 'code', text: preamble } as const]),
    ...readSections(source).flatMap(({ title, introduction, code }): Cell[] => [
      { kind: 'note', text: [title[0].toUpperCase() + title.slice(1), introduction].join('\n').trim() },
      { kind: 'code', text: code },
    ]),
  ];
};

/** The tutorials' texts, which are loaded when one of them is opened. */
const texts = import.meta.glob<string>('../../docs/tutorials/*.md', { query: '?raw', import: 'default' });
const tutorial = (name: string) => async () => fromMarkdown(await texts[`../../docs/tutorials/${name}.md`]());

/** Names of notebooks, and what makes them. */
type Notebooks = Readonly<Record<string, () => Cell[] | Promise<Cell[]>>>;

export const firstLook = (): Cell[] => fromProgram(first);
export const gallery: Readonly<Record<string, Notebooks>> = {
  Chapters: {
    'A first look': firstLook,
    Tensors: () => chapter(tensors),
    Autograd: () => chapter(autograd),
    Networks: () => chapter(networks),
    'A classifier': () => chapter(classifier, settings),
  },
  Tutorials: {
    'Learn the basics': tutorial('basics'),
    'The 60-minute blitz': tutorial('blitz'),
    'Learning by examples': tutorial('examples'),
    'Names by letters': tutorial('char-rnn'),
    'Sequence to sequence': tutorial('seq2seq'),
    'A transformer': tutorial('transformer'),
    'Transfer learning': tutorial('transfer'),
    'Reinforcement learning': tutorial('reinforcement'),
  },
};
