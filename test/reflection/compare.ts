/** Outcomes of calls: results that are alike, and errors that are the library's own. */
import * as torch from '../../src/index.js';

const errors = new Set<unknown>([
  torch.AssertionError,
  torch.AttributeError,
  torch.IndexError,
  torch.KeyError,
  torch.NotImplementedError,
  torch.OutOfMemoryError,
  torch.RuntimeError,
  torch.TypeError,
  torch.ValueError,
]);

export const isOwnError = (error: unknown): error is Error => errors.has((error as Error).constructor);

/** The outcome of a call: its error, or its result once it is there. */
export type Outcome = { readonly error: Error } | { readonly result: unknown };

export async function outcomeOf(call: () => unknown): Promise<Outcome> {
  try {
    return { result: await call() };
  } catch (error) {
    return { error: error as Error };
  }
}

/** A value as text in which two that are alike do not differ. */
export function written(value: unknown, seen: readonly unknown[] = []): string {
  if (seen.includes(value)) return '(above)';
  const within = [...seen, value];
  const each = (list: Iterable<unknown>): string => [...list].map((v) => written(v, within)).join(', ');
  if (value instanceof torch.Tensor) return tensor(value);
  if (typeof value === 'function') return value.name || 'function';
  if (value instanceof torch.Generator) return `Generator ${value.initialSeed()}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof torch.autograd.Node) return value.name();
  if (value instanceof torch.nn.Module)
    return `${String(value)} ${written(value.stateDict(), within)} ${each(value.parameters())}`;
  if (value instanceof torch.optim.Optimizer) return `${String(value)} ${written(value.stateDict(), within)}`;
  // Times differ.
  if (['Profile', 'Measurement'].includes(value.constructor?.name)) return value.constructor.name;
  if (Array.isArray(value) || value instanceof Set || ArrayBuffer.isView(value))
    return `${value.constructor.name}[${each(value as unknown as Iterable<unknown>)}]`;
  const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  const inner = [...entries].map(([k, v]) => `${String(k)}: ${written(v, within)}`).join(', ');
  return `${value.constructor?.name ?? ''} {${inner}}`;
}

function tensor(value: torch.Tensor): string {
  if (value.storage.ended !== null) return 'disposed';
  if (value instanceof torch.nn.UninitializedParameter || value instanceof torch.nn.UninitializedBuffer)
    return `${String(value)} ${value.dtype} ${value.device}`;
  const { dtype, shape, device } = value;
  if (value.layout !== torch.strided || value.isMeta) return String(value);
  const numbers = [...(value.toArray() as Iterable<unknown>)].map((n) =>
    Object.is(n, -0) ? '-0' : String(n),
  );
  return `${dtype} [${shape}] ${device} ${value.requiresGrad} ${numbers}`;
}
