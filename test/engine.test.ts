import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReductionKind } from '../src/backends/backend.js';
import type { Engine } from '../src/backends/cpu/engine.js';
import { loadEngine } from '../src/backends/cpu/load_engine.js';
import { dtypes } from '../src/core/dtype.js';
import { define, indices, pointwise, reduce, Tensor } from './engine.js';

/** Numbers in [0, 1) that are the same in every run. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The nearest float16, ties to even, from its definition: among the two around x. */
function halfBits(x: number): number {
  if (Number.isNaN(x)) return 0x7e00;
  const sign = Object.is(Math.sign(x), -0) || x < 0 ? 0x8000 : 0;
  const a = Math.abs(x);
  if (a >= 65520) return sign | 0x7c00;
  let low = 0;
  let high = 0x7c00;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (halfValue(middle) <= a) low = middle;
    else high = middle;
  }
  const up = high === 0x7c00 ? 65536 : halfValue(high);
  const below = a - halfValue(low);
  const above = up - a;
  return sign | (below < above || (below === above && low % 2 === 0) ? low : high);
}

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}

function bfloatBits(x: number): number {
  if (Number.isNaN(x)) return 0x7fc0;
  const bits = new Uint32Array(new Float32Array([x]).buffer)[0];
  const low = bits & 0xffff;
  const high = bits >>> 16;
  return (low > 0x8000 || (low === 0x8000 && high & 1) ? high + 1 : high) & 0xffff;
}

/** A dtype's value as a number. */
function decode(dtype: string, stored: number | bigint): number {
  if (dtype === 'float16') return halfValue(Number(stored));
  if (dtype === 'bfloat16') return new Float32Array(new Uint32Array([Number(stored) << 16]).buffer)[0];
  return Number(stored);
}

function encode(dtype: string, value: number): number | bigint {
  switch (dtype) {
    case 'float16':
      return halfBits(Math.fround(value));
    case 'bfloat16':
      return bfloatBits(Math.fround(value));
    case 'float32':
      return Math.fround(value);
    case 'float64':
      return value;
    case 'bool':
      return value === 0 ? 0 : 1;
    case 'int64':
      return BigInt(Math.trunc(value));
    default: {
      const bits = { int8: 8, int16: 16, int32: 32, uint8: 8 }[dtype]!;
      const n = BigInt(Math.trunc(value));
      return Number(dtype === 'uint8' ? BigInt.asUintN(bits, n) : BigInt.asIntN(bits, n));
    }
  }
}

/** A tensor of this shape whose dimensions lie in memory in a random order, with gaps, backwards or broadcast. */
function scattered(
  engine: Engine,
  random: () => number,
  dtype: string,
  shape: readonly number[],
  plain: boolean,
) {
  const order = shape.map((_, d) => d);
  if (random() < 0.5) order.sort(() => random() - 0.5);
  const sizes = shape.map((n) => (!plain && random() < 0.15 ? 1 : n));
  const strides = shape.map(() => 0);
  let step = random() < 0.2 ? 2 : 1;
  for (const d of order.reverse()) {
    strides[d] = (!plain && random() < 0.1 ? -1 : 1) * step;
    step *= sizes[d];
    if (random() < 0.1) step += 3;
  }
  return new Tensor(engine, dtype, sizes, strides);
}

const sizes = [1, 2, 3, 5, 7, 16, 33, 70, 300, 1030, 2500];

function randomShape(random: () => number): number[] {
  const ndim = Math.floor(random() * 5);
  const shape: number[] = [];
  let count = 1;
  for (let d = 0; d < ndim; d++) {
    const fitting = sizes.filter((n) => n * count <= 6000);
    shape.push(fitting[Math.floor(random() * fitting.length)]);
    count *= shape[d];
  }
  return shape;
}

/** The element of a broadcast tensor. */
const element = (t: Tensor, index: readonly number[]) =>
  decode(t.dtype.name, t.get(...index.map((i, d) => (t.shape[d] === 1 ? 0 : i))));

const small = () => (random: () => number) => Math.floor(random() * 9) - 4;

const engine = loadEngine();

