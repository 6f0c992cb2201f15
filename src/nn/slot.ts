/** Properties of a module that hold a parameter, a buffer or a submodule. */
import { TypeError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { Tensor } from '../core/tensor.js';
import { Parameter } from './parameter.js';

export type SlotKind = 'parameter' | 'buffer' | 'child module';

export interface Slot {
  kind: SlotKind;
  value: unknown;
  /** Whether a buffer belongs to the state dict. */
  persistent: boolean;
}

const expected: Readonly<Record<SlotKind, string>> = {
  parameter: 'torch.nn.Parameter',
  buffer: 'torch.nn.Buffer, torch.Tensor',
  'child module': 'torch.nn.Module',
};

/**
 * Decides what a slot becomes by an assignment: a parameter or a module makes it one of theirs, and nothing but null is let in beside
 * what it is for.
 *
 * @throws TypeError in PyTorch's words
 */
export function kindAfter(
  { kind }: Pick<Slot, 'kind'>,
  name: string,
  value: unknown,
  isModule: boolean,
): SlotKind {
  if (value instanceof Parameter) return 'parameter';
  if (isModule && kind !== 'parameter') return 'child module';
  if (value === null || value === undefined || (kind === 'buffer' && value instanceof Tensor)) return kind;
  throw new TypeError(
    `cannot assign '${nameOf(value)}' as ${kind} '${name}' (${expected[kind]} or None expected)`,
  );
}

/** PyTorch's name of a value's type. */
export function nameOf(value: unknown): string {
  return value instanceof Tensor ? `torch.${value.dtype.scalarName}Tensor` : typeName(value);
}
