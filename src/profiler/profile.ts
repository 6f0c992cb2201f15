/** Profiles: from when to when is recorded, and what has been. */
import { AssertionError, ValueError } from '../core/errors.js';
import { libraryClass } from '../core/object.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { warn } from '../core/warnings.js';
import { setBaseMode, withModeBeneath } from '../dispatch/mode.js';
import type { Writable } from '../io/sink.js';
import { chromeTrace, write } from './chrome_trace.js';
import type { Entry } from './entry.js';
import { EventList, type tableSignature } from './event_list.js';
import type { FunctionEvent, FunctionEventAvg } from './events.js';
import { ProfilerAction, type ProfilerActivity } from './kinds.js';
import { Recorder } from './recorder.js';

const isRecording = (action: ProfilerAction): boolean => action >= ProfilerAction.RECORD;
const nameOf = (action: ProfilerAction): string =>
  Object.entries(ProfilerAction).find(([, value]) => value === action)![0];

const averagesSignature = signature('key_averages(bool group_by_input_shape=False)');
const metadataSignature = signature('add_metadata(str key, str value)');
const jsonSignature = signature('add_metadata_json(str key, str value)');
const exportSignature = signature('export_chrome_trace(Object path)');

/** Settings of a profile. */
export interface ProfileOptions {
  /** Kinds of activities to record. Default: all that can be. */
  activities?: readonly ProfilerActivity[] | null;
  /** Tells what to do during each step; `torch.profiler.schedule(…)`. Default: record from the start to the end. */
  schedule?: ((step: number) => ProfilerAction) | null;
  /** Called with the profile whenever a recording has ended. Where it gives a promise, `profile` waits for that. */
  onTraceReady?: ((profile: Profile) => unknown) | null;
  /** Whether to note the shapes of arguments. Default false. */
  recordShapes?: boolean;
  /** Whether to count the memory of results. Default false. */
  profileMemory?: boolean;
  /** Whether to count operations of products, convolutions, `mul` and `add`. Default false. */
  withFlops?: boolean;
}

/** Settings of a profile, all given. */
export type Settings = Required<Omit<ProfileOptions, 'activities'>>;

/** A record of calls of ops. `torch.profiler.profile` makes them. */
export class Profile {
  /** How many steps have ended. */
  stepNum = 0;
  private readonly recorder: Recorder;
  private action: ProfilerAction = ProfilerAction.NONE;
  private current: Entry | null = null;
  private recorded: EventList<FunctionEvent> | null = null;
  private readonly metadata = new Map<string, unknown>();
  private readonly ready: unknown[] = [];

  /** @internal */
  constructor(private readonly settings: Settings) {
    this.recorder = new Recorder(settings.recordShapes, settings.profileMemory, settings.withFlops);
  }

  /** @internal Records a function. */
  async during(fn: (profile: Profile) => unknown): Promise<void> {
    this.begin();
    try {
      await withModeBeneath(this.recorder, () => fn(this));
    } finally {
      this.end();
    }
    await Promise.all(this.ready);
  }

  /** Starts recording, everywhere in this thread, until `stop()`. */
  start(): void {
    setBaseMode(this.recorder, (mode) => mode === this.recorder);
    this.begin();
  }

  /** Ends the recording. */
  stop(): void {
    this.list('stopping trace');
    this.end();
    setBaseMode(null, (mode) => mode === this.recorder);
  }

  /** Ends a step: the schedule says what to do during the next. */
  step(): void {
    this.list('stepping');
    this.closeStep();
    this.stepNum++;
    this.become(this.scheduled());
    this.openStep();
  }

  private begin(): void {
    this.recorded = new EventList<FunctionEvent>();
    this.become(this.scheduled());
    this.openStep();
  }

  private end(): void {
    this.closeStep();
    const { action } = this;
    this.action = ProfilerAction.NONE;
    if (isRecording(action)) this.finish();
  }