describe(`the engine (${engine.kind})`, () => {
  it('evaluates over any strides, broadcasting, dtypes and sizes', () => {
    const random = generator(1);
    const compute = { inputs: 3, constants: [3], scalars: 1, temporaries: 2, outputs: [5, 6] } as const;
    const handles = (['float32', 'float64', 'int64'] as const).map((type) =>
      define(engine, {
        ...compute,
        compute: type,
        // a * b + 3 into the first result, that minus c times the scalar into the second.
        code: [
          ['mul', 5, 0, 1],
          ['add', 5, 5, 3],
          ['mul', 6, 2, 4],
          ['sub', 6, 5, 6],
        ],
      }),
    );
    const names = dtypes.filter((d) => !d.isComplex && d.family === null).map((d) => d.name); // complex ones it meets as their parts
    const pick = () => names[Math.floor(random() * names.length)];
    for (let round = 0; round < 150; round++) {
      const shape = randomShape(random);
      const inputs = [0, 1, 2].map(() => {
        const dtype = random() < 0.5 ? 'float32' : pick();
        const t = scattered(engine, random, dtype, shape, false);
        return t.fill(() => encode(dtype, small()(random)));
      });
      const outputs = [0, 1].map(() =>
        scattered(engine, random, random() < 0.6 ? 'float32' : pick(), shape, true),
      );
      const type = Math.floor(random() * 3);
      pointwise(engine, handles[type], shape, outputs, inputs, type === 2 ? [2n] : [2]);
      for (const index of indices(shape)) {
        const [a, b, c] = inputs.map((t) => element(t, index));
        const expected = [a * b + 3, a * b + 3 - 2 * c];
        for (const k of [0, 1]) {
          const got = outputs[k].get(...index);
          const want = encode(outputs[k].dtype.name, expected[k]);
          if (got !== want && !(got === 0 && want === 0))
            expect({ round, shape, index, dtype: outputs[k].dtype.name, got }).toEqual({ got: want });
        }
      }
    }
  });

  it('gives a result the memory of an operand', () => {
    for (const n of [5, 1500, 100_000]) {
      const a = new Tensor(engine, 'float32', [n]).fill(([i]) => i % 97);
      const b = new Tensor(engine, 'float32', [n]).fill(([i]) => i % 13);
      // Both results replace the operands, and the second reads them after the first is known.
      const handle = define(engine, {
        compute: 'float32',
        inputs: 2,
        temporaries: 2,
        code: [
          ['add', 2, 0, 1],
          ['mul', 3, 0, 1],
        ],
        outputs: [2, 3],
      });
      pointwise(engine, handle, [n], [a, b], [a, b]);
      for (let i = 0; i < n; i++) {
        if (a.get(i) !== (i % 97) + (i % 13)) expect(a.get(i)).toBe((i % 97) + (i % 13));
        if (b.get(i) !== (i % 97) * (i % 13)) expect(b.get(i)).toBe((i % 97) * (i % 13));
      }
    }
  });

  it('copies, transposes and converts', () => {
    const handle = define(engine, { compute: 'float64', inputs: 1, outputs: [0] });
    const random = generator(2);
    for (const dtype of ['uint8', 'int16', 'float32', 'float64']) {
      for (const shape of [
        [64, 64],
        [100, 37],
        [3, 70, 65],
        [5, 9, 4, 8],
      ]) {
        const order = shape.map((_, d) => d).sort(() => random() - 0.5);
        const strides: number[] = [];
        let step = 1;
        for (const d of order) {
          strides[d] = step;
          step *= shape[d];
        }
        let i = 0;
        const from = new Tensor(engine, dtype, shape, strides).fill(() => i++ % 251);
        const to = new Tensor(engine, dtype, shape);
        pointwise(engine, handle, shape, [to], [from]);
        expect(to.values()).toEqual(from.values());
      }
    }
  });

  it('rounds to 16-bit floats as IEEE 754 does', () => {
    const random = generator(3);
    const special = [0, -0, 1e-8, 2 ** -25, 2 ** -24, 65504, 65519, 65520, 1e9, Number.NaN, -Infinity, 3e38];
    const n = 4000;
    const values = Array.from({ length: n }, (_, i) =>
      i < special.length ? special[i] : Math.fround((random() - 0.5) * 2 ** Math.floor(random() * 50 - 30)),
    );
    const from = new Tensor(engine, 'float32', [n]).fill(([i]) => values[i]);
    const copy = define(engine, { compute: 'float32', inputs: 1, outputs: [0] });
    for (const [dtype, bits] of [
      ['float16', halfBits],
      ['bfloat16', bfloatBits],
    ] as const) {
      const to = new Tensor(engine, dtype, [n]);
      pointwise(engine, copy, [n], [to], [from]);
      expect(to.values()).toEqual(values.map((x) => bits(Math.fround(x))));
    }
    const every = new Tensor(engine, 'float16', [65536]).fill(([i]) => i);
    const wide = new Tensor(engine, 'float32', [65536]);
    pointwise(engine, copy, [65536], [wide], [every]);
    expect(wide.values()).toEqual(Array.from({ length: 65536 }, (_, i) => halfValue(i)));
  });

  it('converts floats that no integer holds without undefined behaviour', () => {
    const values = [1e20, -1e20, Number.NaN, Infinity, 300.7, -300.7];
    for (const type of ['float32', 'float64'] as const) {
      const copy = define(engine, { compute: type, inputs: 1, outputs: [0] });
      const from = new Tensor(engine, type, [6]).fill(([i]) => values[i]);
      const to = (dtype: string) => {
        const t = new Tensor(engine, dtype, [6]);
        pointwise(engine, copy, [6], [t], [from]);
        return t.values();
      };
      const least = -(2n ** 63n);
      expect(to('int64')).toEqual([least, least, least, least, 300n, -300n]);
      expect(to('int32')).toEqual([-(2 ** 31), -(2 ** 31), -(2 ** 31), -(2 ** 31), 300, -300]);
      expect(to('uint8')).toEqual([0, 0, 0, 0, 44, 212]);
      expect(to('bool')).toEqual([1, 1, 1, 1, 1, 1]);
    }
  });

  it('refuses to divide integers by zero before it writes', () => {
    const least = -(2n ** 63n);
    for (const name of ['fmod', 'remainder', 'floor_divide', 'trunc_divide'] as const) {
      const handle = define(engine, {
        compute: 'int64',
        inputs: 2,
        temporaries: 1,
        code: [[name, 2, 0, 1]],
        outputs: [2],
      });
      const a = new Tensor(engine, 'int64', [3000]).fill(() => 7n);
      const b = new Tensor(engine, 'int64', [3000]).fill(([i]) => (i === 2999 ? 0n : -2n));
      expect(() => pointwise(engine, handle, [3000], [a], [a, b])).toThrow('divisionByZero');
      expect(a.values().every((x) => x === 7n)).toBe(true);
      b.set([2999], -1n);
      a.set([2999], least);
      pointwise(engine, handle, [3000], [a], [a, b]);
      expect(a.get(0)).toBe({ fmod: 1n, remainder: -1n, floor_divide: -4n, trunc_divide: -3n }[name]);
      expect(a.get(2999)).toBe(name === 'fmod' || name === 'remainder' ? 0n : least);
    }
  });

  it('reduces over any dimensions, strides and sizes', () => {
    const random = generator(4);
    const identity = (['float32', 'float64', 'int64'] as const).map((compute) =>
      define(engine, { compute, inputs: 1, outputs: [0] }),
    );
    const kinds: ReductionKind[] = ['sum', 'prod', 'max', 'min', 'any', 'all'];
    for (let round = 0; round < 200; round++) {
      const shape = random() < 0.03 ? [2, 40_000] : randomShape(random);
      const type = Math.floor(random() * 3);
      const dtype = ['float32', 'float64', 'int64'][type];
      const kind = kinds[Math.floor(random() * kinds.length)];
      const reduced = shape.map(() => random() < 0.5);
      const values =
        kind === 'prod'
          ? [1, -1]
          : kind === 'any'
            ? [0, 0, 0, 0, 0, 1]
            : kind === 'all'
              ? [1, 1, 1, 0]
              : [1, 2, 3, 4, 5];
      const input = scattered(engine, random, dtype, shape, true).fill(() =>
        encode(dtype, values[Math.floor(random() * values.length)]),
      );
      const kept = shape.map((n, d) => (reduced[d] ? 1 : n));
      const output = scattered(engine, random, kind === 'any' || kind === 'all' ? 'bool' : dtype, kept, true);
      const indexed = (kind === 'max' || kind === 'min') && random() < 0.6;
      const positions = indexed ? new Tensor(engine, 'int64', kept) : null;
      reduce(engine, identity[type], kind, reduced, output, positions, [input]);

      const expected = new Map<string, { value: number; position: number; count: number }>();
      for (const index of indices(shape)) {
        const key = String(index.map((i, d) => (reduced[d] ? 0 : i)));
        const x = Number(input.get(...index));
        const e = expected.get(key);
        if (!e) {
          expected.set(key, {
            value: kind === 'any' || kind === 'all' ? Number(x !== 0) : x,
            position: 0,
            count: 1,
          });
          continue;
        }
        if (kind === 'sum') e.value += x;
        else if (kind === 'prod') e.value *= x;
        else if (kind === 'any') e.value = Number(e.value || x !== 0);
        else if (kind === 'all') e.value = Number(e.value && x !== 0);
        else if (kind === 'max' ? x > e.value : x < e.value) {
          e.value = x;
          e.position = e.count;
        }
        e.count++;
      }
      for (const index of indices(kept)) {
        const e = expected.get(String(index))!;
        const got = Number(output.get(...index));
        if (got !== e.value) expect({ round, kind, dtype, shape, reduced, index, got }).toEqual(e);
        if (positions && Number(positions.get(...index)) !== e.position)
          expect({ round, kind, shape, reduced, index, position: positions.get(...index) }).toEqual(e);
      }
    }
  });

  it('lets NaN win and gives its first position', () => {
    const identity = define(engine, { compute: 'float32', inputs: 1, outputs: [0] });
    for (const [shape, reduced] of [
      [[200], [true]],
      [
        [200, 70],
        [true, false],
      ],
      [
        [3, 100_000],
        [false, true],
      ],
    ] as const) {
      const input = new Tensor(engine, 'float32', shape).fill((index) => {
        const i = index[reduced.indexOf(true)];
        return i === 120 || i === 150 ? Number.NaN : i;
      });
      const kept = shape.map((n, d) => (reduced[d] ? 1 : n));
      for (const kind of ['max', 'min'] as const) {
        const output = new Tensor(engine, 'float32', kept);
        const positions = new Tensor(engine, 'int64', kept);
        reduce(engine, identity, kind, reduced, output, positions, [input]);
        expect(new Set(output.values())).toEqual(new Set([Number.NaN]));
        expect(new Set(positions.values())).toEqual(new Set([120n]));
      }
    }
  });

  it('gives the identity where there is nothing to reduce', () => {
    const identity = define(engine, { compute: 'float32', inputs: 1, outputs: [0] });
    const input = new Tensor(engine, 'float32', [0, 3]);
    for (const [kind, value] of [
      ['sum', 0],
      ['prod', 1],
      ['any', 0],
      ['all', 1],
    ] as const) {
      const output = new Tensor(engine, 'float32', [1, 3]).fill(() => 9);
      reduce(engine, identity, kind, [true, false], output, null, [input]);
      expect(output.values()).toEqual([value, value, value]);
    }
  });

  it('sums as carefully as pairwise summation, along every dimension', () => {
    const n = 1 << 18;
    const identity = define(engine, { compute: 'float32', inputs: 1, outputs: [0] });
    for (const [shape, reduced] of [
      [
        [n, 1],
        [true, true],
      ],
      [
        [n, 2],
        [true, false],
      ],
    ] as const) {
      const input = new Tensor(engine, 'float32', shape).fill(() => 0.1);
      const output = new Tensor(
        engine,
        'float32',
        shape.map((size, d) => (reduced[d] ? 1 : size)),
      );
      reduce(engine, identity, 'sum', reduced, output, null, [input]);
      const exact = n * Math.fround(0.1);
      for (const sum of output.values()) expect(Math.abs(Number(sum) - exact) / exact).toBeLessThan(1e-6);
    }
  });

  it('reduces to the same bits with any number of threads', () => {
    const random = generator(5);
    const identity = define(engine, { compute: 'float32', inputs: 1, outputs: [0] });
    const input = new Tensor(engine, 'float32', [500, 1000]).fill(() => random());
    const before = engine.threads();
    const results = [1, 2, 4].map((threads) => {
      engine.setThreads(threads);
      return [
        [true, true],
        [true, false],
        [false, true],
      ].map((reduced) => {
        const output = new Tensor(
          engine,
          'float32',
          [500, 1000].map((n, d) => (reduced[d] ? 1 : n)),
        );
        reduce(engine, identity, 'sum', reduced, output, null, [input]);
        return output.values();
      });
    });
    engine.setThreads(before);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('knows a program that was defined before', () => {
    const definition = { compute: 'float32', inputs: 1, outputs: [0] } as const;
    expect(define(engine, definition)).toBe(define(engine, definition));
    expect(define(engine, { ...definition, compute: 'float64' })).not.toBe(define(engine, definition));
  });
});

describe.skipIf(engine.kind !== 'native')('the addon', () => {
  const addon = new URL('../dist/flambeau.node', import.meta.url).pathname;
  const node = (script: string, env: Record<string, string> = {}) =>
    execFileSync(process.execPath, ['-e', script], {
      env: { ...process.env, ADDON: addon, ...env },
      timeout: 60_000,
    }).toString();
  // Adds large arrays, so that the pool's threads are at work.
  const work = `
    const { Worker, isMainThread, parentPort } = require('node:worker_threads');
    function work() {
      const addon = require(process.env.ADDON);
      const buffer = new ArrayBuffer(1 << 17);
      addon.attach(buffer);
      const words = new Float64Array(buffer);
      const bytes = new Uint8Array(buffer);
      addon.setThreads(4);
      words.set([0, 0, 2, 0, 0, 1, 1, 1]);
      words[8] = 0;
      bytes.set([1, 2, 0, 1], 64);
      words[9] = 2;
      addon.run();
      const handle = words[0];
      const n = 1 << 18;
      const a = new Float32Array(n).fill(1), b = new Float32Array(n).fill(2), out = new Float32Array(n);
      for (let i = 0; i < 20; i++) {
        words.set([1, handle, 1, 2, 0, 1, n, addon.address(out), 6, 1, addon.address(a), 6, 1, addon.address(b), 6, 1]);
        addon.run();
      }
      if (!out.every((x) => x === 3)) throw new Error('wrong sum');
    }
  `;

  it('ends with the process', () => {
    expect(node(`${work} work(); console.log('done');`)).toBe('done\n');
  });

  it('serves worker threads only, many at once and one after another', () => {
    const script = `${work}
      if (isMainThread) throw new Error('not a worker');
      work();
      parentPort.postMessage('done');`;
    expect(
      node(`
        const { Worker } = require('node:worker_threads');
        const start = () => new Promise((resolve, reject) => {
          const worker = new Worker(${JSON.stringify(script)}, { eval: true });
          worker.once('error', reject);
          worker.once('exit', resolve);
        });
        (async () => {
          await Promise.all([start(), start(), start(), start()]);
          await start();
          await start();
          console.log('done');
        })();`),
    ).toBe('done\n');
  });

  it('may be ended in a worker at work', () => {
    expect(
      node(`
        const { Worker } = require('node:worker_threads');
        const worker = new Worker(${JSON.stringify(`${work} for (;;) work();`)}, { eval: true });
        setTimeout(() => worker.terminate().then(() => console.log('done')), 500);`),
    ).toBe('done\n');
  });

  it('takes its thread count and instruction set from the environment', () => {
    const script = 'const a = require(process.env.ADDON); console.log(a.threads(), a.isa)';
    const best = node(script, { FLAMBEAU_NUM_THREADS: '3' });
    expect(best).toMatch(/^3 (baseline|avx2|avx512|neon)\n$/);
    // A local build has no other set than the best; one for all machines takes the one that is named.
    expect([best, '3 baseline\n']).toContain(
      node(script, { FLAMBEAU_NUM_THREADS: '3', FLAMBEAU_ISA: 'baseline' }),
    );
  });

  it('of another version is not used, which is said', () => {
    const addon = join(mkdtempSync(join(tmpdir(), 'addon-')), 'old.cjs');
    writeFileSync(addon, 'module.exports = { attach() {}, run() {}, isa: "baseline" };');
    const script = `import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)})
      .then((torch) => console.log(String(torch.ones(2)), torch.backends.cpu.engine()), console.log);`;
    const run = (engine: string) =>
      spawnSync(process.execPath, ['-e', script], {
        env: { ...process.env, FLAMBEAU_ADDON: addon, FLAMBEAU_CPU: engine },
        encoding: 'utf8',
      });
    const { stdout, stderr } = run('');
    expect(stdout).toBe('tensor([1., 1.]) wasm\n');
    expect(stderr).toContain('(it is the engine of another version of this library), so WebAssembly runs');
    expect(run('native').stdout + run('native').stderr).toContain('the engine of another version');
  });
});
