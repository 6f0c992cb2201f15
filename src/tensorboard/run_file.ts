/** The file of events of one run. */
import { host } from '../core/host.js';
import { EventFile, type Eventually } from './event_file.js';
import type { LogFolder } from './log_folder.js';
import { whenThere } from './logged_values.js';
import { message, type ProtoMessage } from './proto_message.js';

/** The settings of files that a writer makes. */
export interface FileSettings {
  readonly maxQueue: number;
  readonly flushSecs: number;
  readonly filenameSuffix: string;
}

/** Files of this process so far: their names must differ. */
let count = 0;

/** The computer's name and the process's number; `localhost` and 0 where nobody tells. */
export function hostAndProcess(): [host: string, process: number] {
  if (!host().files.isFileSystem) return ['localhost', 0];
  return [globalThis.process.getBuiltinModule('node:os').hostname(), globalThis.process.pid];
}

const secondsNow = (): number => Date.now() / 1000;

/** When an event was: its time in seconds and its step. */
export interface Moment {
  readonly walltime?: number | null;
  readonly step?: number | null;
}

export class RunFile {
  readonly #events: EventFile;

  constructor(folder: LogFolder, { maxQueue, flushSecs, filenameSuffix }: FileSettings) {
    const [computer, pid] = hostAndProcess();
    const seconds = String(Math.trunc(secondsNow())).padStart(10, '0');
    const name = `events.out.tfevents.${seconds}.${computer}.${pid}.${count++}${filenameSuffix}`;
    this.#events = new EventFile(folder.create(name), maxQueue, flushSecs);
    const source = message().string(1, 'tensorboard.summary.writer.event_file_writer');
    this.add(message().set(3, 'brain.Event:2').set(10, source));
    this.#events.writeReady();
  }

  /** Adds an event of which all but its time and step is given. */
  add(content: Eventually<ProtoMessage>, { walltime = null, step = null }: Moment = {}): void {
    const head = message()
      .double(1, walltime ?? secondsNow())
      .int(2, step ?? 0);
    this.#events.add(
      whenThere(content, (rest) => {
        const [first, then] = [head.encode(), rest.encode()];
        const bytes = new Uint8Array(first.length + then.length);
        bytes.set(first);
        bytes.set(then, first.length);
        return bytes;
      }),
    );
  }

  addSummary(summary: Eventually<ProtoMessage>, moment: Moment): void {
    this.add(
      whenThere(summary, (values) => message().set(5, values)),
      moment,
    );
  }

  flush(): Promise<void> {
    return this.#events.flush();
  }

  close(): Promise<void> {
    return this.#events.close();
  }
}
