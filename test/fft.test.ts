import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { fft } = torch;

/** ‖a - b‖ / ‖b‖ */
function distance(a: torch.Tensor, b: torch.Tensor): number {
  const [x, y] = [a, b].map((t) => t.to(torch.complex128));
  const norm = (t: torch.Tensor): number => Math.sqrt(t.abs().square().sum().item() as number);
  return norm(x.sub(y)) / norm(y);
}

const matrices = new Map<number, torch.Tensor>();

/** The transform of rows by its definition. */
function defined(x: torch.Tensor): torch.Tensor {
  const n = x.shape[1];
  let matrix = matrices.get(n);
  if (matrix === undefined) {
    const k = torch.arange(n, { dtype: torch.int64 });
    const angle = k
      .unsqueeze(1)
      .mul(k)
      .remainder(n)
      .to(torch.float64)
      .mul((-2 * Math.PI) / n);
    matrix = torch.complex(angle.cos(), angle.sin());
    matrices.set(n, matrix);
  }
  return x.to(torch.complex128).matmul(matrix);
}

const random = (...shape: number[]): torch.Tensor => torch.randn(shape, { dtype: torch.complex128 });

const types = [
  { complex: torch.complex64, real: torch.float32, epsilon: 2 ** -23 },
  { complex: torch.complex128, real: torch.float64, epsilon: 2 ** -52 },
];

// Passes of every kind, in lanes and in blocks, with groups that are not full; convolutions of both kinds.
const lengths = [
  1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 16, 31, 32, 34, 37, 60, 64, 67, 97, 105, 128, 169, 243, 256, 257, 343,
  480, 509, 512, 961, 1009, 1024, 1155,
];

describe('torch.fft', () => {
  // Results of several megabytes do not go through the caches.
  it.each([torch.complex64, torch.complex128])(
    'transforms each of very many lines as if it were alone',
    (dtype) => {
      const x = torch.randn(600, 1024, { dtype });
      const results: Record<string, (t: torch.Tensor) => torch.Tensor> = {
        fft: (t) => fft.fft(t),
        ifft: (t) => fft.ifft(t),
        rfft: (t) => fft.rfft(t.real),
        hfft: (t) => fft.hfft(t),
        irfft: (t) => fft.irfft(t.narrow(-1, 0, 513)),
        'half of each line': (t) => fft.fft(t, { n: 512 }),
        'lines of odd length': (t) => fft.fft(t, { n: 1023 }),
      };
      for (const [what, transform] of Object.entries(results)) {
        const all = transform(x);
        for (const i of [0, 1, 298, 599])
          expect(distance(all.select(0, i), transform(x.narrow(0, i, 1)).select(0, 0)), what).toBeLessThan(
            1e-6,
          );
      }
    },
  );

  it.each(lengths)('transforms lines of %i points', (n) => {
    torch.manualSeed(n);
    for (const lines of [1, 17]) {
      const exact = random(lines, n);
      for (const { complex, real, epsilon } of types) {
        const near = (a: torch.Tensor, b: torch.Tensor): void => {
          expect(a.shape).toEqual(b.shape);
          expect(distance(a, b)).toBeLessThan(8 * epsilon);
        };
        const x = exact.to(complex);
        const y = fft.fft(x);
        expect(y.dtype).toBe(complex);
        near(y, defined(x));
        near(fft.ifft(y), x);
        near(fft.fft(x.t().contiguous(), { dim: 0 }).t(), y);

        const r = exact.real.to(real);
        const half = fft.rfft(r);
        const full = fft.fft(r);
        near(full, defined(r));
        near(half, full.narrow(1, 0, Math.floor(n / 2) + 1));
        near(fft.irfft(half, n), r);
        near(fft.rfft(r.t().contiguous(), { dim: 0 }).t(), half);
        near(fft.irfft(half.t().contiguous(), n, 0).t(), r);
      }
    }
  });

  it.each([2 ** 20, 3 ** 9, 15015, 2 * 10007])('keeps its precision over %i points', (n) => {
    torch.manualSeed(n);
    const x = torch.randn(n, { dtype: torch.complex64 });
    const exact = fft.fft(x.to(torch.complex128));
    expect(distance(fft.fft(x), exact)).toBeLessThan(3e-7);
    expect(distance(fft.ifft(exact), x)).toBeLessThan(2e-15);
    expect(
      distance(fft.rfft(x.real), fft.fft(x.real.to(torch.float64)).narrow(0, 0, Math.floor(n / 2) + 1)),
    ).toBeLessThan(3e-7);
  });

  it('keeps lines apart', () => {
    const x = torch.randn(5, 12);
    const expected = fft.rfft(x);
    x.select(0, 2).fill_(Number.NaN);
    const got = fft.rfft(x);
    for (const row of [0, 1, 3, 4]) expect(got.select(0, row).equal(expected.select(0, row))).toBe(true);
    expect(got.select(0, 2).real.isnan().all().equal(torch.tensor(true))).toBe(true);
  });

  it('ignores what imaginary parts cannot say of real numbers', () => {
    const x = torch.tensor([1, 2, 3]).to(torch.complex64);
    const y = x.add(torch.complex(torch.zeros(3), torch.tensor([5.5, 0, 5.5])));
    expect(fft.irfft(y).equal(fft.irfft(x))).toBe(true);
    const odd = x.add(torch.complex(torch.zeros(3), torch.tensor([5.5, 0, 0])));
    expect(fft.irfft(odd, 5).equal(fft.irfft(x, 5))).toBe(true);
  });

  it('transforms along any dimensions of any strides', () => {
    torch.manualSeed(1);
    const x = random(6, 5, 4).permute(2, 0, 1);
    const along = (t: torch.Tensor, dim: number): torch.Tensor =>
      defined(t.movedim(dim, -1).reshape(-1, t.shape[dim])).view(t.movedim(dim, -1).shape).movedim(-1, dim);
    expect(distance(fft.fftn(x), along(along(along(x, 0), 1), 2))).toBeLessThan(1e-15);
    expect(distance(fft.fft2(x), along(along(x, 1), 2))).toBeLessThan(1e-15);
    expect(distance(fft.fft(x.expand(3, 4, 6, 5), { dim: 1 }).select(0, 2), along(x, 0))).toBeLessThan(1e-15);
    const same = torch.randn(3, 1).expand(3, 6);
    expect(distance(fft.fft(same), defined(same))).toBeLessThan(1e-6);
    expect(fft.fft2(x, { dim: [0, 2] }).stride()).toEqual([1, 20, 4]);
  });

  it('pads, cuts and normalizes', () => {
    const x = torch.arange(4, { dtype: torch.float64 });
    expect(fft.fft(x, 2).real.tolist()).toEqual([1, -1]);
    expect(fft.fft(x, 6).real.select(0, 0).item()).toBe(6);
    expect(fft.fft(x, { norm: 'forward' }).real.select(0, 0).item()).toBe(1.5);
    expect(fft.rfft(x, { norm: 'ortho' }).real.select(0, 0).item()).toBe(3);
    expect(fft.fft2(torch.ones(2, 4), { s: [-1, 2] }).real.tolist()).toEqual([
      [4, 0],
      [0, 0],
    ]);
  });

  it('has the frequencies', () => {
    expect(fft.fftfreq(5, 0.5).tolist()).toEqual([0, 0.4, 0.8, -0.8, -0.4].map(Math.fround));
    expect(fft.rfftfreq(4).tolist()).toEqual([0, 0.25, 0.5]);
  });

  it('refuses as PyTorch does', () => {
    const x = torch.randn(3, 4);
    expect(() => fft.fft(x, 0)).toThrow('Invalid number of data points (0) specified');
    expect(() => fft.fft(torch.tensor(1))).toThrow('Dimension specified as -1 but tensor has no dimensions');
    expect(() => fft.rfft(x.to(torch.complex64))).toThrow(
      'rfft expects a real input tensor, but got ComplexFloat',
    );
    expect(() => fft.fft(x.half())).toThrow('Unsupported dtype Half');
    expect(() => fft.fft(x, { norm: 'x' })).toThrow('Invalid normalization mode: "x"');
    expect(() => fft.fftn(x, { dim: [0, 0] })).toThrow('FFT dims must be unique');
    expect(() => fft.fftn(x, { s: [2, 2, 2] })).toThrow(
      'Got shape with 3 values but input tensor only has 2 dimensions.',
    );
    expect(() => fft.rfftn(x, { dim: [] })).toThrow('rfftn must transform at least one axis');
    expect(() => fft.fftfreq(4, { dtype: torch.int64 })).toThrow(
      'fftfreq requires a floating point or complex dtype',
    );
  });
});

