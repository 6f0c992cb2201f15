import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { classesIn, classStemsOf } from '../../conformance/classes/corpus.js';
import {
  type ClassOutcome,
  agreement as classAgreement,
  lostBetween as lostClasses,
} from '../../conformance/classes/report.js';
import { runClass } from '../../conformance/classes/run.js';
import { readVariant, stemsOf } from '../../conformance/corpus.js';
import { torch } from '../../conformance/library.js';
import { agreement, type Failure, lostBetween, type Outcome } from '../../conformance/report.js';
import { runVariant } from '../../conformance/run.js';
import { hasAdapter } from './device.js';

const corpus = fileURLToPath(new URL('../../../shared/conformance', import.meta.url));
const stems = stemsOf(corpus);
if (stems === null) console.warn('../shared/conformance is absent: the GPU is not tried on it.');
// The runner sees the built package, which has a device of its own.
if (hasAdapter && stems !== null) await torch.webgpu.init();

/**
 * One sample in fifteen of each op, of the dtypes that the device has. (`npm run conformance -- --device webgpu` tries them all.)
 */
const dtypes = ['float32', 'int64', 'bool'];
const every = 15;
/** PyTorch's own words on devices without types of 64 bits, and whether a sample has anything of them. */
const refused = /doesn't support (float64|complex128|uint64)/;
/** Words of ops whose kernels are the CPU's alone; docs/kernels.md lists those. */
const lacking = /^NotImplementedError: Could not run 'aten::(\w+)' with arguments from the 'WEBGPU' backend/;
const lacked = new Set(['eig', 'eigvals', 'ldl_factor_ex', 'ldl_solve', 'lstsq']);
const isLacked = (why: string): boolean => lacked.has(lacking.exec(why)?.[1] ?? '');
/** Nothing determines the signs of singular vectors, and the recording of this op compares them as they are. */
const hasOtherSigns = ({ stem, why }: Failure): boolean =>
  stem === 'svd' && /the result\[\d+\] is -?[\d.]+ instead of/.test(why);
const isWide = ({ stem, dtype, id }: Failure): boolean =>
  readVariant(corpus, stem).cases.some(
    (record) =>
      record.dtype === dtype &&
      record.id === id &&
      /float64|complex128|double|uint64/.test(JSON.stringify(record)),
  );

describe.skipIf(!hasAdapter || stems === null)('the recorded operator database on the GPU', () => {
  it('passes all that the CPU passes, but float64', { timeout: 300_000 }, async () => {
    const [cpu, gpu]: [Outcome[], Outcome[]] = [[], []];
    for (const stem of stems!) {
      gpu.push(await runVariant(corpus, stem, { dtypes, every, device: 'webgpu' }));
      cpu.push(await runVariant(corpus, stem, { dtypes, every }));
    }
    for (const [dtype, [, all]] of Object.entries(agreement(cpu, gpu)))
      expect(all, dtype).toBeGreaterThan(50);
    const lost = lostBetween(cpu, gpu).filter(
      (f) => !(refused.test(f.why) && isWide(f)) && !isLacked(f.why) && !hasOtherSigns(f),
    );
    expect(lost.map(({ stem, dtype, id, why }) => `${stem} ${dtype} ${id}: ${why}`)).toEqual([]);
  });
});

const classes = classesIn(corpus);
/** Layers that read values on their way: a cluster's members, the rows in use. */
const reading = /^RuntimeError: (nonzero|unique)\(\) cannot wait for the device/;
/** Tensors as options print their values, and lengths are looked at. */
const looking = /^RuntimeError: (toString|item|ctcLoss)\(\) cannot wait for the device/;

describe.skipIf(!hasAdapter || classes === null)('the recorded classes on the GPU', () => {
  it('pass what the CPU passes, but float64 and numbers drawn on the way', { timeout: 300_000 }, async () => {
    const [cpu, gpu]: [ClassOutcome[], ClassOutcome[]] = [[], []];
    // Transformers ask for so many shaders that a software driver needs minutes.
    for (const stem of classStemsOf(classes!).filter((name) => !/Transformer|^distributions/.test(name))) {
      cpu.push(await runClass(classes!, stem, { every: 4, isPortable: true }));
      gpu.push(await runClass(classes!, stem, { every: 4, isPortable: true, device: 'webgpu' }));
    }
    expect(classAgreement(cpu, gpu).modules[1]).toBeGreaterThan(80);
    const lost = lostClasses(cpu, gpu).filter(
      ({ why }) => !isLacked(why) && !reading.test(why) && !looking.test(why),
    );
    expect(lost.map(({ class: name, id, why }) => `${name} ${id}: ${why}`)).toEqual([]);
  });
});
