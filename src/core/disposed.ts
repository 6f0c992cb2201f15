/** Tensors whose memory has ended: `dispose()`, `using` and scopes end it, and the backward pass that of its own scratch. */
import { RuntimeError } from './errors.js';
import { formatShape } from './layout.js';

/** Ways in which a storage ends: a scope, the user, or the engine that has proved it unreachable. */
export type Ending = 'scope' | 'dispose' | 'engine';

/** A tensor's memory, as far as its end is told. */
interface Mortal {
  readonly storage: { readonly ended: Ending | null };
  readonly shape: readonly number[];
}

const reasons: Readonly<Record<Ending, string>> = {
  scope: 'it ended with the torch.scope that it was made in; return it from there to keep it',
  dispose: 'its memory was given back by dispose() or the end of a using declaration',
  engine: 'the backward pass knew of no user of it and has given its memory back',
};

/** The error for a use of memory that has ended. */
export function endedError(where: string, ending: Ending, shape?: readonly number[]): RuntimeError {
  const what = shape === undefined ? 'a disposed tensor' : `a disposed tensor of shape ${formatShape(shape)}`;
  return new RuntimeError(`${where} uses ${what}: ${reasons[ending]}`);
}

/** Refuses a disposed tensor. @param where what is being done: `'item()'` */
export function checkAlive(view: Mortal, where: string): void {
  const { ended } = view.storage;
  if (ended !== null) throw endedError(where, ended, view.shape);
}
