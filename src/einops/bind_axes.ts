/** Arguments of einops: those that a signature names, and lengths of axes in the same trailing object. */
import { asRecord, isPlainObject } from '../core/plain.js';
import type { Signature } from '../core/signature/signature.js';
import type { AxesLengths } from './run_pattern.js';

export interface BoundAxes<S extends string> {
  readonly given: ReturnType<Signature<S>['bind']>;
  readonly lengths: AxesLengths;
}

export function bindAxes<S extends string>(signature: Signature<S>, args: readonly unknown[]): BoundAxes<S> {
  const last = args.at(-1);
  const names = signature.parameters.map(({ camel }) => camel);
  const entries = isPlainObject(last) ? Object.entries(asRecord(last)!) : [];
  const own = Object.fromEntries(entries.filter(([name]) => names.includes(name)));
  const lengths = Object.fromEntries(entries.filter(([name]) => !names.includes(name)));
  const bound = isPlainObject(last) ? [...args.slice(0, -1), own] : args;
  return { given: signature.bind(bound as never), lengths: lengths as AxesLengths };
}
