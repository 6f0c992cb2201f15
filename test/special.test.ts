import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { special } = torch;

/** Values of 17 digits, on all pieces of the approximations and near zeros. */
const values = {
  besselJ0: [
    [0.001, 0.9999997500000156],
    [2.40625, -0.000739276482217002],
    [7.5, 0.2663396578803784],
    [8.5, 0.041939251842934504],
    [-30.25, -0.05443267228961778],
  ],
  besselJ1: [
    [0.001, 0.0004999999375000026],
    [3.8125, 0.007754392218121693],
    [7.5, 0.1352484275797055],
    [-8.5, -0.2731219636740537],
    [30.25, -0.135377822725874],
  ],
  besselY0: [
    [0.001, -4.471416611375923],
    [0.90625, 0.011066341905034326],
    [7.5, 0.11731328614820863],
    [8.5, 0.27020510536578746],
    [30.25, -0.1344600176566395],
  ],
  besselY1: [
    [0.001, -636.6221672311394],
    [2.1875, -0.0050320587288746],
    [7.5, -0.25912851048611624],
    [8.5, -0.02616867939853747],
    [30.25, 0.05221822074062348],
  ],
  modifiedBesselK0: [
    [0.001, 7.023688800562382],
    [1.5, 0.21380556264752573],
    [2.5, 0.06234755320036619],
    [40, 8.392861100099567e-19],
  ],
  modifiedBesselK1: [
    [0.001, 999.9962381560856],
    [1.5, 0.2773878004568438],
    [2.5, 0.07389081634774707],
    [40, 8.497131954861039e-19],
  ],
  scaledModifiedBesselK0: [
    [0.001, 7.030716002378251],
    [1.5, 0.9582100532948965],
    [2.5, 0.7595486903280996],
    [400, 0.06264615129957811],
  ],
  scaledModifiedBesselK1: [
    [0.001, 1000.9967345590684],
    [1.5, 1.243165873552553],
    [2.5, 0.900174423907878],
    [400, 0.06272441016827716],
  ],
  erfcx: [
    [-20.3, 1.859700651326472e179],
    [-0.5, 1.952360489182557],
    [0, 1.0],
    [0.5, 0.6156903441929259],
    [30.0, 0.01879588886141675],
    [10000000000.0, 5.641895835477563e-11],
  ],
  logNdtr: [
    [-1000.0, -500007.82669481216],
    [-5.5, -17.77937635262526],
    [-0.5, -1.1759117615936185],
    [0.5, -0.3689464152886564],
    [4, -3.167174337748927e-5],
  ],
  ndtri: [
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404057],
    [0.1, -1.2815515655446004],
    [0.25, -0.6744897501960817],
    [0.75, 0.6744897501960817],
    [0.9375, 1.5341205443525463],
  ],
  airyAi: [
    [-20, -0.1764061270779847],
    [-5, 0.35076100902411433],
    [-2.25, 0.06159865877700528],
    [0, 0.3550280538878172],
    [1.5, 0.07174949700810541],
    [10, 1.1047532552898686e-10],
  ],
  sphericalBesselJ0: [
    [0, 1.0],
    [0.25, 0.9896158370180917],
    [-30.25, -0.030385246089374453],
    [10000.0, -3.056143888882521e-5],
  ],
} satisfies Partial<Record<keyof typeof special, [number, number][]>>;

/** The distance from the value, in units of the last place of the type. */
function error(got: number, value: number, epsilon: number): number {
  if (value === 0) return got === 0 ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(got - value) / (2 ** Math.floor(Math.log2(Math.abs(value))) * epsilon);
}

