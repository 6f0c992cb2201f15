/** Pointwise programs over operands of any strides and dtypes. */
import type { StridedView } from '../backend.js';
import type { Program } from '../program.js';
import { checkCount, faults, type Gpu, WORKGROUP } from './gpu.js';
import { inMemoryOrder, joined, positions, product, stridesIn } from './loops.js';
import { encode, entry, Operands, Parameters } from './operands.js';
import { dividesIntegers, kindOf, printProgram, programName, programNumber } from './program_text.js';

/** Notes a fault; the first one counts. */
export function noteFault(ops: Operands, slot: number, code: number, values: readonly string[]): string {
  const stores = values.map((v, i) => ops.setWord(slot, `${i + 1}u`, v)).join(' ');
  return `if (atomicCompareExchangeWeak(&b${slot}[0], 0u, ${code}u).exchanged) { ${stores} }`;
}

export function runPointwise(
  gpu: Gpu,
  program: Program,
  shape: readonly number[],
  outputs: readonly StridedView[],
  inputs: readonly StridedView[],
  scalars: readonly (number | bigint)[],
): void {
  if (shape.includes(0)) return;
  const kind = kindOf(program);
  const views = [...outputs, ...inputs];
  const dense = joined(
    shape,
    views.map((v) => stridesIn(v, shape)),
  );
  const ordered = inMemoryOrder(dense);
  const { sizes, strides } = joined(ordered.sizes, ordered.strides);
  const count = product(shape);
  checkCount(programName(program), count);

  // One invocation writes all elements of a word, where small elements lie densely.
  const isFlat = (k: number) => sizes.length === 0 || (sizes.length === 1 && strides[k][0] === 1);
  const small = outputs.flatMap(({ dtype: { itemsize } }) => (itemsize < 4 ? [itemsize] : []));
  const perWord = small.length > 0 ? 4 / small[0] : 1;
  const packs =
    perWord > 1 &&
    small.every((size) => size === small[0]) &&
    outputs.every((v, k) => v.dtype.itemsize >= 4 || (isFlat(k) && v.offset % perWord === 0));
  const each = packs ? perWord : 1;

  const ops = new Operands();
  const outs = outputs.map((v) => ops.write(v, kind, packs));
  const ins = inputs.map((v) => ops.read(v, kind));
  const divides = dividesIntegers(program);
  const fault = divides ? ops.bind(gpu.fault, 'a') : -1;

  const parameters = new Parameters();
  const total = parameters.int(count);
  const offsets = views.map((v) => parameters.int(v.offset));
  const sizeNames = sizes.map((n) => parameters.int(n));
  const strideNames = strides.map((s) => s.map((n) => parameters.int(n)));
  const scalarNames = scalars.map((s) => (kind === 'f32' ? parameters.float(Number(s)) : parameters.long(s)));

  const flat = views.map((_, k) => isFlat(k));
  const constant = strides.map((s) => s.every((n) => n === 0));
  const shapeKey = flat.map((f, k) => (f ? 'f' : constant[k] ? 'c' : 's')).join('');
  const source = (): string => {
    const names = views.map((_, k) => `p${k}`);
    const strided = names.filter((_, k) => !flat[k] && !constant[k]);
    const { statements, outputs: values } = printProgram(
      program,
      ins.map((o, i) => `load${o}(p${outs.length + i})`),
      scalarNames,
      fault < 0 ? '' : noteFault(ops, fault, faults.divisionByZero, []),
    );
    const places = names.map((name, k) => `var ${name} = ${offsets[k]}${flat[k] ? ' + i' : ''};`);
    const decoded =
      strided.length === 0
        ? ''
        : positions(
            'i',
            strided,
            sizeNames,
            strideNames.filter((_, k) => !flat[k] && !constant[k]),
          );
    const isPacked = (k: number) => packs && outputs[k].dtype.itemsize < 4;
    const stores = outs.map((o, k) =>
      isPacked(k)
        ? `w${k} |= (${encode(outputs[k].dtype, kind, values[k])}) << (e * ${8 * small[0]}u);`
        : `store${o}(p${k}, ${values[k]});`,
    );
    const step = `
    ${places.join(' ')}
    ${decoded}
    ${statements}
    ${stores.join('\n    ')}`;
    if (!packs) return ops.functions() + entry(`  if (id >= ${total}) { return; }\n  let i = id;${step}`);
    const packed = outs.map((_, k) => k).filter(isPacked);
    const words = packed.map((k) => {
      const slot = ops.slotOf(outs[k]);
      const at = `(${offsets[k]} / ${each}u) + id`;
      const merged = `(${ops.word(slot, at)} & ~mask) | w${k}`;
      return `${ops.setWord(slot, at, `select(${merged}, w${k}, mask == 0xffffffffu)`)}`;
    });
    // Written out: the software driver's compiler does not come to an end with functions of several exits inside a loop.
    const elements = Array.from(
      { length: each },
      (_, e) => `if (${e}u < filled) { let e = ${e}u; let i = id * ${each}u + e;${step} }`,
    );
    return (
      ops.functions() +
      entry(`
  if (id >= (${total} + ${each - 1}u) / ${each}u) { return; }
  ${packed.map((k) => `var w${k} = 0u;`).join(' ')}
  let filled = min(${each}u, ${total} - id * ${each}u);
  ${elements.join('\n  ')}
  let mask = select((1u << (filled * ${8 * (small[0] ?? 0)}u)) - 1u, 0xffffffffu, filled == ${each}u);
  ${words.join('\n  ')}`)
    );
  };
  gpu.run({
    name: programName(program),
    key: `pointwise ${programNumber(program)} ${sizes.length} ${shapeKey} ${each} ${ops.key}`,
    source,
    access: ops.access,
    blocks: ops.blocks,
    parameters: parameters.words,
    groups: Math.ceil(count / (WORKGROUP * each)),
  });
}
