/**
 * Reads of values that ops make on the way, where the device must be waited for. A row that reads is written once, as if
 * every read could be answered at once. Its asynchronous twin runs it until it asks for values that are not there, fetches them
 * and runs it again, now with an answer: what it does before its last read must do no harm when done twice.
 */
import type { HostMemory, StridedView } from '../backends/backend.js';
import { withTurn } from './turns.js';

/** One call of a twin: the answers so far, and how many of them this run has used. */
interface Session {
  readonly answers: HostMemory[];
  used: number;
}

let session: Session | null = null;
/** The function whose row reads, for the error where none may wait. */
let reader: string | null = null;

/** Ends a run whose next answer is missing. */
class Missing {
  constructor(
    readonly view: StridedView,
    /** The positions that are wanted, in elements. */
    readonly low: number,
    readonly high: number,
  ) {}
}

/** Carries out a function that reads; errors call it `name`, unless it is itself part of such a function. */
export function asReader<R>(name: string, body: () => R): R {
  if (reader !== null) return body();
  reader = name;
  try {
    return body();
  } finally {
    reader = null;
  }
}

/**
 * The elements from `low` to `high` of a view whose device cannot be read at once, as memory in which they stand at their own
 * positions.
 *
 * @param name what reads, unless a row does on its way
 * @throws RuntimeError outside of twins
 */
export function awaited(view: StridedView, name: string, low: number, high: number): HostMemory {
  if (session !== null) {
    if (session.used === session.answers.length) throw new Missing(view, low, high);
    return session.answers[session.used++];
  }
  throw view.storage.backend.unreadable(reader ?? name, reader !== null);
}

/**
 * Carries out `body`, whose reads are waited for.
 *
 * @param operands what it reads from or computes with: when one of them is changed meanwhile, it begins anew
 */
export function reading<R>(body: () => R, operands: readonly StridedView[]): Promise<R> {
  return withTurn(answered(body, operands));
}

async function answered<R>(body: () => R, operands: readonly StridedView[]): Promise<R> {
  for (const { storage } of operands) await storage.arrival;
  const answers: HostMemory[] = [];
  const state = () => operands.map(({ storage }) => storage.version).join();
  let before = state();
  for (;;) {
    const outer = session;
    session = { answers, used: 0 };
    let missing: Missing;
    try {
      return body();
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      missing = error;
    } finally {
      session = outer;
    }
    answers.push(await fetched(missing));
    if (before === state()) continue;
    before = state();
    answers.length = 0;
  }
}

async function fetched({ view, low, high }: Missing): Promise<HostMemory> {
  const { itemsize } = view.dtype;
  const { backend } = view.storage;
  const bytes = await backend.download(view.storage, low * itemsize, (high - low + 1) * itemsize);
  return { buffer: bytes.buffer, byteOffset: bytes.byteOffset - low * itemsize };
}