describe('torch.special', () => {
  it.each(Object.keys(values) as (keyof typeof values)[])('has values of %s', (name) => {
    for (const [x, value] of values[name]) {
      const f = special[name] as (x: torch.Tensor) => torch.Tensor;
      const got = f(torch.tensor([x], { dtype: torch.float64 })).item() as number;
      // Beside zeros the distance is that of the values around.
      const near = /^(bessel|airy)/.test(name) ? 128 : 8;
      expect(error(got, value, 2 ** -52), `${x}`).toBeLessThan(near);
      if (Math.fround(x) !== x || Math.abs(value) > 1e38 || Math.abs(value) < 1e-37) continue;
      const narrow = f(torch.tensor([x])).item() as number;
      expect(error(narrow, value, 2 ** -23), `float32 ${x}`).toBeLessThan(0.51);
    }
  });

  it('has the limits', () => {
    const at = (f: (x: torch.Tensor) => torch.Tensor, ...x: number[]) => f(torch.tensor(x)).tolist();
    const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
    expect(at(special.besselJ0, 0, nan)).toEqual([1, nan]);
    expect(at(special.besselY0, 0, -1)).toEqual([-inf, nan]);
    expect(at(special.besselY1, 0, -1)).toEqual([-inf, nan]);
    expect(at(special.modifiedBesselK0, 0, -1, inf)).toEqual([inf, nan, 0]);
    expect(at(special.scaledModifiedBesselK1, 0, -1, inf)).toEqual([inf, nan, 0]);
    expect(at(special.erfcx, inf, -inf)).toEqual([0, inf]);
    expect(at(special.logNdtr, -inf, nan)).toEqual([-inf, nan]);
    expect(at(special.ndtri, 0, 1, -1, 2, 0.5)).toEqual([-inf, inf, nan, nan, 0]);
    expect(at(special.airyAi, 120, inf)).toEqual([0, nan]);
    expect(at(special.sphericalBesselJ0, inf, 0)).toEqual([0, 1]);
  });

  it('refuses what has no kernel', () => {
    expect(() => special.erfcx(torch.ones(2).half())).toThrow(`"erfcx_cpu" not implemented for 'Half'`);
    expect(() => special.airyAi(torch.ones(2).to(torch.complex64))).toThrow(
      `"airy_ai_cpu" not implemented for 'ComplexFloat'`,
    );
    expect(special.besselJ0(torch.tensor([true])).dtype).toBe(torch.float32);
  });
});

describe('incomplete gamma functions of large arguments', () => {
  const f64 = (values: number[]) => torch.tensor(values, { dtype: torch.float64 });

  it('are right to the last digits, by an expansion that takes no longer the larger they are', () => {
    // Values of mpmath 1.3 with 50 digits.
    const a = f64([1e5, 1e5, 1e5, 1e5]);
    const x = f64([1e5, 1.01e5, 0.98e5, 1.1e5]);
    const upper = [0.4995794778896348, 0.0008084215129255907, 0.9999999999030916, 2.655400479376695e-206];
    const found = torch.special.gammaincc(a, x).tolist() as number[];
    for (const [i, value] of upper.entries()) expect(found[i] / value).toBeCloseTo(1, 12);
    const both = torch.special.gammainc(a, x).add(torch.special.gammaincc(a, x));
    expect(both.sub(1).abs().max().item()).toBeLessThan(1e-15);
  });

  it('meet the limits where numbers have gaps larger than one', () => {
    const a = f64([1e17, 1e30, 1e300, 1e17, 1e17]);
    const x = f64([1e17, 1e30, 1e300, 1e17 - 1e8, 1e16]);
    const half = expect.closeTo(0.5, 8);
    // The normal distribution's at -1 / √10, and far below.
    const expected = [half, half, half, expect.closeTo(0.3759148, 6), 0];
    expect(torch.special.gammainc(a, x).tolist()).toEqual(expected);
  });

  it('go on smoothly where one formula takes over from another', () => {
    const at = (a: number) => torch.special.gammainc(f64([a]), f64([a * 1.01])).item();
    const [before, here, after] = [at(1e4 - 1e-3), at(1e4), at(1e4 + 1e-3)];
    expect(Math.abs(after - 2 * here + before)).toBeLessThan(1e-12);
  });
});
