/**
 * 2^x + 2^y - 1 for x from -1.5 to 0 and y ≤ x above -100, as a text in the language: in float32 to 2^-38, where each power alone has
 * 2^-25. What the logarithm of such a sum is where the sum is near one depends on it alone.
 *
 * Each power is 2^(k/8 + n) · e^r with |r| ≤ log(2) / 16, a sum of three numbers that fall: s · t, s · u and s · v.
 */

/** 2^(k/8) as a float32, and what it lacks. */
const eighths = Array.from({ length: 8 }, (_, k) => Math.fround(2 ** (k / 8)));
const lacking = [
  0, -1.3077539939843064e-8, 3.797635272917432e-8, -4.018999533172973e-8, 2.4203234971764687e-8,
  8.070904833346049e-9, -2.4755326677450284e-8, -1.1239277952768134e-8,
];

/** log(2) in three: products of the first two with numbers of twelve bits are exact. */
const [first, second, third] = [0.693115234375, 3.1948089599609375e-5, -1.9046542121259336e-9];

/** The entry of a list at k, from `from` on. */
function entry(list: readonly number[], k: string, from = 0): string {
  if (list.length === 1) return String(list[0]);
  const half = list.length / 2;
  return `(${k} < ${from + half} ? ${entry(list.slice(0, half), k, from)} : ${entry(list.slice(half), k, from + half)})`;
}

/** Assignments: `name`_h has the upper twelve bits of a value, `name`_l the lower ones. */
const halves = (name: string, value: string): string =>
  `${name}_c = rounded(4097 * ${value}); ${name}_h = rounded(${name}_c - rounded(${name}_c - ${value})); ${name}_l = ${value} - ${name}_h;`;

/** Assignments: the three parts of 2^x, whose names begin with `name`. */
const power = (name: string, x: string): string => {
  const e = (part: string) => `${name}${part}`;
  return `
  ${e('i')} = round(8 * ${x}); ${e('n')} = floor(0.125 * ${e('i')}); ${e('k')} = ${e('i')} - 8 * ${e('n')}; ${e('d')} = ${x} - 0.125 * ${e('i')};
  ${halves(e('d'), e('d'))}
  ${e('a')} = ${e('d_h')} * ${first}; ${e('b')} = (${e('d_h')} * ${second} + ${e('d_l')} * ${first}) + (${e('d_l')} * ${second} + ${e('d')} * ${third});
  ${e('r')} = rounded(${e('a')} + ${e('b')}); ${e('rest')} = lost_of_sum(${e('a')}, ${e('b')});
  ${halves(e('r'), e('r'))}
  ${e('q')} = 0.5 * ${e('r_h')} * ${e('r_h')}; ${e('m')} = rounded(${e('r')} + ${e('q')});
  ${e('low')} = (lost_of_sum(${e('r')}, ${e('q')}) + (${e('rest')} + (${e('r_l')} * (${e('r_h')} + 0.5 * ${e('r_l')}) + ${e('r')} * ${e('rest')})))
    + ${e('r')} * ${e('r')} * ${e('r')} * (${1 / 6} + ${e('r')} * (${1 / 24} + ${e('r')} * (${1 / 120} + ${e('r')} * ${1 / 720})));
  ${e('e')} = ${entry(eighths, e('k'))}; ${e('f')} = ${entry(lacking, e('k'))};
  ${halves(e('e'), e('e'))} ${halves(e('m'), e('m'))}
  ${e('u')} = rounded(${e('e')} * ${e('m')});
  ${e('lost')} = ((${e('e_h')} * ${e('m_h')} - ${e('u')}) + ${e('e_h')} * ${e('m_l')} + ${e('e_l')} * ${e('m_h')}) + ${e('e_l')} * ${e('m_l')};
  ${e('v')} = ${e('lost')} + (${e('e')} * ${e('low')} + ${e('f')} * (1 + ${e('m')}));
  ${e('s')} = exp2(${e('n')});`;
};

/** The text, of the parameters x and y. */
export const twoPowersLessOne = `${power('g', 'x')} ${power('h', 'y')}
  tt = gs * ge; ut = gs * gu; vt = hs * hu; wt = hs * he;
  sum = rounded(tt + wt); over = sum - 1; lost = lost_of_sum(tt, wt);
  one = rounded(over + lost); two = rounded(one + ut);
  (two + vt) + ((lost_of_sum(over, lost) + lost_of_sum(one, ut)) + (lost_of_sum(two, vt) + (gs * gv + hs * hv)))`;
