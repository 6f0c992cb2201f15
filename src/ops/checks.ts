/** Checks of values. */
import type { ComputeType, Program } from '../backends/program.js';
import { bool } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { scalarValue } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { computeType } from '../dispatch/promote.js';
import { op } from '../dispatch/registry.js';
import { lower, parseExpression } from '../expression/index.js';

/**
 * Whether what must be true of a tensor's values is true: `condition` gives 0-d tensors. Where the values can only be waited for
 * nothing is checked, as on PyTorch's other devices, whose kernels say later what they found.
 */
export function holds(values: Tensor, ...conditions: readonly ((values: Tensor) => Tensor)[]): boolean {
  return !values.isReadable || conditions.every((condition) => condition(values).item() === 1);
}

const isWithin = parseExpression('self >= low && self <= high');
const programs = new Map<ComputeType, Program>();

const areWithin = op('_are_within(Tensor self, Scalar low, Scalar high) -> Tensor', {
  doc: 'Whether all elements lie from `low` to `high`.',
  function: false,
  method: false,
  forward(self, low, high) {
    const compute = computeType(self.dtype);
    let program = programs.get(compute);
    if (program === undefined) {
      program = lower([isWithin], ['self'], ['low', 'high'], compute);
      programs.set(compute, program);
    }
    const { shape, storage } = self;
    const { backend } = storage;
    const found = empty([], bool, backend);
    const none = shape.map(() => 0);
    const target = new Tensor(
      found.storage,
      bool,
      shape.map(() => 1),
      none,
      0,
    );
    const reduced = shape.map(() => true);
    backend.reduce(
      'all',
      program,
      shape,
      reduced,
      target,
      null,
      [self],
      [scalarValue(low), scalarValue(high)],
    );
    return found;
  },
});

/** Whether all of a tensor's values lie from `low` to `high`, as far as they can be read now. */
export function liesWithin(values: Tensor, low: number, high: number): boolean {
  return holds(values.detach(), (v) => areWithin(v, low, high));
}

/** Runs a kernel, and says in PyTorch's words that it found an index out of range. */
export function withinRange(run: () => void, message: string): void {
  try {
    run();
  } catch (error) {
    throw error instanceof IndexError ? new RuntimeError(message) : error;
  }
}
