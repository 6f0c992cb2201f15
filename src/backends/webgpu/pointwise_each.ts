/** One program over several lists of operands in as few dispatches as an adapter's bindings allow: what optimizers do. */
import type { PointwiseCall, StridedView } from '../backend.js';
import type { Program } from '../program.js';
import type { WebGpuStorage } from './allocator.js';
import { type Block, type Gpu, WORKGROUP } from './gpu.js';
import { inMemoryOrder, joined, product, stridesIn } from './loops.js';
import { entry, Operands, Parameters } from './operands.js';
import { runPointwise } from './pointwise.js';
import { dividesIntegers, kindOf, printProgram, programName, programNumber } from './program_text.js';

/**
 * Calls of so many elements are dispatches of their own: they keep a device busy, and where a driver in software carries out all branches of a
 * text for every invocation, each call in it costs as much as all of them.
 */
const LARGE = 2 ** 15;

const blockOf = ({ storage }: StridedView): Block => (storage as WebGpuStorage).block;

/** Whether all operands lie alike and without gaps, and none needs more than a word's store. */
function isPlain({ shape, outputs, inputs }: PointwiseCall): boolean {
  const views = [...outputs, ...inputs];
  if (views.some(({ dtype }) => dtype.itemsize < 4)) return false;
  const ordered = inMemoryOrder(
    joined(
      shape,
      views.map((v) => stridesIn(v, shape)),
    ),
  );
  const { sizes, strides } = joined(ordered.sizes, ordered.strides);
  return sizes.length === 0 || (sizes.length === 1 && strides.every(([s]) => s === 1));
}

/** Runs the calls; those that change what another one uses come after it. */
export function runPointwiseEach(gpu: Gpu, program: Program, calls: readonly PointwiseCall[]): void {
  let batch: PointwiseCall[] = [];
  let blocks = new Set<Block>();
  const flush = (): void => {
    if (batch.length > 0) runTogether(gpu, program, batch);
    batch = [];
    blocks = new Set();
  };
  for (const call of calls) {
    if (call.shape.includes(0)) continue;
    const own = new Set([...call.outputs, ...call.inputs].map(blockOf));
    const isApart = ![...own].some((block) => blocks.has(block));
    const isAlone = product(call.shape) >= LARGE || dividesIntegers(program) || !isPlain(call);
    if (!isApart || (!isAlone && blocks.size + own.size > gpu.limits.bindings)) flush();
    if (isAlone) {
      runPointwise(gpu, program, call.shape, call.outputs, call.inputs, call.scalars);
      continue;
    }
    batch.push(call);
    for (const block of own) blocks.add(block);
  }
  flush();
}

function runTogether(gpu: Gpu, program: Program, calls: readonly PointwiseCall[]): void {
  const kind = kindOf(program);
  const ops = new Operands();
  const parameters = new Parameters();
  let groups = 0;
  const parts = calls.map(({ shape, outputs, inputs, scalars }) => {
    const count = product(shape);
    const first = parameters.int(groups);
    groups += Math.ceil(count / WORKGROUP);
    return {
      first,
      end: parameters.int(groups),
      total: parameters.int(count),
      outs: outputs.map((v) => ops.write(v, kind)),
      ins: inputs.map((v) => ops.read(v, kind)),
      offsets: [...outputs, ...inputs].map((v) => parameters.int(v.offset)),
      scalars: scalars.map((s) => (kind === 'f32' ? parameters.float(Number(s)) : parameters.long(s))),
    };
  });
  gpu.run({
    name: programName(program),
    key: `pointwise each ${programNumber(program)} ${calls.length} ${ops.key}`,
    source: () =>
      ops.functions() +
      entry(
        parts
          .map((part) => {
            const { statements, outputs } = printProgram(
              program,
              part.ins.map((o, k) => `load${o}(${part.offsets[part.outs.length + k]} + i)`),
              part.scalars,
              '',
            );
            const stores = part.outs.map((o, k) => `store${o}(${part.offsets[k]} + i, ${outputs[k]});`);
            return `  if (group < ${part.end}) {
    let i = id - ${part.first} * ${WORKGROUP}u;
    if (i >= ${part.total}) { return; }
    ${statements}
    ${stores.join(' ')}
    return;
  }`;
          })
          .join('\n'),
      ),
    access: ops.access,
    blocks: ops.blocks,
    parameters: parameters.words,
    groups,
  });
}
