/** Traces in the format of chrome://tracing. */
import { type Writable, writeTo } from '../io/sink.js';
import type { FunctionEvent } from './events.js';

/** The text of a trace: one process, one thread, an event for each call. */
export function chromeTrace(
  events: readonly FunctionEvent[],
  hasShapes: boolean,
  metadata: ReadonlyMap<string, unknown>,
): string {
  const place = { pid: 0, tid: 1 };
  const named = (kind: string, name: string) => ({ ph: 'M', name: kind, ts: 0, ...place, args: { name } });
  const calls = events.map((event) => ({
    ph: 'X',
    cat: event.isUserAnnotation ? 'user_annotation' : 'cpu_op',
    name: event.name,
    ...place,
    ts: event.timeRange.start,
    dur: event.timeRange.elapsedUs(),
    args: {
      'External id': event.id + 1,
      'Ev Idx': event.id,
      ...(hasShapes && !event.isUserAnnotation && { 'Input Dims': event.inputShapes }),
    },
  }));
  return JSON.stringify({
    schemaVersion: 1,
    deviceProperties: [],
    record_shapes: hasShapes ? 1 : 0,
    ...Object.fromEntries(metadata),
    displayTimeUnit: 'ms',
    traceEvents: [named('process_name', 'flambeau'), named('thread_name', 'thread 1'), ...calls],
  });
}

/** Writes a text to where the user said, packed if its name ends so. */
export async function write(target: Writable, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  const isPacked = typeof target === 'string' && target.endsWith('.gz');
  const written = isPacked ? await packed(bytes) : bytes;
  await writeTo(target, async (sink) => sink(written));
}

/** @internal Bytes in gzip. */
export async function packed(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