  private scheduled(): ProfilerAction {
    const { schedule } = this.settings;
    return schedule === null ? ProfilerAction.RECORD : schedule(this.stepNum);
  }

  private become(next: ProfilerAction): void {
    const { action } = this;
    this.action = next;
    if (action === ProfilerAction.RECORD_AND_SAVE) this.finish();
    else if (isRecording(action) && !isRecording(next)) {
      warn(`Incorrect schedule: RECORD followed by ${nameOf(next)}`);
      this.take();
    }
    if (isRecording(next)) this.recorder.isRecording = true;
  }

  private take(): void {
    this.recorded = new EventList<FunctionEvent>();
    this.recorded.push(...this.recorder.take());
    this.recorded.profilesMemory = this.settings.profileMemory;
    this.recorded.countsFlops = this.settings.withFlops;
  }

  private finish(): void {
    this.take();
    this.ready.push(this.settings.onTraceReady?.(this));
  }

  private openStep(): void {
    if (this.settings.schedule !== null && this.recorder.isRecording)
      this.current = this.recorder.open(`ProfilerStep#${this.stepNum}`, 'user_annotation');
  }

  private closeStep(): void {
    if (this.current !== null) this.recorder.close(this.current);
    this.current = null;
  }

  private list(purpose: string): EventList<FunctionEvent> {
    if (this.recorded === null) throw new AssertionError(`Profiler must be initialized before ${purpose}`);
    return this.recorded;
  }

  /** The calls that were recorded, in the order in which they began. */
  events(): EventList<FunctionEvent> {
    return this.list('accessing events');
  }

  /** The same. */
  get functionEvents(): EventList<FunctionEvent> {
    return this.events();
  }

  /**
   * Sums of calls of the same name.
   *
   * @param groupByInputShape whether calls with arguments of other shapes are summed apart
   */
  keyAverages(...args: Arguments<typeof averagesSignature>): EventList<FunctionEventAvg> {
    const { groupByInputShape } = averagesSignature.bind(args);
    return this.list('getting key averages').keyAverages(groupByInputShape);
  }

  /** The sum of all calls. */
  totalAverage(): FunctionEventAvg {
    return this.list('getting total average').totalAverage();
  }

  /** Microseconds that all calls took. */
  get selfCpuTimeTotal(): number {
    return this.list('getting self_cpu_time_total').selfCpuTimeTotal;
  }

  /** A table of the calls, one by one; `keyAverages().table()` has their sums. */
  table(...args: Arguments<typeof tableSignature>): string {
    return this.list('getting table').table(...args);
  }

  /**
   * Adds a text to the trace.
   *
   * @param key its name
   * @param value the text
   */
  addMetadata(...args: Arguments<typeof metadataSignature>): void {
    const { key, value } = metadataSignature.bind(args);
    this.metadata.set(key, value);
  }

  /**
   * Adds a value to the trace.
   *
   * @param key its name
   * @param value the value, as JSON
   * @throws ValueError unless it is JSON
   */
  addMetadataJson(...args: Arguments<typeof jsonSignature>): void {
    const { key, value } = jsonSignature.bind(args);
    try {
      this.metadata.set(key, JSON.parse(value));
    } catch (error) {
      throw new ValueError(`the value of ${key} is not JSON: ${(error as Error).message}`);
    }
  }

  /**
   * Writes a file for chrome://tracing and ui.perfetto.dev, packed if its name ends with `.gz`.
   *
   * @param path where to: what `torch.save` takes
   */
  async exportChromeTrace(...args: Arguments<typeof exportSignature, { path: Writable }>): Promise<void> {
    const { path } = exportSignature.bind(args);
    const events = this.list('exporting chrome trace');
    await write(path as Writable, chromeTrace(events, this.settings.recordShapes, this.metadata));
  }

  toString(): string {
    return this.recorded === null ? '<unfinished torch.autograd.profile>' : this.table();
  }
}

libraryClass(Profile);
takesNothing(Profile.prototype, ['start', 'stop', 'step', 'events', 'totalAverage']);
