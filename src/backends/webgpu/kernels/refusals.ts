/** Failures that only the device knows of, which the next read tells. */
import type { StridedView } from '../../backend.js';
import { faults } from '../gpu.js';
import { type GpuBackend, Launch } from '../launch.js';
import { entry } from '../operands.js';
import { noteFault } from '../pointwise.js';

/** Notes the first of these numbers that is not zero, for the refusal of this number. */
export function refuseNonzero(backend: GpuBackend, numbers: StridedView, refusal: number): void {
  const launch = new Launch(backend, 'refuse_nonzero');
  const of = launch.input(numbers, 'i64');
  const { ops } = launch;
  const fault = ops.bind(backend.gpu.fault, 'a');
  const [count, number] = [numbers.shape[0], refusal].map((n) => launch.int(n));
  // One invocation after another: PyTorch names the first that there is.
  launch.runEach('', 1, () =>
    entry(`
  if (id > 0u) { return; }
  for (var i = 0u; i < ${count}; i++) {
    let value = ${of.load(of.at('i'))}.x;
    if (value != 0u) { ${noteFault(ops, fault, faults.refused, [number, 'i', 'value'])} return; }
  }`),
  );
}
