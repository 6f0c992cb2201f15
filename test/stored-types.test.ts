/** Wide unsigned integers and floats of eight bits: stored, moved and converted everywhere, computed with where PyTorch's CPU does. */
import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const unsigned = [torch.uint16, torch.uint32, torch.uint64];
const float8 = [
  torch.float8_e4m3fn,
  torch.float8_e5m2,
  torch.float8_e4m3fnuz,
  torch.float8_e5m2fnuz,
  torch.float8_e8m0fnu,
];
const nan = Number.NaN;
const inf = Number.POSITIVE_INFINITY;
const bits = (t: torch.Tensor) => t.view(torch.uint8).tolist();

describe('as dtypes', () => {
  it('have names, sizes and limits', () => {
    expect(
      [...unsigned, ...float8].map((d) => `${d} ${d.itemsize} ${d.isFloatingPoint} ${d.isSigned}`),
    ).toEqual([
      'torch.uint16 2 false false',
      'torch.uint32 4 false false',
      'torch.uint64 8 false false',
      'torch.float8_e4m3fn 1 true true',
      'torch.float8_e5m2 1 true true',
      'torch.float8_e4m3fnuz 1 true true',
      'torch.float8_e5m2fnuz 1 true true',
      'torch.float8_e8m0fnu 1 true false',
    ]);
    expect(unsigned.map((d) => torch.iinfo(d).max)).toEqual([65535, 4294967295, 18446744073709551615n]);
    const limits = float8.map((d) => torch.finfo(d));
    expect(limits.map(({ max }) => max)).toEqual([448, 57344, 240, 57344, 2 ** 127]);
    expect(limits.map(({ min }) => min)).toEqual([-448, -57344, -240, -57344, 2 ** -127]);
    expect(limits.map(({ eps }) => eps)).toEqual([0.125, 0.25, 0.125, 0.125, 1]);
    expect(limits.map(({ tiny }) => tiny)).toEqual([2 ** -6, 2 ** -14, 2 ** -7, 2 ** -15, 2 ** -127]);
    expect(() => torch.iinfo(torch.bool)).toThrow('torch.bool is not supported by torch.iinfo');
  });

  it('are promoted with floats or not at all', () => {
    expect(torch.promoteTypes(torch.uint16, torch.float16)).toBe(torch.float16);
    expect(torch.promoteTypes(torch.bfloat16, torch.uint64)).toBe(torch.bfloat16);
    for (const other of [torch.bool, torch.uint8, torch.int64, torch.uint32, torch.complex64])
      expect(() => torch.promoteTypes(torch.uint16, other)).toThrow(
        `Promotion for uint16, uint32, uint64 types is not supported, attempted to promote UInt16 and ${other.scalarName}`,
      );
    for (const other of [torch.uint16, torch.float32, torch.float8_e4m3fn, torch.complex32])
      expect(() => torch.promoteTypes(other, torch.float8_e5m2)).toThrow(
        `Promotion for Float8 Types is not supported, attempted to promote ${other.scalarName} and Float8_e5m2`,
      );
    const one = torch.ones(1, { dtype: torch.uint16 });
    expect(torch.resultType(one, torch.tensor(1))).toBe(torch.uint16);
    expect(torch.resultType(torch.ones(1).long(), torch.tensor(1, { dtype: torch.uint16 }))).toBe(
      torch.int64,
    );
    expect(torch.resultType(one, 1.5)).toBe(torch.float32);
    expect(torch.canCast(torch.int8, torch.uint64)).toBe(true);
    expect(torch.canCast(torch.float8_e5m2, torch.uint16)).toBe(false);
  });

  it('cannot be the default', () => {
    expect(() => torch.setDefaultDtype(torch.float8_e5m2)).toThrow(torch.TypeError);
  });
});

