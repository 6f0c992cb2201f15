/** Runs a chapter's snippets, one after the other, in a scope that they share. */
import * as torch from 'flambeau';
import { type Curves, lineChart } from 'flambeau/charts';
import * as torchvision from 'flambeau/vision';
import type { Place } from '../../examples/blitz/place.js';
import { shown } from '../../examples/blitz/shown.js';
import { TrainingLog } from '../../examples/blitz/training_log.js';
import type { Compiled } from '../snippets/compiled.js';
import { lineOf, Scope } from '../snippets/scope.js';
import { confusionOf } from './confusion.js';
import { decisionDrawing } from './decisions.js';
import { digits } from './digits.js';
import { entry, library } from './library.js';
import type { Failure, Output, Snapshot } from './messages.js';
import { graphOf } from './network_graph.js';
import { Pause } from './pause.js';
import { post } from './port.js';
import { Snapshots, snapshotOf } from './snapshots.js';

/** So many outputs of one snippet are shown: a page with all that an endless loop prints would be of no use. */
const mostOutputs = 1000;

export class Snippets {
  private readonly scope: Scope;
  private readonly snapshots = new Snapshots();
  /** Files that the page's visitor has added, by their names. */
  readonly files: Record<string, Uint8Array> = {};
  readonly pause = new Pause();
  private current = 0;
  private outputs = 0;
  /** Lines that were printed and have not been shown, since its values are on their way from a device. */
  private waiting: Promise<void> | null = null;

  constructor(sample: string) {
    // The line of a snippet stands far below the library's own (V8 notes ten otherwise).
    (Error as { stackTraceLimit?: number }).stackTraceLimit = 100;
    const print = (...values: unknown[]) => this.print(values, false);
    torch.manualSeed(0); // as before every chapter in a terminal
    const given = {
      ...{ torch, torchvision, entry, print, TrainingLog },
      ...{ place: this.place(sample), files: this.files, ...this.pictures() },
    };
    this.scope = new Scope(given, library);
    for (const method of ['log', 'info', 'warn', 'error'] as const)
      console[method] = (...values: unknown[]) => this.print(values, true);
  }

  async run(snippet: number, compiled: Compiled): Promise<void> {
    this.current = snippet;
    this.outputs = 0;
    this.snapshots.begin();
    const began = performance.now();
    try {
      const value = await this.scope.run(compiled, snippet);
      if (value !== undefined && value !== null) this.print([value], false);
      await this.waiting;
      post({ kind: 'done', snippet, seconds: (performance.now() - began) / 1000 });
    } catch (error) {
      await this.waiting;
      post({ kind: 'failed', snippet, failure: this.failure(error, compiled) });
    }
  }

  /** Tells of an error that no snippet waits for. */
  fail(error: unknown): void {
    this.show({ kind: 'late', failure: this.failure(error, null) });
  }

  private failure(error: unknown, compiled: Compiled | null): Failure {
    if (!(error instanceof Error))
      return {
        name: 'Error',
        message: `threw ${error === undefined ? 'undefined' : shown(error)}`,
        line: null,
      };
    const isSyntax = error instanceof SyntaxError && compiled !== null;
    const line = isSyntax ? compiled.wrongLine : lineOf(error, this.current);
    // The engine would tell of the brace that stands behind the snippet.
    const message = isSyntax && compiled.endsEarly ? 'Unexpected end of input' : error.message;
    return { name: error.name, message, line };
  }

  private print(values: readonly unknown[], isAside: boolean): void {
    if (++this.outputs > mostOutputs) {
      if (this.outputs === mostOutputs + 1)
        this.show({ kind: 'text', text: '… and more, which is not shown', isAside: true, snapshots: [] });
      return;
    }
    const texts = values.map((value) =>
      value instanceof torch.Tensor && value.device.type !== 'cpu' ? value.toStringAsync() : shown(value),
    );
    const tensors = values.filter((value) => value instanceof torch.Tensor);
    const taken = tensors.map((tensor) => this.snapshots.take(tensor)).filter((taken) => taken !== null);
    const { current } = this;
    const put = (texts: readonly string[], snapshots: readonly Snapshot[]) =>
      post({
        kind: 'output',
        snippet: current,
        output: { kind: 'text', text: texts.join(' '), isAside, snapshots },
      });
    const isHere = [...texts, ...taken].every((part) => !(part instanceof Promise));
    if (isHere && this.waiting === null) put(texts as string[], taken as Snapshot[]);
    else this.later(async () => put(await Promise.all(texts), await Promise.all(taken)));
  }

  private show(output: Output): void {
    const { current } = this;
    const show = () => post({ kind: 'output', snippet: current, output });
    if (this.waiting === null) show();
    else this.later(async () => show());
  }

  /** Keeps outputs in their order. */
  private later(show: () => Promise<void>): void {
    const mine: Promise<void> = (this.waiting ?? Promise.resolve())
      .then(show)
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        if (this.waiting === mine) this.waiting = null;
      });
    this.waiting = mine;
  }

  /** What snippets show by: each waits while the reader pauses. */
  private pictures() {
    return {
      draw: decisionDrawing((decisions) => this.show({ kind: 'decisions', decisions }), this.pause),
      plot: (curves: Curves, title: string | null = null) => {
        const label = `Lines: ${Object.keys(curves).join(', ')}`;
        this.show({ kind: 'svg', text: lineChart(curves), label, title });
      },
      show: async (title: string, tensor: torch.Tensor, as?: 'heat map' | 'images') => {
        const snapshot = await snapshotOf(tensor, 'show()');
        const isImages =
          as ?? (tensor.dim() === 4 && [1, 3].includes(tensor.shape[1]) ? 'images' : 'heat map');
        this.show({ kind: 'tensor', title, as: isImages, snapshot });
        await this.pause.pass();
      },
      graph: (net: torch.nn.Module, ...inputs: torch.Tensor[]) =>
        this.show({ kind: 'graph', nodes: graphOf(net, inputs) }),
      confusion: async (...given: Parameters<typeof confusionOf>) =>
        this.show({ kind: 'confusion', confusion: await confusionOf(...given) }),
    };
  }

  private place(images: string): Place & { digits: typeof digits } {
    return {
      images,
      digits,
      keep: (name, bytes) => this.show({ kind: 'file', name, bytes: bytes.slice() }),
      keepLog: () => {},
      drawTrainingCurve: async (losses, stepsPerEpoch) =>
        this.show({ kind: 'curve', losses: Float64Array.from(losses), stepsPerEpoch }),
      drawPredictions: async ({ data, targets, classes }, predictions) => {
        const count = Math.min(32, predictions.length);
        this.show({
          kind: 'predictions',
          images: {
            data: data.slice(0, count * (data.length / targets.length)),
            targets: targets.slice(0, count),
            classes,
          },
          predictions: predictions.slice(0, count).map((guess) => ({ guess, probability: null })),
        });
      },
    };
  }
}
