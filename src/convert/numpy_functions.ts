import type { Numbers } from './python_types.js';

/** What a function of NumPy's makes: an array of these numbers, of those of its arguments, or something else. */
export type ArrayResult = Numbers | 'same' | 'sum' | 'arrays' | 'truth' | 'dtype' | 'none';

/** A function of NumPy's: its parameters in Python's order, those behind the `*` in an object here, and what it makes. */
export interface NumpyFunction {
  readonly name: string;
  readonly positional: readonly string[];
  readonly named: readonly string[];
  readonly returns: ArrayResult;
}

const lines = `
exp expm1 log log2 log10 log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh deg2rad rad2deg rint reciprocal: x -> float
isnan isinf isfinite logical_not: x -> bool
abs absolute=abs fabs=abs square negative sign floor ceil trunc: x -> same
round around=round: a decimals -> same
clip: a a_min|min a_max|max -> same
add subtract multiply floor_divide power mod remainder=mod maximum minimum: x1 x2 * out -> same
divide true_divide=divide arctan2 hypot: x1 x2 * out -> float
equal not_equal less less_equal greater greater_equal logical_and logical_or: x1 x2 -> bool
sum prod: a * axis keepdims -> sum
mean: a * axis keepdims -> float
std var=variance: a * axis ddof keepdims -> float
max min amax=max amin=min: a * axis keepdims -> same
any all: a * axis keepdims -> bool
argmax argmin: a * axis -> int
cumsum cumprod: a * axis -> sum
median: a -> float
quantile percentile: a q -> float
concatenate: arrays * axis -> same
stack: arrays * axis -> same
vstack hstack column_stack: tup -> same
expand_dims: a axis -> same
squeeze: a axis -> same
reshape: a shape|newshape -> same
transpose: a axes -> same
ravel: a -> same
moveaxis: a source destination -> same
flip: m * axis -> same
roll: a shift * axis -> same
tile: A reps -> same
repeat: a repeats * axis -> same
diff: a -> same
split: ary indices_or_sections * axis -> arrays
sort: a * axis -> same
argsort: a * axis -> int
where: condition x y -> same
nonzero: a -> arrays
argwhere: a -> int
unique: ar -> same
bincount: x -> int
searchsorted: a v * side -> int
take: a indices -> same
array_equal: a1 a2 -> truth
allclose: a b * rtol atol -> truth
isclose: a b * rtol atol -> bool
matmul dot: a b -> same
outer: a b -> same
trace: a -> sum
linalg.norm: x * axis keepdims -> float
array: object * dtype -> dtype
asarray ascontiguousarray=asarray: a * dtype -> dtype
zeros ones empty: shape * dtype -> dtype
full: shape fill_value * dtype -> dtype
zeros_like ones_like empty_like: a * dtype -> dtype
full_like: a fill_value * dtype -> dtype
eye: N M * dtype -> dtype
arange: start stop step * dtype -> dtype
linspace: start stop num * endpoint dtype -> dtype
logspace: start stop num -> float
diag tril triu: m k -> same
random.seed: seed -> none
random.random random.random_sample=random.random random.sample=random.random: size -> float
random.uniform: low high size -> float
random.normal: loc scale size -> float
random.randint: low high size -> int
random.shuffle: x -> none
random.permutation: x -> same
random.choice: a * size replace p -> same
`;

/** By Python's names behind `numpy.`. */
export const numpyFunctions: ReadonlyMap<string, NumpyFunction> = new Map(
  lines
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [, names, parameters, returns] = /^(.*): (.*) -> (\w+)$/.exec(line) as RegExpExecArray;
      const [positional, named = ''] = parameters.split('*').map((part) => part.trim());
      const list = (text: string) => text.split(' ').filter((one) => one !== '');
      return names.split(' ').map((one): [string, NumpyFunction] => {
        const [python, name = python] = one.split('=');
        return [
          python,
          { name, positional: list(positional), named: list(named), returns: returns as ArrayResult },
        ];
      });
    }),
);

/** Functions of one tensor that NumPy's call when they are given one, by the tensor's names. */
export const tensorNames: Readonly<Record<string, string>> = {
  absolute: 'abs',
  arcsin: 'asin',
  arccos: 'acos',
  arctan: 'atan',
};

/** Methods of arrays that are functions with the array before their arguments. */
export const arrayFunctions: ReadonlySet<string> = new Set(
  `sum prod mean std var max min any all argmax argmin cumsum cumprod round clip repeat argsort nonzero take dot squeeze trace searchsorted`.split(
    ' ',
  ),
);