describe('values', () => {
  it('are made of numbers, and print', () => {
    expect(String(torch.tensor([1, 2, 65535], { dtype: torch.uint16 }))).toBe(
      'tensor([    1,     2, 65535], dtype=torch.uint16)',
    );
    expect(String(torch.tensor([2n ** 64n - 1n], { dtype: torch.uint64 }))).toBe(
      'tensor([18446744073709551615], dtype=torch.uint64)',
    );
    expect(String(torch.tensor([1.5, 2, -3, 1000, nan, inf, 1e-9], { dtype: torch.float8_e4m3fn }))).toBe(
      'tensor([  1.5000,   2.0000,  -3.0000, 448.0000,      nan, 448.0000,   0.0000],\n       dtype=torch.float8_e4m3fn)',
    );
    expect(String(torch.full([2], 2n ** 63n, { dtype: torch.uint64 }))).toContain('[9223372036854775808, 9');
    expect(torch.full([2], -1, { dtype: torch.uint16 }).tolist()).toEqual([65535, 65535]);
    expect(torch.tensor([-1], { dtype: torch.uint32 }).tolist()).toEqual([2 ** 32 - 1]);
    expect(() => torch.tensor([65536], { dtype: torch.uint16 })).toThrow(
      'value cannot be converted to type uint16 without overflow',
    );
    expect(() => torch.full([2], 70000, { dtype: torch.uint16 })).toThrow(
      'value cannot be converted to type uint16_t without overflow',
    );
    expect(() => torch.full([2], 500, { dtype: torch.float8_e4m3fn })).toThrow(
      'value cannot be converted to type c10::Float8_e4m3fn without overflow',
    );
    expect(torch.full([2], 3, { dtype: torch.float8_e8m0fnu }).tolist()).toEqual([4, 4]);
    expect(() => torch.full([2], -3, { dtype: torch.float8_e8m0fnu })).toThrow('c10::Float8_e8m0fnu');
  });

  it('are read as numbers, and as bigints where no number holds them', () => {
    const large = torch.tensor([2n ** 64n - 1n, 5n], { dtype: torch.uint64 });
    expect(large.index(0).itemBigint()).toBe(2n ** 64n - 1n);
    expect(large.toArray()).toEqual(BigUint64Array.of(2n ** 64n - 1n, 5n));
    expect(large.index(1).item()).toBe(5);
    expect(() => large.tolist()).toThrow('does not fit a JavaScript number exactly');
    expect(torch.tensor([1, 2], { dtype: torch.uint32 }).toArray()).toEqual(Uint32Array.of(1, 2));
    expect(torch.tensor([1.5], { dtype: torch.float8_e5m2 }).toArray()).toEqual(Float32Array.of(1.5));
    expect(torch.tensor(1.5, { dtype: torch.float8_e5m2 }).item()).toBe(1.5);
  });

  it('are shared with typed arrays', () => {
    for (const array of [
      Uint16Array.of(1, 65535),
      Uint32Array.of(1, 2 ** 32 - 1),
      BigUint64Array.of(1n, 2n ** 64n - 1n),
    ]) {
      const tensor = torch.fromNumpy(array);
      expect(tensor.toArray()).toEqual(array);
      expect(tensor.numpy().data.constructor).toBe(array.constructor);
      expect(torch.tensor(array).dtype).toBe(tensor.dtype);
    }
    expect(() => torch.ones(1, { dtype: torch.float8_e5m2 }).numpy()).toThrow(
      'Got unsupported ScalarType Float8_e5m2',
    );
  });
});

