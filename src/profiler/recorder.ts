/** The mode that records calls. */
import type { Gradient, Node } from '../autograd/node.js';
import type { Storage } from '../backends/backend.js';
import { Tensor } from '../core/tensor.js';
import type { Mode, Next } from '../dispatch/mode.js';
import type { Op } from '../dispatch/op.js';
import type { Entry, EventKind } from './entry.js';
import { FunctionEvent } from './events.js';
import { flopsOf } from './flops.js';

export class Recorder implements Mode {
  readonly remembers = false;
  readonly watches = true;
  isRecording = false;
  private entries: Entry[] = [];
  private marks = 0;
  /** Memory that was given or has been counted. */
  private readonly counted = new WeakSet<Storage>();

  constructor(
    private readonly shapes: boolean,
    private readonly memory: boolean,
    private readonly flops: boolean,
  ) {}

  call(op: Op, args: unknown[], next: Next): unknown {
    if (!this.isRecording) return next(op, args);
    const entry = this.open(`aten::${op.schema.name}`, 'cpu_op');
    if (this.shapes) entry.shapes = args.map((arg) => (arg instanceof Tensor ? arg.shape : []));
    try {
      const results = op.isComposite ? op.execute(args) : next(op, args);
      if (this.flops) entry.flops = flopsOf(op.schema.name, args, results);
      if (this.memory) this.count(entry, op.tensorsOf(args), [results].flat());
      return results;
    } finally {
      this.close(entry);
    }
  }

  backward(node: Node, run: () => readonly Gradient[]): readonly Gradient[] {
    if (!this.isRecording) return run();
    const name = node.name();
    const evaluation = this.open(`autograd::engine::evaluate_function: ${name}`, 'cpu_op');
    const entry = this.open(name, 'cpu_op');
    try {
      return run();
    } finally {
      this.close(entry);
      this.close(evaluation);
    }
  }

  annotate<R>(name: string, run: () => R): R {
    if (!this.isRecording) return run();
    const entry = this.open(name, 'user_annotation');
    let pending = false;
    try {
      const result = run();
      pending = result instanceof Promise;
      return pending ? ((result as Promise<unknown>).finally(() => this.close(entry)) as R) : result;
    } finally {
      if (!pending) this.close(entry);
    }
  }

  open(name: string, kind: EventKind): Entry {
    const entry: Entry = {
      name,
      kind,
      start: performance.now(),
      opened: this.marks++,
      end: 0,
      closed: -1,
      shapes: [],
      bytes: 0,
      deviceBytes: 0,
      device: null,
      flops: 0,
    };
    this.entries.push(entry);
    return entry;
  }

  close(entry: Entry): void {
    entry.end = performance.now();
    entry.closed = this.marks++;
  }

  /** Gives the calls that have ended, each beneath the one that it was called in, and forgets them. */
  take(): FunctionEvent[] {
    const entries = this.entries.filter(({ closed }) => closed >= 0);
    this.entries = [];
    this.isRecording = false;
    const origin = entries[0]?.start ?? 0;
    const around: { entry: Entry; event: FunctionEvent }[] = [];
    return entries.map((entry, i) => {
      // One that outlives another (it awaits) is not in it.
      while (around.length > 0 && around.at(-1)!.entry.closed < entry.closed) around.pop();
      const event = new FunctionEvent(i, entry, origin, around.at(-1)?.event ?? null);
      around.push({ entry, event });
      return event;
    });
  }

  /** Counts the memory that a call itself has made for its results. */
  private count(entry: Entry, given: readonly Tensor[], results: readonly unknown[]): void {
    for (const tensor of given) this.counted.add(tensor.storage);
    for (const result of results) {
      if (!(result instanceof Tensor) || this.counted.has(result.storage)) continue;
      this.counted.add(result.storage);
      if (result.device.type === 'cpu') entry.bytes += result.storage.nbytes;
      else {
        entry.deviceBytes += result.storage.nbytes;
        entry.device = result.device.type;
      }
    }
  }
}
