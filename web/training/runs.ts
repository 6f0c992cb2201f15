/** Trainings of this tab, to be compared: a table of them, named by what differs. */
import { colourOf, type Run } from '../draw/loss_curve.js';
import { draft, keepDraft } from '../page/draft.js';
import { element } from '../page/element.js';
import type { Settings } from './form.js';
import { networks } from './networks.js';

const key = 'training: runs';
/** Older ones make room. */
const mostRuns = 6;

/** What is said of a training. */
type Kept = Omit<Settings, 'files'> & { readonly isOfOwnImages: boolean };

interface KeptRun {
  readonly number: number;
  readonly colour: number;
  readonly settings: Kept;
  stepsPerEpoch: number;
  losses: number[];
  /** Of the test, in percents; null until it is done. */
  accuracy: number | null;
}

const words: Readonly<Record<keyof Kept, (settings: Kept) => string>> = {
  network: ({ network }) => networks[network].title,
  device: ({ device }) => (device === 'cpu' ? 'WebAssembly' : 'WebGPU'),
  epochs: ({ epochs }) => `${epochs} epochs`,
  batchSize: ({ batchSize }) => `batches of ${batchSize}`,
  learningRate: ({ learningRate }) => `learning rate ${learningRate}`,
  seed: ({ seed }) => `seed ${seed}`,
  isOfOwnImages: ({ isOfOwnImages }) => (isOfOwnImages ? 'own images' : 'the sample'),
};

/** A name for each: the settings in which not all of them agree, or a number where that does not tell two apart. */
export function namesOf(settings: readonly Kept[]): string[] {
  const differing = (Object.keys(words) as (keyof Kept)[]).filter(
    (name) => new Set(settings.map((one) => one[name])).size > 1,
  );
  const names = settings.map((one) => differing.map((name) => words[name](one)).join(', '));
  return names.map((name, i) => {
    const alike = names.slice(0, i + 1).filter((other) => other === name).length;
    const isAlone = names.indexOf(name) === names.lastIndexOf(name);
    return name === '' ? `run ${i + 1}` : isAlone ? name : `${name} (${alike})`;
  });
}

export class Runs {
  readonly element = element('div', {});
  private runs: KeptRun[] = read();

  /** @param changed told when a run is taken away */
  constructor(private readonly changed: () => void) {
    this.show();
  }

  /** Begins another run, after the others. */
  begin({ files, ...settings }: Settings): void {
    // What was begun and has made no step is of no interest.
    this.runs = this.runs.filter(({ losses }) => losses.length > 0).slice(1 - mostRuns);
    const colour = Array.from({ length: mostRuns }, (_, i) => i).find((i) =>
      this.runs.every((run) => run.colour !== i),
    )!;
    const number = 1 + Math.max(0, ...this.runs.map((run) => run.number));
    this.runs.push({
      ...{ number, colour, stepsPerEpoch: 1, losses: [], accuracy: null },
      settings: { ...settings, isOfOwnImages: files !== null },
    });
    this.show();
  }

  /** The run that goes on, or was the last. */
  get current(): KeptRun | undefined {
    return this.runs.at(-1);
  }

  /** Ends the current run. @param accuracy in percents; null if it broke off, then it is forgotten */
  end(accuracy: number | null): void {
    if (accuracy === null) this.runs.pop();
    else if (this.current !== undefined) this.current.accuracy = accuracy;
    this.keep();
  }

  /** What is drawn. */
  get lines(): Run[] {
    const names = namesOf(this.runs.map(({ settings }) => settings));
    return this.runs.map(({ colour, losses, stepsPerEpoch }, i) => ({
      ...{ name: names[i], colour, losses, stepsPerEpoch },
    }));
  }

  private keep(): void {
    keepDraft(key, this.runs.length === 0 ? null : JSON.stringify(this.runs));
    this.show();
  }

  private show(): void {
    const { lines } = this;
    const heading = (text: string) => element('th', { scope: 'col' }, text);
    const rows = this.runs.map((run, i) =>
      element(
        'tr',
        {},
        element(
          'th',
          { scope: 'row' },
          element(
            'span',
            { class: 'swatch' },
            element('span', { class: `colour ${colourOf(run)}` }),
            lines[i].name,
          ),
        ),
        element('td', {}, run.accuracy === null ? '…' : `${run.accuracy.toFixed(1)} %`),
        element('td', {}, run.accuracy === null ? '' : this.removal(run, lines[i].name)),
      ),
    );
    this.element.replaceChildren(
      ...(this.runs.length < 2
        ? []
        : [
            element(
              'table',
              { class: 'accuracy runs' },
              element('caption', {}, 'Runs of this tab'),
              element('thead', {}, element('tr', {}, heading('Run'), heading('Accuracy'), element('td', {}))),
              element('tbody', {}, ...rows),
            ),
          ]),
    );
  }

  private removal(run: KeptRun, name: string): HTMLElement {
    const onclick = () => {
      this.runs = this.runs.filter((other) => other !== run);
      this.keep();
      this.changed();
    };
    return element('button', { type: 'button', 'aria-label': `Remove ${name}`, onclick }, 'Remove');
  }
}

function read(): KeptRun[] {
  try {
    return JSON.parse(draft(key) ?? '[]') as KeptRun[];
  } catch {
    return [];
  }
}
