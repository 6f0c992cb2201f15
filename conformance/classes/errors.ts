/** Errors of constructors, of `forward` and of steps. */
import { torch } from '../library.js';
import { argumentsFor, type Subject, type Way, ways } from './construct.js';
import type { ErrorRecord } from './corpus.js';
import type { Values } from './values.js';

/** Says what another error is, or that there is none. */
export function checkError(subject: Subject<ErrorRecord>): string | null {
  const { on = 'construction' } = subject.record;
  if (on !== 'construction') return expectError(subject.record, failsLater(subject));
  for (const way of ways) {
    const values = subject.values();
    const problem = expectError(subject.record, () => make(subject, way, values));
    if (problem !== null) return way === 'as given' ? problem : `${way}: ${problem}`;
  }
  return null;
}

function make({ record, Class, signature }: Subject<ErrorRecord>, way: Way, values: Values): object {
  const { args = [], kwargs, params } = record;
  const first = params === undefined ? [] : [values.decode(params)];
  return new Class(...argumentsFor(way, signature, { args, kwargs }, values, first));
}

/** The call that is to fail once the object has been made. */
function failsLater(subject: Subject<ErrorRecord>): () => void {
  const { on, training = true, forward } = subject.record;
  const values = subject.values();
  const made = make(subject, 'as given', values);
  if (on === 'forward') {
    const module = (made as torch.nn.Module).train(training);
    const inputs = values.arguments(forward!);
    return () => module.forward(...inputs);
  }
  const optimizer = made as torch.optim.Optimizer;
  for (const { params } of optimizer.paramGroups)
    for (const parameter of params) parameter.grad = torch.onesLike(parameter);
  return () => optimizer.step();
}

function expectError({ type, message, regex }: ErrorRecord, body: () => unknown): string | null {
  const expected = `${type} '${message}'`;
  try {
    body();
  } catch (error) {
    const thrown = error as Error;
    if (thrown.name === type && isSaid(thrown.message, message, regex)) return null;
    return `${thrown.name} '${thrown.message}' instead of ${expected}`;
  }
  return `no error instead of ${expected}`;
}

/** The pattern decides, unless PyTorch's own text does not fit it. */
function isSaid(text: string, message: string, regex: string | undefined): boolean {
  const pattern = regex === undefined ? null : new RegExp(regex, 's');
  return pattern?.test(message) ? pattern.test(text) : text === message;
}