describe('conversions', () => {
  const lines = readFileSync(new URL('./files/casts.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const values: Record<string, readonly (number | bigint)[]> = {
    float64: [-1.5, 3, 300, 70000, nan, inf, 1.5e19, -0],
    int64: [-1n, 0n, 3n, 300n, 70000n, 2n ** 40n + 1n],
    uint64: [2n ** 64n - 1n, 2n ** 63n, 5n],
    float8_e5m2: [-1.5, 0, 3, 300, nan, inf],
    float8_e8m0fnu: [1, 2, 2 ** -127, 256],
  };
  const dtypes = torch as unknown as Record<string, torch.DType>;
  const known: Record<string, number> = { True: 1, False: 0, nan, inf };

  it("give what PyTorch's give", () => {
    for (const line of lines) {
      const [from, to, ...expected] = line.split(' ');
      const whole = torch.tensor(values[from], { dtype: dtypes[from] }).to(dtypes[to]);
      // What no unsigned integer of 32 bits is depends on the vectors of the machine there.
      const found = Array.from(whole.toArray() as Float64Array, (x, i) =>
        to === 'uint32' && /float/.test(from) && i > 3 ? null : x,
      );
      const wanted = expected.map((x, i) =>
        to === 'uint32' && /float/.test(from) && i > 3
          ? null
          : typeof found[i] === 'bigint'
            ? BigInt(x)
            : (known[x] ?? Number(x)),
      );
      expect(found, line).toEqual(wanted);
    }
  });

  it('round the same here and in the engine', () => {
    const around = Array.from({ length: 256 }, (_, i) => (i - 128) * 1.37 ** ((i % 64) - 32));
    for (const dtype of [...float8, torch.float16, torch.bfloat16]) {
      const there = torch.tensor(around, { dtype: torch.float64 }).to(dtype);
      const here = torch.tensor([...around.slice(0, 255), around[255]], { dtype });
      expect(bits(there), String(dtype)).toEqual(bits(here));
      expect(there.double().tolist()).toEqual(here.tolist());
    }
  });

  it('know every pattern of bits', () => {
    const all = torch.arange(256).to(torch.uint8);
    for (const dtype of float8) {
      const numbers = all.view(dtype);
      expect(numbers.float().tolist()).toEqual(numbers.tolist());
      const back = numbers.float().to(dtype);
      const same = back.view(torch.uint8).eq(all).logicalOr(numbers.isnan());
      expect(same.all().item(), String(dtype)).toBe(1);
    }
    expect(all.view(torch.float8_e4m3fn).isnan().sum().item()).toBe(2);
    expect(all.view(torch.float8_e4m3fnuz).isnan().nonzero().tolist()).toEqual([[128]]);
  });

  it('reach strided and complex tensors', () => {
    const grid = torch.arange(6).view(2, 3).t();
    expect(grid.to(torch.uint16).tolist()).toEqual(grid.tolist());
    expect(grid.to(torch.float8_e5m2).to(torch.int64).tolist()).toEqual(grid.tolist());
    const z = torch.complex(torch.tensor([1, 2]).float(), torch.ones(2));
    expect(z.to(torch.float8_e5m2).tolist()).toEqual([1, 2]);
    expect(z.to(torch.uint64).tolist()).toEqual([1, 2]);
    expect(torch.tensor([3], { dtype: torch.uint64 }).to(torch.complex64).real.tolist()).toEqual([3]);
    expect(torch.ones(3, { requiresGrad: true }).to(torch.float8_e5m2).requiresGrad).toBe(true);
  });
});

describe('ops', () => {
  const u = torch.tensor([3, 1, 2], { dtype: torch.uint16 });
  const e = torch.tensor([3, 1, 2], { dtype: torch.float8_e5m2 });
  const big = torch.tensor([2n ** 64n - 1n, 1n, 2n ** 63n], { dtype: torch.uint64 });

  it('move elements of every type', () => {
    for (const t of [u, e]) {
      expect(torch.cat([t, t]).tolist()).toEqual([3, 1, 2, 3, 1, 2]);
      expect(t.index(torch.tensor([2, 0])).tolist()).toEqual([2, 3]);
      expect(t.indexSelect(0, torch.tensor([1])).tolist()).toEqual([1]);
      expect(t.eq(1).tolist()).toEqual([false, true, false]);
      expect(torch.where(t.eq(1), t, t.zerosLike()).tolist()).toEqual([0, 1, 0]);
      expect(torch.equal(t, t.clone())).toBe(true);
      expect(torch.nn.functional.pad(t, [1, 0]).tolist()).toEqual([0, 3, 1, 2]);
      expect(t.roll(1).tolist()).toEqual([2, 3, 1]);
      expect(t.any().item()).toBe(1);
      expect(t.mul(t).tolist()).toEqual([9, 1, 4].map((x) => (t === e && x === 9 ? 8 : x)));
    }
  });

  it('compute with unsigned integers what PyTorch computes', () => {
    expect(u.bitwiseAnd(1).tolist()).toEqual([1, 1, 0]);
    expect(big.bitwiseXor(big).tolist()).toEqual([0, 0, 0]);
    expect(u.sum().dtype).toBe(torch.int64);
    expect(u.cumsum(0).tolist()).toEqual([3, 4, 6]);
    expect(u.prod().item()).toBe(6);
    expect(u.div(2).tolist()).toEqual([1.5, 0.5, 1]);
    expect(big.sqrt().tolist()).toEqual([2 ** 32, 1, Math.fround(Math.SQRT2 * 2 ** 31)]);
    expect(big.eq(2n ** 64n - 1n).tolist()).toEqual([true, false, false]);
    expect(big.sort()[1].tolist()).toEqual([1, 2, 0]);
    expect(big.sort(0, true)[0].toArray()).toEqual(BigUint64Array.of(2n ** 64n - 1n, 2n ** 63n, 1n));
    expect(torch.unique(torch.cat([u, u])).tolist()).toEqual([1, 2, 3]);
    expect(torch.randint(0, 3, [9], { dtype: torch.uint32 }).dtype).toBe(torch.uint32);
  });

  it('draw integers from a range, of unsigned types, and not from all of it', () => {
    for (const dtype of unsigned) {
      torch.manualSeed(0);
      const x = torch.zeros(4, { dtype });
      expect(x.random_(0, 1000).long().tolist()).toEqual([44, 239, 933, 760]);
      expect(() => x.random_()).toThrow(`"random_kernel_cpu" not implemented for '${dtype.scalarName}'`);
    }
    expect(() => torch.zeros(4, { dtype: float8[0] }).random_(5)).toThrow('"random_update_from_to" not');
  });

  it('refuse the rest in the words of its kernels', () => {
    const cases: readonly (readonly [(t: torch.Tensor) => unknown, uint: string | null, float8: string])[] = [
      [(t) => t.add(1), 'add_stub', 'add_stub'],
      [(t) => t.add_(1), 'add_stub', 'add_stub'],
      [(t) => t.neg(), 'neg_cpu', 'neg_cpu'],
      [(t) => t.lt(1), 'lt_cpu', 'lt_cpu'],
      [(t) => t.exp(), null, 'exp_vml_cpu'],
      [(t) => t.sum(), null, 'sum_cpu'],
      [(t) => t.max(), 'max_all', 'max_all'],
      [(t) => t.max(0), 'max_cpu', 'max_cpu'],
      [(t) => t.sort(), null, 'sorting_kernel_method_name'],
      [(t) => t.gather(0, torch.tensor([0])), 'scatter_gather_tensor_cpu', 'scatter_gather_tensor_cpu'],
      [(t) => t.dot(t), 'dot', 'dot'],
      [(t) => t.nonzero(), 'nonzero_count_cpu', 'nonzero_count_cpu'],
      [(t) => t.floorDivide(t), 'div_floor_cpu', 'div_floor_cpu'],
      [(t) => torch.arange(3, { dtype: t.dtype }), 'arange_cpu', 'arange_cpu'],
      [(t) => torch.randLike(t), 'check_uniform_bounds', 'check_uniform_bounds'],
      [(t) => torch.eye(2, { dtype: torch.uint16 }).add(t), 'eye', 'eye'],
    ];
    for (const [call, forUint, forFloat8] of cases) {
      if (forUint === null) expect(() => call(u)).not.toThrow();
      else expect(() => call(u), String(call)).toThrow(`"${forUint}" not implemented for 'UInt16'`);
      const type = forFloat8 === 'eye' ? 'UInt16' : 'Float8_e5m2';
      expect(() => call(e), String(call)).toThrow(`"${forFloat8}" not implemented for '${type}'`);
    }
    expect(() => u.mean()).toThrow('mean(): could not infer output dtype.');
  });

  it('are not refused where nothing is computed', () => {
    expect(u.to('meta').add(1).dtype).toBe(torch.uint16);
    expect(u.slice(0, 0, 0).add(1).shape).toEqual([0]);
  });
});

describe('files', () => {
  const tensors = Object.fromEntries(
    [...unsigned, ...float8].map((dtype) => [dtype.name, torch.tensor([1, 2, 4], { dtype })]),
  );

  it('keep them, on storages without a type', async () => {
    const loaded = (await torch.load(await torch.save(tensors))) as typeof tensors;
    const safe = torch.safetensors.load(torch.safetensors.save(tensors));
    for (const [name, tensor] of Object.entries(tensors)) {
      expect(loaded[name].dtype).toBe(tensor.dtype);
      expect(loaded[name].tolist()).toEqual([1, 2, 4]);
      expect(safe[name].dtype).toBe(tensor.dtype);
      expect(safe[name].tolist()).toEqual([1, 2, 4]);
    }
  });
});

describe('torch.hash_tensor', () => {
  const hashed = (t: torch.Tensor) => torch.hashTensor(t).itemBigint();

  it('joins the bits of all elements', () => {
    expect(hashed(torch.tensor([3.0001, 3.0001, 3], { dtype: torch.float64 }))).toBe(0x4008000000000000n);
    expect(hashed(torch.tensor([-3]).to(torch.int8))).toBe(0xfffffffffffffffdn);
    expect(hashed(torch.tensor([3]).to(torch.bfloat16))).toBe(0x4008000000000000n);
    expect(hashed(torch.arange(7))).toBe(7n);
    expect(hashed(torch.tensor([true]))).toBe(1n);
  });

  it('joins along dimensions', () => {
    const t = torch.arange(6).view(2, 3);
    expect(torch.hashTensor(t, 0).tolist()).toEqual([3, 5, 7]);
    expect(torch.hashTensor(t, [0, 1], { keepdim: true }).shape).toEqual([1, 1]);
    expect(() => torch.hashTensor(t, { mode: 1 })).toThrow('Unknown hash_tensor mode: 1');
    expect(() => torch.hashTensor(torch.zeros(0))).toThrow('Expected reduction dim to be specified');
    expect(() => torch.hashTensor(torch.zeros(0, 3), 0)).toThrow('Expected reduction dim 0 to have non-zero');
  });
});