describe('torch.stft', () => {
  it('transforms windows of a signal', () => {
    torch.manualSeed(2);
    const x = torch.randn([2, 40], { dtype: torch.float64 });
    const window = torch.hannWindow(6, { dtype: torch.float64 });
    const got = torch.stft(x, 8, 3, 6, window, { center: false, onesided: false, returnComplex: true });
    const faded = torch.zeros(8, { dtype: torch.float64 });
    faded.narrow(0, 1, 6).copy_(window);
    const expected = torch.stack(
      Array.from({ length: 11 }, (_, i) => defined(x.narrow(1, 3 * i, 8).mul(faded))),
      2,
    );
    expect(distance(got, expected)).toBeLessThan(1e-15);
    const centred = torch.stft(x, 8, { returnComplex: true });
    expect(centred.shape).toEqual([2, 5, 21]);
    const padded = torch.nn.functional.pad(x, [4, 4], 'reflect');
    expect(centred.equal(torch.stft(padded, 8, { center: false, returnComplex: true }))).toBe(true);
    expect(torch.stft(x, 8, { returnComplex: false }).equal(torch.viewAsReal(centred))).toBe(true);
  });

  it.each([
    { onesided: true, normalized: false },
    { onesided: false, normalized: true },
  ])('is undone by istft, %o', (options) => {
    const x = torch.randn(100, { dtype: torch.float64 });
    const window = torch.hammingWindow(16, { dtype: torch.float64 });
    const y = x.stft(16, { window, returnComplex: true, ...options });
    expect(distance(y.istft(16, { window, ...options }), x)).toBeLessThan(1e-14);
    expect(y.istft(16, { window, length: 90, ...options }).shape).toEqual([90]);
  });

  it('refuses as PyTorch does', () => {
    const x = torch.randn(100);
    expect(() => torch.stft(x, 16)).toThrow(
      'stft requires the return_complex parameter be given for real inputs',
    );
    expect(() => torch.stft(x, 16, { window: torch.ones(8), returnComplex: true })).toThrow(
      'stft(torch.FloatTensor[116], n_fft=16, hop_length=4, win_length=16, window=torch.FloatTensor{[8]}, normalized=0, onesided=None, return_complex=1, align_to_window=None) : expected a 1D window tensor of size equal to win_length=16, but got window with size [8]',
    );
    const y = torch.stft(x, 16, { returnComplex: true });
    expect(() => torch.istft(y, 16, { window: torch.zeros(16) })).toThrow(
      'istft(CPUComplexFloatType[9, 26], n_fft=16, hop_length=4, win_length=16, window=torch.FloatTensor{[16]}, center=1, normalized=0, onesided=None, length=None, return_complex=0) window overlap add min: 1\n[ CPUBoolType{} ]',
    );
  });
});
