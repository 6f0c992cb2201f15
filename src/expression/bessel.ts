/**
 * Bessel functions. The modified ones of the first kind, scaled by exp(-|x|), are Chebyshev series (DLMF 3.11): up to 8 in
 * |x| / 4 - 1, beyond in 16 / |x| - 1 and times the root of |x|; higher orders, which only derivatives need, follow from
 * these or from their power series. The coefficients are cosine sums of values of 30 digits.
 */

const i0eNear = [
  0.33839763720473803, -0.3046826723431984, 0.17162090152220877, -0.09490109704804764, 0.04930528423967071,
  -0.02373741480589947, 0.010546460394594998, -0.004324309995050576, 0.0016394756169413357,
  -0.0005763755745385824, 0.00018850288509584165, -5.754195010082104e-5, 1.6448448070728896e-5,
  -4.4167383584587505e-6, 1.1173875391201037e-6, -2.670793853940612e-7, 6.046995022541919e-8,
  -1.300025009986248e-8, 2.6598237246823866e-9, -5.189795601635263e-10, 9.675809035373237e-11,
  -1.726826291441556e-11, 2.95505266312964e-12, -4.856446783111929e-13, 7.676185498604936e-14,
  -1.1685332877993451e-14, 1.715391285555133e-15, -2.4312798465479534e-16, 3.3307945188222205e-17,
  -4.415341646479325e-18,
];

const i0eFar = [
  0.4022452055070544, 0.0033691164782556943, 6.889758346916825e-5, 2.8913705208347567e-6,
  2.0489185894690638e-7, 2.266668990498178e-8, 3.3962320257083865e-9, 4.94060238822497e-10,
  1.1889147107846439e-11, -3.1499165279632416e-11, -1.3215811840447713e-11, -1.7941785315068062e-12,
  7.180124451383666e-13, 3.8527783827421426e-13, 1.54008621752141e-14, -4.150569347287222e-14,
  -9.554846698828307e-15, 3.8116806693526224e-15, 1.7725601330565263e-15, -3.425485619677218e-16,
  -2.827623980516584e-16, 3.461222867697483e-17, 4.465621420296736e-17, -4.830504485944062e-18,
  -7.233180487874752e-18,
];

const i1eNear = [
  0.12629359322181682, -0.17641651835783406, 0.1026436586898471, -0.05294598120809499, 0.024726449030626516,
  -0.010564084894626197, 0.004156422944312888, -0.0015135724506312532, 0.0005122859561685758,
  -0.00016176081582589674, 4.781565107550054e-5, -1.3273163656039436e-5, 3.4702513081376785e-6,
  -8.568720264695455e-7, 2.0032947535521353e-7, -4.445059128796328e-8, 9.381537386495773e-9,
  -1.8872497517228294e-9, 3.625590281552117e-10, -6.663489723502027e-11, 1.1736186298890901e-11,
  -1.9839743977649436e-12, 3.223793365945575e-13, -5.042185504727912e-14, 7.600684294735408e-15,
  -1.1055969477353862e-15, 1.5536319577362003e-16, -2.1114212143581607e-17, 2.77791411276094e-18,
];

const i1eFar = [
  0.38928811750914005, -0.009761097491361469, -0.00011058893876262371, -3.882564808877691e-6,
  -2.512236237870209e-7, -2.6314688468895196e-8, -3.835380385964237e-9, -5.589743462196584e-10,
  -1.8974958123505413e-11, 3.2526035830154884e-11, 1.4125807436613782e-11, 2.0356285441470896e-12,
  -7.198551776245908e-13, -4.0835511110921974e-13, -2.1015418427726643e-14, 4.272440016711951e-14,
  1.0420276984128802e-14, -3.8144030724370075e-15, -1.8803547755107825e-15, 3.3082023109209295e-16,
  2.9626289976459496e-16, -3.2095259219934034e-17, -4.6503053684893827e-17, 4.414348323071823e-18,
  7.517296310842104e-18,
];

/** Σ c_k T_k(u) by Clenshaw's recurrence, as assignments that leave the sum in `name`. */
function series(name: string, u: string, coefficients: readonly number[]): string {
  const lines = [`${name}_b = 0`, `${name}_a = 0`];
  for (const c of coefficients.slice(1).reverse())
    lines.push(
      `${name}_c = 2 * ${u} * ${name}_a - ${name}_b + ${c}`,
      `${name}_b = ${name}_a`,
      `${name}_a = ${name}_c`,
    );
  lines.push(`${name} = ${u} * ${name}_a - ${name}_b + ${coefficients[0]}`);
  return `${lines.join('; ')};`;
}

/** exp(-|x|) I₀(x) and exp(-|x|) I₁(x) as `i0` and `i1`. In float32 the series' argument would round away digits of a small x. */
const firstTwo = `
  size = abs(x);
  isNear = size <= 8;
  u = isNear ? size / 4 - 1 : 16 / size - 1;
  root = sqrt(size);
  ${series('near0', 'u', i0eNear)} ${series('far0', 'u', i0eFar)}
  ${series('near1', 'u', i1eNear)} ${series('far1', 'u', i1eFar)}
  i0 = isNear ? (is_coarse() ? ${powers(0)} : near0) : far0 / root;
  i1 = isNear ? (is_coarse() ? ${powers(1)} : near1 * x) : (x < 0 ? -far1 : far1) / root;`;

/** exp(-|x|) Σ (x²/4)^k / (k! (n+k)!) · (x/2)^n, whose terms have one sign, up to |x| = 8. */
function powers(n: number): string {
  let sum = '1';
  for (let k = 26; k > 0; k--) sum = `1 + 0.25 * x * x / ${k * (n + k)} * (${sum})`;
  let front = '1';
  for (let k = 1; k <= n; k++) front = `${front} * (x / ${2 * k})`;
  return `exp(-size) * (${front}) * (${sum})`;
}

/** exp(-|x|) times the modified Bessel function of the first kind of order n. */
export function besselIe(n: number): string {
  if (n < 2) return `${firstTwo} i${n}`;
  const steps: string[] = [];
  for (let k = 1; k < n; k++) steps.push(`i${k + 1} = i${k - 1} - ${2 * k} / x * i${k};`);
  return `${firstTwo} ${steps.join(' ')} isNear ? ${powers(n)} : i${n}`;
}

/** The spherical Bessel function of the first kind of order n: a power series near zero, where the closed form cancels. */
export function sphericalBessel(n: number): string {
  if (n === 0) return 'x == 0 ? 1 : sin(x) / x';
  const steps = ['j0 = sin(x) / x;', 'j1 = (j0 - cos(x)) / x;'];
  for (let k = 1; k < n; k++) steps.push(`j${k + 1} = ${2 * k + 1} / x * j${k} - j${k - 1};`);
  let sum = '1';
  for (let k = 12 + n; k > 0; k--) sum = `1 + q / ${k * (2 * n + 2 * k + 1)} * (${sum})`;
  let front = '1';
  for (let k = 1; k <= n; k++) front = `${front} * (x / ${2 * k + 1})`;
  return `${steps.join(' ')} q = -0.5 * x * x; abs(x) <= ${n + 1} ? ${front} * (${sum}) : j${n}`;
}
