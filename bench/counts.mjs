// What a run of a workload asks of the engine: figures that do not depend on how busy the machine is.
import * as torch from 'flambeau';
import { workloads } from './workloads.mjs';

const product = (shape) => shape.reduce((n, size) => n * size, 1);
const isView = (value) =>
  typeof value === 'object' && value !== null && 'storage' in value && 'strides' in value;
/** The bytes that a kernel reads or writes through a view. Elements that several indices share count once. */
const bytesOf = ({ shape, strides, dtype }) =>
  product(shape.map((size, d) => (strides[d] === 0 ? 1 : size))) * dtype.itemsize;
const moved = (args) => args.flat().reduce((sum, value) => sum + (isView(value) ? bytesOf(value) : 0), 0);

/**
 * Counts the kernels that a function calls on the CPU, the bytes of the operands and results that these read and write, and the memory that is
 * taken for results, whether new or used again.
 * @returns {{ calls: number, moved: number, allocations: number, allocated: number }}
 */
export function countsOf(run) {
  const counts = { calls: 0, moved: 0, allocations: 0, allocated: 0 };
  const { backend } = torch.empty(1).storage;
  const restore = [];
  const watch = (object, name, note) => {
    const own = Object.getOwnPropertyDescriptor(object, name);
    const method = object[name];
    object[name] = function (...args) {
      note(args);
      return method.apply(this, args);
    };
    restore.push(() => {
      if (own === undefined) delete object[name];
      else Object.defineProperty(object, name, own);
    });
  };
  const call = (args) => {
    counts.calls++;
    counts.moved += moved(args);
  };
  watch(backend, 'pointwise', call);
  watch(backend, 'reduce', call);
  for (const name of Object.keys(backend.kernels)) watch(backend.kernels, name, call);
  watch(backend, 'allocate', ([bytes]) => {
    counts.allocations++;
    counts.allocated += bytes;
  });
  try {
    run();
  } finally {
    for (const back of restore) back();
  }
  return counts;
}

/** The counts of a workload's third run: the first ones make what is kept. */
export function countsOfWorkload(name) {
  torch.manualSeed(0);
  const run = workloads[name]();
  run();
  run();
  return countsOf(run);
}

export function printCounts(pattern) {
  const cells = (row) => `| ${row.map((c, i) => (i === 0 ? c.padEnd(22) : c.padStart(13))).join(' | ')} |`;
  console.log(cells(['workload', 'kernel calls', 'bytes moved', 'allocations', 'bytes']));
  console.log(`| ${'-'.repeat(22)} |${` ${'-'.repeat(12)}: |`.repeat(4)}`);
  for (const name of Object.keys(workloads)) {
    if (!pattern.test(name)) continue;
    const { calls, moved, allocations, allocated } = countsOfWorkload(name);
    console.log(cells([name, ...[calls, moved, allocations, allocated].map((n) => n.toLocaleString('en'))]));
  }
}
